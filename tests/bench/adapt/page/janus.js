// SPDX-License-Identifier: LGPL-2.1-or-later
// window.adapt for the VideoRoom of Janus 1.x, over its HTTP API on the origin of the page.
(() => {
  const ROOM = 1234;
  const ENOUGH = 20_000_000;  // bit/s, what the room tells publishers by REMB: the layers have limits of their own
  let session;
  const waiting = new Map();
  const listeners = [];

  async function post(path, body) {
    const transaction = Math.random().toString(36).slice(2);
    const answer = await fetch(`/janus${path}`, { method: 'POST', body: JSON.stringify({ ...body, transaction }) });
    const reply = await answer.json();
    if (reply.janus === 'error') throw new Error(`janus: ${reply.error.reason}`);
    return { reply, transaction };
  }

  async function poll() {
    for (;;) {
      const answer = await fetch(`/janus/${session}?maxev=10`).then((one) => one.json()).catch(() => []);
      for (const event of [answer].flat()) {
        waiting.get(event.transaction)?.(event);
        if (event.janus === 'event') for (const listen of listeners) listen(event);
      }
    }
  }

  async function open() {
    if (session) return;
    session = (await post('', { janus: 'create' })).reply.data.id;
    poll();
  }

  async function attach() {
    await open();
    const { reply } = await post(`/${session}`, { janus: 'attach', plugin: 'janus.plugin.videoroom' });
    const path = `/${session}/${reply.data.id}`;
    return {
      /** The event that answers it. */
      async ask(body, jsep) {
        const transaction = Math.random().toString(36).slice(2);
        const answered = new Promise((done) => waiting.set(transaction, (event) => event.janus === 'event' && done(event)));
        const sent = await fetch(`/janus${path}`, { method: 'POST',
          body: JSON.stringify({ janus: 'message', transaction, body, ...(jsep ? { jsep } : {}) }) }).then((one) => one.json());
        if (sent.janus === 'success') return sent.plugindata.data;
        const { plugindata, jsep: theirs } = await answered;
        if (plugindata.data.error) throw new Error(`videoroom: ${plugindata.data.error}`);
        return { ...plugindata.data, jsep: theirs };
      },
    };
  }

  async function gathered(pc) {
    while (pc.iceGatheringState !== 'complete') await new Promise((done) => setTimeout(done, 20));
    return pc.localDescription.toJSON();
  }

  let pc;
  let viewing;

  Object.assign(window.adapt, {
    async publish(room, name, { encodings, cameras = 1, size }) {
      const handle = await attach();
      const { exists } = await handle.ask({ request: 'exists', room: ROOM });
      if (!exists) await handle.ask({ request: 'create', room: ROOM, publishers: 10, bitrate: ENOUGH, videocodec: 'vp8' });
      await handle.ask({ request: 'join', ptype: 'publisher', room: ROOM, display: name });
      pc = new RTCPeerConnection();
      for (let n = 0; n < cameras; n++) {
        const track = await window.adapt.camera(size);
        // Janus takes the first for the highest; its substreams count from the lowest all the same.
        const transceiver = pc.addTransceiver(track, { direction: 'sendonly', sendEncodings: [...encodings].reverse() });
        const vp8 = RTCRtpSender.getCapabilities('video').codecs.filter(({ mimeType }) => /VP8|rtx/.test(mimeType));
        transceiver.setCodecPreferences(vp8);
      }
      await pc.setLocalDescription();
      const { jsep } = await handle.ask({ request: 'publish', video: true }, await gathered(pc));
      await pc.setRemoteDescription(jsep);
    },
    publishing: () => pc,

    async watch() {
      viewing = await attach();
      const { participants } = await viewing.ask({ request: 'listparticipants', room: ROOM });
      const feed = participants.find(({ publisher }) => publisher).id;
      const { jsep } = await viewing.ask({ request: 'join', ptype: 'subscriber', room: ROOM, streams: [{ feed }] });
      pc = new RTCPeerConnection();
      pc.ontrack = ({ track, transceiver }) => window.adapt.watchFrames(track, `camera${transceiver.mid}`);
      await pc.setRemoteDescription(jsep);
      await pc.setLocalDescription();
      await viewing.ask({ request: 'start' }, await gathered(pc));
      window.adapt.watchConnection(pc, ({ mid }) => `camera${mid}`);
    },

    limit(layer) {
      return viewing.ask({ request: 'configure', streams: [{ mid: pc.getTransceivers()[0].mid, substream: layer ?? 2 }] });
    },
  });
})();
