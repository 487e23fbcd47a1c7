// SPDX-License-Identifier: LGPL-2.1-or-later
// Sound and picture of a participant arrive together.
import assert from 'node:assert/strict';

import { sleep, until } from './participant.mjs';

const AIM = 40;  // ms, what the notes are to be read against
const WRONG = 120;  // ms: no busy machine's doing
const DELAY = 300;  // ms by which a viewer holds the picture back, to see the sound follow
const BEATS = 5;
const MIX = { id: 'mix', name: 'the mix' };
const SETTLED = 3000;  // ms
const TRIES = 4;

/** In the page: a track that flashes and one that beeps, at the same moments. */
function startMetronome() {
  const easel = document.createElement('canvas');
  Object.assign(easel, { width: 320, height: 180 });
  const context = easel.getContext('2d');
  const audio = new AudioContext();
  const [oscillator, gain] = [audio.createOscillator(), audio.createGain()];
  const out = audio.createMediaStreamDestination();
  oscillator.frequency.value = 1000;
  gain.gain.value = 0;
  oscillator.connect(gain).connect(out);
  oscillator.start();
  let step = 0;
  setInterval(() => {
    const on = step % 24 < 4;  // 133 ms of 800
    gain.gain.setValueAtTime(on ? 0.5 : 0, audio.currentTime);
    context.fillStyle = on ? 'white' : 'black';
    context.fillRect(0, 0, easel.width, easel.height);
    context.fillStyle = 'gray';
    context.fillRect((step++ * 7) % easel.width, 90, 8, 8);  // never two equal frames
  }, 1000 / 30);
  window.metronome = { picture: easel.captureStream(30).getVideoTracks()[0], sound: out.stream.getAudioTracks()[0] };
}

/** In the page: when `picture` turned bright and `sound` loud, in ms of the page's clock, `beats` times each. */
async function watchMetronome(picture, sound, beats) {
  /** Calls `isOn(data)`, which tells how many ms ago it went on, or null, until it was on so often. */
  async function edges(track, look) {
    const reader = new MediaStreamTrackProcessor({ track: track.clone() }).readable.getReader();
    const times = [];
    let [was, on] = [true, null];
    while (times.length < beats) {
      const { value, done } = await reader.read();
      if (done) break;
      on = await look(value);
      if (on !== null && !was) times.push(performance.now() - on);
      was = on !== null;
      value.close();
    }
    reader.cancel();
    return times;
  }
  const bytes = new Uint8Array(320 * 180 * 4);
  const flashes = edges(picture, async (frame) => {
    const [{ offset }] = await frame.copyTo(bytes, { rect: { x: 0, y: 0, width: 16, height: 16 } });
    return bytes[offset] > 128 ? 0 : null;
  });
  let quiet = 0;
  const beeps = edges(sound, (data) => {
    const samples = new Float32Array(data.numberOfFrames);
    data.copyTo(samples, { planeIndex: 0, format: 'f32-planar' });
    const first = samples.findIndex((sample) => Math.abs(sample) > 0.05);
    // A beep goes through zero: it has ended after 50 ms of silence.
    quiet = first < 0 ? quiet + data.numberOfFrames : 0;
    if (quiet > data.sampleRate * 0.05) return null;
    return 1000 * (data.numberOfFrames - Math.max(first, 0)) / data.sampleRate;
  });
  return { flashes: await flashes, beeps: await beeps };
}

/** By how many ms the sound is late; the median of all beats. */
function lateness({ flashes, beeps }) {
  const nearest = (flash) => beeps.map((beep) => beep - flash).sort((a, b) => Math.abs(a) - Math.abs(b))[0];
  const found = flashes.map(nearest).sort((a, b) => a - b);
  return Math.round(found[Math.floor(found.length / 2)]);
}

/** The same by the browser's own reckoning of what it plays at the moment; needs sender reports of both. */
const reckoned = (one, from) => one.run(async (id) => {
  const shown = rooms.client.shownTracks.filter(({ track }) => track.participant === id);
  const playing = {};
  for (const { receiver, track } of shown) {
    for (const report of (await receiver.getStats()).values()) {
      if (report.type === 'inbound-rtp') playing[track.kind] = report.estimatedPlayoutTimestamp;
    }
  }
  return playing.audio && playing.video ? Math.round(playing.video - playing.audio) : null;
}, from.id);

const measured = async (one, from) => lateness(await one.run((id, watch, beats) => {
  const track = (kind) => rooms.client.shownTracks.find(({ track: info }) => info.participant === id && info.kind === kind).mediaTrack;
  return new Function(`return ${watch}`)()(track('video'), track('audio'), beats);
}, from.id, watchMetronome.toString(), BEATS));

/** Ada flashes and beeps, Bob sees and hears it, by Ada's tracks or by a mix. */
async function meet(room, mode = 'tracks') {
  const ada = await room.bare('Ada');
  await ada.enter();
  await ada.run(startMetronome);
  await ada.run(async () => {
    await rooms.client.addTrack(metronome.picture, { label: 'camera' });
    await rooms.client.addTrack(metronome.sound, { label: 'microphone' });
  });
  const bob = await room.bare('Bob');
  await bob.enter({ mode });
  const from = mode === 'mix' ? MIX : ada;
  await bob.seesFrames(from, mode === 'mix' ? 'mix' : 'camera', { within: 20_000 });
  await bob.hears(from, mode === 'mix' ? 'mix-audio' : 'microphone');
  return [ada, bob];
}

/** By how many ms sound is later at Bob than at Ada, and the latter. */
async function compared(ada, bob, from = ada) {
  await until('sender reports of both', async () => (await reckoned(bob, from)) !== null);
  const [source, arrived] = await Promise.all([
    ada.run((watch, beats) => new Function(`return ${watch}`)()(metronome.picture, metronome.sound, beats),
      watchMetronome.toString(), BEATS).then(lateness),
    measured(bob, from),
  ]);
  return { late: arrived - source, source };
}

export default {
  'sound and picture of a participant are in sync': async (room) => {
    const [ada, bob] = await meet(room);
    const streams = await bob.run(() => rooms.client.shownTracks.map(({ mid }) => {
      const { sdp } = rooms.client.peerConnections.subscribe.remoteDescription;
      return sdp.split('m=').find((section) => section.includes(`a=mid:${mid}\r\n`)).match(/a=msid:(\S+)/)[1];
    }));
    assert.equal(new Set(streams).size, 1, `one MediaStream, so that the browser keeps them in sync: ${streams}`);

    const { late, source } = await compared(ada, bob);
    const reckons = await reckoned(bob, ada);
    room.note(`sound after picture: ${late} ms by flashes and beeps (at the source ${source} ms), ${reckons} ms by Chromium's reckoning; aim ${AIM} ms`);
    assert.ok(Math.abs(late) < WRONG, `the sound is ${late} ms late`);

    // A picture that takes longer than the sound, as on a bad line.
    await bob.run((delay) => {
      for (const { receiver, track } of rooms.client.shownTracks) if (track.kind === 'video') receiver.jitterBufferTarget = delay;
    }, DELAY);
    await sleep(4000);
    await until('the sound waits for the picture', async () => Math.abs(await reckoned(bob, ada)) < WRONG,
      { describe: () => reckoned(bob, ada) });
    const later = await measured(bob, ada) - source;
    room.note(`with the picture held back by ${DELAY} ms: ${later} ms, ${await reckoned(bob, ada)} ms by Chromium's reckoning`);
    assert.ok(Math.abs(later) < DELAY - WRONG, `the sound is ${later} ms late`);
  },

  'they are so without the server, and when they come through it again': async (room) => {
    await room.useOwnServer({}, ['--topology', 'sfu']);
    const [ada, bob] = await meet(room);
    const ways = [['directly', 'mesh', true], ['through the server again', 'sfu', false]];
    for (const [name, topology, isDirect] of ways) {
      await room.server.control(room.id, { topology });
      await until(`it comes ${name}`, () => bob.run((wanted) => rooms.client.shownTracks.every((shown) => shown.isDirect === wanted), isDirect));
      const soon = await measured(bob, ada);
      await sleep(SETTLED);
      const found = [await compared(ada, bob)];
      // Two cores carry the browsers too: what is wrong stays wrong.
      while (found.length < TRIES && Math.abs(found.at(-1).late) >= WRONG) found.push(await compared(ada, bob));
      const list = found.map(({ late }) => late).join(', ');
      room.note(`sound after picture, ${name}: ${list} ms (at once ${soon - found[0].source}), ${await reckoned(bob, ada)} ms by Chromium's reckoning`);
      assert.ok(Math.abs(found.at(-1).late) < WRONG, `the sound is ${list} ms late ${name}`);
    }
  },

  'sound and picture of a mix are in sync': async (room) => {
    const [ada, bob] = await meet(room, 'mix');
    // An encoder on a busy machine is late; the browser makes the sound wait for it, step by step.
    await until('the sound waits for the picture', async () => {
      const apart = await reckoned(bob, MIX);
      return apart !== null && Math.abs(apart) < WRONG / 2;
    }, { within: 30_000, describe: () => reckoned(bob, MIX) });
    // Other programs may keep the encoder from its work for a while; a fault of ours stays.
    let late = null;
    await until('sound and picture come together', async () => {
      ({ late } = await compared(ada, bob, MIX));
      return Math.abs(late) < WRONG;
    }, { within: 30_000, describe: () => `the sound is ${late} ms late` });
    room.note(`sound after picture in the mix: ${late} ms by flashes and beeps, ${await reckoned(bob, MIX)} ms by Chromium's reckoning; aim ${AIM} ms`);
  },
};
