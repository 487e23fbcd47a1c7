// SPDX-License-Identifier: LGPL-2.1-or-later
// One packet in twenty is lost: asked for again, sent again, decoded.
import assert from 'node:assert/strict';

import { sleep } from '../participant.mjs';

const SHARE = 0.05;
const LONG = 8000;  // ms
const CALM = 3000;  // ms, without loss
const TRIP = 100;   // ms, there and back, where the viewer's line is long
const NOTICE = 3000;  // ms until the viewer has been told to show pictures later, and does
/** Of the share before there was loss: pictures that wait for packets are not skipped. */
const KEPT = 0.9;
/** Of the frames that were encoded. What the machine itself drops is in it, so the note has the figure to look at. */
const DECODED = 0.6;

const difference = (after, before) =>
  Object.fromEntries(Object.entries(after).map(([name, value]) => [name, value - (before[name] ?? 0)]));

async function counters(room, ada, bob) {
  const [publish, subscribe] = [(await room.statsOf('Ada')).publish, (await room.statsOf('Bob')).subscribe];
  const sum = (pads, name) => pads.reduce((total, pad) => total + (pad[name] ?? 0), 0);
  return {
    sender: await ada.run(() => probe.videoCounters(rooms.client.peerConnections.publish, 'outbound-rtp')),
    viewer: await bob.run(() => probe.videoCounters(rooms.client.peerConnections.subscribe, 'inbound-rtp')),
    received: { nacked: sum(publish.encodings, 'nacked'), recovered: sum(publish.encodings, 'recovered') },
    sent: { nacked: sum(subscribe.streams, 'nacked'), resent: sum(subscribe.streams, 'resent') },
  };
}

/** How the counters grow in so many ms. */
async function grow(room, ada, bob, long) {
  const before = await counters(room, ada, bob);
  await sleep(long);
  const after = await counters(room, ada, bob);
  return Object.fromEntries(Object.keys(after).map((side) => [side, difference(after[side], before[side])]));
}

const decodedOf = ({ viewer, sender }) => viewer.framesDecoded / sender.framesEncoded;
/** ms between arrival and picture that the viewer's browser aims at. */
const delayOf = ({ viewer }) => Math.round(1000 * viewer.jitterBufferTargetDelay / viewer.jitterBufferEmittedCount);

async function lose(room, where, settle = 0) {
  const ada = await room.join('Ada', { subscribe: 0, width: 640, height: 360, send: 'one' });
  const bob = await room.join('Bob', { publish: 0 });
  await bob.seesFrames(ada, 'camera', { frames: 30 });
  const calm = await grow(room, ada, bob, CALM);
  room.hosts.lose(SHARE, where);
  await sleep(settle);
  const grown = await grow(room, ada, bob, LONG);
  const dropped = room.hosts.lost(where);
  const { sender, viewer, received, sent } = grown;
  const decoded = decodedOf(grown);
  room.note(`${dropped} packets dropped; publisher: ${sender.framesEncoded} frames encoded, NACKs ${sender.nackCount}, ` +
    `sent again ${sender.retransmittedPacketsSent}; server: asked for ${received.nacked}, recovered ${received.recovered}, ` +
    `was asked for ${sent.nacked}, sent again ${sent.resent}`);
  room.note(`viewer: ${viewer.framesDecoded} frames decoded (${Math.round(100 * decoded)} %), lost ${viewer.packetsLost}, ` +
    `NACKs ${viewer.nackCount}, came again ${viewer.retransmittedPacketsReceived ?? 0}, ${viewer.freezeCount} freezes of ` +
    `${Math.round(1000 * viewer.totalFreezesDuration)} ms, shown ${delayOf(grown)} ms late (${Math.round(100 * decodedOf(calm))} %, ` +
    `${calm.viewer.freezeCount} of ${Math.round(1000 * calm.viewer.totalFreezesDuration)} ms, ${delayOf(calm)} ms in ${CALM / 1000} s before)`);
  assert.ok(dropped >= 10, `${dropped} packets were dropped, so nothing was tried`);
  assert.ok(decoded >= DECODED, `${Math.round(100 * decoded)} % of the frames were decoded`);
  return { calm, ...grown };
}

export default {
  "loss on the publisher's way is repaired by NACK and RTX": async (room) => {
    const { sender, received } = await lose(room, 'onServer');
    assert.ok(received.nacked > 0 && received.recovered > 0, JSON.stringify(received));
    assert.ok(sender.nackCount > 0 && sender.retransmittedPacketsSent > 0, 'the publisher was asked');
  },

  "loss on a viewer's long way is repaired by NACK and RTX, and pictures wait for it": async (room) => {
    await room.delay(TRIP / 2);
    const seen = await lose(room, 'onClient', NOTICE);
    const { viewer, sent, calm } = seen;
    const { streams } = (await room.statsOf('Bob')).subscribe;
    const told = Math.max(...streams.map((stream) => stream['playout-delay'])) / 1e6;
    room.note(`told to show pictures ${told} ms late at least`);
    assert.ok(told > TRIP && told <= 400, `told ${told} ms`);
    assert.ok(delayOf(seen) > TRIP, `it shows them ${delayOf(seen)} ms late`);
    assert.ok(decodedOf(seen) >= KEPT * decodedOf(calm), `decoded ${decodedOf(seen)}, ${decodedOf(calm)} before`);
    assert.ok(viewer.nackCount > 0 && viewer.retransmittedPacketsReceived > 0, 'the viewer asked');
    assert.ok(sent.nacked > 0 && sent.resent > 0, JSON.stringify(sent));
  },
};
