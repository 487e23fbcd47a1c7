#!/usr/bin/env node
// SPDX-License-Identifier: LGPL-2.1-or-later
// One host, in a network namespace of its own, where no UDP passes: server and browser are both on it. Prints a line
// for each figure; the exit status is 0 if all is well. Started by ice_tcp_test.mjs.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { Lab } from './lab.mjs';
import { until } from './participant.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const ADDRESS = '10.77.7.1';
/** Two seconds would be nice; more than this is a stall. */
const STALLED = 20_000;

const run = (command, ...args) => execFileSync(command, args, { encoding: 'utf8' });

function cable() {
  run('ip', 'link', 'set', 'lo', 'up');
  run('ip', 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'eth1');
  run('ip', 'address', 'add', `${ADDRESS}/24`, 'dev', 'eth0');
  for (const end of ['eth0', 'eth1']) run('ip', 'link', 'set', end, 'up');
  // Browsers look for the address of the default route.
  run('ip', 'route', 'add', 'default', 'via', '10.77.7.2', 'dev', 'eth0');
}

const blockUdp = () => run('iptables', '-I', 'INPUT', '-p', 'udp', '-j', 'DROP');
const blockedPackets = () => Number(run('iptables', '-L', 'INPUT', '-v', '-x', '-n').match(/^\s*(\d+)\s.*DROP/m)[1]);

/** The TCP connections of media there are now are reset, as by a middlebox that has forgotten them; new ones are not. */
function breakConnections(port) {
  const connections = run('ss', '-Htn', 'state', 'established', 'dport', '=', `:${port}`);
  const clients = connections.trim().split('\n').map((line) => line.match(/:(\d+)\s+\S+:\d+\s*$/)[1]);
  run('iptables', '-I', 'INPUT', '-p', 'tcp', '--dport', port, '-m', 'multiport', '--sports', clients.join(','),
    '-j', 'REJECT', '--reject-with', 'tcp-reset');
  return clients.length;
}

/** The selected pair of a tab's connection, in words such as "prflx tcp -> host tcp passive 8443". */
const pair = (tab, side) => tab.run(async (name) => {
  const reports = await rooms.client.peerConnections[name].getStats();
  const transport = [...reports.values()].find(({ type }) => type === 'transport');
  const chosen = reports.get(transport?.selectedCandidatePairId);
  if (!chosen) return 'none';
  const [local, remote] = [reports.get(chosen.localCandidateId), reports.get(chosen.remoteCandidateId)];
  return `${local.candidateType} ${local.protocol} -> ${remote.candidateType} ${remote.protocol} ` +
    `${remote.tcpType} ${remote.port}`;
}, side);

async function serverSees(room) {
  const { participants } = await room.server.get(`/api/rooms/${room.id}`);
  return participants.flatMap(({ publish, subscribe }) => [publish, subscribe].filter(Boolean).map((one) => one.protocol));
}

async function media(room) {
  return (await room.server.get('/api/rooms')).media;
}

/** Both ways of a data channel: SCTP over DTLS over TCP. */
async function talk(from, to, word) {
  await to.run(() => {
    window.heard = [];
    rooms.client.openChannel('chat').addEventListener('message', ({ detail }) => heard.push(detail.data));
  });
  await from.run((said) => rooms.client.openChannel('chat').send(said), word);
  await until(`${to.name} hears ${word}`, () => to.run((said) => heard.includes(said), word));
}

async function meet(room) {
  const started = performance.now();
  const ada = await room.join('Ada');
  const bob = await room.join('Bob');
  await bob.seesFrames(ada);
  const first = Math.round(performance.now() - started);
  await ada.seesFrames(bob);
  await bob.hears(ada);
  await bob.seesPicture(ada);
  for (const tab of [ada, bob]) {
    for (const side of ['publish', 'subscribe']) {
      assert.match(await pair(tab, side), /^prflx tcp -> host tcp passive \d+$/, `${tab.name} ${side}`);
    }
  }
  assert.deepEqual(await serverSees(room), ['tcp', 'tcp', 'tcp', 'tcp']);
  assert.ok(blockedPackets() > 0, 'UDP was tried, and blocked');
  console.log(`UDP blocked: ${await pair(ada, 'publish')}; a picture ${first} ms after the first tab was opened`);
  return { ada, bob };
}

async function breaks(room, { ada, bob }) {
  const kept = (tab) => tab.run(() => {
    window.kept ??= { ...rooms.client.peerConnections };
    return Object.entries(kept).every(([side, pc]) => rooms.client.peerConnections[side] === pc);
  });
  await Promise.all([kept(ada), kept(bob)]);
  const port = (await pair(ada, 'publish')).split(' ').at(-1);
  const { 'tcp-accepted': before } = await media(room);
  const started = performance.now();
  const count = breakConnections(port);
  // Only the browsers are told: the server has to believe in the new ones while it still holds the old.
  await until('the browsers connect anew', async () => (await media(room))['tcp-accepted'] >= before + count,
    { within: STALLED, describe: () => media(room) });
  await bob.seesNewFrames(ada, 'camera', 10, STALLED);
  await ada.seesNewFrames(bob, 'camera', 10, STALLED);
  const [one, two] = await Promise.all([kept(ada), kept(bob)]);
  console.log(`all ${count} TCP connections reset: ten new frames after ${Math.round(performance.now() - started)} ms, ` +
    `peer connections ${one && two ? 'kept' : 'replaced'}`);
}

async function leaves(room, { ada, bob }) {
  const { 'tcp-frames-sent': sent, 'tcp-frames-received': received, 'dropped-tcp-send-buffer-full': dropped } = await media(room);
  await Promise.all([ada.close(), bob.close()]);
  await until('nothing is left', async () => (await media(room))['tcp-connections'] === 0,
    { within: STALLED, describe: () => media(room) });
  console.log(`${received} frames came, ${sent} left, ${dropped} dropped; no connection is left`);
}

cable();
blockUdp();
const lab = new Lab(process.env.GST_ROOMS_BUILD ?? path.join(here, '../../build-test'));
let complaints = [];
let room = null;
try {
  await lab.open();
  room = await lab.newRoom();
  const tabs = await meet(room);
  await talk(tabs.ada, tabs.bob, 'there');
  await talk(tabs.bob, tabs.ada, 'back');
  await breaks(room, tabs);
  await leaves(room, tabs);
} catch (error) {
  complaints = [error.stack, ...room?.diary() ?? []];
}
await room?.close();
complaints.push(...await lab.close());
for (const line of complaints) console.error(line);
process.exit(complaints.length ? 1 : 0);
