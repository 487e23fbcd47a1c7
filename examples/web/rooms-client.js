// SPDX-License-Identifier: LGPL-2.1-or-later
import {Backoff} from './rooms-backoff.js';
import {ChannelSet} from './rooms-channels.js';
import {DirectPath} from './rooms-direct.js';
import {askToJoin, resumeOrJoin} from './rooms-entry.js';
import {plainDetail} from './rooms-events.js';
import {subscribeWishes} from './rooms-options.js';
import {watchPage} from './rooms-page.js';
import {PathWatch} from './rooms-path.js';
import {decodableCodecs, defaultUrl, RoomsError} from './rooms-protocol.js';
import {Publisher} from './rooms-publisher.js';
import {Roster} from './rooms-roster.js';
import {ABANDONED, RoomsSocket} from './rooms-socket.js';
import {StatsSampler} from './rooms-stats.js';
import {Subscriber} from './rooms-subscriber.js';
import {View} from './rooms-view.js';

export {RoomsError};

/**
 * @typedef {import('./rooms-protocol.js').Joined} Joined
 * @typedef {import('./rooms-protocol.js').Message} Message
 * @typedef {import('./rooms-events.js').RoomsEvents} RoomsEvents
 * @typedef {import('./rooms-roster.js').Participant} Participant
 * @typedef {import('./rooms-publisher.js').LocalTrack} LocalTrack
 * @typedef {import('./rooms-publisher.js').TrackOptions} TrackOptions
 * @typedef {import('./rooms-subscriber.js').Shown} Shown
 * @typedef {import('./rooms-channels.js').RoomChannel} RoomChannel
 * @typedef {import('./rooms-channels.js').ChannelOptions} ChannelOptions
 * @typedef {import('./rooms-socket.js').Closing} Closing
 * @typedef {import('./rooms-options.js').ClientOptions} ClientOptions
 * @typedef {import('./rooms-options.js').JoinOptions} JoinOptions
 */

/** The close code of a socket whose session goes on elsewhere. */
const TAKEN_OVER = 4001;

/**
 * A participant of one room.
 *
 *     const client = new RoomsClient();
 *     client.on('track-added', ({track, mediaTrack}) => show(track.participant, mediaTrack));
 *     await client.join({room: 'demo', name: 'Ada'});
 *     await client.addTrack(camera, {label: 'camera', simulcast: true});
 *
 * A lost socket is resumed, a dead peer connection replaced, without the caller's help.
 */
export class RoomsClient extends EventTarget {
  #url;
  #abilities;
  #subscribes;
  /** @type {RoomsSocket | null} */
  #socket = null;
  /** @type {JoinOptions | null} */
  #wish = null;
  /** @type {Joined | null} */
  #joined = null;
  #isLeft = true;
  #publisher;
  #subscriber;
  #roster;
  #channels;
  #view;
  #direct;
  #defaultSampler;
  #backoff = new Backoff();
  #path;
  /** The socket fell silent without closing: our address has changed, in all likelihood. */
  #isPathLost = false;
  /** @type {() => void} */
  #stopListening = () => {};

  /** @param {ClientOptions} [options] */
  constructor(options = {}) {
    super();
    this.#url = options.url ?? defaultUrl();
    this.#subscribes = options.subscribe ?? true;
    const mesh = this.#subscribes && (options.mesh ?? true);
    this.#abilities = {codecs: options.codecs ?? decodableCodecs(), mesh};
    /** @type {import('./rooms-link.js').Link} */
    const link = {
      isJoined: () => this.isConnected,
      iceServers: () => this.#joined?.iceServers ?? [],
      request: (message) => this.#request(message),
      send: (message) => this.#socket?.send(message),
      sendCandidate: (connection, {candidate}) =>
        this.#socket?.send({type: 'candidate', connection, candidate}),
      emit: (type, detail) => this.#emit(type, detail),
    };
    this.#publisher = new Publisher(link);
    this.#subscriber = new Subscriber(link, subscribeWishes(options));
    this.#roster = new Roster(link.emit);
    this.#view = new View(this, link.request);
    this.#channels = new ChannelSet((channel) => this.#emit('channel', {channel}));
    if (this.#subscribes) this.#subscriber.carriesData = (pc) => this.#channels.moveTo(pc);
    const [publisher, subscriber] = [this.#publisher, this.#subscriber];
    this.#direct = new DirectPath(link, {publisher, subscriber, roster: this.#roster, view: this.#view});
    this.#defaultSampler = this.statsSampler();
    const carrier = () => this.#publisher.pc ?? this.#subscriber.pc;
    this.#path = new PathWatch(carrier, () => this.#pathIsSilent());
  }

  /** Who we are in the room; null before `join`. */
  get self() {
    return this.#joined && {id: this.#joined.participant, name: this.#joined.name};
  }

  get room() {
    return this.#joined?.room ?? '';
  }

  /** The others, by id. @returns {ReadonlyMap<string, Participant>} */
  get participants() {
    return this.#roster.participants;
  }

  /** What we publish. */
  get localTracks() {
    return this.#publisher.tracks;
  }

  /** What is in our slots. */
  get shownTracks() {
    return this.#subscriber.shown;
  }

  /** Which pictures we want, how large, and which the server gives. */
  get view() {
    return this.#view;
  }

  /** Whom we exchange media with directly; null: all goes through the server. */
  get directPeer() {
    return this.#direct.peer;
  }

  get isConnected() {
    return this.#joined !== null && this.#socket !== null && this.#socket.isOpen;
  }

  /** For measurements and tests. */
  get peerConnections() {
    return {publish: this.#publisher.pc, subscribe: this.#subscriber.pc, ...this.#direct.connections};
  }

  /**
   * @template {keyof RoomsEvents} K
   * @param {K} type
   * @param {(detail: RoomsEvents[K]) => void} listener
   * @returns {() => void} takes the listener away again
   */
  on(type, listener) {
    /** @param {Event} event */
    const hear = (event) => listener(/** @type {CustomEvent} */ (event).detail);
    this.addEventListener(type, hear);
    return () => this.removeEventListener(type, hear);
  }

  /**
   * @param {JoinOptions} wish
   * @returns {Promise<Joined>}
   */
  async join(wish) {
    if (!this.#isLeft) {
      throw new RoomsError('already-joined', 'This client is in a room; leave first.');
    }
    this.#isLeft = false;
    this.#wish = wish;
    try {
      const socket = await RoomsSocket.open(this.#url);
      try {
        this.#adopt(socket, await askToJoin(socket, wish, this.#abilities));
      } catch (error) {
        socket.close();
        throw error;
      }
    } catch (error) {
      this.#isLeft = true;
      throw error;
    }
    this.#stopListening = watchPage({
      online: () => this.#networkChanged(),
      offline: () => this.#socket?.isOpen && this.#socket.abandon('the network is gone'),
      hidden: () => this.#vanish(),
    });
    this.#path.start();
    await this.#connectMedia();
    return /** @type {Joined} */ (this.#joined);
  }

  /** Leaves the room and forgets everything about it, local tracks included. */
  async leave() {
    if (this.#isLeft) return;
    const socket = this.#socket;
    const goodbye = socket?.request({type: 'leave'}, 1000).catch(() => {});
    this.#end('left');
    await goodbye;
    socket?.close();
  }

  /**
   * Publishes a track; before `join` it waits for it.
   * @param {MediaStreamTrack} mediaTrack
   * @param {TrackOptions} options
   */
  addTrack(mediaTrack, options) {
    return this.#publisher.add(mediaTrack, options);
  }

  /**
   * Another source for the same track, unseen by the others.
   * @param {string | MediaStreamTrack | LocalTrack} key
   * @param {MediaStreamTrack} mediaTrack
   */
  async replaceTrack(key, mediaTrack) {
    await this.#publisher.replace(this.#publisher.find(key), mediaTrack);
  }

  /** @param {string | MediaStreamTrack | LocalTrack} key */
  async removeTrack(key) {
    await this.#publisher.remove(this.#publisher.find(key));
  }

  /**
   * Stops sending (video) or sends silence (audio), and tells the room.
   * @param {string | MediaStreamTrack | LocalTrack} key
   * @param {boolean} muted
   */
  async setMuted(key, muted) {
    await this.#publisher.setMuted(this.#publisher.find(key), muted);
  }

  /**
   * Over the WebSocket: small and reliable.
   * @param {any} data
   * @param {string} [to]  a participant; without it everybody else
   */
  async sendData(data, to) {
    await this.#request(to ? {type: 'data', data, to} : {type: 'data', data});
  }

  /**
   * A data channel of the room. It stays valid when its peer connection is replaced.
   * @param {string} label
   * @param {ChannelOptions} [options]
   */
  openChannel(label, options = {}) {
    const channel = this.#channels.open(label, options);
    if (!this.#subscribes && !this.#publisher.carriesData) {
      this.#publisher.carriesData = (pc) => this.#channels.moveTo(pc);
      if (this.#publisher.pc) this.#publisher.carriesData(this.#publisher.pc);
      this.#publisher.negotiate().catch((error) => this.#fail(error));
    }
    return channel;
  }

  /** Both connections, with rates since the previous call. */
  getStats() {
    return this.#defaultSampler.sample();
  }

  /** For a second reader of statistics at its own pace. */
  statsSampler() {
    return new StatsSampler(this.#publisher, this.#subscriber, this.#direct);
  }

  /**
   * @param {RoomsSocket} socket
   * @param {Joined} joined
   */
  #adopt(socket, joined) {
    this.#socket = socket;
    this.#joined = joined;
    socket.addEventListener('message', (event) => {
      this.#hear(/** @type {CustomEvent<Message>} */ (event).detail);
    });
    socket.addEventListener('close', (event) => {
      this.#lose(/** @type {CustomEvent<Closing>} */ (event).detail);
    });
    if (!joined.resumed) this.#emit('joined', joined);
    this.#roster.replace(joined.others);
  }

  /** Both connections anew, for a session that is new. */
  async #connectMedia() {
    const subscribing = this.#subscribes ? this.#subscriber.start() : Promise.resolve();
    const publishing = this.#publisher.renew();
    for (const {status, ...rest} of await Promise.allSettled([subscribing, publishing])) {
      if (status === 'rejected') this.#fail(/** @type {PromiseRejectedResult} */ (rest).reason);
    }
  }

  /** @param {Closing} closing  of the socket */
  #lose({code, reason}) {
    if (this.#isLeft) return;
    this.#isPathLost ||= code === ABANDONED;
    if (code === TAKEN_OVER) this.#end(reason);
    else this.#reconnect(reason);
  }

  /** @param {string} reason */
  async #reconnect(reason) {
    const lostAt = performance.now();
    for (let attempt = 0; !this.#isLeft; attempt++) {
      this.#emit('reconnecting', {attempt, reason});
      await this.#backoff.pause(attempt);
      if (this.#isLeft) return;
      try {
        const resumed = await this.#enterAgain(performance.now() - lostAt);
        if (this.isConnected) this.#emit('reconnected', {resumed});
        return;
      } catch (error) {
        reason = error instanceof Error ? error.message : String(error);
      }
    }
  }

  /**
   * @param {number} away  milliseconds
   * @returns {Promise<boolean>} whether the session goes on; false for a new one
   */
  async #enterAgain(away) {
    const socket = await RoomsSocket.open(this.#url, 5000);
    try {
      if (this.#isLeft) throw new RoomsError('connection-lost', 'Left meanwhile.');
      const wish = /** @type {JoinOptions} */ (this.#wish);
      this.#adopt(socket, await resumeOrJoin(socket, wish, {
        abilities: this.#abilities,
        session: this.#joined?.session,
        away,
      }));
    } catch (error) {
      socket.close();
      throw error;
    }
    const isPathLost = this.#isPathLost;
    this.#isPathLost = false;
    if (!this.#joined?.resumed) {
      await this.#connectMedia();
      return false;
    }
    const undone = [this.#publisher.catchUp()];
    if (this.#subscribes) undone.push(this.#subscriber.catchUp());
    if (isPathLost) {
      this.#publisher.recovery.pathLost();
      this.#subscriber.recovery.pathLost();
    }
    Promise.all(undone).catch((error) => this.#fail(error));
    return true;
  }

  /** @param {Message} message  unasked */
  #hear(message) {
    const detail = plainDetail(message);
    if (detail) this.dispatchEvent(new CustomEvent(message.type, {detail}));
    switch (message.type) {
      case 'offer':
        this.#subscriber.accept(message).catch((error) => this.#fail(error));
        break;
      case 'slots':
        this.#subscriber.show(message.slots);
        break;
      case 'participant-joined':
        this.#roster.joined(message.participant);
        break;
      case 'participant-left':
        if (message.participant === this.self?.id) this.#removed(message.reason);
        else this.#roster.left(message.participant, message.reason ?? '');
        break;
      case 'track-added':
        this.#roster.published(message.track);
        break;
      case 'track-removed':
        this.#roster.unpublished(message.track, message.participant);
        break;
      case 'track-muted': {
        const {track, participant, muted, moderated} = message;
        const own = this.#publisher.moderate(track, moderated);
        if (own) this.#emit('moderated', {track: own, moderated});
        this.#roster.muted(track, participant, muted);
        const info = this.participants.get(participant)?.tracks.get(track);
        if (info) this.#subscriber.refresh(info);
        break;
      }
      case 'topology':
        this.#direct.hear(message);
        break;
      case 'direct':
        this.#direct.signal(message);
        break;
      case 'republish':
        this.#publisher.negotiate().catch((error) => this.#fail(error));
        this.#emit('republish', {reason: message.reason ?? ''});
        break;
      case 'connection':
        this.#hearOfConnection(message);
        break;
      case 'allocation':
        this.#emit('allocation', this.#view.allot(message));
        break;
      case 'encodings':
        this.#publisher.demand.hear(message);
        this.#emit('encodings', {track: message.track, encodings: message.encodings});
        break;
      case 'candidate':
        this.#addCandidate(message);
        break;
      case 'error':
        this.#fail(new RoomsError(message.code, message.message));
        break;
    }
  }

  /** @param {Message} message */
  #hearOfConnection({connection, state, reason}) {
    if (state === 'connected') return;  // our own connection tells that
    this.#emit('connection', {connection, state, reason: reason ?? ''});
    const side = connection === 'publish' ? this.#publisher : this.#subscriber;
    side.recovery.serverLostIt();
  }

  /** @param {Message} message */
  #addCandidate({connection, candidate}) {
    const {pc} = connection === 'publish' ? this.#publisher : this.#subscriber;
    if (!candidate) return;
    pc?.addIceCandidate({candidate, sdpMLineIndex: 0}).catch(() => {});
  }

  /** Nothing comes on our connections any more. Is the server there at all? */
  async #pathIsSilent() {
    const socket = this.#socket;
    if (!socket || !this.isConnected || await socket.isAnswered()) return;
    this.#backoff.hurry();
  }

  /** @param {Message} message */
  #request(message) {
    if (this.#socket) return this.#socket.request(message);
    return Promise.reject(new RoomsError('not-joined', 'Join a room first.'));
  }

  #networkChanged() {
    this.#backoff.hurry();
    this.#publisher.recovery.check();
    this.#subscriber.recovery.check();
  }

  /** The page goes away and cannot wait for answers. */
  #vanish() {
    const socket = this.#socket;
    socket?.send({type: 'leave'});
    this.#end('the page was closed');
    socket?.close();
  }

  /** @param {string} reason  why the room does not want us any more */
  #removed(reason) {
    const socket = this.#socket;
    this.#end(`removed from the room: ${reason}`);
    socket?.close();
  }

  /** @param {string} reason */
  #end(reason) {
    if (this.#isLeft) return;
    this.#isLeft = true;
    this.#stopListening();
    this.#path.stop();
    this.#channels.close();
    this.#direct.close();
    this.#publisher.close();
    this.#subscriber.close();
    this.#roster.participants.clear();
    this.#joined = null;
    this.#backoff.hurry();
    this.#emit('left', {reason});
  }

  /** @param {unknown} error */
  #fail(error) {
    const named = RoomsError.of(error);
    if (!this.#isLeft && named.code !== 'connection-lost') this.#emit('error', named);
  }

  /**
   * @template {keyof RoomsEvents} K
   * @param {K} type
   * @param {RoomsEvents[K]} detail
   */
  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, {detail}));
  }
}
