// SPDX-License-Identifier: LGPL-2.1-or-later
import {DirectSession} from './rooms-direct-session.js';

/**
 * @typedef {import('./rooms-protocol.js').Message} Message
 * @typedef {import('./rooms-protocol.js').TrackInfo} TrackInfo
 * @typedef {import('./rooms-direct-receiver.js').Source} Source
 * @typedef {import('./rooms-direct-sender.js').TrackWish} TrackWish
 * @typedef {import('./rooms-link.js').Link} Link
 * @typedef {import('./rooms-publisher.js').Publisher} Publisher
 * @typedef {import('./rooms-publisher.js').LocalTrack} LocalTrack
 * @typedef {import('./rooms-roster.js').Roster} Roster
 * @typedef {import('./rooms-subscriber.js').Subscriber} Subscriber
 * @typedef {import('./rooms-view.js').View} View
 *
 * @typedef {object} Surroundings  what a session needs of the client
 * @property {() => RTCIceServer[]} iceServers
 * @property {(message: Message) => void} say
 * @property {() => readonly LocalTrack[]} localTracks
 * @property {(track: string) => Omit<TrackWish, 'track'>} wishOf
 * @property {(peer: string, track: string) => TrackInfo | undefined} infoOf
 * @property {(track: string) => Source | undefined} slotOf
 * @property {(track: string, source: Source) => void} divert
 * @property {(track: string, source: Source) => void} undivert
 * @property {() => void} sendToServer
 */

/**
 * The way past the server, where the server says so (`topology` and `direct` of docs/signalling.md).
 * The connections to the server stay; meanwhile they carry no media.
 */
export class DirectPath {
  #link;
  #publisher;
  #subscriber;
  #roster;
  #view;
  #topology = 'auto';
  /** @type {DirectSession | null} */
  #current = null;
  /** Those that still show something. @type {DirectSession[]} */
  #leaving = [];

  /**
   * @param {Link} link
   * @param {{publisher: Publisher, subscriber: Subscriber, roster: Roster, view: View}} parts
   */
  constructor(link, {publisher, subscriber, roster, view}) {
    this.#link = link;
    this.#publisher = publisher;
    this.#subscriber = subscriber;
    this.#roster = roster;
    this.#view = view;
    // What is muted is not sent by a session that is being left either.
    publisher.changed = () => {
      for (const session of [this.#current, ...this.#leaving]) session?.sync();
    };
    view.settled = () => this.#current?.wish();
  }

  /** As the room has it: `auto`, `sfu`, `mesh` or `mcu`. */
  get topology() {
    return this.#topology;
  }

  /** With whom we exchange media directly; null: with nobody, all goes through the server. */
  get peer() {
    return this.#current?.isEstablished ? this.#current.peer : null;
  }

  /** Connections of the present session, for statistics. */
  get ends() {
    const session = this.#current;
    return session && {sender: session.sender, receiver: session.receiver};
  }

  get connections() {
    const {sender, receiver} = this.#current ?? {};
    return {directSend: sender?.pc ?? null, directReceive: receiver?.pc ?? null};
  }

  /** @param {Message} message `topology` */
  hear({topology, direct}) {
    this.#topology = topology;
    if (this.#current && this.#current.number !== direct?.session) this.#leave();
    if (direct && !this.#current) {
      this.#current = new DirectSession(direct.session, direct.peer, this.#surroundings());
    }
    if (direct?.established) this.#current?.establish();
    this.#publisher.rest(direct?.established ?? false);
    this.#link.emit('topology', {topology, peer: this.peer});
  }

  /** @param {Message} message `direct` */
  signal(message) {
    this.#leaving = this.#leaving.filter(({isOver}) => !isOver);
    const sessions = [this.#current, ...this.#leaving];
    const session = sessions.find((one) => {
      return one?.number === message.session && one?.peer === message.from;
    });
    session?.hear(message);
  }

  /** We are not in the room any more. */
  close() {
    for (const session of [this.#current, ...this.#leaving]) session?.close();
    this.#current = null;
    this.#leaving = [];
    this.#publisher.rest(false);
  }

  #leave() {
    if (!this.#current) return;
    this.#leaving.push(this.#current);
    this.#current.leave();
    this.#current = null;
  }

  /** @returns {Surroundings} */
  #surroundings() {
    const subscriber = this.#subscriber;
    return {
      iceServers: this.#link.iceServers,
      say: this.#link.send,
      localTracks: () => this.#publisher.tracks,
      wishOf: (track) => this.#view.wishOf(track),
      infoOf: (peer, track) => this.#roster.participants.get(peer)?.tracks.get(track),
      slotOf: (track) => subscriber.slotOf(track),
      divert: (track, source) => subscriber.divert(track, source),
      undivert: (track, source) => {
        if (subscriber.diversionOf(track) === source) subscriber.divert(track, null);
      },
      // Whatever the server says, what it will be asked to forward should come there by then.
      sendToServer: () => this.#publisher.rest(false),
    };
  }
}
