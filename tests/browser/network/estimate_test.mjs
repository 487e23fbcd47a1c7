// SPDX-License-Identifier: LGPL-2.1-or-later
// What the server believes that a viewer's line carries, against what it does carry.
import assert from 'node:assert/strict';

import { sleep, until } from '../participant.mjs';

const SETTLE = 6000;  // ms
const LOOK = 2000;    // ms
const PATIENCE = 25_000;  // ms

function subscription(room) {
  const { participants } = room.hosts.askServer(`${room.server.address}/api/rooms/${room.id}`);
  return participants.find(({ name }) => name === 'Bob').subscribe;
}

/** Means over LOOK ms. */
async function look(room) {
  const seen = [];
  const end = performance.now() + LOOK;
  while (performance.now() < end) {
    seen.push(subscription(room));
    await sleep(200);
  }
  const mean = (name) => seen.reduce((sum, stats) => sum + stats[name], 0) / seen.length;
  return { estimate: mean('estimated-bitrate') / 1000, sent: mean('sent-bitrate') / 1000,
    wait: mean('queue-delay') / 1e6, last: seen.at(-1) };
}

const said = ({ estimate, sent, wait }) =>
  `${Math.round(estimate)} kbit/s, sent ${Math.round(sent)}, queue ${Math.round(wait)} ms`;

/** Until the estimate is on that side of it; how long that took. */
async function reaches(room, what, claim) {
  const begun = performance.now();
  await until(what, () => claim(subscription(room)['estimated-bitrate']),
    { within: PATIENCE, describe: () => subscription(room) });
  room.note(`${what} after ${Math.round(performance.now() - begun)} ms`);
}

export default {
  "the estimate of a viewer's line follows the line": async (room) => {
    const ada = await room.join('Ada', { subscribe: 0 });
    // More than her picture: only probes can tell.
    room.hosts.limitDownlink('1mbit');
    const bob = await room.join('Bob', { publish: 0 });
    await bob.seesFrames(ada, 'camera', { frames: 30 });
    await sleep(SETTLE);
    const narrow = await look(room);
    room.note(`1000 kbit/s: ${said(narrow)}`);
    assert.ok(narrow.last.estimating && narrow.last.probes > 0, JSON.stringify(narrow.last));
    assert.ok(narrow.estimate > 600 && narrow.estimate < 1500, said(narrow));

    room.hosts.restore();
    await reaches(room, 'without a limit above 2000 kbit/s', (estimate) => estimate > 2_000_000);

    const { sent } = await look(room);
    const less = Math.round(0.75 * sent);
    room.hosts.limitDownlink(`${less}kbit`);
    await reaches(room, `with ${less} kbit/s for ${Math.round(sent)} below that`, (estimate) => estimate < 1000 * sent);
    room.note(`then ${said(await look(room))}`);
  },
};
