// SPDX-License-Identifier: LGPL-2.1-or-later
// ICE restarts: new credentials on the same connection, and the media goes on.
import assert from 'node:assert/strict';

import { outsider, played, plays } from '../outsider.mjs';
import { until } from '../participant.mjs';

/** The restart itself takes no media away; what it does cost is told. */
const STALLED = 10_000;  // ms

/** ICE users of both ends of a connection. */
const users = (tab, which) => tab.run((code) => {
  const pc = new Function(`return ${code}`)();
  const user = (description) => description.sdp.match(/^a=ice-ufrag:(.*)$/m)[1].trim();
  return { ours: user(pc.currentLocalDescription), theirs: user(pc.currentRemoteDescription), state: pc.connectionState };
}, which);

async function renewed(tab, which, before) {
  return until(`both ends of ${which} have new credentials`, async () => {
    const now = await users(tab, which);
    return now.ours !== before.ours && now.theirs !== before.theirs && now.state === 'connected';
  }, { describe: () => users(tab, which) });
}

export default {
  'media goes on when either connection restarts ICE over /ws': async (room) => {
    const ada = await room.join('Ada');
    const bob = await room.join('Bob');
    await bob.seesFrames(ada, 'camera', { frames: 30 });
    await bob.run(() => { window.stall = probe.watchStall(rooms.client.peerConnections.subscribe); });
    const [publish, subscribe] = ['publish', 'subscribe'].map((side) => `rooms.client.peerConnections.${side}`);

    const sent = await users(ada, publish);
    await ada.run(() => {
      window.kept = rooms.client.peerConnections.publish;
      kept.restartIce();
      // Any change makes the client offer again.
      return rooms.client.addTrack(probe.paint('red', {}), { label: 'more' });
    });
    await renewed(ada, publish, sent);
    await bob.seesNewFrames(ada, 'camera', 30);

    const received = await users(bob, subscribe);
    await bob.run(() => {
      window.kept = rooms.client.peerConnections.subscribe;
      // What the client asks for when its path has been interrupted.
      for (const socket of probe.sockets) socket.send(JSON.stringify({ type: 'restart', connection: 'subscribe' }));
    });
    await renewed(bob, subscribe, received);
    await bob.seesNewFrames(ada, 'camera', 30);
    await bob.seesFrames(ada, 'more');

    const stall = await bob.run(() => window.stall.stop());
    room.note(`longest time without a decoded frame during two restarts: ${stall} ms`);
    assert.ok(stall < STALLED);
    assert.ok(await ada.run(() => rooms.client.peerConnections.publish === window.kept));
    assert.ok(await bob.run(() => rooms.client.peerConnections.subscribe === window.kept));
  },

  'media goes on when WHIP and WHEP restart ICE by PATCH': async (room) => {
    const base = `${room.server.address}`;
    const tab = await outsider(room, 'Outsider');
    await tab.run(async (whipUrl, whepUrl) => {
      window.publisher = await whip(whipUrl, 'red');
      window.player = await whep(whepUrl);
    }, `${base}/whip/${room.id}/studio`, `${base}/whep/${room.id}/studio`);
    await plays(tab, 30);
    await tab.run(() => { window.stall = probe.watchStall(player.pc); });
    for (const which of ['publisher', 'player']) {
      const before = await users(tab, `${which}.pc`);
      const { former, latter } = await tab.run((one) => restart(window[one]), which);
      assert.ok(latter && latter !== former, `a restart has an ETag of its own: ${former}, ${latter}`);
      await renewed(tab, `${which}.pc`, before);
      await plays(tab, (await played(tab)).frames + 30);
      const stale = await tab.run(async (one, tag) => (await fetch(window[one].resource, {
        method: 'PATCH', headers: { 'Content-Type': 'application/trickle-ice-sdpfrag', 'If-Match': tag },
        body: 'm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\na=end-of-candidates\r\n',
      })).status, which, former);
      assert.equal(stale, 412, 'a candidate of the session before');
    }
    const stall = await tab.run(() => window.stall.stop());
    room.note(`longest time without a decoded frame during two restarts: ${stall} ms`);
    assert.ok(stall < STALLED);
  },
};
