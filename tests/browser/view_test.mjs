// SPDX-License-Identifier: LGPL-2.1-or-later
// What is sent is what somebody sees: tile sizes, pages in the background, pinned people and layers, and publishers
// that send no layer for nobody.
import assert from 'node:assert/strict';

import { sleep, until } from './participant.mjs';

const SMALL = { width: 270, height: 300 };
const LARGE = { width: 760, height: 560 };
/** A busy machine may hold the publisher's estimate, and with it the upper layers, back for long. */
const SWITCH = { within: 60_000 };
const HD = { width: 1280, height: 720 };

const outbound = async (one) => (await one.stats()).outbound.filter(({ kind }) => kind === 'video');
const rids = async (one) => Object.fromEntries((await outbound(one)).map((stream) => [stream.rid, stream]));

/** The layer is sent, or not, for half a second. */
const sends = (one, rid, wanted) => until(`${one.name} sends ${wanted ? '' : 'no '}${rid}`, async () => {
  const before = (await rids(one))[rid]?.framesEncoded ?? 0;
  await sleep(500);
  const after = (await rids(one))[rid]?.framesEncoded ?? 0;
  return wanted ? after > before : after === before;
}, { ...SWITCH, describe: () => outbound(one) });

const arrives = (viewer, from, width) => until(`a picture ${width} wide arrives`, async () => {
  const seen = await viewer.inbound(from, 'camera');
  return seen?.width === width && seen;
}, { ...SWITCH, describe: async () => ({ seen: await viewer.inbound(from, 'camera'), given: await allotted(viewer) }) });

const shown = (viewer) => viewer.run(() => rooms.client.shownTracks.filter(({ track }) => track.kind === 'video')
  .map(({ track }) => track.participant));

const allotted = (viewer) => viewer.run(() => rooms.client.view.allocation);

/** The reason the server gives for what the picture of `from` gets. */
const isTold = (viewer, from, reason) => until(`${viewer.name} is told '${reason}'`, async () => {
  const { slots } = await allotted(viewer);
  return slots.find(({ track }) => track === `${from.id}/camera`)?.reason === reason;
}, { ...SWITCH, describe: () => allotted(viewer) });

async function watch(room, size) {
  const viewer = await room.join('Viewer', { publish: 0 });
  await viewer.page.setViewport(size);
  return viewer;
}

/** Cheaper than a page that shows others: a client of the library. */
async function sender(room, name, publish) {
  const one = await room.bare(name);
  await one.enter({ subscribe: false });
  await publish(one);
  return one;
}

const painter = (room, name) => sender(room, name, (one) => one.paint('rgb(0, 0, 255)', { label: 'camera' }));

const camera = (room, name) => sender(room, name, (one) => one.run(async (size) => {
  const stream = await navigator.mediaDevices.getUserMedia({ video: size });
  await rooms.client.addTrack(stream.getVideoTracks()[0], { label: 'camera', simulcast: true });
}, HD));

export default {
  'a small tile gets a small picture, and its publisher sends no other': async (room) => {
    const ada = await room.join('Ada', HD);
    const viewer = await watch(room, SMALL);
    await arrives(viewer, ada, 320);
    await isTold(viewer, ada, 'tile-covered');
    await sends(ada, 'f', false);
    await viewer.seesNewFrames(ada, 'camera', 10);
    await viewer.page.setViewport(LARGE);
    await sends(ada, 'f', true);
    await arrives(viewer, ada, 1280);
    await viewer.seesPicture(ada);
  },

  'a layer that is pinned in the statistics is what arrives': async (room) => {
    const ada = await camera(room, 'Ada');
    const viewer = await watch(room, LARGE);
    await arrives(viewer, ada, 1280);
    await viewer.click('stats');
    const press = async (layer) => {
      const row = `[data-testid=stream][data-track="${ada.id}/camera"] [data-testid=layer-${layer}]`;
      await viewer.page.waitForSelector(row, { visible: true });
      await viewer.run((selector) => document.querySelector(selector).click(), row);
    };
    await press('low');
    await arrives(viewer, ada, 320);
    await press('mid');
    await arrives(viewer, ada, 640);
    await isTold(viewer, ada, 'client-limit');
    await press('auto');
    await arrives(viewer, ada, 1280);
  },

  'a page in the background is sent sound, but no picture': async (room) => {
    const ada = await painter(room, 'Ada');
    await ada.run(() => rooms.client.addTrack(probe.tone(440), { label: 'microphone' }));
    const viewer = await watch(room, SMALL);
    await viewer.seesFrames(ada);
    await viewer.page.emulateFocusedPage(false);
    await ada.page.bringToFront();
    await isTold(viewer, ada, 'not-visible');
    await sleep(300);  // what was under way has come
    const before = await viewer.inbound(ada, 'camera');
    await viewer.hears(ada);
    await sleep(500);
    assert.equal((await viewer.inbound(ada, 'camera')).framesDecoded, before.framesDecoded);
    await viewer.page.emulateFocusedPage(true);
    await viewer.seesNewFrames(ada, 'camera', 5);
    await viewer.seesPicture(ada);
  },

  'who is pinned is large, comes before others, and is among the last N': async (room) => {
    const ada = await painter(room, 'Ada');
    const bob = await painter(room, 'Bob');
    const viewer = await watch(room, SMALL);
    await viewer.seesFrames(ada);
    await viewer.run(() => rooms.client.view.setLastN(1));
    await until('only Ada is shown', async () => `${await shown(viewer)}` === ada.id);
    await viewer.run((id) => document.querySelector(`[data-testid=tile][data-participant="${id}"] [data-testid=pin]`).click(), bob.id);
    await viewer.seesTile(bob, 'camera', (tile) => tile.pinned === 'true', 'a pinned tile');
    await viewer.seesFrames(bob);
    await viewer.seesPicture(bob);
    assert.deepEqual(await shown(viewer), [bob.id]);
    assert.equal((await allotted(viewer)).slots[0].priority, 'pinned');
  },

  'a camera is sent as SVC by choice, and as one stream by another': async (room) => {
    const ada = await room.join('Ada', { ...HD, send: 'svc' });
    const viewer = await watch(room, LARGE);
    assert.equal((await viewer.seesFrames(ada)).codec, 'VP9');
    const [layered] = await until('three layers in one stream', async () => {
      const sent = await outbound(ada);
      return sent.length === 1 && sent[0].scalabilityMode === 'L3T3_KEY' && sent;
    }, { describe: () => outbound(ada) });
    assert.equal(layered.codec, 'VP9');
    await arrives(viewer, ada, 1280);

    await ada.page.select('[data-testid=call] [data-testid=select-send]', 'one');
    await until('one layer in one stream', async () => {
      const sent = await outbound(ada);
      return sent.length === 1 && sent[0].framesEncoded > 0 && !sent[0].scalabilityMode.startsWith('L3');
    }, { describe: () => outbound(ada) });
    await viewer.seesNewFrames(ada, 'camera', 10);
    await viewer.seesTile(ada, 'camera', (tile) => tile.track === `${ada.id}/camera`);
  },

  'Firefox: simulcast for a viewer in Chromium, as much of it as is seen': async (room) => {
    const fox = await room.joinFromFirefox('Fox', { width: 640, height: 360, send: 'simulcast' });
    const viewer = await watch(room, LARGE);
    await arrives(viewer, fox, 640);
    assert.deepEqual(Object.keys(await rids(fox)).sort(), ['f', 'h', 'q']);
    await viewer.page.setViewport(SMALL);
    await arrives(viewer, fox, 320);
    await sends(fox, 'f', false);
    await viewer.seesNewFrames(fox, 'camera', 5);
    await viewer.page.setViewport(LARGE);
    await arrives(viewer, fox, 640);
  },
};
