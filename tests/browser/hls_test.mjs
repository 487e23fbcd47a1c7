// SPDX-License-Identifier: LGPL-2.1-or-later
// A room as hls.js plays it in a page of another origin, and recordings that the page hands out.
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';

import { sleep, until } from './participant.mjs';

const HLS_JS = fileURLToPath(new URL('node_modules/hls.js/dist/hls.min.js', import.meta.url));

/** A tab that plays a playlist, as `window.player` and `window.video`. */
async function watch(room, name, folder = room.id) {
  const tab = await room.bare(name);
  await tab.page.addScriptTag({ path: HLS_JS });
  // Not where the page comes from: the headers must let it.
  const url = `${room.server.address.replace('127.0.0.1', 'localhost')}/hls/${folder}/index.m3u8`;
  await tab.run((source) => {
    window.video = document.createElement('video');
    Object.assign(video, { muted: true, autoplay: true });
    document.body.append(video);
    window.problems = [];
    window.player = new Hls({ lowLatencyMode: true });
    player.on(Hls.Events.ERROR, (_, { fatal, details }) => problems.push(`${fatal ? 'fatal ' : ''}${details}`));
    // How long the same picture was seen at most; for whoever sets it to nothing.
    window.longestPause = 0;
    let [shown, since] = [0, performance.now()];
    setInterval(() => {
      if (video.currentTime !== shown) [shown, since] = [video.currentTime, performance.now()];
      longestPause = Math.max(longestPause, performance.now() - since);
    }, 50);
    player.loadSource(source);
    player.attachMedia(video);
  }, url);
  return tab;
}

/** However busy the machine is. */
const STALL = 4_000;

const state = (tab) => tab.run(() => ({
  time: video.currentTime,
  latency: player.latency,
  colour: probe.coloursAt(video, [[0.5, 0.3]])?.[0],
  size: `${video.videoWidth}x${video.videoHeight}`,
  level: player.loadLevel,
  paused: longestPause,
  problems,
  fatal: problems.some((problem) => problem.startsWith('fatal')),
}));
const isRed = (colour) => colour && colour.red > 120 && colour.red > 2 * colour.blue;

/** Has hls.js take one level after the other; each is seen, and nothing stands still. */
async function switchLevels(room, viewer, sizes) {
  const levels = await viewer.run(() => player.levels.map(({ width, height }) => `${width}x${height}`));
  assert.deepEqual(levels, sizes);  // by rate
  for (const level of [0, 1, 0]) {
    await viewer.run((wanted) => {
      longestPause = 0;
      player.loadLevel = wanted;
    }, level);
    const seen = async () => (await state(viewer)).size === sizes[level];
    await until(`${sizes[level]} is seen`, seen, { within: 30_000, describe: () => state(viewer) });
    await sleep(1000);
    const { paused, fatal, problems } = await state(viewer);
    room.note(`${sizes[level]}: stood still for ${Math.round(paused)} ms at most`);
    assert.equal(fatal, false, problems.join());
    assert.ok(paused < STALL, `it stood still for ${paused} ms`);
  }
}

export default {
  'hls.js plays the room with low latency, in real time and from another origin': async (room) => {
    const ada = await room.bare('Ada');
    await ada.enter({ subscribe: false });
    await ada.paint('rgb(255, 0, 0)', { label: 'camera' });
    await ada.run(() => rooms.client.addTrack(probe.tone(440), { label: 'microphone' }));
    const begun = performance.now();
    const viewer = await watch(room, 'Viewer');
    const plays = async () => {
      const now = await state(viewer);
      return now.time > 0 && isRed(now.colour) ? now : null;
    };
    const first = await until('the room is seen', plays, { within: 40_000, describe: () => state(viewer) });
    assert.match(first.size, /^(1280x720|640x360)$/);
    room.note(`first picture after ${Math.round(performance.now() - begun)} ms`);

    await sleep(4000);  // hls.js goes to the live edge
    const [from, started] = [await state(viewer), performance.now()];
    await sleep(6000);
    const [to, took] = [await state(viewer), (performance.now() - started) / 1000];
    assert.equal(to.fatal, false, to.problems.join());
    assert.ok(to.time - from.time > took / 2, `${to.time - from.time} s of ${took} s were played`);
    room.note(`played ${(to.time - from.time).toFixed(1)} s in ${took.toFixed(1)} s, ${to.latency.toFixed(2)} s behind`);
    if (to.problems.length > 0) room.note(`hls.js: ${to.problems.join()}`);

    await switchLevels(room, viewer, ['640x360', '1280x720']);

    const changed = performance.now();
    await room.server.control(room.id, { mix: { [ada.id]: false } });
    await until('what changes in the room is seen', async () => {
      const { colour } = await state(viewer);
      return colour && !isRed(colour);
    }, { within: 30_000, describe: () => state(viewer) });
    room.note(`a change is seen after ${Math.round(performance.now() - changed)} ms`);
  },

  'the simulcast layers of one participant are renditions, untouched': async (room) => {
    const ada = await room.bare('Ada');
    await ada.enter({ subscribe: false });
    await ada.run(async () => {
      const stream = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 360 } });
      const encodings = [
        { rid: 'low', scaleResolutionDownBy: 2, maxBitrate: 200_000 },
        { rid: 'high', scaleResolutionDownBy: 1, maxBitrate: 700_000 },
      ];
      await rooms.client.addTrack(stream.getVideoTracks()[0], { label: 'camera', codec: 'H264', encodings });
      await rooms.client.addTrack(probe.tone(440), { label: 'microphone' });
    });
    await sleep(3000);
    const viewer = await watch(room, 'Viewer', `${room.id}/Ada`);
    const plays = async () => (await state(viewer)).time > 0;
    await until('Ada is seen', plays, { within: 40_000, describe: () => state(viewer) });
    await switchLevels(room, viewer, ['320x180', '640x360']);
  },
};
