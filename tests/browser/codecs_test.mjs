// SPDX-License-Identifier: LGPL-2.1-or-later
// Codecs are forwarded as they come; the room agrees on what all can decode, and says so when they cannot.
import assert from 'node:assert/strict';

import { until } from './participant.mjs';

const forwards = (codec) => async (room) => {
  const viewer = await room.join('Viewer', { publish: 0 });
  const sender = await room.join('Sender', { subscribe: 0, audio: 0, codec });
  const seen = await viewer.seesFrames(sender, 'camera', { frames: 15 });
  assert.equal(seen.codec, codec);
  await viewer.seesPicture(sender);
  // One that comes in the middle needs a key frame of its own.
  const late = await room.bare('Late');
  await late.enter();
  await late.seesFrames(sender);
};

async function joinWith(room, name, codec, options = {}) {
  const one = await room.bare(name);
  await one.run((only) => probe.answerOnly(only), codec);
  await one.enter({ codecs: { audio: ['opus'], video: [codec] }, ...options });
  return one;
}

export default {
  'VP8 is forwarded and decoded': forwards('VP8'),
  'VP9 is forwarded and decoded': forwards('VP9'),
  'H264 is forwarded and decoded': forwards('H264'),
  'AV1 is forwarded and decoded': forwards('AV1'),

  'stereo, DTX and RED audio pass': async (room) => {
    const viewer = await room.bare('Viewer');
    await viewer.enter();
    const sender = await room.bare('Sender');
    await sender.run(() => {
      // As a publisher would who prefers RED around its Opus, stereo, with pauses left out.
      const { createOffer } = RTCPeerConnection.prototype;
      RTCPeerConnection.prototype.createOffer = async function (...more) {
        const codecs = RTCRtpSender.getCapabilities('audio').codecs;
        const red = codecs.filter(({ mimeType }) => mimeType === 'audio/red');
        for (const transceiver of this.getTransceivers()) {
          if (transceiver.sender.track?.kind !== 'audio') continue;
          transceiver.setCodecPreferences([...red, ...codecs.filter((one) => !red.includes(one))]);
        }
        const { type, sdp } = await createOffer.apply(this, more);
        return { type, sdp: sdp.replace('useinbandfec=1', 'useinbandfec=1;stereo=1;usedtx=1') };
      };
    });
    await sender.enter({ subscribe: false });
    await sender.run(() => rooms.client.addTrack(probe.tone(440), { label: 'microphone' }));
    await viewer.hears(sender);
  },

  'a newcomer that decodes less makes the others change their codec': async (room) => {
    const sender = await room.join('Sender', { subscribe: 0, audio: 0, codec: 'VP9' });
    await sender.run(() => probe.diary(rooms.client));
    const viewer = await room.join('Viewer', { publish: 0 });
    assert.equal((await viewer.seesFrames(sender)).codec, 'VP9');
    const lesser = await joinWith(room, 'Lesser', 'VP8');
    await sender.hearsOf('republish');
    await lesser.hearsOf('codecs', ({ video }) => video.length === 1 && video[0] === 'VP8');
    assert.equal((await lesser.seesFrames(sender)).codec, 'VP8');
    await until('the viewer goes along', async () => (await viewer.inbound(sender, 'camera'))?.codec === 'VP8');
    await viewer.seesNewFrames(sender, 'camera', 10);
  },

  'when no codec suits all, who is left out gets another one, and those it concerns are told': async (room) => {
    const sender = await room.bare('Sender');
    await sender.enter({ subscribe: false });
    await sender.paint('red', { label: 'camera' });
    const one = await joinWith(room, 'One', 'VP8');
    await one.seesFrames(sender);
    const other = await joinWith(room, 'Other', 'H264');
    // Whatever the room settled on, one of them cannot decode it; that one and the sender are told which.
    const told = await sender.hearsOf('codec-mismatch');
    const left_out = [one, other].find(({ id }) => id === told.participant);
    assert.ok(left_out, JSON.stringify(told));
    const heard = await left_out.hearsOf('codec-mismatch');
    assert.deepEqual(heard, told);
    const served = left_out === one ? other : one;
    await served.seesNewFrames(sender, 'camera', 10);
    assert.equal(told.transcoded, left_out === one ? 'VP8' : 'H264');
    await left_out.seesNewFrames(sender, 'camera', 10);
  },
};
