// SPDX-License-Identifier: LGPL-2.1-or-later
// The mix of a room as browsers get it: one picture in which everybody is where the layout says, and a sound of all
// others.
import assert from 'node:assert/strict';

import { outsider, plays } from './outsider.mjs';
import { until } from './participant.mjs';

const PEOPLE = [
  { name: 'Ada', colour: 'rgb(255, 0, 0)', hertz: 400 },
  { name: 'Bob', colour: 'rgb(0, 0, 255)', hertz: 700 },
  { name: 'Cleo', colour: 'rgb(0, 255, 0)', hertz: 1100 },
];
const TONES = PEOPLE.map(({ hertz }) => hertz);
const CLEARLY = 25;  // dB

const is = {
  Ada: ({ red, green, blue }) => red > 120 && red > 2 * blue && red > 2 * green,
  Bob: ({ red, green, blue }) => blue > 120 && blue > 2 * red && blue > 2 * green,
  Cleo: ({ red, green, blue }) => green > 120 && green > 2 * red && green > 2 * blue,
};

/** Three columns, from left to right. */
const columns = (names) => ({
  tiles: names.map((participant, n) => ({ participant, x: n / 3, y: 0, width: 1 / 3, height: 1, caption: false })),
});
const CENTRES = [[1 / 6, 0.3], [3 / 6, 0.3], [5 / 6, 0.3]];

/** Everybody is in the room and sends a colour and a tone; the first takes it as `mode` says. */
async function meet(room, mode) {
  const tabs = [];
  for (const [n, { name, colour, hertz }] of PEOPLE.entries()) {
    const tab = await room.bare(name);
    await tab.enter(n === 0 ? { mode } : { subscribe: false });
    await tab.paint(colour, { label: 'camera' });
    await tab.run((tone) => rooms.client.addTrack(probe.tone(tone), { label: 'microphone' }), hertz);
    tabs.push(tab);
  }
  return tabs;
}

async function control(room, wish) {
  const answer = await fetch(`${room.server.address}/api/rooms/${room.id}`, {
    method: 'PATCH', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(wish),
  });
  return { status: answer.status, ...(answer.status === 204 ? {} : await answer.json()) };
}

const mixOf = async (room) => (await (await fetch(`${room.server.address}/api/rooms/${room.id}`)).json()).mix;

/** The columns of the mixed picture of a client of the library show these people. */
const mixedColumns = (tab) => tab.run((points) => {
  const shown = rooms.client.shownTracks.find(({ track }) => track.kind === 'video');
  if (!shown) return null;
  window.mixed ??= probe.show(shown.mediaTrack);
  return probe.coloursAt(window.mixed, points);
}, CENTRES);

const seesColumns = (tab, look, names) => until(`${tab.name} sees ${names}`, async () => {
  const seen = await look(tab);
  return seen && names.every((name, n) => is[name](seen[n]));
}, { describe: () => look(tab) });

/** Of these tones only those that others make are heard, the others' clearly louder. */
async function hearsOthers(tab, listen, silent) {
  let heard;
  await until(`${tab.name} hears all others${silent === null ? '' : ' and not itself'}`, async () => {
    heard = await listen(tab);
    if (!heard) return false;
    const quietest = Math.min(...heard.filter((_, n) => n !== silent));
    return quietest > -60 && (silent === null || heard[silent] < quietest - CLEARLY);
  }, { within: 20_000, describe: () => heard });
  return heard;
}

const listenToSlot = (tab) => tab.run((tones) => {
  const shown = rooms.client.shownTracks.filter(({ track }) => track.kind === 'audio');
  return shown.length === 1 ? probe.loudness(shown[0].mediaTrack, tones) : null;
}, TONES);

export default {
  'in mix mode everybody is where the layout says, and nobody hears itself': async (room) => {
    const [ada] = await meet(room, 'mix');
    assert.equal((await control(room, { layout: columns(['Ada', 'Bob', 'Cleo']) })).status, 204);
    await seesColumns(ada, mixedColumns, ['Ada', 'Bob', 'Cleo']);
    const shown = await ada.run(() => rooms.client.shownTracks.map(({ track }) => track.id).sort());
    assert.deepEqual(shown, ['mix/audio', 'mix/video-vp8'], 'one picture and one sound');
    room.note(`tones of Ada, Bob, Cleo at Ada: ${await hearsOthers(ada, listenToSlot, 0)} dB`);

    const begun = performance.now();
    assert.equal((await control(room, { layout: columns(['Cleo', 'Ada', 'Bob']) })).status, 204);
    await seesColumns(ada, mixedColumns, ['Cleo', 'Ada', 'Bob']);
    room.note(`another layout is seen after ${Math.round(performance.now() - begun)} ms`);

    assert.equal((await control(room, { volume: { bob: 0 } })).status, 204);
    await hearsOthers({ name: 'Ada' }, async () => {
      const [own, bob, cleo] = await listenToSlot(ada) ?? [0, 0, 0];
      return bob < cleo - CLEARLY ? [own, cleo, cleo] : null;
    }, 0);
    const refused = await control(room, { layout: { tiles: [{ x: 0.9, y: 0, width: 0.5, height: 1 }] } });
    assert.equal(refused.status, 400);
    assert.equal(refused.code, 'layout-outside-canvas');
    const stranger = await control(room, { mix: { dora: false } });
    assert.equal(stranger.status, 404);
  },

  'where a room is mixed everybody is given the mix who asks for nothing else, until it is forwarded': async (room) => {
    await room.useOwnServer({}, ['--topology', 'mcu']);
    const [ada, bob] = await meet(room);
    assert.equal((await control(room, { layout: columns(['Ada', 'Bob', 'Cleo']) })).status, 204);
    await seesColumns(ada, mixedColumns, ['Ada', 'Bob', 'Cleo']);
    await hearsOthers(ada, listenToSlot, 0);
    assert.equal((await control(room, { topology: 'sfu' })).status, 204);
    await ada.seesFrames(bob);
    await ada.hears(bob);
  },

  'in hybrid mode pictures come by themselves and sound is mixed': async (room) => {
    const [ada, bob, cleo] = await meet(room, 'hybrid');
    await ada.seesFrames(bob);
    await ada.seesFrames(cleo);
    await hearsOthers(ada, listenToSlot, 0);
    const mix = await mixOf(room);
    assert.ok(mix.encoders.every(({ kind }) => kind === 'audio'), 'no picture is mixed for that');
  },

  'players share one mix, and nothing of it is left when they have gone': async (room) => {
    await room.useOwnServer({}, []);
    const tabs = await meet(room, 'tracks');
    assert.equal(await mixOf(room), undefined, 'nobody takes it yet');
    const players = [];
    for (const name of ['One', 'Two']) {
      const tab = await outsider(room, name);
      await tab.run(async (url) => { window.player = await whep(url); }, `${room.server.address}/whep/${room.id}/mix`);
      await plays(tab);
      players.push(tab);
    }
    await control(room, { layout: columns(['Bob', 'Ada', 'Cleo']) });
    const look = (tab) => tab.run((points) => probe.coloursAt(window.player.videos[0], points), CENTRES);
    for (const tab of players) await seesColumns(tab, look, ['Bob', 'Ada', 'Cleo']);
    await hearsOthers(players[0], (tab) => tab.run((tones) => {
      const receiver = window.player.pc.getReceivers().find(({ track }) => track.kind === 'audio');
      return probe.loudness(receiver.track, tones);
    }, TONES), null);
    const { encoders } = await mixOf(room);
    assert.deepEqual(encoders.map(({ track, takers }) => `${track} ${takers}`).sort(), ['mix/audio-all 2', 'mix/video-vp8 2']);

    for (const tab of players) {
      await tab.run(async () => {
        await fetch(window.player.resource, { method: 'DELETE' });
        window.player.pc.close();
      });
    }
    await until('the mix is taken down', async () => !await mixOf(room), { within: 20_000 });
    await tabs[0].seesFrames(tabs[1]);
  },

  'the page shows one tile of everybody': async (room) => {
    await meet(room, 'tracks');
    const dan = await room.join('Dan', { mode: 'mix', publish: 0 });
    await until('Dan sees one tile', async () => {
      const tiles = await dan.tiles();
      return tiles.length === 1 && tiles[0].participant === 'mix' && tiles[0].playing === 'true';
    }, { describe: () => dan.tiles() });
  },
};
