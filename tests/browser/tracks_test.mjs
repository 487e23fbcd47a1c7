// SPDX-License-Identifier: LGPL-2.1-or-later
// Labelled tracks: several of one participant, muted, replaced, removed.
import assert from 'node:assert/strict';

import { sleep, until } from './participant.mjs';

const isRed = ({ red, blue, green }) => red > 120 && red > 2 * blue && red > 2 * green;
const isBlue = ({ red, blue, green }) => blue > 120 && blue > 2 * red && blue > 2 * green;
const isGreen = ({ red, blue, green }) => green > 80 && green > 2 * red && green > 2 * blue;

export default {
  'a shared screen is a second, labelled track': async (room) => {
    const ada = await room.join('Ada');
    const bob = await room.join('Bob');
    await bob.seesFrames(ada);
    const camera = (await bob.inbound(ada, 'camera')).mid;
    await ada.click('screen');
    await bob.seesTile(ada, 'screen');
    const screen = await bob.seesFrames(ada, 'screen');
    assert.notEqual(screen.mid, camera);
    assert.equal((await bob.inbound(ada, 'camera')).mid, camera);
    await bob.seesNewFrames(ada, 'camera', 10);
    await ada.click('screen');
    await bob.seesNoTile(ada, 'screen');
    await bob.seesNewFrames(ada, 'camera', 10);
  },

  'a screen is never mistaken for a camera, whichever comes first': async (room) => {
    const viewer = await room.bare('Viewer');
    await viewer.enter();
    const ada = await room.bare('Ada');
    await ada.enter({ subscribe: false });
    await ada.paint('rgb(0, 0, 255)', { label: 'screen' });
    await ada.paint('rgb(255, 0, 0)', { label: 'camera' });
    const bob = await room.bare('Bob');
    await bob.enter({ subscribe: false });
    await bob.paint('rgb(255, 0, 0)', { label: 'camera' });
    await bob.paint('rgb(0, 0, 255)', { label: 'screen' });
    for (const from of [ada, bob]) {
      await viewer.seesPicture(from, 'camera', isRed);
      await viewer.seesPicture(from, 'screen', isBlue);
    }
    // Off and on again, on the sections that are there.
    await ada.run(() => rooms.client.removeTrack('screen'));
    await ada.run(() => rooms.client.removeTrack('camera'));
    await ada.paint('rgb(255, 0, 0)', { label: 'camera' });
    await ada.paint('rgb(0, 0, 255)', { label: 'screen' });
    await viewer.seesPicture(ada, 'camera', isRed);
    await viewer.seesPicture(ada, 'screen', isBlue);
    await viewer.seesPicture(bob, 'camera', isRed);
    await viewer.seesPicture(bob, 'screen', isBlue);
  },

  'mute and unmute are seen by the others': async (room) => {
    const ada = await room.join('Ada');
    const bob = await room.join('Bob');
    await bob.seesFrames(ada);
    await bob.hears(ada);
    await ada.click('microphone');
    await bob.seesTile(ada, 'camera', (tile) => tile.muted === 'true', 'a muted tile');
    await sleep(700);  // what was in the jitter buffer is played
    const silent = (await bob.inbound(ada, 'microphone'))?.audioEnergy ?? 0;
    await sleep(700);
    const still = (await bob.inbound(ada, 'microphone'))?.audioEnergy ?? 0;
    assert.ok(still - silent < 1e-4, `heard while muted: ${still - silent}`);
    await ada.click('camera');
    await bob.seesTile(ada, 'camera', (tile) => tile.videoMuted === 'true', 'a tile without picture');
    await ada.click('microphone');
    await ada.click('camera');
    await bob.seesTile(ada, 'camera', (tile) => tile.muted === 'false' && tile.videoMuted === 'false', 'an open tile');
    await bob.seesNewFrames(ada, 'camera', 10);
    await bob.seesPicture(ada);
    await bob.hears(ada);
  },

  'who comes later learns what is muted': async (room) => {
    const ada = await room.join('Ada');
    await until('Ada sends', () => ada.run(() => rooms.client.localTracks.length === 2 && rooms.client.localTracks.every(({ id }) => id)));
    await ada.click('microphone');
    await until('Ada is muted', () => ada.run(() => rooms.client.localTracks.some(({ label, muted }) => label === 'microphone' && muted)));
    const bob = await room.join('Bob');
    await bob.seesTile(ada, 'camera', (tile) => tile.muted === 'true', 'a muted tile');
  },

  'a replaced track shows the new picture on the same slot': async (room) => {
    const ada = await room.bare('Ada');
    await ada.enter({ subscribe: false });
    await ada.paint('rgb(255, 0, 0)', { label: 'camera' });
    const bob = await room.bare('Bob');
    await bob.enter();
    await bob.seesPicture(ada, 'camera', isRed);
    const before = await bob.inbound(ada, 'camera');
    await ada.run(() => rooms.client.replaceTrack('camera', probe.paint('rgb(0, 0, 255)', { width: 480, height: 270 })));
    await bob.seesPicture(ada, 'camera', isBlue);
    const after = await bob.inbound(ada, 'camera');
    assert.deepEqual([after.mid, after.track], [before.mid, before.track]);
  },

  'a removed track goes, the others stay; added again it comes back': async (room) => {
    const ada = await room.bare('Ada');
    await ada.enter({ subscribe: false });
    await ada.paint('rgb(255, 0, 0)', { label: 'camera' });
    await ada.paint('rgb(0, 255, 0)', { label: 'drawing' });
    await ada.run(() => rooms.client.addTrack(probe.tone(440), { label: 'microphone' }));
    const bob = await room.bare('Bob');
    await bob.enter();
    await bob.seesPicture(ada, 'camera', isRed);
    await bob.seesPicture(ada, 'drawing', isGreen);
    await ada.run(() => rooms.client.removeTrack('camera'));
    await bob.hearsOf('track-unpublished', ({ track }) => track.label === 'camera');
    await until('nothing of the camera is shown', () => bob.run(() => rooms.client.shownTracks.every(({ track }) => track.label !== 'camera')));
    await bob.seesNewFrames(ada, 'drawing', 10);
    await bob.hears(ada);
    await ada.paint('rgb(0, 0, 255)', { label: 'camera' });
    await bob.seesPicture(ada, 'camera', isBlue);
    await bob.seesPicture(ada, 'drawing', isGreen);
  },
};
