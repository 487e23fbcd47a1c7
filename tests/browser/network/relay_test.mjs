// SPDX-License-Identifier: LGPL-2.1-or-later
// Browsers that may use nothing but the TURN server that our server names: Debian's coturn.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';

import { RELAY } from '../hosts.mjs';
import { outsider, plays } from '../outsider.mjs';
import { until } from '../participant.mjs';
import { TURN_OPTIONS } from '../relay_server.mjs';

const SECRET = 'north';
const UNAUTHORIZED = 401;

/** Two tabs that know only the way through the relay: one sends, the other one sees it. */
async function meet(room, protocol) {
  const sender = await room.bare(`Sender by ${protocol}`);
  await sender.run((wanted) => probe.relayOnly(wanted), protocol);
  await sender.enter({ subscribe: false });
  await sender.paint('red', { label: 'camera' });
  const viewer = await room.bare(`Viewer by ${protocol}`);
  await viewer.run((wanted) => probe.relayOnly(wanted), protocol);
  await viewer.enter();
  await viewer.seesFrames(sender, 'camera', { frames: 20, within: 20_000 });
  const relayed = { candidateType: 'relay', relayProtocol: protocol };
  assert.deepEqual(await sender.run(() => probe.pathOf(rooms.client.peerConnections.publish)), relayed);
  assert.deepEqual(await viewer.run(() => probe.pathOf(rooms.client.peerConnections.subscribe)), relayed);
  const { publish } = await room.statsOf(sender.id);
  const { subscribe } = await room.statsOf(viewer.id);
  for (const { remote } of [publish, subscribe]) assert.ok(remote.startsWith(`${RELAY}:`), `from ${remote}`);
  return viewer;
}

/** What draft-uberti-behave-turn-rest makes of a name and a time, seconds from now. */
function timeLimited(seconds, secret = SECRET) {
  const username = `${Math.floor(Date.now() / 1000) + seconds}:ada`;
  return { username, credential: crypto.createHmac('sha1', secret).update(username).digest('base64') };
}

async function isRefused(tab, server, credentials, what) {
  const found = await tab.run((one) => probe.askRelay([one]), { ...server, ...credentials });
  assert.equal(found.candidates, 0, `${what}: the relay takes them`);
  assert.ok(found.errors.includes(UNAUTHORIZED), `${what}: ${JSON.stringify(found)}`);
}

export default {
  'time-limited credentials from /ws relay over UDP and over TCP, expired and forged ones do not': async (room) => {
    await room.useOwnServer({}, [...TURN_OPTIONS, '--turn-secret', SECRET]);
    await room.startRelay({ secret: SECRET });
    const viewer = await meet(room, 'udp');

    const [server] = await viewer.run(() => probe.iceServers);
    assert.match(server.username, /^\d+:/);
    const ask = (credentials) => viewer.run((one) => probe.askRelay([one]), { ...server, ...credentials });
    for (const found of await Promise.all([{}, timeLimited(60)].map(ask)))
      assert.ok(found.candidates > 0, `good credentials: ${JSON.stringify(found)}`);
    const [end, name] = server.username.split(/:(.*)/);
    await Promise.all([
      isRefused(viewer, server, timeLimited(-60), 'expired credentials'),
      isRefused(viewer, server, timeLimited(60, 'south'), 'credentials made with another secret'),
      // To be good for longer is not in the client's hands.
      isRefused(viewer, server, { username: `${Number(end) + 3600}:${name}` }, 'a changed end'),
    ]);

    room.hosts.blockUdp();
    await meet(room, 'tcp');
  },

  'two send to each other through the relay, past the server': async (room) => {
    await room.useOwnServer({}, [...TURN_OPTIONS, '--turn-secret', SECRET, '--topology', 'mesh']);
    await room.startRelay({ secret: SECRET });
    const people = [await room.bare('Ada'), await room.bare('Bob')];
    for (const one of people) {
      await one.run(() => probe.relayOnly('udp'));
      await one.enter();
      await one.paint(one.name === 'Ada' ? 'red' : 'blue', { label: 'camera' });
    }
    const [ada, bob] = people;
    for (const [one, other] of [[ada, bob], [bob, ada]]) {
      await until(`${one.name} is sent all directly`, () => one.run((id) =>
        rooms.client.directPeer === id && rooms.client.shownTracks.length > 0 && rooms.client.shownTracks.every((shown) => shown.isDirect), other.id),
      { within: 20_000 });
      await one.seesNewFrames(other, 'camera', 20);
      for (const end of ['directSend', 'directReceive']) {
        const { candidateType } = await one.run((name) => probe.pathOf(rooms.client.peerConnections[name]), end);
        assert.equal(candidateType, 'relay', `${end} of ${one.name}`);
      }
    }
  },

  'static credentials from WHIP and WHEP Link headers relay over UDP and over TCP, others do not': async (room) => {
    const credentials = { user: 'rooms', password: 'quo"ted\\word' };
    await room.useOwnServer({}, [...TURN_OPTIONS, '--turn-user', credentials.user, '--turn-password', credentials.password]);
    await room.startRelay(credentials);
    const base = room.server.address;
    const meetByHttp = async (protocol) => {
      const tab = await outsider(room, `Outsider by ${protocol}`);
      await tab.run(async (wanted, whipUrl, whepUrl) => {
        const through = (iceServers) => ({ iceServers: probe.over(wanted, iceServers), iceTransportPolicy: 'relay' });
        // A client that must relay asks before it offers; who plays learns it from the publisher's 201.
        window.publisher = await whip(whipUrl, 'red', through(iceServersOf(await fetch(whipUrl, { method: 'OPTIONS' }))));
        window.player = await whep(whepUrl, undefined, through(publisher.pc.iceServers));
      }, protocol, `${base}/whip/${room.id}/studio`, `${base}/whep/${room.id}/studio`);
      await plays(tab, 10, { within: 20_000 });
      for (const which of ['publisher', 'player']) {
        const path = await tab.run((one) => probe.pathOf(window[one].pc), which);
        assert.deepEqual(path, { candidateType: 'relay', relayProtocol: protocol });
      }
      return tab;
    };
    const tab = await meetByHttp('udp');
    const [server] = await tab.run(() => player.pc.iceServers);
    assert.equal(server.credential, credentials.password);
    await Promise.all([
      isRefused(tab, server, { credential: 'wrong' }, 'a wrong password'),
      isRefused(tab, server, { username: 'nobody' }, 'an unknown user'),
    ]);
    const { publish } = await room.statsOf('studio');
    assert.ok(publish.remote.startsWith(`${RELAY}:`), `from ${publish.remote}`);

    room.hosts.blockUdp();
    await meetByHttp('tcp');
    await until('the relay is the way of the second publisher too', async () =>
      (await room.statsOf('studio')).publish.remote.startsWith(`${RELAY}:`));
  },
};
