// SPDX-License-Identifier: LGPL-2.1-or-later
// WHIP into the room and WHEP out of it, by plain RTCPeerConnections, while a browser is in the room.
import assert from 'node:assert/strict';

import { outsider, played, plays } from './outsider.mjs';
import { sleep, until } from './participant.mjs';

const isRed = (seen) => seen && seen.red > 120 && seen.red > 2 * seen.blue && seen.red > 2 * seen.green;
const isBlue = (seen) => seen && seen.blue > 120 && seen.blue > 2 * seen.red && seen.blue > 2 * seen.green;
const look = (tab, index = 0) => tab.run((n) => probe.look(window.player.videos[n]), index);

export default {
  'WHIP in and WHEP out while a browser is in the room': async (room) => {
    const base = room.server.address;
    const ada = await room.join('Ada');
    const tab = await outsider(room, 'Outsider');
    await tab.run(async (url) => { window.publisher = await whip(url, 'rgb(255, 0, 0)'); }, `${base}/whip/${room.id}/studio`);
    const studio = { id: 'studio', name: 'studio' };
    await ada.seesFrames(studio);
    await ada.hears(studio);
    await ada.seesPicture(studio, 'camera', isRed);
    await tab.run(async (url) => { window.player = await whep(url); }, `${base}/whep/${room.id}/studio`);
    await plays(tab);
    await until('the player shows the publisher', async () => isRed(await look(tab)), { describe: () => look(tab) });
    assert.equal(await ada.run(() => rooms.client.participants.size), 1, 'a player is nobody in the room');

    const ended = await tab.run(async () => {
      const { pc, resource } = window.publisher;
      const answer = await fetch(resource, { method: 'DELETE' });
      pc.close();
      return answer.status;
    });
    assert.ok(ended === 200 || ended === 204, `DELETE: ${ended}`);
    await ada.seesNoTile(studio);
  },

  'a WHEP player sees the browsers of the room, in the order it asks for': async (room) => {
    const base = room.server.address;
    const ada = await room.bare('Ada');
    await ada.enter({ subscribe: false });
    await ada.paint('rgb(255, 0, 0)', { label: 'camera' });
    const bob = await room.bare('Bob');
    await bob.enter({ subscribe: false });
    await bob.paint('rgb(0, 0, 255)', { label: 'camera' });
    const tab = await outsider(room, 'Outsider');
    await tab.run(async (url) => { window.player = await whep(url, ['video', 'video', 'audio']); },
      `${base}/whep/${room.id}?participants=${bob.id},${ada.id}`);
    await until('Bob first', async () => isBlue(await look(tab, 0)), { describe: () => look(tab, 0) });
    await until('Ada second', async () => isRed(await look(tab, 1)), { describe: () => look(tab, 1) });
  },

  'a WHEP player may be there first, and stays when the publisher comes back': async (room) => {
    const base = room.server.address;
    const tab = await outsider(room, 'Outsider');
    await tab.run(async (url) => { window.player = await whep(url); }, `${base}/whep/${room.id}/studio`);
    await sleep(500);
    assert.equal((await played(tab)).frames, 0);
    const publish = (colour) => tab.run(async (url, wanted) => { window.publisher = await whip(url, wanted); },
      `${base}/whip/${room.id}/studio`, colour);
    await publish('rgb(255, 0, 0)');
    await plays(tab);
    await until('the player shows it', async () => isRed(await look(tab)), { describe: () => look(tab) });

    await tab.run(async () => {
      await fetch(window.publisher.resource, { method: 'DELETE' });
      window.publisher.pc.close();
    });
    await sleep(500);
    const before = await played(tab);
    await publish('rgb(0, 0, 255)');
    await plays(tab, before.frames + 10);
    await until('the player shows the new one', async () => isBlue(await look(tab)), { describe: () => look(tab) });
    assert.equal(await tab.run(() => window.player.pc.connectionState), 'connected');

    // Without a goodbye: a new publisher of that name takes over.
    await tab.run(() => window.publisher.pc.getSenders().forEach((sender) => sender.replaceTrack(null)));
    const again = await played(tab);
    await publish('rgb(255, 0, 0)');
    await plays(tab, again.frames + 10);
    await until('the player shows the third', async () => isRed(await look(tab)), { describe: () => look(tab) });
  },

  'PATCH, OPTIONS and a second DELETE are answered as the standards say': async (room) => {
    const base = room.server.address;
    const tab = await outsider(room, 'Outsider');
    const seen = await tab.run(async (url) => {
      const { resource, pc } = await whip(url, 'red');
      const ask = async (target, method, headers = {}, body = undefined) => (await fetch(target, { method, headers, body })).status;
      const ours = (name) => pc.localDescription.sdp.match(`a=${name}:(\\S+)`)[0];
      const fragment = [ours('ice-ufrag'), ours('ice-pwd'), 'm=audio 9 UDP/TLS/RTP/SAVPF 0', 'a=mid:0', 'a=end-of-candidates', ''].join('\r\n');
      const trickle = (tag) => ask(resource, 'PATCH',
        { 'Content-Type': 'application/trickle-ice-sdpfrag', ...(tag ? { 'If-Match': tag } : {}) }, fragment);
      const answers = {
        options: await ask(url, 'OPTIONS'),
        get: await ask(resource, 'GET'),
        trickle: await trickle(pc.entityTag),
        untagged: await trickle(''),
        stale: await trickle('"of another session"'),
        wrongType: await ask(url, 'POST', { 'Content-Type': 'text/plain' }, 'v=0'),
        nonsense: await ask(url, 'POST', { 'Content-Type': 'application/sdp' }, 'nonsense'),
        gone: await ask(resource, 'DELETE'),
        again: await ask(resource, 'DELETE'),
      };
      pc.close();
      return answers;
    }, `${base}/whip/${room.id}/studio`);
    assert.ok([200, 204].includes(seen.options), `OPTIONS: ${seen.options}`);
    assert.ok([404, 405].includes(seen.get), `GET: ${seen.get}`);
    assert.equal(seen.trickle, 204);
    assert.equal(seen.untagged, 428);
    assert.equal(seen.stale, 412);
    assert.equal(seen.wrongType, 415);
    assert.ok([400, 422].includes(seen.nonsense), `nonsense: ${seen.nonsense}`);
    assert.ok([200, 204].includes(seen.gone), `DELETE: ${seen.gone}`);
    assert.equal(seen.again, 404);
  },
};
