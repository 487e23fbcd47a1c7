// SPDX-License-Identifier: LGPL-2.1-or-later
// window.adapt for gst-rooms: its own library, no user interface.
(() => {
  const sockets = new Set();
  const Socket = window.WebSocket;
  window.WebSocket = class extends Socket {
    constructor(...words) {
      super(...words);
      sockets.add(this);
      this.addEventListener('message', ({ data }) => {
        const message = JSON.parse(data);
        if (message.type === 'allocation') window.adapt.note({ at: Date.now(), estimate: message.estimate, slots: message.slots });
      });
    }
  };
  let client;

  async function enter(options, room, name) {
    const { RoomsClient } = await import('/rooms-client.js');
    client = new RoomsClient(options);
    client.on('error', (error) => console.log(`error ${error.code}: ${error.message}`));
    await client.join({ room, name, participant: name });
  }

  const shown = () => client.shownTracks.filter(({ track }) => track.kind === 'video');

  Object.assign(window.adapt, {
    /** `cameras`: how many tracks, all of the same layers. */
    async publish(room, name, { encodings, cameras = 1, size }) {
      await enter({ subscribe: false }, room, name);
      for (let n = 0; n < cameras; n++) {
        await client.addTrack(await window.adapt.camera(size), { label: `camera${n}`, encodings, codec: 'VP8' });
      }
    },
    publishing: () => client.peerConnections.publish,

    async watch(room, name, cameras = 1) {
      const { RoomsClient } = await import('/rooms-client.js');
      client = new RoomsClient({ videoSlots: cameras });
      client.on('track-added', ({ track, mediaTrack }) => {
        if (track.kind === 'video') window.adapt.watchFrames(mediaTrack, track.id);
      });
      await client.join({ room, name, participant: name });
      while (!client.peerConnections.subscribe) await new Promise((done) => setTimeout(done, 50));
      window.adapt.watchConnection(client.peerConnections.subscribe,
        ({ mid }) => shown().find((one) => one.mid === mid)?.track.id);
    },

    /** Layer 0 is the lowest; null: whatever there is. */
    limit(layer) {
      const [socket] = sockets;
      const message = { type: 'layers', slot: shown()[0].mid };
      if (layer !== null) message.maxSpatial = layer;
      socket.send(JSON.stringify(message));
    },
  });
})();
