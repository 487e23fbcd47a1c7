// SPDX-License-Identifier: LGPL-2.1-or-later
// aiortc knows no transport-wide feedback: REMB tells what its line carries, and what it may send.
import assert from 'node:assert/strict';

import { AIORTC } from '../clients.mjs';
import { sleep, until } from '../participant.mjs';

const PATIENCE = 60_000;  // ms
const SIZE = { width: 640, height: 360 };
const ENCODINGS = [
  { rid: 'low', scaleResolutionDownBy: 2, maxBitrate: 250_000 },
  { rid: 'high', scaleResolutionDownBy: 1, maxBitrate: 600_000 },
];

function participants(room) {
  return room.hosts.askServer(`${room.server.address}/api/rooms/${room.id}`).participants;
}

const kilobits = (rate) => `${Math.round(rate / 1000)} kbit/s`;

/** How long it took until that holds. */
async function comes(room, what, ask, describe) {
  const begun = performance.now();
  await until(what, ask, { within: PATIENCE, describe });
  room.note(`${what} after ${Math.round(performance.now() - begun)} ms`);
}

async function confetti(sender) {
  await sender.enter({ subscribe: false });
  await sender.run(async (picture, encodings) => {
    await rooms.client.addTrack(probe.confetti(picture), { label: 'camera', codec: 'VP8', encodings });
  }, SIZE, ENCODINGS);
}

export default {
  'REMB of a player decides which layer it is sent': async (room) => {
    const sender = await room.bare('Sender');
    await confetti(sender);
    const player = room.startClient([...AIORTC, 'play', `${room.server.address}/whep/${room.id}/${sender.id}`]);
    const subscription = () => participants(room).find(({ id }) => id !== sender.id)?.subscribe;
    const describe = () => ({ player: player.report, server: subscription(), said: player.log.slice(-5) });
    const width = (wanted) => comes(room, `a picture ${wanted} wide`, () => player.report.width === wanted, describe);
    await width(640);
    await until('the player sends REMB', () => player.report.tells > 0, { within: PATIENCE, describe });

    room.hosts.limitDownlink('400kbit');
    await width(320);
    await until('the server believes it', () => {
      const seen = subscription();
      return seen['estimated-bitrate'] === seen['remote-estimate'] && seen['remote-estimate'] < 450_000;
    }, { describe });
    assert.equal(subscription().acknowledged, 0, 'transport-wide feedback of a player that has none');
    room.note(`the player tells ${kilobits(player.report.tells)}`);

    room.hosts.restore();
    await width(640);
    room.note(`the player tells ${kilobits(player.report.tells)}`);
  },

  'a publisher without transport-wide feedback keeps to the REMB it is sent': async (room) => {
    const snake = { id: 'snake', name: 'aiortc' };
    const publisher = room.startClient([...AIORTC, 'publish-noise', `${room.server.address}/whip/${room.id}/${snake.id}`]);
    const describe = () => ({ publisher: publisher.report, rooms: participants(room), said: publisher.log.slice(-5) });
    await until('aiortc publishes', () => publisher.report.state === 'connected', { within: PATIENCE, describe });
    const viewer = await room.bare('Viewer');
    await viewer.enter();
    await viewer.seesFrames(snake, 'camera', { within: PATIENCE });
    const rate = async () => {
      const [from, begun] = [publisher.report.sent, performance.now()];
      await sleep(3000);
      return (publisher.report.sent - from) * 8000 / (performance.now() - begun);
    };
    await comes(room, 'it is told more than it needs', () => publisher.report.told > 2_000_000, describe);
    const free = await rate();

    room.hosts.limitDownlink('500kbit');
    await comes(room, 'it is told what its viewer can take', () => publisher.report.told > 0 && publisher.report.told < 700_000, describe);
    await sleep(1000);
    const held = await rate();
    room.note(`it sends ${kilobits(held)} where it is told ${kilobits(publisher.report.told)}, ${kilobits(free)} before`);
    assert.ok(held < 0.75 * free, describe());

    room.hosts.restore();
    await comes(room, 'the limit is lifted', () => publisher.report.told > 2_000_000, describe);
    await viewer.seesNewFrames(snake, 'camera', 10);
  },
};
