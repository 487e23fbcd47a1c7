// SPDX-License-Identifier: LGPL-2.1-or-later
// What the server believes that a viewer's line carries, against what it does carry.
import assert from 'node:assert/strict';

import { sleep, until } from '../participant.mjs';

const SETTLE = 8000;  // ms
const LOOK = 4000;    // ms

const subscription = async (room) => (await room.statsOf('Bob')).subscribe;

/** Means over LOOK ms. */
async function look(room) {
  const seen = [];
  const end = performance.now() + LOOK;
  while (performance.now() < end) {
    seen.push(await subscription(room));
    await sleep(200);
  }
  const mean = (name) => seen.reduce((sum, stats) => sum + stats[name], 0) / seen.length;
  return { estimate: mean('estimated-bitrate') / 1000, sent: mean('sent-bitrate') / 1000,
    wait: mean('queue-delay') / 1e6, last: seen.at(-1) };
}

async function narrow(room, kilobits) {
  room.hosts.limitDownlink(`${kilobits}kbit`);
  const changed = performance.now();
  const near = async () => (await subscription(room))['estimated-bitrate'] < 1250 * kilobits;
  await until(`the estimate falls to ${kilobits} kbit/s`, near, { within: SETTLE });
  const within = performance.now() - changed;
  await sleep(Math.max(SETTLE - within, 0));
  return { within, ...await look(room) };
}

export default {
  "the estimate of a viewer's line follows the line": async (room) => {
    const ada = await room.join('Ada', { subscribe: 0 });
    const bob = await room.join('Bob', { publish: 0 });
    await bob.seesFrames(ada, 'camera', { frames: 30 });
    await sleep(SETTLE);
    const wide = await look(room);
    room.note(`no limit: ${Math.round(wide.estimate)} kbit/s, sent ${Math.round(wide.sent)}`);
    assert.ok(wide.last.estimating && wide.last.probes > 0, JSON.stringify(wide.last));
    for (const kilobits of [1000, 500]) {
      const found = await narrow(room, kilobits);
      room.note(`${kilobits} kbit/s: ${Math.round(found.estimate)}, ${Math.round(found.within)} ms until near, ` +
        `sent ${Math.round(found.sent)}, queue ${Math.round(found.wait)} ms`);
      assert.ok(found.estimate > 0.6 * kilobits && found.estimate < 1.4 * kilobits, JSON.stringify(found));
    }
    room.hosts.restore();
    const opened = performance.now();
    const recovered = async () => (await subscription(room))['estimated-bitrate'] > 1_500_000;
    await until('the estimate comes back', recovered, { within: 20_000, describe: () => subscription(room) });
    room.note(`back above 1500 kbit/s after ${Math.round(performance.now() - opened)} ms`);
  },
};
