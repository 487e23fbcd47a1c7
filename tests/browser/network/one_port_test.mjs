// SPDX-License-Identifier: LGPL-2.1-or-later
// Three engines that nobody here wrote publish and play through one UDP port.
import assert from 'node:assert/strict';

import { AIORTC, isBlue } from '../clients.mjs';
import { CLIENT } from '../hosts.mjs';
import { until } from '../participant.mjs';

/** Local ports of all UDP sockets on the server's host. */
function udpPorts(hosts) {
  const tables = hosts.onServer('cat', '/proc/net/udp', '/proc/net/udp6');
  return [...tables.matchAll(/^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) /gm)].map(([, port]) => parseInt(port, 16));
}

export default {
  'Chromium, Firefox and aiortc publish and play through one UDP port': async (room) => {
    const python = { id: 'snake', name: 'aiortc' };
    const snake = room.startClient([...AIORTC, 'publish', `${room.server.address}/whip/${room.id}/${python.id}`]);
    // Python takes its time to start when the machine has other things to do.
    await until('aiortc publishes', () => snake.report.state === 'connected', { within: 60_000, describe: () => snake.log });
    const fox = await room.joinFromFirefox('Fox');
    const ada = await room.join('Ada');
    const player = room.startClient([...AIORTC, 'play', `${room.server.address}/whep/${room.id}/${ada.id}`]);
    for (const [one, other] of [[ada, fox], [fox, ada], [ada, python], [fox, python]]) {
      await one.seesFrames(other, 'camera', { within: 20_000 });
      await one.hears(other, 'microphone', { within: 20_000 });
    }
    await ada.seesPicture(python, 'camera', isBlue);
    await fox.seesPicture(python, 'camera', isBlue);
    await until('aiortc plays', () => player.report.frames > 10 && player.report.loudest > 100,
      { within: 60_000, describe: () => player.report });
    // The picture of Chromium's fake camera is green.
    const [red, green, blue] = player.report.colour;
    assert.ok(green > red && green > blue, `the picture that aiortc decodes: ${player.report.colour}`);

    const ports = [...new Set(udpPorts(room.hosts))];
    assert.equal(ports.length, 1, `UDP ports of the server's host: ${ports}`);
    const { participants } = await room.server.get(`/api/rooms/${room.id}`);
    const remotes = participants.flatMap(({ publish, subscribe }) => [publish, subscribe]).map((one) => one?.remote).filter(Boolean);
    for (const remote of remotes) assert.ok(remote.startsWith(`${CLIENT}:`), `a connection from ${remote}`);
    assert.equal(new Set(remotes).size, 6);
    room.note(`${remotes.length} connections from as many ports of the client, all of them to UDP port ${ports[0]}`);
  },
};
