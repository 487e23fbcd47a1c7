// SPDX-License-Identifier: LGPL-2.1-or-later

/**
 * @typedef {import('./rooms-protocol.js').Message} Message
 * @typedef {import('./rooms-direct-sender.js').End} End
 *
 * @typedef {object} Source  where a track comes from
 * @property {MediaStreamTrack} mediaTrack
 * @property {RTCRtpReceiver} receiver
 */

/**
 * How much of a track has come by now: pictures that were decoded, or packets of sound.
 * @param {RTCRtpReceiver} receiver
 */
export async function progressOf(receiver) {
  const isVideo = receiver.track.kind === 'video';
  for (const report of (await receiver.getStats()).values()) {
    if (report.type !== 'inbound-rtp') continue;
    return (isVideo ? report.framesDecoded : report.packetsReceived) ?? 0;
  }
  return 0;
}

/** The connection on which one other participant sends to us: they offer, we answer. */
export class DirectReceiver {
  #end;
  #pc;
  /** @type {Promise<void>} */
  #running = Promise.resolve();
  /** @type {RTCIceCandidateInit[]} */
  #early = [];
  /** @type {Map<string, Source>} by the room's id of the track */
  #sources = new Map();
  #isOffered = false;

  /** @param {End} end */
  constructor(end) {
    this.#end = end;
    const pc = this.#pc =
        new RTCPeerConnection({iceServers: end.iceServers, bundlePolicy: 'max-bundle'});
    pc.onicecandidate = ({candidate}) => {
      if (!candidate) return;
      end.say({candidate: candidate.candidate, mid: candidate.sdpMid ?? '', ofOfferer: false});
    };
    pc.onconnectionstatechange = () => pc.connectionState === 'failed' && end.broken();
  }

  get pc() {
    return this.#pc;
  }

  /** What the other sends, once it has been offered. */
  get sources() {
    return this.#sources;
  }

  /** All that was offered has an answer. */
  get isConnected() {
    return this.#isOffered && this.#pc.connectionState === 'connected' &&
        this.#pc.signalingState === 'stable';
  }

  /** @param {Message} message */
  hear({offer, tracks, candidate, mid}) {
    if (candidate !== undefined) this.#addCandidate({candidate, sdpMid: mid});
    if (offer === undefined) return;
    this.#running = this.#running.then(() => this.#answer(offer, tracks ?? []))
        .catch(() => this.#end.broken());
  }

  close() {
    this.#pc.onconnectionstatechange = null;
    this.#pc.close();
  }

  /**
   * @param {string} offer
   * @param {{mid: string, track: string}[]} tracks
   */
  async #answer(offer, tracks) {
    const pc = this.#pc;
    await pc.setRemoteDescription({type: 'offer', sdp: offer});
    for (const candidate of this.#early.splice(0)) this.#addCandidate(candidate);
    await pc.setLocalDescription(await pc.createAnswer());
    const receivers = new Map(pc.getTransceivers().map(({mid, receiver}) => [mid, receiver]));
    const before = this.#sources;
    this.#sources = new Map();
    for (const {mid, track} of tracks) {
      const receiver = receivers.get(mid);
      if (!receiver) continue;
      const known = before.get(track);
      const isSame = known?.receiver === receiver;
      this.#sources.set(track, isSame ? known : {mediaTrack: receiver.track, receiver});
    }
    this.#isOffered = true;
    this.#end.say({answer: pc.localDescription?.sdp});
  }

  /** @param {RTCIceCandidateInit} candidate */
  #addCandidate(candidate) {
    if (this.#pc.remoteDescription) this.#pc.addIceCandidate(candidate).catch(() => {});
    else this.#early.push(candidate);
  }
}
