// SPDX-License-Identifier: LGPL-2.1-or-later
// Simulcast and SVC: a viewer gets the layers it is limited to, and switches without a fault.
import assert from 'node:assert/strict';

import { sleep, until } from './participant.mjs';

/** A pause this long is a stall, however busy the machine is. */
const STALL = 5_000;
/** A busy machine may hold the publisher's estimate, and with it the upper layers, back for long. */
const SWITCH = { within: 60_000 };

const three = (mode) => [['q', 4, 150_000], ['h', 2, 500_000], ['f', 1, 1_500_000]].map(
  ([rid, scaleResolutionDownBy, maxBitrate]) => ({ rid, scaleResolutionDownBy, maxBitrate, scalabilityMode: mode }));
const two = (mode) => [['low', 2, 200_000], ['high', 1, 700_000]].map(
  ([rid, scaleResolutionDownBy, maxBitrate]) => ({ rid, scaleResolutionDownBy, maxBitrate, scalabilityMode: mode }));

/** The least that Chromium makes three layers of. libaom is slow. */
const AV1_OF_THREE = { width: 960, height: 540, frameRate: 15 };

/** Publishes the fake camera so. */
async function publish(room, { browser, codec, encodings, width, height, frameRate = 30 }) {
  const sender = await (browser === 'firefox' ? room.bareFirefox('Sender') : room.bare('Sender'));
  await sender.enter({ subscribe: false });
  await sender.run(async (options, size) => {
    const stream = await navigator.mediaDevices.getUserMedia({ video: size });
    await rooms.client.addTrack(stream.getVideoTracks()[0], { label: 'camera', ...options });
  }, { codec, encodings }, { width, height, frameRate });
  return sender;
}

/** Who watches, and what is noted of it. */
class Viewer {
  static async in(room, sender) {
    const tab = await room.bare('Viewer');
    await tab.enter();
    await tab.seesFrames(sender, 'camera', { within: 25_000 });
    return new Viewer(room, tab, sender);
  }

  constructor(room, tab, sender) {
    Object.assign(this, { room, tab, sender });
  }

  async watch() {
    this.before = await this.seen();
    await this.tab.run(() => {
      const { mediaTrack } = rooms.client.shownTracks.find(({ track }) => track.kind === 'video');
      window.watched = probe.watchGaps(mediaTrack);
    });
  }

  seen() {
    return this.tab.inbound(this.sender, 'camera');
  }

  async limit(fields) {
    const { mid } = await this.seen();
    await this.tab.run((message) => [...probe.sockets][0].send(JSON.stringify(message)), { type: 'layers', slot: mid, ...fields });
  }

  /** Milliseconds until the picture is that wide. */
  async turns(width, fields) {
    const started = performance.now();
    if (fields) await this.limit(fields);
    await until(`the picture is ${width} wide`, async () => (await this.seen())?.width === width,
      { ...SWITCH, describe: async () => ({ seen: await this.seen(), server: await this.layers() }) });
    return Math.round(performance.now() - started);
  }

  /** Pictures a second, over a second and a half. */
  async rate() {
    const from = (await this.seen()).framesDecoded;
    const started = performance.now();
    await sleep(1500);
    return ((await this.seen()).framesDecoded - from) * 1000 / (performance.now() - started);
  }

  async layers() {
    return this.room.server.get(`/api/rooms/${this.room.id}`);
  }

  /** Says how it went; fails if it stalled or time went back. */
  async judge(what) {
    const { longest, frames, backwards } = await this.tab.run(() => window.watched.stop());
    const after = await this.seen();
    this.room.note(`${what}; longest pause ${longest} ms, ${after.freezes - this.before.freezes} freezes, ${frames} frames`);
    assert.equal(backwards, 0, 'frames went back in time');
    assert.ok(longest < STALL, `a pause of ${longest} ms`);
  }
}

const switches = (options, widths) => async (room) => {
  const sender = await publish(room, options);
  const viewer = await Viewer.in(room, sender);
  const top = widths.length - 1;
  await viewer.turns(widths[top]);
  await viewer.watch();
  const times = [];
  for (const layer of [0, ...(top > 1 ? [1] : [])]) times.push(`${widths[layer]} after ${await viewer.turns(widths[layer], { maxSpatial: layer })} ms`);
  times.push(`${widths[top]} after ${await viewer.turns(widths[top], {})} ms`);
  await viewer.tab.seesNewFrames(sender, 'camera', 10);
  await viewer.judge(times.join(', '));
};

const svc = (options, widths) => async (room) => {
  const sender = await publish(room, options);
  const viewer = await Viewer.in(room, sender);
  const top = widths.length - 1;
  await viewer.turns(widths[top]);
  await viewer.watch();
  const down = await viewer.turns(widths[0], { maxSpatial: 0 });
  const all = await viewer.rate();
  await viewer.limit({ maxSpatial: 0, maxTemporal: 0 });
  await sleep(500);
  const base = await viewer.rate();
  const ups = [];
  for (let layer = 1; layer < top; layer++) ups.push(`${widths[layer]} after ${await viewer.turns(widths[layer], { maxSpatial: layer })} ms`);
  ups.push(`${widths[top]} after ${await viewer.turns(widths[top], {})} ms`);
  assert.ok(base < all * 0.6, `${base} pictures a second of the base layer, ${all} of all`);
  await viewer.tab.seesNewFrames(sender, 'camera', 10);
  await viewer.judge(`${widths[0]} after ${down} ms, ${ups.join(', ')}; ${all.toFixed(1)} fps, base layer ${base.toFixed(1)}`);
};

export default {
  'VP8 simulcast: three layers, forced down and up':
    switches({ codec: 'VP8', encodings: three('L1T3'), width: 1280, height: 720 }, [320, 640, 1280]),
  'H264 simulcast: two layers, forced down and up':
    switches({ codec: 'H264', encodings: two(undefined), width: 640, height: 360 }, [320, 640]),
  'VP9 simulcast: two layers, forced down and up':
    switches({ codec: 'VP9', encodings: two('L1T3'), width: 640, height: 360 }, [320, 640]),
  'AV1 simulcast: two layers, forced down and up':
    switches({ codec: 'AV1', encodings: two('L1T3'), width: 640, height: 360 }, [320, 640]),
  'the layers of VP8 simulcast may come from high to low':
    switches({ codec: 'VP8', encodings: two('L1T2').reverse(), width: 640, height: 360 }, [320, 640]),
  'VP9 L3T3_KEY: spatial and temporal layers':
    svc({ codec: 'VP9', encodings: [{ scalabilityMode: 'L3T3_KEY', maxBitrate: 1_500_000 }], width: 1280, height: 720 }, [320, 640, 1280]),
  'AV1 L3T3_KEY: spatial and temporal layers':
    svc({ codec: 'AV1', encodings: [{ scalabilityMode: 'L3T3_KEY', maxBitrate: 900_000 }], ...AV1_OF_THREE }, [240, 480, 960]),
  'AV1 L3T3: spatial and temporal layers':
    svc({ codec: 'AV1', encodings: [{ scalabilityMode: 'L3T3', maxBitrate: 900_000 }], ...AV1_OF_THREE }, [240, 480, 960]),
  'Firefox, VP8 simulcast: forced down and up':
    switches({ browser: 'firefox', encodings: two(undefined), width: 640, height: 360 }, [320, 640]),

  'a limit that is none of a slot is refused with a sentence': async (room) => {
    const viewer = await room.bare('Viewer');
    await viewer.enter();
    const ask = (fields) => viewer.run((message) => new Promise((done) => {
      const [socket] = probe.sockets;
      const listen = ({ data }) => {
        const answer = JSON.parse(data);
        if (answer.id !== 'limit') return;
        socket.removeEventListener('message', listen);
        done(answer);
      };
      socket.addEventListener('message', listen);
      socket.send(JSON.stringify({ type: 'layers', id: 'limit', ...message }));
    }), fields);
    const beyond = await ask({ slot: 'v0', maxSpatial: 99 });
    assert.equal(beyond.code, 'bad-field');
    assert.match(beyond.message, /maxSpatial.*7/);
    assert.equal((await ask({ slot: 'v99' })).code, 'slot-unknown');
    assert.equal((await ask({ slot: 'a0', maxSpatial: 0 })).code, 'slot-unknown');
    assert.equal((await ask({ slot: 'v0', maxSpatial: 7 })).type, 'limited');
  },
};
