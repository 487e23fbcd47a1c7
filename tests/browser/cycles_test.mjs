// SPDX-License-Identifier: LGPL-2.1-or-later
// Many joins and leaves leave nothing behind.
import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';

import { until } from './participant.mjs';
import { traced } from './server_process.mjs';

const CYCLES = Number(process.env.GST_ROOMS_CYCLES ?? 40);
const AT_ONCE = 4;
const WARM = 20;
/**
 * Of resident memory after the first 20. glibc's arenas grow and shrink by pages in use, so the same
 * run differs by some hundred KiB; a leak of one connection's 100 KiB would make 50 MiB in 500.
 */
const GROWTH = 3 * 1024;  // KiB

/** In the page: so many clients come at once, send and see, and leave. */
async function cycle(tab, count) {
  await tab.run(async (id, number) => {
    await Promise.all(Array.from({ length: number }, async (_, n) => {
      const client = new RoomsClient();
      await client.join({ room: id, name: `cycle ${n}` });
      const track = window.picture.clone();
      await client.addTrack(track, { label: 'camera' });
      client.openChannel('chat').send('hello');
      const { publish, subscribe } = client.peerConnections;
      const deadline = performance.now() + 10_000;
      const seesResident = async () => [...(await subscribe.getStats()).values()].some((r) => r.type === 'inbound-rtp' && r.packetsReceived > 0);
      while (publish.connectionState !== 'connected' || !await seesResident()) {
        if (performance.now() > deadline) throw new Error(`publish ${publish.connectionState}, subscribe ${subscribe.connectionState}`);
        await new Promise((done) => setTimeout(done, 20));
      }
      await client.leave();
      track.stop();
    }));
  }, tab.room.id, count);
}

async function comeResident(tab) {
  await tab.run(async (id) => {
    window.picture ??= probe.paint('green', { width: 160, height: 90, fps: 10 });
    window.resident = new RoomsClient({ subscribe: false });
    await resident.join({ room: id, name: 'resident' });
    await resident.addTrack(window.picture, { label: 'camera' });
  }, tab.room.id);
}

/** Everybody out, the room closed. */
async function empty(tab, server) {
  await tab.run(() => window.resident?.leave());
  await until('the room is closed', async () => (await server.get('/api/rooms')).rooms?.length === 0,
    { within: 20_000, describe: () => server.get('/api/rooms') });
}

/** What the server has by name. Asked for again and again: threads may be ending. */
async function left(server) {
  const { threads } = server.resources();
  return { threads, ...server.descriptorKinds(), ...await server.liveObjects() };
}

/** Once it is the same twice in a row. */
async function settled(server) {
  let [before, now] = [null, await left(server)];
  await until('threads, descriptors and objects stay as they are', async () => {
    [before, now] = [now, await left(server)];
    return isDeepStrictEqual(before, now);
  }, { within: 20_000, describe: () => more(before, now) });
  return now;
}

/** Buffers that the network workers keep for what comes next: 32 each, made when first needed. */
const KEPT = { GstMemory: 2 * 32 };

/** What there is more of than before, as lines. */
const more = (before, now) => Object.entries(now).filter(([what, count]) => count > (before[what] ?? 0))
  .map(([what, count]) => `${what} ${before[what] ?? 0} to ${count}`);

export default {
  [`${CYCLES} joins and leaves leave nothing behind`]: async (room) => {
    const server = await room.useOwnServer(traced);
    const tab = await room.bare('Tab');
    // What is made once for the life of the process is there after this.
    await comeResident(tab);
    await cycle(tab, AT_ONCE);
    await empty(tab, server);
    const first = await settled(server);
    for (const [what, count] of Object.entries(KEPT)) first[what] = Math.max(first[what] ?? 0, count);

    await comeResident(tab);
    const resident = [];
    // A tab may have 500 connections, and counts those that are closed until they are collected.
    const browser = await tab.page.createCDPSession();
    for (let n = 0; n < CYCLES; n += AT_ONCE) {
      await cycle(tab, AT_ONCE);
      if (n % WARM !== WARM - AT_ONCE + (WARM % AT_ONCE)) continue;
      resident.push(server.resources().resident);
      await browser.send('HeapProfiler.collectGarbage');
    }
    await browser.detach();
    await until('only the resident is left', async () => (await server.get(`/api/rooms/${room.id}`)).participants.length === 1);
    await empty(tab, server);
    assert.ok(first.GstPad > 0 || first.GstMemory > 0, 'the tracer speaks');
    // A leak never settles: one object a cycle would be as many as there were.
    await until('nothing is left behind', async () => more(first, await left(server)).length === 0,
      { within: 20_000, describe: async () => more(first, await left(server)) });

    room.note(`after each ${WARM}: ${resident.map((kib) => `${(kib / 1024).toFixed(1)} MiB`).join(', ')}; ` +
      `threads ${first.threads}, descriptors ${Object.values(server.descriptorKinds()).reduce((a, b) => a + b)}`);
    assert.ok(resident.at(-1) - resident[0] <= GROWTH, `memory: ${resident.join(', ')} KiB`);
  },
};
