// SPDX-License-Identifier: LGPL-2.1-or-later
import {DirectReceiver, progressOf} from './rooms-direct-receiver.js';
import {DirectSender} from './rooms-direct-sender.js';
import {SilenceWatch} from './rooms-path.js';

/**
 * @typedef {import('./rooms-protocol.js').Message} Message
 * @typedef {import('./rooms-direct-receiver.js').Source} Source
 * @typedef {import('./rooms-direct.js').Surroundings} Surroundings
 */

/** How often is looked whether a first picture has come, in milliseconds; and once all have. */
const INTERVAL = 40;
const IDLE_INTERVAL = 200;
/** After so long a track is shown from its slot whether a picture of it has come or not .. */
const LONGEST_RETURN = 5000;
/** .. and what we send is taken to be no longer needed. */
const LONGEST_FAREWELL = 7000;

/**
 * What goes between us and one other participant without the server. Each track is moved on its
 * own, when the first picture has come by the way it is moved to; the former way goes on until then.
 */
export class DirectSession {
  #around;
  #sender;
  #receiver;
  /** @type {'forming' | 'established' | 'leaving' | 'over'} */
  #phase = 'forming';
  #hasSaidReceiving = false;
  /** What had come directly when it was last in doubt. @type {Map<RTCRtpReceiver, number>} */
  #doubtedAt = new Map();
  /** Shows something that the other knows no wish of. */
  #hasNews = false;
  #hasFailed = false;
  #isPeerGone = false;
  #leftAt = 0;
  #isLeaving = false;
  /** What is shown from here. @type {Map<string, Source>} by track */
  #moved = new Map();
  /** What had come by the slots when we began to return. @type {Map<RTCRtpReceiver, number>} */
  #before = new Map();
  /** @type {number | undefined} */
  #timer;
  #silence;

  /**
   * @param {number} number
   * @param {string} peer  participant
   * @param {Surroundings} around
   */
  constructor(number, peer, around) {
    this.number = number;
    this.peer = peer;
    this.#around = around;
    const end = {
      iceServers: around.iceServers(),
      say: (/** @type {Record<string, any>} */ content) => this.#say(content),
      broken: () => this.#fail(),
    };
    this.#sender = new DirectSender(end);
    this.#receiver = new DirectReceiver(end);
    this.#sender.send(around.localTracks());
    this.#silence = new SilenceWatch(this.#receiver.pc, {
      doubtful: () => this.#doubt(),
      sure: () => this.#hasSaidReceiving = false,
      silent: () => this.#fail(),
    });
    this.#look();
  }

  get sender() {
    return this.#sender;
  }

  get receiver() {
    return this.#receiver;
  }

  get isOver() {
    return this.#phase === 'over';
  }

  get isEstablished() {
    return this.#phase === 'established';
  }

  /** Both receive: from now on nothing need go through the server. */
  establish() {
    if (this.#phase !== 'forming') return;
    this.#phase = 'established';
    this.wish();
    this.#silence.start();
  }

  /** Our tracks have changed. */
  sync() {
    if (this.#phase === 'over' || this.#isPeerGone) return;
    if (this.#isLeaving) this.#sender.feed();
    else this.#sender.send(this.#around.localTracks());
  }

  /** Tells the other how we show its tracks. */
  wish() {
    if (this.#phase !== 'established') return;
    this.#hasNews = false;
    const tracks = [...this.#receiver.sources]
        .filter(([, {mediaTrack}]) => mediaTrack.kind === 'video').map(([track]) => track);
    const wishes = tracks.map((track) => ({track, ...this.#around.wishOf(track)}));
    this.#say({wishes});
  }

  /** @param {Message} message */
  hear(message) {
    if (message.state === 'left') {
      this.#sender.close();
      this.#isPeerGone = true;
    } else if (message.offer !== undefined || message.ofOfferer === true) {
      this.#receiver.hear(message);
    } else {
      this.#sender.hear(message);
    }
  }

  /** Back to the server, track by track. */
  async leave() {
    if (this.#isLeaving || this.#phase === 'over') return;
    this.#isLeaving = true;
    this.#leftAt = performance.now();
    this.#silence.stop();
    await this.#noteSlots();
    if (this.isOver) return;
    this.#phase = 'leaving';
    this.#lookAtOnce();
  }

  /** At once, for good. */
  close() {
    if (this.#phase === 'over') return;
    this.#phase = 'over';
    clearTimeout(this.#timer);
    this.#silence.stop();
    for (const track of [...this.#moved.keys()]) this.#moveBack(track);
    this.#sender.close();
    this.#receiver.close();
  }

  /** @param {Record<string, any>} content */
  #say(content) {
    this.#around.say({type: 'direct', session: this.number, ...content});
  }

  #fail() {
    if (this.#hasFailed || this.#isLeaving || this.#phase === 'over') return;
    this.#hasFailed = true;
    this.#around.sendToServer();
    this.#say({state: 'failed'});
  }

  /** Nothing comes directly just now: the server is to send beside it, and what comes by a slot first is shown. */
  async #doubt() {
    this.#around.sendToServer();
    this.#say({state: 'doubtful'});
    await this.#noteSlots();
    for (const {receiver} of this.#moved.values()) {
      this.#doubtedAt.set(receiver, await progressOf(receiver));
    }
    this.#lookAtOnce();
  }

  /** What has come by the slots until now. */
  async #noteSlots() {
    for (const track of this.#receiver.sources.keys()) {
      const {receiver} = this.#around.slotOf(track) ?? {};
      if (receiver) this.#before.set(receiver, await progressOf(receiver));
    }
  }

  #lookAtOnce() {
    if (this.isOver || this.#timer === undefined) return;  // it is just looking
    clearTimeout(this.#timer);
    this.#look();
  }

  async #look() {
    this.#timer = undefined;
    try {
      if (this.#phase === 'leaving') await this.#return();
      else if (this.#silence.isSilent) await this.#fallBack();
      else await this.#take();
    } finally {
      const isIdle = this.#phase === 'established' && !this.#silence.isSilent;
      const pause = isIdle ? IDLE_INTERVAL : INTERVAL;
      if (this.#phase !== 'over') this.#timer = setTimeout(() => this.#look(), pause);
    }
  }

  /** Shows what comes directly, as soon as it does. */
  async #take() {
    if (this.#isLeaving || !this.#receiver.isConnected) return;
    const {sources} = this.#receiver;
    for (const track of [...this.#moved.keys()]) {
      if (!sources.has(track)) this.#moveBack(track);  // it is not sent any more
    }
    let isComplete = this.#sender.pc.connectionState === 'connected';
    for (const [track, source] of sources) {
      if (this.#moved.get(track) === source) continue;
      const info = this.#around.infoOf(this.peer, track);
      if (!info) continue;  // gone already, and the next offer says so
      const mayBeDark = info.muted && info.kind === 'video';
      const seen = this.#doubtedAt.get(source.receiver) ?? 0;
      if (mayBeDark || await progressOf(source.receiver) > seen) this.#move(track, source);
      else isComplete = false;
    }
    if (isComplete && this.#hasNews) this.wish();
    if (!isComplete || this.#hasSaidReceiving || this.#phase === 'leaving') return;
    this.#hasSaidReceiving = true;
    this.#say({state: 'receiving'});
  }

  /** While nothing comes directly: shows from the slots what comes there. */
  async #fallBack() {
    for (const track of [...this.#moved.keys()]) {
      if (await this.#comesBySlot(track) && this.#silence.isSilent) this.#moveBack(track);
    }
  }

  /** Shows from the slots what comes there again. */
  async #return() {
    const now = performance.now();
    const isLate = now - this.#leftAt > LONGEST_RETURN;
    let isComplete = true;
    for (const track of [...this.#moved.keys()]) {
      if (isLate || await this.#comesBySlot(track)) this.#moveBack(track);
      else isComplete = false;
    }
    if (!isComplete) return;
    if (this.#receiver.pc.connectionState !== 'closed') {
      this.#say({state: 'left'});
      this.#receiver.close();
    }
    if (this.#isPeerGone || now - this.#leftAt > LONGEST_FAREWELL) this.close();
  }

  /**
   * @param {string} track
   * @param {Source} source
   */
  #move(track, source) {
    // Whoever closes meanwhile has moved all back.
    if (this.isOver) return;
    this.#moved.set(track, source);
    this.#hasNews = true;
    this.#around.divert(track, source);
  }

  /** @param {string} track */
  #moveBack(track) {
    const source = this.#moved.get(track);
    this.#moved.delete(track);
    if (source) this.#around.undivert(track, source);
  }

  /** @param {string} track */
  async #comesBySlot(track) {
    const slot = this.#around.slotOf(track);
    const info = this.#around.infoOf(this.peer, track);
    if (!slot || !info || info.muted) return true;
    const {width = 1, height = 1} = this.#around.wishOf(track);
    if (info.kind === 'video' && width * height === 0) return true;
    return await progressOf(slot.receiver) > (this.#before.get(slot.receiver) ?? 0);
  }
}
