// SPDX-License-Identifier: LGPL-2.1-or-later
// The client's address changes in the middle of a call.
import assert from 'node:assert/strict';

import { CLIENT_MOVED } from '../hosts.mjs';
import { until } from '../participant.mjs';
import { StallWatch } from '../stall_watch.mjs';

/** Two seconds are the aim, and the notes tell what it was. */
const STALLED = 15_000;

/** Two tabs on one connection each: one sends, one receives. */
async function meet(room) {
  const ada = await room.join('Ada', { subscribe: 0 });
  const bob = await room.join('Bob', { publish: 0 });
  await bob.seesFrames(ada, 'camera', { frames: 30 });
  return { ada, bob };
}

const connections = async (room) => [(await room.statsOf('Ada')).publish, (await room.statsOf('Bob')).subscribe];

async function measure(room, change, what) {
  const { ada, bob } = await meet(room);
  const pcs = () => Promise.all([ada.run(() => (window.kept ??= rooms.client.peerConnections.publish) === rooms.client.peerConnections.publish),
    bob.run(() => (window.kept ??= rooms.client.peerConnections.subscribe) === rooms.client.peerConnections.subscribe)]);
  await pcs();
  const received = new StallWatch(async () => (await room.statsOf('Ada')).publish['packets-received']);
  await bob.run(() => { window.stall = probe.watchStall(rooms.client.peerConnections.subscribe); });
  change();
  await until('both connections are seen at the new address', async () =>
    (await connections(room)).every(({ remote }) => remote.startsWith(`${CLIENT_MOVED}:`)),
  { within: STALLED, describe: () => connections(room).catch((error) => error.message) });
  await bob.seesNewFrames(ada, 'camera', 30, STALLED);
  await bob.hears(ada);
  const stalls = { publish: received.stop(), both: await bob.run(() => window.stall.stop()) };
  const kept = await pcs();
  room.note(`${what}: the server was without packets for ${stalls.publish} ms, the viewer without frames for ` +
    `${stalls.both} ms; connections ${kept.every(Boolean) ? 'kept' : 'replaced'}`);
  assert.ok(stalls.both < STALLED && stalls.publish < STALLED);
  return kept;
}

export default {
  "media goes on when the client's host gets another address": async (room) => {
    await measure(room, () => room.hosts.move(), 'another address');
  },

  "media goes on when a router gives the client another address": async (room) => {
    const kept = await measure(room, () => room.hosts.translate(), 'address translated anew');
    assert.deepEqual(kept, [true, true], 'the client has not noticed, so the connections stay');
  },
};
