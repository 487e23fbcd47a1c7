// SPDX-License-Identifier: LGPL-2.1-or-later
// Simulcast over WHIP as encoders send it: layers named by number, the largest first, and some that send nothing at
// first or for a while. A member of the room and a WHEP player get the best that there is.
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

async function publish(room, tab, codec) {
  await tab.run(async (url, encodings, wanted) => {
    const stream = await navigator.mediaDevices.getUserMedia({ video: { width: 1280, height: 720 } });
    const pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    const transceiver = pc.addTransceiver(stream.getVideoTracks()[0], { direction: 'sendonly', sendEncodings: encodings });
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
  }, `${room.server.address}/whip/${room.id}/studio`, LAYERS, codec);
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

export default {
  'WHIP: layers named by number, the largest first, come and go':
    layers((room) => outsider(room, 'Sender'), 'VP8'),
  'WHIP from Firefox: layers named by number, the largest first, come and go':
    layers(async (room) => outsider(room, 'Sender', { browser: await room.lab.firefox() })),
};
