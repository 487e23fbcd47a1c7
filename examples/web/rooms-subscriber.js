// SPDX-License-Identifier: LGPL-2.1-or-later
import {RoomsError} from './rooms-protocol.js';
import {Recovery} from './rooms-recovery.js';

/**
 * @typedef {import('./rooms-protocol.js').Message} Message
 * @typedef {import('./rooms-protocol.js').SlotInfo} SlotInfo
 * @typedef {import('./rooms-protocol.js').TrackInfo} TrackInfo
 * @typedef {import('./rooms-direct-receiver.js').Source} Source
 * @typedef {import('./rooms-link.js').Link} Link
 *
 * @typedef {object} Shown
 * @property {string} mid
 * @property {TrackInfo} track
 * @property {MediaStreamTrack} mediaTrack
 * @property {RTCRtpReceiver} receiver
 * @property {boolean} isDirect  comes from its participant, not from the server
 *
 * @typedef {object} Wishes
 * @property {number} [audio]  slots to begin with
 * @property {number} [video]
 * @property {number} [lastN]  most pictures
 * @property {import('./rooms-options.js').Mode} [mode]
 * @property {number} [height]  of the mixed picture
 * @property {boolean} [data]
 */

/** An offer with slots we do not have yet is normally under way when `slots` names them. */
const OFFER_GRACE = 2000;

/**
 * The subscribe connection: the server offers slots and says which track is in which. A slot's
 * MediaStreamTrack stays the same while the people in it change.
 */
export class Subscriber {
  #link;
  #wishes;
  #recovery;
  /** @type {RTCPeerConnection | null} */
  #pc = null;
  /** @type {Promise<unknown>} */
  #running = Promise.resolve();
  /** @type {SlotInfo[]} */
  #slots = [];
  /** @type {Map<string, Shown>} by mid */
  #shown = new Map();
  /** What comes in another way for now. @type {Map<string, Source>} by track */
  #diversions = new Map();
  /** @type {number | undefined} */
  #missingTimer;
  /** An answer that the server may not have seen. */
  #isBehind = false;

  /** Called with each new connection, for the data channels on it.
   * @type {((pc: RTCPeerConnection) => void) | null} */
  carriesData = null;

  /**
   * @param {Link} link
   * @param {Wishes} wishes
   */
  constructor(link, wishes) {
    this.#link = link;
    this.#wishes = wishes;
    this.#recovery = new Recovery({
      restart: () => this.#restart(),
      replace: () => this.start(),
      changed: (state) => link.emit('connection', {connection: 'subscribe', state, reason: ''}),
    });
  }

  get pc() {
    return this.#pc;
  }

  get recovery() {
    return this.#recovery;
  }

  /** What is in the slots now. */
  get shown() {
    return [...this.#shown.values()];
  }

  /** A new connection; the server replaces the old one. */
  async start() {
    const offer = await this.#link.request({type: 'subscribe', ...this.#wishes});
    await this.#inTurn(() => this.#answer(offer, true));
  }

  /** @param {Message} offer one the server sent unasked */
  async accept(offer) {
    try {
      await this.#inTurn(() => this.#answer(offer, false));
    } catch (error) {
      // Not an offer for this connection: its predecessor's, or one we never got to know.
      if (error instanceof RoomsError) throw error;
      await this.start();
    }
  }

  /** @param {SlotInfo[]} slots */
  show(slots) {
    this.#slots = slots;
    this.#reconcile();
  }

  /**
   * The room told something new about a track that may be in a slot.
   * @param {TrackInfo} track
   */
  refresh(track) {
    for (const shown of this.#shown.values()) {
      if (shown.track.id === track.id) shown.track = track;
    }
  }

  /**
   * A track is shown from there, whatever slot it is in, until it is said otherwise.
   * @param {string} track
   * @param {Source | null} source  null: from its slot
   */
  divert(track, source) {
    if (source) this.#diversions.set(track, source);
    else this.#diversions.delete(track);
    const shown = this.shown.find((one) => one.track.id === track);
    const from = source ?? this.slotOf(track);
    if (!shown || !from || shown.mediaTrack === from.mediaTrack) return;
    Object.assign(shown, from, {isDirect: source !== null});
    this.#link.emit('track-moved', shown);
  }

  /** @param {string} track */
  diversionOf(track) {
    return this.#diversions.get(track);
  }

  /**
   * Where a track would come from without a diversion.
   * @param {string} track
   * @returns {Source | undefined}
   */
  slotOf(track) {
    const slot = this.#slots.find((one) => one.track?.id === track);
    const section = this.#pc?.getTransceivers().find(({mid}) => slot && mid === slot.mid);
    return section && {mediaTrack: section.receiver.track, receiver: section.receiver};
  }

  /** Signalling is back: does what was left undone meanwhile. */
  async catchUp() {
    if (!this.#pc) await this.start();
    else if (this.#isBehind) await this.#restart();
    this.#recovery.check();
  }

  close() {
    this.#discard();
    this.#slots = [];
  }

  async #restart() {
    try {
      const offer = await this.#link.request({type: 'restart', connection: 'subscribe'});
      await this.accept(offer);
    } catch (error) {
      if (!(error instanceof RoomsError) || error.code !== 'no-connection') throw error;
      await this.start();
    }
  }

  /**
   * @template T
   * @param {() => Promise<T>} task
   */
  #inTurn(task) {
    const turn = this.#running.then(task);
    this.#running = turn.catch(() => {});
    return turn;
  }

  /**
   * @param {Message} offer
   * @param {boolean} isFirst of a new connection
   */
  async #answer(offer, isFirst) {
    if (isFirst) this.#discard();
    const pc = (this.#pc ??= this.#create());
    this.#isBehind = true;
    await pc.setRemoteDescription({type: 'offer', sdp: offer.sdp});
    await pc.setLocalDescription(await pc.createAnswer());
    if (isFirst && this.#wishes.data !== false) this.carriesData?.(pc);
    this.#reconcile();
    try {
      await this.#link.request({
        type: 'answer',
        sdp: pc.localDescription?.sdp,
        version: offer.version,
      });
      this.#isBehind = false;
    } catch (error) {
      // A newer offer is on its way and gets its own answer.
      if (!(error instanceof RoomsError) || error.code !== 'sdp-version') throw error;
    }
  }

  #create() {
    const pc = new RTCPeerConnection({
      iceServers: this.#link.iceServers(),
      bundlePolicy: 'max-bundle',
    });
    pc.onicecandidate = ({candidate}) => {
      if (candidate && pc === this.#pc) this.#link.sendCandidate('subscribe', candidate);
    };
    this.#recovery.watch(pc);
    return pc;
  }

  /** Brings what is shown in line with the slots, as far as they are negotiated. */
  #reconcile() {
    const receivers = new Map(
        this.#pc?.getTransceivers().map(({mid, receiver}) => [mid, receiver]) ?? []);
    const filled = this.#slots.filter((slot) => slot.track);
    const stays = new Map(filled.map(({mid, track}) => [mid, track?.id]));

    for (const shown of this.shown) {
      if (stays.get(shown.mid) !== shown.track.id) this.#empty(shown);
    }
    for (const {mid, track} of filled) {
      const receiver = receivers.get(mid);
      if (!track || !receiver) continue;
      const present = this.#shown.get(mid);
      if (present) {
        present.track = track;
        continue;
      }
      const diversion = this.#diversions.get(track.id);
      const source = diversion ?? {mediaTrack: receiver.track, receiver};
      const shown = {mid, track, ...source, isDirect: diversion !== undefined};
      this.#shown.set(mid, shown);
      this.#link.emit('track-added', shown);
    }
    this.#awaitMissing(filled.some(({mid}) => !receivers.has(mid)));
  }

  /** @param {boolean} isMissing a slot that no offer has described */
  #awaitMissing(isMissing) {
    clearTimeout(this.#missingTimer);
    if (!isMissing || !this.#pc) return;
    this.#missingTimer = setTimeout(() => this.#restart().catch(() => {}), OFFER_GRACE);
  }

  /** @param {Shown} shown */
  #empty(shown) {
    this.#shown.delete(shown.mid);
    this.#link.emit('track-removed', shown);
  }

  #discard() {
    this.#recovery.forget();
    clearTimeout(this.#missingTimer);
    for (const shown of this.shown) this.#empty(shown);
    this.#pc?.close();
    this.#pc = null;
  }
}
