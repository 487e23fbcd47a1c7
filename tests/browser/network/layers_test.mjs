// SPDX-License-Identifier: LGPL-2.1-or-later
// The line of a viewer narrows: a smaller layer, then no picture at all, and all of it back when it is wide again.
// Nobody asks for a layer here. Sound passes all the time, but in one test.
import { sleep, until } from '../participant.mjs';

const PATIENCE = 60_000;  // ms
const LARGE = { width: 760, height: 560 };
const SIZE = { width: 640, height: 360 };

/** The picture is one that takes these rates; of SVC the lower layer takes about 140 kbit/s, both 550. */
const ENCODINGS = [
  { rid: 'low', scaleResolutionDownBy: 2, maxBitrate: 150_000 },
  { rid: 'high', scaleResolutionDownBy: 1, maxBitrate: 800_000 },
];

/** `pieces`: how hard its picture is to encode. */
async function publish(sender, { pieces, isSilent, ...options }) {
  await sender.enter({ subscribe: false });
  if (!isSilent) await sender.run(() => rooms.client.addTrack(probe.tone(440), { label: 'microphone' }));
  await sender.run(async (picture, how) => {
    await rooms.client.addTrack(probe.confetti(picture), { label: 'camera', ...how });
  }, { ...SIZE, pieces }, options);
}

const allotted = (viewer) => viewer.run(() => rooms.client.view.allocation);

/** How long it took until the picture is that wide and goes on. */
async function arrives(room, viewer, sender, width) {
  const begun = performance.now();
  await until(`a picture ${width} wide arrives`, async () => {
    const seen = await viewer.inbound(sender, 'camera');
    await sleep(200);
    const later = await viewer.inbound(sender, 'camera');
    return later?.width === width && later.framesDecoded > seen.framesDecoded;
  }, { within: PATIENCE, describe: async () => ({ seen: await viewer.inbound(sender, 'camera'), given: await allotted(viewer) }) });
  return `${width} after ${Math.round(performance.now() - begun)} ms`;
}

/** How long it took until the tile says so, or no longer does. */
async function isSaved(viewer, sender, wanted) {
  const begun = performance.now();
  await viewer.seesTile(sender, 'camera', (tile) => tile.saved === String(wanted) && tile.playing === String(!wanted),
    wanted ? 'a paused tile' : 'a tile that plays', { within: PATIENCE });
  return `${wanted ? 'paused' : 'plays'} after ${Math.round(performance.now() - begun)} ms`;
}

const narrows = (name, join, options) => async (room) => {
  const sender = await join(room);
  await publish(sender, options);
  const viewer = await room.join(name, { publish: 0 });
  await viewer.page.setViewport(LARGE);
  const times = [await arrives(room, viewer, sender, 640)];
  room.hosts.limitDownlink('300kbit');
  times.push(`300 kbit/s: ${await arrives(room, viewer, sender, 320)}`);
  room.hosts.limitDownlink('100kbit');
  times.push(`100 kbit/s: ${await isSaved(viewer, sender, true)}`);
  room.note(times.join('; '));
  room.hosts.restore();
  times.push(`no limit: ${await isSaved(viewer, sender, false)}`, await arrives(room, viewer, sender, 640));
  await viewer.seesPicture(sender);
  room.note(times.join('; '));
};

export default {
  'a picture without sound comes back although nothing was sent': async (room) => {
    const sender = await room.bare('Sender');
    await publish(sender, { codec: 'VP8', encodings: ENCODINGS, isSilent: true });
    const viewer = await room.join('Viewer', { publish: 0 });
    await viewer.page.setViewport(LARGE);
    await arrives(room, viewer, sender, 640);
    room.hosts.limitDownlink('60kbit');
    const times = [await isSaved(viewer, sender, true)];
    room.hosts.restore();
    times.push(await isSaved(viewer, sender, false), await arrives(room, viewer, sender, 640));
    room.note(times.join('; '));
  },

  'VP8 simulcast of Chromium follows the line of its viewer':
    narrows('Viewer', (room) => room.bare('Sender'), { codec: 'VP8', encodings: ENCODINGS }),
  'VP8 simulcast of Firefox follows the line of its viewer':
    narrows('Viewer', (room) => room.bareFirefox('Sender'), { encodings: ENCODINGS }),
  'VP9 SVC of Chromium follows the line of its viewer':
    narrows('Viewer', (room) => room.bare('Sender'),
      { codec: 'VP9', encodings: [{ scalabilityMode: 'L2T2_KEY', maxBitrate: 900_000 }], pieces: 4 }),
};
