// SPDX-License-Identifier: LGPL-2.1-or-later
// Simulcast over WHIP as encoders send it: layers named by number, the largest first, and some that send nothing at
// first or for a while. A member of the room and a WHEP player get the best that there is; what nobody watches is kept
// small by REMB.
import assert from 'node:assert/strict';

import { outsider } from './outsider.mjs';
import { until } from './participant.mjs';

const STUDIO = { id: 'studio', name: 'studio' };
/** A busy machine may hold the publisher's estimate, and with it the upper layers, back for long. */
const PATIENCE = { within: 60_000 };

/** The largest first, and silent: announced, but nothing is sent of it. */
const LAYERS = [
  { rid: '0', scaleResolutionDownBy: 1, maxBitrate: 1_200_000, active: false },
  { rid: '1', scaleResolutionDownBy: 2, maxBitrate: 500_000 },
  { rid: '2', scaleResolutionDownBy: 4, maxBitrate: 150_000 },
];

async function publish(room, tab, codec, encodings = LAYERS) {
  await tab.run(async (url, sendEncodings, wanted) => {
    const stream = await navigator.mediaDevices.getUserMedia({ video: { width: 1280, height: 720 } });
    const pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    const transceiver = pc.addTransceiver(stream.getVideoTracks()[0], { direction: 'sendonly', sendEncodings });
    if (wanted) {
      const { codecs } = RTCRtpSender.getCapabilities('video');
      transceiver.setCodecPreferences(codecs.filter(({ mimeType }) => [`video/${wanted}`, 'video/rtx'].includes(mimeType)));
    }
    window.sends = async (rid, active) => {
      const parameters = transceiver.sender.getParameters();
      parameters.encodings.find((one) => one.rid === rid).active = active;
      await transceiver.sender.setParameters(parameters);
    };
    window.publisher = { pc, resource: await post(url, pc) };
  }, `${room.server.address}/whip/${room.id}/studio`, encodings, codec);
}

/** The picture is that wide, in the room and at the player. */
const arrives = (viewer, player, width) => until(`pictures ${width} wide arrive`, async () =>
  (await viewer.inbound(STUDIO, 'camera'))?.width === width &&
    await player.run(() => window.player.videos[0].videoWidth) === width,
{ ...PATIENCE, describe: async () => ({ viewer: await viewer.inbound(STUDIO, 'camera'),
  player: await player.run(() => window.player.videos[0].videoWidth), room: await viewer.room.server.get(`/api/rooms/${viewer.room.id}`) }) });

const layers = (open, codec) => async (room) => {
  const sender = await open(room);
  await publish(room, sender, codec);
  const viewer = await room.bare('Viewer');
  await viewer.enter();
  const player = await outsider(room, 'Player');
  await player.run(async (url) => { window.player = await whep(url, ['video']); }, `${room.server.address}/whep/${room.id}/studio`);
  await arrives(viewer, player, 640);
  await sender.run(() => sends('0', true));
  await arrives(viewer, player, 1280);
  await sender.run(() => sends('0', false));
  await arrives(viewer, player, 640);
  const { mid, freezes } = await viewer.inbound(STUDIO, 'camera');
  await viewer.run((message) => [...probe.sockets][0].send(JSON.stringify(message)), { type: 'layers', slot: mid, maxSpatial: 0 });
  await until('the viewer gets the lowest, the player what it had', async () =>
    (await viewer.inbound(STUDIO, 'camera')).width === 320, PATIENCE);
  assert.equal(await player.run(() => window.player.videos[0].videoWidth), 640);
  await viewer.seesNewFrames(STUDIO, 'camera', 10);
  room.note(`${freezes} freezes`);
};

/** Which of the layers, from the largest, are sent for half a second. */
const sent = (tab) => tab.run(async () => {
  const frames = async () => new Map([...(await publisher.pc.getStats()).values()]
    .filter(({ type }) => type === 'outbound-rtp').map((report) => [report.rid, report.framesEncoded ?? 0]));
  const before = await frames();
  await new Promise((done) => setTimeout(done, 500));
  return [...await frames()].filter(([rid, count]) => count > before.get(rid)).map(([rid]) => rid).sort().join(' ');
});

/** How long it took until those are. */
async function sends(tab, wanted) {
  const begun = performance.now();
  await until(`'${wanted}' is sent`, async () => await sent(tab) === wanted, { ...PATIENCE, describe: () => sent(tab) });
  return `'${wanted}' after ${Math.round(performance.now() - begun)} ms`;
}

export default {
  'WHIP: layers named by number, the largest first, come and go':
    layers((room) => outsider(room, 'Sender'), 'VP8'),
  'WHIP from Firefox: layers named by number, the largest first, come and go':
    layers(async (room) => outsider(room, 'Sender', { browser: await room.lab.firefox() })),

  'WHIP: a publisher without signalling sends little more than somebody watches': async (room) => {
    const sender = await outsider(room, 'Sender');
    await publish(room, sender, 'VP8', LAYERS.map((layer) => ({ ...layer, active: true })));
    const viewer = await room.bare('Viewer');
    await viewer.enter();
    await until('the largest arrives', async () => (await viewer.inbound(STUDIO, 'camera'))?.width === 1280, PATIENCE);
    const times = [await sends(sender, '0 1 2')];
    const { mid } = await viewer.inbound(STUDIO, 'camera');
    const limit = (fields) => viewer.run((message) => [...probe.sockets][0].send(JSON.stringify(message)), { type: 'layers', slot: mid, ...fields });
    await limit({ maxSpatial: 1 });
    times.push(await sends(sender, '1 2'));
    await limit({ maxSpatial: 0 });
    times.push(await sends(sender, '2'));
    const asked = performance.now();
    await limit({});
    await until('the largest arrives', async () => (await viewer.inbound(STUDIO, 'camera'))?.width === 1280,
      { ...PATIENCE, describe: () => sent(sender) });
    room.note(`${times.join(', ')}; the largest again after ${Math.round(performance.now() - asked)} ms`);
    await viewer.seesNewFrames(STUDIO, 'camera', 10);
  },
};
