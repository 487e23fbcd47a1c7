// SPDX-License-Identifier: LGPL-2.1-or-later
import {Demand, encodingsOf} from './rooms-encodings.js';
import {codecsLedBy, RoomsError} from './rooms-protocol.js';
import {Recovery} from './rooms-recovery.js';

/**
 * @typedef {import('./rooms-protocol.js').Kind} Kind
 * @typedef {import('./rooms-link.js').Link} Link
 *
 * @typedef {object} TrackOptions
 * @property {string} label
 * @property {boolean} [muted]
 * @property {boolean} [simulcast]    three layers, `q`, `h` and `f`
 * @property {string} [scalabilityMode]  SVC in one stream, such as `L3T3_KEY`; of a codec that has it
 * @property {number} [maxBitrate]    bit/s, of the highest layer
 * @property {string} [codec]         wished codec, such as `VP9`
 * @property {RTCRtpEncodingParameters[]} [encodings]  one's own layers instead
 *
 * @typedef {object} LocalTrack
 * @property {string} label
 * @property {Kind} kind
 * @property {MediaStreamTrack} mediaTrack
 * @property {boolean} muted
 * @property {boolean} moderated  a moderator holds it back, and only a moderator lets it go
 * @property {string | null} id  the room's name for it, once published
 * @property {TrackOptions} options
 * @property {RTCRtpTransceiver | null} transceiver
 */

/** The publish connection: the client offers, one negotiation at a time. */
export class Publisher {
  /** @type {Link} */
  #link;
  /** @type {RTCPeerConnection | null} */
  #pc = null;
  /** @type {LocalTrack[]} */
  #tracks = [];
  /** Sections of removed tracks, to be used again so that the SDP does not grow.
   * @type {{key: string, transceiver: RTCRtpTransceiver}[]} */
  #idle = [];
  /** @type {Promise<void>} */
  #running = Promise.resolve();
  /** @type {Promise<void> | null} */
  #pending = null;
  /** @type {RTCIceCandidate[] | null} */
  #heldCandidates = [];
  #restartWanted = false;
  /** Something changed that the server has not agreed to yet. */
  #isBehind = false;
  /** Our media takes another way: the connection stays up and carries none. */
  #isResting = false;
  #recovery;
  #demand = new Demand((id) => this.#tracks.find((track) => track.id === id));

  /** Set when data channels live here, since there is no subscribe connection.
   * @type {((pc: RTCPeerConnection) => void) | null} */
  carriesData = null;

  /** Told when there are other tracks, or their sources have changed. */
  changed = () => {};

  /** @param {Link} link */
  constructor(link) {
    this.#link = link;
    this.#recovery = new Recovery({
      restart: () => this.#restart(),
      replace: () => this.renew(),
      changed: (state) => link.emit('connection', {connection: 'publish', state, reason: ''}),
    });
  }

  get pc() {
    return this.#pc;
  }

  get recovery() {
    return this.#recovery;
  }

  /** @returns {readonly LocalTrack[]} */
  get tracks() {
    return this.#tracks;
  }

  /** Labels of what is sent, by mid. */
  get labels() {
    return new Map(this.#tracks.map(({transceiver, label}) => [transceiver?.mid, label]));
  }

  /** What the server wants of our encodings. */
  get demand() {
    return this.#demand;
  }

  /** @param {string | MediaStreamTrack | LocalTrack} key a label, the media track or the handle */
  find(key) {
    const track = this.#tracks.find((t) => t === key || t.label === key || t.mediaTrack === key);
    if (!track) throw new RoomsError('track-unknown', 'There is no such local track.');
    return track;
  }

  /**
   * @param {MediaStreamTrack} mediaTrack
   * @param {TrackOptions} options
   */
  async add(mediaTrack, options) {
    /** @type {LocalTrack} */
    const track = {
      label: options.label,
      kind: /** @type {Kind} */ (mediaTrack.kind),
      mediaTrack,
      muted: options.muted ?? false,
      moderated: false,
      id: null,
      options,
      transceiver: null,
    };
    this.#tracks.push(track);
    try {
      await this.negotiate();
    } catch (error) {
      this.#tracks = this.#tracks.filter((t) => t !== track);
      this.#retire(track);
      throw error;
    }
    return track;
  }

  /**
   * @param {LocalTrack} track
   * @param {MediaStreamTrack} mediaTrack
   */
  async replace(track, mediaTrack) {
    track.mediaTrack = mediaTrack;
    await this.#feed(track);
    this.changed();
  }

  /** @param {LocalTrack} track */
  async remove(track) {
    this.#tracks = this.#tracks.filter((t) => t !== track);
    this.#retire(track);
    await this.negotiate();
  }

  /**
   * @param {LocalTrack} track
   * @param {boolean} muted
   */
  async setMuted(track, muted) {
    if (track.moderated && !muted) {
      throw new RoomsError('muted-by-moderator', `A moderator has muted the ${track.label}.`);
    }
    track.muted = muted;
    await this.#feed(track);
    this.changed();
    if (track.id && this.#link.isJoined()) {
      await this.#link.request({type: 'mute', track: track.id, muted});
    } else {
      this.#isBehind = true;  // the next offer tells it
    }
  }

  /**
   * A moderator has muted one of our tracks, or takes that back: then it is ours to be heard again.
   * @param {string} id
   * @param {boolean} moderated
   * @returns {LocalTrack | undefined}
   */
  moderate(id, moderated) {
    const track = this.#tracks.find((one) => one.id === id);
    if (!track) return undefined;
    track.moderated = moderated;
    track.muted ||= moderated;
    this.#feed(track).catch(() => {});
    this.changed();
    return track;
  }

  /** @param {boolean} isResting  sends nothing, and keeps everything as it is */
  rest(isResting) {
    if (isResting === this.#isResting) return;
    this.#isResting = isResting;
    for (const track of this.#tracks) this.#feed(track).catch(() => {});
  }

  /**
   * Offers what there is now. Calls that come while one waits for its turn share that one. Without
   * a socket it is left for `catchUp`.
   */
  negotiate() {
    this.#isBehind = true;
    this.#pending ??= this.#running.then(() => {
      this.#pending = null;
      const offering = this.#offer();
      this.#running = offering.catch(() => {});
      return offering;
    });
    return this.#pending;
  }

  /** A new connection with all tracks; the server replaces the old one. */
  async renew() {
    this.#discard();
    // An answer for the old connection may never come and would not be used.
    this.#running = Promise.resolve();
    this.#pending = null;
    await this.negotiate();
  }

  /** Signalling is back: does what was left undone meanwhile. */
  async catchUp() {
    if (this.#isBehind) await this.negotiate();
    this.#recovery.check();
  }

  close() {
    this.#discard();
    this.#tracks = [];
  }

  async #restart() {
    this.#restartWanted = true;
    await this.negotiate();
  }

  async #offer() {
    const link = this.#link;
    if (!link.isJoined()) return;  // joining negotiates
    if (this.#tracks.length === 0 && !this.carriesData) {
      this.#isBehind = false;
      if (!this.#pc) return;
      this.#discard();
      await link.request({type: 'unpublish'});
      return;
    }

    const pc = (this.#pc ??= this.#create());
    try {
      this.#isBehind = false;
      for (const track of this.#tracks) await this.#place(track, pc);
      await pc.setLocalDescription(await pc.createOffer({iceRestart: this.#restartWanted}));
      const answer = await link.request({
        type: 'publish',
        sdp: pc.localDescription?.sdp,
        tracks: this.#tracks.map(({transceiver, label, muted}) => ({
          mid: transceiver?.mid,
          label,
          muted,
        })),
      });
      await pc.setRemoteDescription({type: 'answer', sdp: answer.sdp});
      this.#restartWanted = false;
      this.#flushCandidates();
      for (const {mid, track} of answer.tracks ?? []) {
        const local = this.#tracks.find((t) => t.transceiver?.mid === mid);
        if (!local) continue;
        const id = track.id ?? track;
        // Whatever was wanted of its predecessor: without a word everything is.
        if (local.id !== id) this.#demand.forget(id);
        local.id = id;
        local.moderated = track.moderated ?? false;
        if (local.moderated) this.moderate(id, true);
      }
      for (const track of this.#tracks) this.#demand.apply(track);
      this.changed();
    } catch (error) {
      if (pc !== this.#pc) return;  // replaced meanwhile; its successor offers everything
      this.#isBehind = true;
      await this.#undo(pc);
      if (!(error instanceof RoomsError) || error.code !== 'connection-lost') throw error;
    }
  }

  #create() {
    const pc = new RTCPeerConnection({
      iceServers: this.#link.iceServers(),
      bundlePolicy: 'max-bundle',
    });
    this.#heldCandidates = [];
    pc.onicecandidate = ({candidate}) => {
      if (!candidate || pc !== this.#pc) return;
      if (this.#heldCandidates) this.#heldCandidates.push(candidate);
      else this.#link.sendCandidate('publish', candidate);
    };
    this.carriesData?.(pc);
    this.#recovery.watch(pc);
    return pc;
  }

  /** Before the server has seen the offer it has no connection to add candidates to. */
  #flushCandidates() {
    for (const candidate of this.#heldCandidates ?? []) {
      this.#link.sendCandidate('publish', candidate);
    }
    this.#heldCandidates = null;
  }

  /**
   * Gives a track its section: a fresh one, or one of the same shape that was left.
   * @param {LocalTrack} track
   * @param {RTCPeerConnection} pc
   */
  async #place(track, pc) {
    if (track.transceiver) return;
    const key = sectionKey(track);
    const idle = this.#idle.findIndex((section) => section.key === key);
    if (idle >= 0) {
      track.transceiver = this.#idle.splice(idle, 1)[0].transceiver;
      track.transceiver.direction = 'sendonly';
    } else {
      track.transceiver = pc.addTransceiver(track.kind, {
        direction: 'sendonly',
        sendEncodings: track.kind === 'video' ? encodingsOf(track.options) : undefined,
      });
    }
    const {codec} = track.options;
    const order = codec ? codecsLedBy(track.kind, codec) : null;
    if (order) track.transceiver.setCodecPreferences?.(order);
    await this.#feed(track);
  }

  /**
   * A muted video track sends nothing at all; a muted audio track keeps its clock with silence.
   * @param {LocalTrack} track
   */
  async #feed(track) {
    const {mediaTrack, transceiver, muted, kind} = track;
    if (kind === 'audio') mediaTrack.enabled = !muted;
    const source = this.#isResting || (muted && kind === 'video') ? null : mediaTrack;
    if (transceiver && transceiver.sender.track !== source) {
      await transceiver.sender.replaceTrack(source);
    }
  }

  /** @param {LocalTrack} track */
  #retire(track) {
    const {transceiver} = track;
    track.transceiver = null;
    track.id = null;
    if (!transceiver) return;
    transceiver.direction = 'inactive';
    transceiver.sender.replaceTrack(null).catch(() => {});
    this.#idle.push({key: sectionKey(track), transceiver});
  }

  /**
   * After a failed exchange: back to what was agreed, or to nothing if nothing was.
   * @param {RTCPeerConnection} pc
   */
  async #undo(pc) {
    if (!pc.remoteDescription) this.#discard();
    else if (pc.signalingState !== 'stable') await pc.setLocalDescription({type: 'rollback'});
  }

  #discard() {
    this.#recovery.forget();
    this.#pc?.close();
    this.#pc = null;
    this.#idle = [];
    this.#restartWanted = false;
    for (const track of this.#tracks) {
      track.transceiver = null;
      track.id = null;
    }
  }
}

/** @param {LocalTrack} track */
function sectionKey({kind, options}) {
  return JSON.stringify([kind, encodingsOf(options), options.codec]);
}
