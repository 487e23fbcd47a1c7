// SPDX-License-Identifier: LGPL-2.1-or-later
// Two browsers that send to each other without the server: when, when not, and how they move.
import assert from 'node:assert/strict';

import { sleep, until } from './participant.mjs';

const AIM = 500;  // ms, what the notes are to be read against
const STALLED = 3000;  // ms: no busy machine's doing
const AUTO = ['--topology', 'auto'];
const SMALL = { width: 160, height: 90, fps: 15 };

const inRoom = (room) => room.server.get(`/api/rooms/${room.id}`);

/** Whether all that somebody is shown comes directly, or all of it through the server. */
const way = (one) => one.run(() => {
  const direct = rooms.client.shownTracks.map(({ isDirect }) => isDirect);
  if (direct.length === 0) return 'nothing';
  if (direct.every(Boolean) && rooms.client.directPeer !== null) return 'direct';
  return direct.some(Boolean) || rooms.client.directPeer !== null ? 'both' : 'server';
});

const go = (people, wanted, options = {}) => Promise.all(people.map((one) => until(
  `${one.name}'s pictures come ${wanted}`, async () => await way(one) === wanted,
  { within: 20_000, describe: async () => [await way(one), await inRoom(one.room)], ...options })));

/** A bare client with a picture and a tone, and their source in `window.source`. */
async function enter(one, colour, options = {}) {
  await one.enter(options);
  await one.run(async (paint, small) => {
    await Promise.all([
      rooms.client.addTrack(probe.paint(paint, small), { label: 'camera' }),
      rooms.client.addTrack(probe.tone(440), { label: 'microphone' }),
    ]);
  }, colour, SMALL);
}

async function two(room, options = AUTO) {
  await room.useOwnServer({}, options);
  const people = [await room.bare('Ada'), await room.bare('Bob')];
  await enter(people[0], 'green');
  await enter(people[1], 'blue');
  return people;
}

/** Packets of media that the server has taken and given, together. */
async function carried(room) {
  const { participants } = await inRoom(room);
  const streams = participants.flatMap(({ publish, subscribe }) => [...publish?.encodings ?? [], ...subscribe?.streams ?? []]);
  return streams.reduce((sum, stream) => sum + (stream['packets-received'] ?? 0) + (stream['packets-sent'] ?? 0) + (stream.packets ?? 0), 0);
}

/** From now on: the longest pause between two frames of the picture of somebody, by whatever way it comes. */
const watch = (one, from) => one.run((id) => {
  const frames = [];
  const readers = [];
  const follow = ({ mediaTrack, track }) => {
    if (track.kind !== 'video' || track.participant !== id) return;
    for (const reader of readers.splice(0)) reader.cancel();
    const reader = new MediaStreamTrackProcessor({ track: mediaTrack.clone() }).readable.getReader();
    readers.push(reader);
    (async () => {
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return;
        value.close();
        frames.push(performance.now());
      }
    })();
  };
  rooms.client.shownTracks.forEach(follow);
  const unlisten = rooms.client.on('track-moved', follow);
  window.watching = () => {
    unlisten();
    for (const reader of readers) reader.cancel();
    const times = [...frames, performance.now()];
    return Math.round(Math.max(...times.slice(1).map((time, n) => time - times[n])));
  };
}, from.id);

/** Does something, and tells the longest pause of each one's picture of the other meanwhile and half a second on. */
async function pauses([ada, bob], act) {
  await Promise.all([watch(ada, bob), watch(bob, ada)]);
  await sleep(300);
  await act();
  await sleep(500);
  return Promise.all([ada, bob].map((one) => one.run(() => window.watching())));
}

function judge(room, what, longest) {
  room.note(`longest pause between two frames, ${what}: ${longest.join(' and ')} ms; aim ${AIM} ms`);
  for (const pause of longest) assert.ok(pause < STALLED, `${what}: a pause of ${pause} ms`);
}

export default {
  'two send to each other, and the server carries nothing': async (room) => {
    const people = await two(room);
    const [ada, bob] = people;
    judge(room, 'when two have met', await pauses(people, () => go(people, 'direct')));
    await ada.seesNewFrames(bob);
    await ada.hears(bob);
    await bob.seesNewFrames(ada);
    await bob.hears(ada);

    assert.ok(await carried(room) > 0, 'it has carried something');
    // On a busy machine nothing may come for so long that the way is in doubt, and the server's is taken up beside it.
    await until('the server carries nothing for a second', async () => {
      const before = await carried(room);
      await sleep(1000);
      return await carried(room) === before;
    }, { within: 15_000 });
    await until('they know it', async () => (await inRoom(room)).direct.established);
    const { direct } = await inRoom(room);
    assert.deepEqual(direct, { session: 1, established: true, members: [ada.id, bob.id].sort() });

    // The other end of Ada's path is Bob's, by his own word.
    const ports = (one, side, kind) => one.run(async (name, type) => {
      const reports = await rooms.client.peerConnections[name].getStats();
      const pairs = [...reports.values()].filter((report) => report.type === 'transport').map((report) => reports.get(report.selectedCandidatePairId));
      return pairs.map((pair) => reports.get(pair[type]).port);
    }, side, kind);
    assert.deepEqual(await ports(ada, 'directSend', 'remoteCandidateId'), await ports(bob, 'directReceive', 'localCandidateId'));
    const { directPeer, inbound, outbound } = await ada.stats();
    assert.equal(directPeer, bob.id);
    assert.ok(inbound.length === 2 && inbound.every(({ isDirect, bitrate }) => isDirect && bitrate > 0), JSON.stringify(inbound));
    assert.ok(outbound.length === 2 && outbound.every(({ bitrate }) => bitrate > 0), JSON.stringify(outbound));
  },

  'a third makes the room go through the server until it leaves': async (room) => {
    const people = await two(room);
    const cleo = await room.bare('Cleo');
    await go(people, 'direct');
    judge(room, 'when a third comes', await pauses(people, async () => {
      await enter(cleo, 'red');
      await go(people, 'server');
    }));
    for (const one of [...people, cleo]) {
      for (const other of [...people, cleo]) {
        if (one === other) continue;
        await one.seesNewFrames(other, 'camera', 10);
        await one.hears(other);
      }
    }
    judge(room, 'when the third goes', await pauses(people, async () => {
      await cleo.run(() => rooms.client.leave());
      await go(people, 'direct');
    }));
    const [ada, bob] = people;
    await ada.seesNewFrames(bob, 'camera', 10);
    await bob.hears(ada);
  },

  'whoever runs the server moves a room between the two ways': async (room) => {
    const people = await two(room, ['--topology', 'mesh']);
    await go(people, 'direct');
    for (let n = 0; n < 3; n++) {
      judge(room, 'from direct to the server', await pauses(people, async () => {
        await room.server.control(room.id, { topology: 'sfu' });
        await go(people, 'server');
      }));
      judge(room, 'from the server to direct', await pauses(people, async () => {
        await room.server.control(room.id, { topology: 'mesh' });
        await go(people, 'direct');
      }));
    }
  },

  'two who do not reach each other stay on the server': async (room) => {
    await room.useOwnServer({}, ['--topology', 'mesh']);
    const people = [await room.bare('Ada'), await room.bare('Bob')];
    const [ada, bob] = people;
    // What Ada is told of Bob's addresses leads nowhere, and Bob is told nothing of hers.
    await ada.run(() => {
      const add = RTCPeerConnection.prototype.addIceCandidate;
      RTCPeerConnection.prototype.addIceCandidate = function (candidate) {
        return this === rooms.client.peerConnections.directSend || this === rooms.client.peerConnections.directReceive
          ? Promise.resolve() : add.call(this, candidate);
      };
    });
    await bob.run(() => { RTCPeerConnection.prototype.addIceCandidate = () => Promise.resolve(); });
    await enter(ada, 'green');
    await enter(bob, 'blue');
    await until('they try', async () => (await inRoom(room)).direct.session === 1);
    const longest = await pauses(people, () => until('they give up', async () => (await inRoom(room)).direct.session === undefined,
      { within: 20_000, describe: () => inRoom(room) }));
    judge(room, 'while a direct way is sought in vain', longest);
    await ada.seesNewFrames(bob, 'camera', 10);
    await bob.seesNewFrames(ada, 'camera', 10);
    assert.deepEqual([await way(ada), await way(bob)], ['server', 'server']);
    await sleep(1500);
    assert.equal((await inRoom(room)).direct.session, undefined, 'not again at once');
  },

  'a direct way that breaks is left for the server': async (room) => {
    const people = await two(room, ['--topology', 'mesh']);
    const [ada, bob] = people;
    await go(people, 'direct');
    await ada.seesNewFrames(bob, 'camera', 10);
    judge(room, 'when a direct way breaks', await pauses(people, async () => {
      // Without a word to anybody, as a network does it.
      await bob.run(() => {
        const { directSend } = rooms.client.peerConnections;
        directSend.close();
      });
      await go(people, 'server');
    }));
    await ada.seesNewFrames(bob, 'camera', 10);
    await ada.hears(bob);
  },

  'Chromium and Firefox send to each other': async (room) => {
    await room.useOwnServer({}, AUTO);
    const people = [await room.bare('Ada'), await room.bareFirefox('Bob')];
    await enter(people[0], 'green');
    await enter(people[1], 'blue');
    await go(people, 'direct');
    for (const [one, other] of [people, people.toReversed()]) {
      await one.seesNewFrames(other, 'camera', 10);
      await one.hears(other);
    }
  },

  'who does not know the direct way is not asked to take it': async (room) => {
    await room.useOwnServer({}, ['--topology', 'mesh']);
    const people = [await room.bare('Ada'), await room.bare('Bob')];
    await enter(people[0], 'green');
    await enter(people[1], 'blue', { mesh: false });
    await people[0].seesFrames(people[1]);
    await people[1].seesFrames(people[0]);
    await sleep(500);
    assert.deepEqual(await Promise.all(people.map(way)), ['server', 'server']);
    assert.deepEqual((await inRoom(room)).direct, {});
  },

  'a player makes the room go through the server': async (room) => {
    const people = await two(room, ['--topology', 'mesh']);
    await go(people, 'direct');
    const player = await room.bare('Player');
    await player.run(async (url) => {
      const pc = window.player = new RTCPeerConnection();
      const videos = ['video'].map((kind) => pc.addTransceiver(kind, { direction: 'recvonly' }).receiver.track);
      videos.map((track) => probe.show(track));
      await pc.setLocalDescription();
      const answer = await fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/sdp' }, body: pc.localDescription.sdp });
      await pc.setRemoteDescription({ type: 'answer', sdp: await answer.text() });
    }, `${room.server.address}/whep/${room.id}`);
    await go(people, 'server');
    await until('the player plays', () => player.run(async () => {
      return [...(await window.player.getStats()).values()].some(({ type, framesDecoded }) => type === 'inbound-rtp' && framesDecoded > 5);
    }));
  },
};
