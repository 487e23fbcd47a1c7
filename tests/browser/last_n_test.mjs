// SPDX-License-Identifier: LGPL-2.1-or-later
// A room larger than what its members are sent: the last few who spoke, and the loudest. Eight clients of the library
// in one tab, one viewer in another.
import assert from 'node:assert/strict';

import { sleep, until } from './participant.mjs';

const NAMES = ['p1', 'p2', 'p3', 'p4', 'p5', 'p6', 'p7', 'p8'];
const SOUNDS = 4;  // the dominant speaker and the loudest three

/** Each with a picture whose hue says who it is, and a voice that is silent until asked. */
async function crowd(room) {
  const tab = await room.bare('Crowd');
  await tab.run(async (id, names) => {
    const audio = new AudioContext();
    window.clients = {};
    window.voices = {};
    await Promise.all(names.map(async (name, n) => {
      const tone = new OscillatorNode(audio, { frequency: 200 + 50 * n });
      window.voices[name] = new GainNode(audio, { gain: 0 });
      const out = audio.createMediaStreamDestination();
      tone.connect(window.voices[name]).connect(out);
      tone.start();
      const client = window.clients[name] = new RoomsClient({ subscribe: false });
      client.addTrack(out.stream.getAudioTracks()[0], { label: 'microphone' });
      client.addTrack(probe.paint(`hsl(${45 * n}, 100%, 50%)`, { width: 160, height: 90, fps: 10 }), { label: 'camera' });
    }));
    // One after the other: who came first is shown first.
    for (const name of names) await window.clients[name].join({ room: id, name });
    window.speak = (name, loud) => window.voices[name].gain.setValueAtTime(loud ? 0.7 : 0, audio.currentTime);
  }, room.id, NAMES);
  return {
    speaks: (name) => tab.run((who) => speak(who, true), name),
    falls: (name) => tab.run((who) => speak(who, false), name),
    coughs: (name) => tab.run(async (who) => {
      speak(who, true);
      await new Promise((done) => setTimeout(done, 100));
      speak(who, false);
    }, name),
  };
}

/** What is in the viewer's slots: mid by participant. */
const shown = (viewer, kind) => viewer.run((wanted) => Object.fromEntries(
  rooms.client.shownTracks.filter(({ track }) => track.kind === wanted).map(({ mid, track }) => [track.participant, mid])), kind);

async function shows(viewer, what, accept) {
  return until(what, async () => {
    const pictures = await shown(viewer, 'video');
    return accept(Object.keys(pictures).sort().join(' ')) && pictures;
  }, { describe: () => shown(viewer, 'video') });
}

/** Those whose picture arrives, anew from now on. */
async function arriving(viewer) {
  const frames = async () => new Map((await viewer.stats()).inbound
    .filter(({ kind }) => kind === 'video').map(({ participant, framesDecoded }) => [participant, framesDecoded]));
  const before = await frames();
  await sleep(1000);
  return [...await frames()].filter(([who, count]) => count > (before.get(who) ?? 0)).map(([who]) => who).sort();
}

const hueOf = ({ red, green, blue }) => {
  const most = Math.max(red, green, blue);
  const range = most - Math.min(red, green, blue);
  if (range === 0) return 0;
  if (most === red) return (60 * (green - blue) / range + 360) % 360;
  return most === green ? 60 * (blue - red) / range + 120 : 60 * (red - green) / range + 240;
};

/** The picture is that of whom it is said to be. */
const seesTheRightOne = (viewer, name) => viewer.seesPicture({ id: name, name }, 'camera', (seen) => {
  const away = Math.abs(hueOf(seen) - 45 * NAMES.indexOf(name));
  return seen.contrast > 2 && Math.min(away, 360 - away) < 20;
});

export default {
  'of eight the last three who spoke are shown, and a new speaker takes the place of one': async (room) => {
    const { speaks, falls, coughs } = await crowd(room);
    const viewer = await room.bare('Viewer');
    await viewer.enter({ lastN: 3 });
    const first = await shows(viewer, 'the first three are shown', (names) => names === 'p1 p2 p3');
    for (const name of Object.keys(first)) await seesTheRightOne(viewer, name);
    assert.equal(Object.keys(await shown(viewer, 'audio')).length, SOUNDS);
    assert.deepEqual(await arriving(viewer), ['p1', 'p2', 'p3']);
    await viewer.run(() => {
      window.changes = [];
      rooms.client.on('speaking', ({ participant }) => window.speaker = participant);
      for (const type of ['track-added', 'track-removed']) {
        rooms.client.on(type, ({ track }) => track.kind === 'video' && changes.push(`${type} ${track.participant}`));
      }
    });

    await coughs('p8');
    await sleep(1200);
    assert.deepEqual(await shown(viewer, 'video'), first, 'a cough moves nobody');

    await speaks('p7');
    const second = await shows(viewer, 'who speaks comes in', (names) => names === 'p1 p2 p7');
    await seesTheRightOne(viewer, 'p7');
    await viewer.hears({ id: 'p7', name: 'p7' });
    assert.deepEqual([second.p1, second.p2], [first.p1, first.p2], 'the others stay where they are');
    const sounds = await shown(viewer, 'audio');
    assert.equal(Object.keys(sounds).length, SOUNDS);
    assert.equal(sounds.p7.slice(1), second.p7.slice(1), 'sound and picture are one MediaStream');

    await falls('p7');
    await speaks('p2');
    await until('p2 speaks', () => viewer.run(() => window.speaker === 'p2'));
    assert.deepEqual(await shown(viewer, 'video'), second, 'who is shown already takes nobody\'s place');
    assert.deepEqual(await arriving(viewer), ['p1', 'p2', 'p7']);
    assert.deepEqual(await viewer.run(() => changes), ['track-removed p3', 'track-added p7'], 'nothing flapped');
  },
};
