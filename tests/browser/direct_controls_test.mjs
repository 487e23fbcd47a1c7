// SPDX-License-Identifier: LGPL-2.1-or-later
// What one does in a call does the same between two browsers that need no server for their media.
import assert from 'node:assert/strict';

import { sleep, until } from './participant.mjs';

const MESH = ['--topology', 'mesh'];
const PROMPT = 200;  // ms, what the note is to be read against
const SLOW = 2000;

const isDirect = (one) => one.run(() => rooms.client.directPeer !== null && rooms.client.shownTracks.every((shown) => shown.isDirect));
const goDirect = (people) => Promise.all(people.map((one) => until(`${one.name} is sent all directly`, () => isDirect(one), { within: 20_000 })));

async function twoTabs(room) {
  await room.useOwnServer({}, MESH);
  const people = [await room.join('Ada'), await room.join('Bob')];
  await people[0].seesTile(people[1], 'camera');
  await people[1].seesTile(people[0], 'camera');
  await goDirect(people);
  return people;
}

/** Width of the picture that comes of somebody; 0 when none has come for a moment. */
async function width(one, from) {
  const { framesDecoded } = await one.inbound(from, 'camera');
  await sleep(400);
  const now = await one.inbound(from, 'camera');
  return now.framesDecoded > framesDecoded ? now.width : 0;
}

export default {
  'cameras go off and on, screens come and go, between two': async (room) => {
    const [ada, bob] = await twoTabs(room);
    await ada.seesNewFrames(bob);
    await bob.hears(ada);
    await ada.click('camera');
    await bob.seesTile(ada, 'camera', ({ videoMuted }) => videoMuted === 'true', 'no camera');
    await ada.click('camera');
    await bob.seesTile(ada, 'camera', ({ videoMuted, playing }) => videoMuted === 'false' && playing === 'true', 'a playing camera');
    await bob.seesNewFrames(ada);

    await bob.click('screen');
    await ada.seesTile(bob, 'screen');
    await ada.seesFrames(bob, 'screen');
    await until('the screen comes directly', async () => (await ada.inbound(bob, 'screen')).isDirect);
    await ada.seesPicture(bob, 'screen', Boolean);
    await bob.click('screen');
    await ada.seesNoTile(bob, 'screen');
    await ada.seesNewFrames(bob);

    await ada.click('stats');
    const words = await until('the panel says which way', () => ada.run(() => document.querySelector('[data-testid=way]')?.textContent));
    assert.match(words, /direct, to Bob/);
    await room.server.control(room.id, { topology: 'sfu' });
    await until('and which way it is then', () => ada.run(() => document.querySelector('[data-testid=way]').dataset.path === 'server'));
    await ada.seesNewFrames(bob);
  },

  'a moderator mutes, and what is muted is not sent past the server': async (room) => {
    const [ada, bob] = await twoTabs(room);
    await ada.seesNewFrames(bob);
    const came = await ada.run((id) => {
      const { mediaTrack } = rooms.client.shownTracks.find(({ track }) => track.participant === id && track.kind === 'video');
      const reader = new MediaStreamTrackProcessor({ track: mediaTrack.clone() }).readable.getReader();
      (async () => {
        for (;;) {
          const { value, done } = await reader.read();
          if (done) return;
          value.close();
          window.lastFrame = performance.timeOrigin + performance.now();
        }
      })();
      return true;
    }, bob.id);
    assert.ok(came);
    const asked = Date.now();
    await room.server.control(room.id, { mute: { [bob.id]: true } });
    await ada.seesTile(bob, 'camera', ({ videoMuted, muted }) => videoMuted === 'true' && muted === 'true', 'nothing');
    await until('Bob knows', () => bob.run(() => rooms.client.localTracks.every(({ moderated, muted }) => moderated && muted)));
    assert.equal(await isDirect(ada), false);
    await sleep(500);
    const stopped = Math.round(await ada.run(() => window.lastFrame) - asked);
    room.note(`the last frame came ${stopped} ms after the moderator's word; aim ${PROMPT} ms`);
    assert.ok(stopped < SLOW, `a frame came after ${stopped} ms`);

    const refused = await bob.run(() => rooms.client.setMuted('camera', false).then(() => '', ({ code }) => code));
    assert.equal(refused, 'muted-by-moderator');
    await room.server.control(room.id, { mute: { [bob.id]: false } });
    await until('Bob may', () => bob.run(() => rooms.client.localTracks.every(({ moderated, muted }) => !moderated && muted)));
    await bob.click('camera');
    await bob.click('microphone');
    await goDirect([ada, bob]);
    await ada.seesNewFrames(bob);
    await ada.hears(bob);
  },

  'a picture is no larger than its tile, between two': async (room) => {
    await room.useOwnServer({}, MESH);
    const [ada, bob] = [await room.bare('Ada'), await room.bare('Bob')];
    await ada.enter();
    await bob.enter();
    await bob.run(async () => {
      await rooms.client.addTrack(probe.paint('green', { width: 320, height: 180, fps: 15 }), { label: 'camera', simulcast: true });
    });
    await goDirect([ada, bob]);
    const comes = async (what, wanted, change) => {
      await ada.run(new Function('id', `rooms.client.view.${change}`), `${bob.id}/camera`);
      await until(what, async () => await width(ada, bob) === wanted, { within: 20_000, describe: () => width(ada, bob) });
    };
    await comes('all of it', 320, 'setTile(id, { width: 1280, height: 720 })');
    await comes('a small one', 80, 'setTile(id, { width: 80, height: 45 })');
    await comes('nothing, while nobody sees it', 0, 'setTile(id, { width: 0, height: 0 })');
    await comes('all of it again', 320, 'setTile(id, { width: 1280, height: 720 })');
    await comes('the middle layer, as chosen', 160, 'limitLayers(id, { maxSpatial: 1 })');
  },
};
