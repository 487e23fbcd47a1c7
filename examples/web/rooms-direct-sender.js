// SPDX-License-Identifier: LGPL-2.1-or-later
import {codecsLedBy} from './rooms-protocol.js';

/**
 * @typedef {import('./rooms-protocol.js').Message} Message
 * @typedef {import('./rooms-publisher.js').LocalTrack} LocalTrack
 * @typedef {import('./rooms-publisher.js').TrackOptions} TrackOptions
 *
 * @typedef {object} TrackWish  how the other shows a track of ours
 * @property {string} track
 * @property {number} [width]       of the tile, in device pixels; 0: nobody sees it
 * @property {number} [height]
 * @property {number} [maxSpatial]  of three layers
 * @property {number} [maxBitrate]  bit/s
 *
 * @typedef {object} End  what one side of a direct session needs of it
 * @property {RTCIceServer[]} iceServers
 * @property {(content: Record<string, any>) => void} say
 * @property {() => void} broken  the connection cannot be made, or is lost
 */

/** Without a word a camera is sent so, in bit/s; a screen, which is read, has its own. */
const USUAL_BITRATE = 1_500_000;
const LOWEST_BITRATE = 150_000;
/** Between two signs of life, in milliseconds: less than the silence that counts as a broken path. */
const PULSE = 60;

/**
 * The connection on which we send to one other participant: we offer, they answer. What the server
 * does by choosing among layers is done here by scaling the one picture.
 */
export class DirectSender {
  #end;
  #pc;
  #pulse;
  /** @type {Map<LocalTrack, RTCRtpTransceiver>} */
  #sections = new Map();
  /** What of our tracks belongs together in time. @type {Map<string, MediaStream>} */
  #streams = new Map();
  /** @type {Promise<void>} */
  #running = Promise.resolve();
  /** @type {RTCIceCandidateInit[]} */
  #early = [];
  /** @type {readonly LocalTrack[]} */
  #tracks = [];
  #told = '';
  /** @type {Map<string, TrackWish>} by track id */
  #wishes = new Map();

  /** @param {End} end */
  constructor(end) {
    this.#end = end;
    const pc = this.#pc =
        new RTCPeerConnection({iceServers: end.iceServers, bundlePolicy: 'max-bundle'});
    // There is a path to be found also while nobody sends anything, and signs of life on it: who
    // switches the camera off has not gone.
    const channel = pc.createDataChannel('path', {ordered: false, maxRetransmits: 0});
    this.#pulse = setInterval(() => channel.readyState === 'open' && channel.send('.'), PULSE);
    pc.onicecandidate = ({candidate}) => {
      if (!candidate) return;
      end.say({candidate: candidate.candidate, mid: candidate.sdpMid ?? '', ofOfferer: true});
    };
    pc.onconnectionstatechange = () => pc.connectionState === 'failed' && end.broken();
  }

  get pc() {
    return this.#pc;
  }

  /** Labels of what is sent, by mid. @returns {Map<string | null, string>} */
  get labels() {
    return new Map([...this.#sections].map(([{label}, {mid}]) => [mid, label]));
  }

  /**
   * Sends these from now on, as far as the room knows them.
   * @param {readonly LocalTrack[]} tracks
   */
  send(tracks) {
    this.#tracks = tracks;
    this.#running = this.#running.then(() => this.#bringUp()).catch(() => this.#end.broken());
  }

  /** Sends what its tracks have now, and no others. */
  feed() {
    for (const track of this.#sections.keys()) this.#feed(track).catch(() => {});
  }

  /** @param {Message} message */
  hear({answer, candidate, mid, wishes}) {
    if (wishes) this.#follow(wishes);
    if (candidate !== undefined) this.#addCandidate({candidate, sdpMid: mid});
    if (answer === undefined) return;
    this.#pc.setRemoteDescription({type: 'answer', sdp: answer}).then(() => {
      for (const early of this.#early.splice(0)) this.#addCandidate(early);
      // What has changed since the offer.
      this.send(this.#tracks);
    }).catch(() => this.#end.broken());
  }

  close() {
    clearInterval(this.#pulse);
    this.#pc.onconnectionstatechange = null;
    this.#pc.close();
  }

  async #bringUp() {
    const pc = this.#pc;
    if (pc.signalingState !== 'stable') return;  // the answer brings us back
    for (const [track, section] of this.#sections) {
      if (this.#tracks.includes(track)) continue;
      section.stop();
      this.#sections.delete(track);
    }
    for (const track of this.#tracks) {
      if (!track.id) continue;
      if (!this.#sections.has(track)) this.#place(track);
      await this.#feed(track);
    }
    const known = this.#list().map(({track}) => track);
    const told = JSON.stringify([known, [...this.#sections.values()].length]);
    if (told === this.#told) return;
    this.#told = told;
    await pc.setLocalDescription(await pc.createOffer());
    this.#end.say({offer: pc.localDescription?.sdp, tracks: this.#list()});
  }

  #list() {
    return [...this.#sections].filter(([{id}]) => id)
        .map(([{id}, {mid}]) => ({mid, track: id}));
  }

  /** @param {LocalTrack} track */
  #place(track) {
    const {kind, label, options} = track;
    const group = label.startsWith('screen') ? 'screen' : 'person';
    const stream = this.#streams.get(group) ?? new MediaStream();
    this.#streams.set(group, stream);
    const section = this.#pc.addTransceiver(kind, {
      direction: 'sendonly',
      streams: [stream],
      sendEncodings: kind === 'video' ? [{maxBitrate: topBitrate(options)}] : undefined,
    });
    const order = options.codec ? codecsLedBy(kind, options.codec) : null;
    if (order) section.setCodecPreferences?.(order);
    this.#sections.set(track, section);
  }

  /** @param {LocalTrack} track */
  async #feed(track) {
    const {mediaTrack, muted, kind} = track;
    const source = muted && kind === 'video' ? null : mediaTrack;
    const sender = this.#sections.get(track)?.sender;
    if (!sender || sender.track === source) return;
    await sender.replaceTrack(source);
    await this.#scale(track);
  }

  /** @param {TrackWish[]} wishes */
  #follow(wishes) {
    this.#wishes = new Map(wishes.map((wish) => [wish.track, wish]));
    this.#running = this.#running.then(async () => {
      for (const track of this.#sections.keys()) await this.#scale(track);
    }).catch((error) => console.warn('A picture stays as large as it is:', error));
  }

  /** @param {LocalTrack} track */
  async #scale(track) {
    const sender = this.#sections.get(track)?.sender;
    const wish = this.#wishes.get(track.id ?? '');
    if (!sender || !wish || track.kind !== 'video') return;
    const parameters = sender.getParameters();
    const [encoding] = parameters.encodings ?? [];
    if (!encoding) return;
    Object.assign(encoding, encodingFor(wish, track));
    await sender.setParameters(parameters);
  }

  /** @param {RTCIceCandidateInit} candidate */
  #addCandidate(candidate) {
    if (this.#pc.remoteDescription) this.#pc.addIceCandidate(candidate).catch(() => {});
    else this.#early.push(candidate);
  }
}

/** @param {TrackOptions} options */
function topBitrate({maxBitrate}) {
  return maxBitrate ?? USUAL_BITRATE;
}

/**
 * The smallest of full, half and quarter size that fills the tile, as simulcast has them.
 * @param {TrackWish} wish
 * @param {LocalTrack} track
 */
function encodingFor({width, height, maxSpatial, maxBitrate}, {mediaTrack, options}) {
  const source = mediaTrack.getSettings();
  const tile = (width ?? Infinity) * (height ?? Infinity);
  const pixels = (source.width ?? 0) * (source.height ?? 0);
  const most = 2 ** Math.max(0, 2 - (maxSpatial ?? 2));
  const fits = [4, 2].find((scale) => pixels / scale ** 2 >= tile) ?? 1;
  const scale = Math.max(most, fits);
  const top = topBitrate(options);
  const rate = scale === 1 ? top : scale === 2 ? top / 3 : Math.min(LOWEST_BITRATE, top / 8);
  return {
    active: tile > 0,
    scaleResolutionDownBy: scale,
    maxBitrate: Math.round(Math.min(rate, maxBitrate ?? Infinity)),
  };
}
