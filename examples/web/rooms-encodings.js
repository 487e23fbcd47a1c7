// SPDX-License-Identifier: LGPL-2.1-or-later

/**
 * @typedef {import('./rooms-publisher.js').LocalTrack} LocalTrack
 * @typedef {import('./rooms-publisher.js').TrackOptions} TrackOptions
 * @typedef {import('./rooms-protocol.js').Message} Message
 *
 * @typedef {object} WantedEncoding
 * @property {string} rid           empty for the only encoding
 * @property {boolean} active       whether somebody watches it
 * @property {number} [maxBitrate]  bit/s; without it the track's own
 */

/** Parameters go stale whenever something is negotiated; more often than this it is no accident. */
const ATTEMPTS = 8;

/**
 * Chromium sends VP9 and AV1 simulcast only with a scalability mode; VP8 and H.264 get the
 * temporal layers they would have anyway.
 * @param {TrackOptions} options
 * @returns {RTCRtpEncodingParameters[]}
 */
export function encodingsOf({encodings, simulcast, scalabilityMode, maxBitrate}) {
  if (encodings) return encodings;
  if (!simulcast) {
    // Left out rather than undefined: a mode that is named has to be known.
    return [{...(maxBitrate && {maxBitrate}), ...(scalabilityMode && {scalabilityMode})}];
  }
  const top = maxBitrate ?? 1_500_000;
  /** @type {[string, number, number][]} */
  const layers = [
    ['q', 4, Math.min(150_000, top / 8)],
    ['h', 2, top / 3],
    ['f', 1, top],
  ];
  return layers.map(([rid, scaleResolutionDownBy, bitrate]) => ({
    rid,
    scaleResolutionDownBy,
    maxBitrate: Math.round(bitrate),
    scalabilityMode: 'L1T3',
  }));
}

/**
 * Follows the server's `encodings`: what nobody watches is not sent, what is watched is sent up to
 * a bitrate. What it said of a track holds through every negotiation, until the track is published
 * anew: by another connection, or after it was removed.
 */
export class Demand {
  #find;
  /** @type {Map<string, WantedEncoding[]>} by track id */
  #wanted = new Map();
  /** One change at a time: each takes the parameters the one before has left.
   * @type {WeakMap<RTCRtpSender, Promise<void>>} */
  #running = new WeakMap();

  /** @param {(id: string) => LocalTrack | undefined} find */
  constructor(find) {
    this.#find = find;
  }

  /** @param {Message} message `encodings` */
  hear({track, encodings}) {
    this.#wanted.set(track, encodings ?? []);
    const local = this.#find(track);
    if (local) this.apply(local);
  }

  /** @param {string} id of a track that was published anew */
  forget(id) {
    this.#wanted.delete(id);
  }

  /**
   * Brings the sender in line with what is wanted by then, after the changes before it.
   * @param {LocalTrack} track
   */
  apply(track) {
    const {transceiver, kind} = track;
    if (!transceiver || kind !== 'video') return;
    const {sender} = transceiver;
    const before = this.#running.get(sender) ?? Promise.resolve();
    this.#running.set(sender, before.then(async () => {
      // Its section may be another track's by now, or closed.
      if (track.transceiver === transceiver) await this.#adjust(sender, track);
    }));
  }

  /**
   * @param {RTCRtpSender} sender
   * @param {LocalTrack} track
   */
  async #adjust(sender, track) {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const parameters = sender.getParameters();
      if (!this.#change(parameters.encodings ?? [], track)) return;
      try {
        await sender.setParameters(parameters);
        return;
      } catch (error) {
        if (!(error instanceof DOMException) || error.name !== 'InvalidStateError') {
          console.warn(`The encodings of ${track.id} stay as they are:`, error);
          return;
        }
        await new Promise((done) => setTimeout(done, 20 * 2 ** attempt));
      }
    }
  }

  /**
   * @param {RTCRtpEncodingParameters[]} encodings changed in place
   * @param {LocalTrack} track
   * @returns {boolean} whether anything is other than it was
   */
  #change(encodings, {id, options}) {
    const own = encodingsOf(options);
    const wanted = this.#wanted.get(id ?? '') ?? [];
    let isChanged = false;
    for (const [index, encoding] of encodings.entries()) {
      const rid = encoding.rid ?? '';
      const mine = own.find((one) => (one.rid ?? '') === rid) ?? own[index] ?? {};
      const theirs = wanted.find((one) => (one.rid ?? '') === rid);
      const active = (mine.active ?? true) && (theirs?.active ?? true);
      const most = Math.min(mine.maxBitrate ?? Infinity, theirs?.maxBitrate ?? Infinity);
      const maxBitrate = Number.isFinite(most) ? most : undefined;
      if ((encoding.active ?? true) === active && encoding.maxBitrate === maxBitrate) continue;
      isChanged = true;
      encoding.active = active;
      if (maxBitrate === undefined) delete encoding.maxBitrate;
      else encoding.maxBitrate = maxBitrate;
    }
    return isChanged;
  }
}
