// SPDX-License-Identifier: LGPL-2.1-or-later
// Data channels and data over the socket. Three clients of the library in one tab.
import assert from 'node:assert/strict';

/** In the page: joins all of them, and keeps what each gets by label. */
async function gather(room, names) {
  const tab = await room.bare('Tab');
  await tab.run(async (id, list) => {
    window.clients = {};
    window.got = {};
    window.listen = (name, channel) => channel.addEventListener('message', ({ detail }) => {
      const { data } = detail;
      const plain = data instanceof ArrayBuffer ? [...new Uint8Array(data)] : data;
      (window.got[name] ??= []).push({ label: channel.label, ordered: channel.options.ordered, from: detail.from, data: plain });
    });
    window.until = async (what, ask) => {
      const deadline = performance.now() + 10_000;
      while (!ask()) {
        if (performance.now() > deadline) throw new Error(`${what}: ${JSON.stringify(window.got)}`);
        await new Promise((done) => setTimeout(done, 20));
      }
    };
    for (const [name, options] of Object.entries(list)) {
      const client = new RoomsClient(options);
      client.on('channel', ({ channel }) => window.listen(name, channel));
      client.on('data', (detail) => (window.got[name] ??= []).push({ label: 'socket', ...detail }));
      await client.join({ room: id, name });
      window.clients[name] = client;
    }
    const carriers = Object.values(window.clients).map(({ peerConnections }) => peerConnections.subscribe ?? null);
    await window.until('all are connected', () => carriers.every((pc) => !pc || pc.connectionState === 'connected'));
  }, room.id, names);
  return tab;
}

export default {
  'ordered text reaches all, or the one it is for': async (room) => {
    const tab = await gather(room, { ada: {}, bob: {}, cleo: {} });
    const got = await tab.run(async () => {
      const chat = clients.ada.openChannel('chat');
      listen('ada', chat);
      for (let n = 0; n < 100; n++) chat.send({ n });
      await until('bob and cleo get a hundred', () => got.bob?.length >= 100 && got.cleo?.length >= 100);
      chat.send('for bob', { to: 'bob' });
      chat.send('for all');
      await until('all get the last', () => got.bob.at(-1).data === 'for all' && got.cleo.at(-1).data === 'for all');
      // They answer on the channel they were given.
      clients.bob.openChannel('chat').send('back', { to: 'ada' });
      await until('ada gets the answer', () => got.ada?.length);
      return window.got;
    });
    const numbers = Array.from({ length: 100 }, (_, n) => ({ n }));
    assert.deepEqual(got.bob.map(({ data }) => data), [...numbers, 'for bob', 'for all']);
    assert.deepEqual(got.cleo.map(({ data }) => data), [...numbers, 'for all']);
    assert.ok(got.bob.every(({ from, label }) => from === 'ada' && label === 'chat'));
    assert.deepEqual(got.ada, [{ label: 'chat', from: 'bob', data: 'back' }]);
  },

  'unordered binary reaches all, or the one it is for, as it was': async (room) => {
    const tab = await gather(room, { ada: {}, bob: {}, cleo: {} });
    const got = await tab.run(async () => {
      const bulk = clients.ada.openChannel('bulk', { ordered: false });
      const frame = (n) => Uint8Array.from({ length: 1000 }, (_, i) => (i * 7 + n) % 256);
      for (let n = 0; n < 50; n++) bulk.send(frame(n));
      bulk.send(new Uint8Array([1, 2, 3]), { to: 'cleo' });
      await until('all arrived', () => got.bob?.length >= 50 && got.cleo?.length >= 51);
      return window.got;
    });
    assert.equal(got.bob.length, 50);
    assert.equal(got.cleo.length, 51);
    const firsts = got.bob.map(({ data }) => data[0]).sort((a, b) => a - b);
    assert.deepEqual(firsts, Array.from({ length: 50 }, (_, n) => n));
    for (const { data, ordered, from } of got.bob) {
      assert.equal(ordered, false);
      assert.equal(from, 'ada');
      assert.ok(data.length === 1000 && data.every((byte, i) => byte === (i * 7 + data[0]) % 256));
    }
    assert.equal(got.cleo.filter(({ data }) => data.length === 3).length, 1);
  },

  'a participant that only sends has data channels too': async (room) => {
    const tab = await gather(room, { ada: { subscribe: false }, bob: {} });
    const got = await tab.run(async () => {
      const chat = clients.ada.openChannel('chat');
      listen('ada', chat);
      chat.send('hello');
      await until('bob gets it', () => got.bob?.length);
      clients.bob.openChannel('chat').send('hello back');
      await until('ada gets the answer', () => got.ada?.length);
      return window.got;
    });
    assert.equal(got.bob[0].data, 'hello');
    assert.equal(got.ada[0].data, 'hello back');
  },

  'data over the socket reaches all, or the one it is for': async (room) => {
    const tab = await gather(room, { ada: {}, bob: {}, cleo: {} });
    const got = await tab.run(async () => {
      await clients.ada.sendData({ hand: 'raised' });
      await clients.ada.sendData(['only', 'bob'], 'bob');
      await until('all arrived', () => got.bob?.length >= 2 && got.cleo?.length >= 1);
      return window.got;
    });
    assert.deepEqual(got.bob.map(({ from, data }) => [from, data]), [['ada', { hand: 'raised' }], ['ada', ['only', 'bob']]]);
    assert.deepEqual(got.cleo.map(({ data }) => data), [{ hand: 'raised' }]);
    assert.equal(got.ada, undefined);
  },

  'channels that close while they send hurt nobody; too many end their connection alone': async (room) => {
    const tab = await gather(room, { ada: {}, bob: {}, cleo: {} });
    await tab.run(async () => {
      const chat = clients.ada.openChannel('chat');
      chat.send('before');
      await until('bob gets it', () => got.bob?.length >= 1);
    });
    // Bare ones, beside the library's, which uses one channel for good.
    await tab.run(async () => {
      const { subscribe } = clients.ada.peerConnections;
      for (let n = 0; n < 40; n++) {
        const channel = subscribe.createDataChannel(`brief ${n % 3}`);
        await new Promise((done) => channel.onopen = done);
        for (let k = 0; k < 20; k++) channel.send('x'.repeat(1000));
        channel.close();
      }
    });
    await tab.run(async () => {
      clients.ada.openChannel('chat').send('after');
      await until('both get it', () => got.bob.at(-1).data === 'after' && got.cleo.at(-1).data === 'after');
    });
    await tab.run(async () => {
      const { subscribe } = clients.ada.peerConnections;
      // News of a connection younger than three seconds may be about its predecessor, to a client.
      await new Promise((done) => setTimeout(done, 3000));
      for (let n = 0; n < 80; n++) subscribe.createDataChannel(`more ${n}`);
      await until('the connection is made anew', () => clients.ada.peerConnections.subscribe !== subscribe);
    });
    await tab.run(async () => {
      clients.bob.openChannel('chat').send('still here');
      await until('cleo gets it', () => got.cleo.at(-1).data === 'still here');
    });
  },
};
