// SPDX-License-Identifier: LGPL-2.1-or-later
// What breaks comes back without anybody's help.
import assert from 'node:assert/strict';

import { sleep } from './participant.mjs';

export default {
  'a socket lost for three seconds is resumed while media flows': async (room) => {
    const ada = await room.join('Ada');
    const bob = await room.join('Bob');
    await ada.seesFrames(bob, 'camera', { frames: 30 });
    await bob.seesFrames(ada, 'camera', { frames: 30 });
    await ada.run(() => probe.diary(rooms.client));
    const session = ada.id;
    const before = [await ada.inbound(bob, 'camera'), await bob.inbound(ada, 'camera')];
    await ada.run(() => probe.cut());
    await sleep(3000);
    const during = [await ada.inbound(bob, 'camera'), await bob.inbound(ada, 'camera')];
    for (const i of [0, 1]) {
      const frames = during[i].framesDecoded - before[i].framesDecoded;
      assert.ok(frames > 30, `${frames} frames in three seconds without a socket`);
    }
    // Told when it is back: what happens meanwhile is not lost.
    await bob.click('microphone');
    await ada.run(() => probe.mend());
    const { resumed } = await ada.hearsOf('reconnected');
    assert.equal(resumed, true);
    assert.equal(await ada.run(() => rooms.client.self.id), session);
    await ada.seesTile(bob, 'camera', (tile) => tile.muted === 'true', 'a muted tile');
    await ada.seesNewFrames(bob, 'camera', 10);
    await bob.seesNewFrames(ada, 'camera', 10);
    const frozen = during.map((one, i) => `${Math.round(1000 * (one.freezeSeconds - before[i].freezeSeconds))} ms`);
    room.note(`frozen while the socket was away: ${frozen.join(', ')}`);
    assert.equal(await bob.run(() => rooms.client.participants.size), 1);
    await bob.click('microphone');
    await ada.seesTile(bob, 'camera', (tile) => tile.muted === 'false', 'an open tile');
  },

  'a dead publish connection is replaced': async (room) => {
    const ada = await room.join('Ada');
    const bob = await room.join('Bob');
    await bob.seesFrames(ada);
    await ada.run(() => {
      window.dead = rooms.client.peerConnections.publish;
      window.dead.close();
      // A browser tells nobody that a page closed a connection; a change of network makes the client look.
      dispatchEvent(new Event('online'));
    });
    await sleep(300);
    await bob.seesNewFrames(ada, 'camera', 20);
    await bob.hears(ada);
    assert.ok(await ada.run(() => rooms.client.peerConnections.publish !== window.dead));
  },

  'a dead subscribe connection is replaced': async (room) => {
    const ada = await room.join('Ada');
    const bob = await room.join('Bob');
    await bob.seesFrames(ada);
    await bob.run(() => {
      window.dead = rooms.client.peerConnections.subscribe;
      window.dead.close();
      dispatchEvent(new Event('online'));
    });
    await sleep(500);
    await bob.seesFrames(ada);
    await bob.hears(ada);
    await bob.seesPicture(ada);
    assert.ok(await bob.run(() => rooms.client.peerConnections.subscribe !== window.dead));
  },

  'an ICE restart of either connection keeps it': async (room) => {
    const ada = await room.join('Ada');
    const bob = await room.join('Bob');
    await bob.seesFrames(ada);
    await ada.run(() => {
      window.kept = rooms.client.peerConnections.publish;
      rooms.client.peerConnections.publish.restartIce();
      // Any change makes the client offer again.
      return rooms.client.addTrack(probe.paint('red', {}), { label: 'more' });
    });
    await bob.seesFrames(ada, 'more');
    await bob.seesNewFrames(ada, 'camera', 20);
    assert.ok(await ada.run(() => rooms.client.peerConnections.publish === window.kept));
  },
};
