// SPDX-License-Identifier: LGPL-2.1-or-later

/**
 * @typedef {import('./rooms-publisher.js').Publisher} Publisher
 * @typedef {import('./rooms-subscriber.js').Subscriber} Subscriber
 *
 * @typedef {object} OutboundStats  one encoding that is sent
 * @property {string} label
 * @property {'audio' | 'video'} kind
 * @property {string} rid            empty without simulcast
 * @property {string} codec
 * @property {number} bitrate        bit/s
 * @property {number} targetBitrate  bit/s
 * @property {number} width
 * @property {number} height
 * @property {number} fps
 * @property {number} framesEncoded
 * @property {boolean} active          false: nobody watches it
 * @property {string} scalabilityMode  such as `L3T3_KEY`; empty: not known
 * @property {string} limitation     `none`, `cpu`, `bandwidth` or `other`
 * @property {number} loss           share of packets the server missed, 0..1
 * @property {number} rtt            seconds
 * @property {number} nacks
 * @property {number} plis
 *
 * @typedef {object} InboundStats  one slot
 * @property {string} mid
 * @property {'audio' | 'video'} kind
 * @property {string} participant
 * @property {string} label
 * @property {string} track
 * @property {string} codec
 * @property {number} bitrate        bit/s
 * @property {number} width
 * @property {number} height
 * @property {number} fps
 * @property {number} framesDecoded
 * @property {number} framesDropped
 * @property {number} freezes
 * @property {number} freezeSeconds
 * @property {number} packetsLost
 * @property {number} loss           share since the last sample, 0..1
 * @property {number} nacks
 * @property {number} jitter         seconds
 * @property {number} delay          seconds in the jitter buffer, since the last sample
 * @property {number} audioLevel     0..1
 * @property {number} audioEnergy
 *
 * @typedef {object} PathStats
 * @property {string} state
 * @property {number} rtt                seconds
 * @property {number} availableOutgoing  bit/s
 * @property {number} sent               bit/s
 * @property {number} received           bit/s
 * @property {string} protocol           such as `udp`
 *
 * @typedef {object} RoomsStats
 * @property {number} time  milliseconds
 * @property {PathStats | null} publish
 * @property {PathStats | null} subscribe
 * @property {OutboundStats[]} outbound
 * @property {InboundStats[]} inbound
 *
 * @typedef {Record<string, any>} Report
 */

/** Merges the reports of both connections; rates are those since its previous sample. */
export class StatsSampler {
  #publisher;
  #subscriber;
  /** @type {Map<string, Report>} */
  #previous = new Map();
  /** @type {Map<string, Report>} */
  #current = new Map();

  /**
   * @param {Publisher} publisher
   * @param {Subscriber} subscriber
   */
  constructor(publisher, subscriber) {
    this.#publisher = publisher;
    this.#subscriber = subscriber;
  }

  /** @returns {Promise<RoomsStats>} */
  async sample() {
    this.#previous = this.#current;
    this.#current = new Map();
    const [sent, received] = await Promise.all([
      this.#reports('publish', this.#publisher.pc),
      this.#reports('subscribe', this.#subscriber.pc),
    ]);
    return {
      time: Date.now(),
      publish: this.#path('publish', this.#publisher.pc, sent),
      subscribe: this.#path('subscribe', this.#subscriber.pc, received),
      outbound: this.#outbound(sent),
      inbound: this.#inbound(received),
    };
  }

  /**
   * @param {string} scope
   * @param {RTCPeerConnection | null} pc
   */
  async #reports(scope, pc) {
    /** @type {Map<string, Report>} */
    const reports = new Map();
    if (!pc || pc.connectionState === 'closed') return reports;
    (await pc.getStats()).forEach((report) => {
      reports.set(report.id, report);
      this.#current.set(scope + report.id, report);
    });
    return reports;
  }

  /**
   * Growth of a counter since the previous sample.
   * @param {string} scope
   * @param {Report} report
   * @param {string} field
   */
  #growth(scope, report, field) {
    const before = this.#previous.get(scope + report.id);
    return before ? Math.max(0, (report[field] ?? 0) - (before[field] ?? 0)) : 0;
  }

  /**
   * @param {string} scope
   * @param {Report} report
   * @param {string} field  a counter of bytes
   */
  #bitrate(scope, report, field) {
    const before = this.#previous.get(scope + report.id);
    const elapsed = before ? report.timestamp - before.timestamp : 0;
    return elapsed > 0 ? (this.#growth(scope, report, field) * 8000) / elapsed : 0;
  }

  /**
   * @param {string} scope
   * @param {RTCPeerConnection | null} pc
   * @param {Map<string, Report>} reports
   * @returns {PathStats | null}
   */
  #path(scope, pc, reports) {
    if (!pc) return null;
    const all = [...reports.values()];
    const chosen = all.find((r) => r.type === 'transport')?.selectedCandidatePairId;
    const pair = reports.get(chosen) ??
        all.find((r) => r.type === 'candidate-pair' && (r.selected || r.nominated));
    const local = pair && reports.get(pair.localCandidateId);
    return {
      state: pc.connectionState,
      rtt: pair?.currentRoundTripTime ?? 0,
      availableOutgoing: pair?.availableOutgoingBitrate ?? 0,
      sent: pair ? this.#bitrate(scope, pair, 'bytesSent') : 0,
      received: pair ? this.#bitrate(scope, pair, 'bytesReceived') : 0,
      protocol: local?.protocol ?? '',
    };
  }

  /**
   * @param {Map<string, Report>} reports
   * @returns {OutboundStats[]}
   */
  #outbound(reports) {
    const labels = new Map(
        this.#publisher.tracks.map(({transceiver, label}) => [transceiver?.mid, label]));
    const list = [...reports.values()].filter((r) => r.type === 'outbound-rtp');
    return list.filter((r) => labels.has(r.mid)).map((r) => {
      const remote = reports.get(r.remoteId) ?? {};
      return {
        label: labels.get(r.mid) ?? '',
        kind: r.kind,
        rid: r.rid ?? '',
        codec: nameOf(reports.get(r.codecId)),
        bitrate: this.#bitrate('publish', r, 'bytesSent'),
        targetBitrate: r.targetBitrate ?? 0,
        width: r.frameWidth ?? 0,
        height: r.frameHeight ?? 0,
        fps: r.framesPerSecond ?? 0,
        framesEncoded: r.framesEncoded ?? 0,
        active: r.active ?? true,
        scalabilityMode: r.scalabilityMode ?? '',
        limitation: r.qualityLimitationReason ?? 'none',
        loss: remote.fractionLost ?? 0,
        rtt: remote.roundTripTime ?? 0,
        nacks: r.nackCount ?? 0,
        plis: r.pliCount ?? 0,
      };
    });
  }

  /**
   * @param {Map<string, Report>} reports
   * @returns {InboundStats[]}
   */
  #inbound(reports) {
    const shown = new Map(this.#subscriber.shown.map((s) => [s.mid, s.track]));
    const list = [...reports.values()].filter((r) => r.type === 'inbound-rtp');
    return list.filter((r) => shown.has(r.mid)).map((r) => {
      /** @param {string} field */
      const growth = (field) => this.#growth('subscribe', r, field);
      const track = shown.get(r.mid);
      const lost = growth('packetsLost');
      const arrived = growth('packetsReceived');
      const emitted = growth('jitterBufferEmittedCount');
      return {
        mid: r.mid,
        kind: r.kind,
        participant: track?.participant ?? '',
        label: track?.label ?? '',
        track: track?.id ?? '',
        codec: nameOf(reports.get(r.codecId)),
        bitrate: this.#bitrate('subscribe', r, 'bytesReceived'),
        width: r.frameWidth ?? 0,
        height: r.frameHeight ?? 0,
        fps: r.framesPerSecond ?? 0,
        framesDecoded: r.framesDecoded ?? 0,
        framesDropped: r.framesDropped ?? 0,
        freezes: r.freezeCount ?? 0,
        freezeSeconds: r.totalFreezesDuration ?? 0,
        packetsLost: r.packetsLost ?? 0,
        loss: lost + arrived > 0 ? lost / (lost + arrived) : 0,
        nacks: r.nackCount ?? 0,
        jitter: r.jitter ?? 0,
        delay: emitted > 0 ? growth('jitterBufferDelay') / emitted : 0,
        audioLevel: r.audioLevel ?? 0,
        audioEnergy: r.totalAudioEnergy ?? 0,
      };
    });
  }
}

/** @param {Report | undefined} codec */
function nameOf(codec) {
  const type = codec?.mimeType ?? '';
  return type.slice(type.indexOf('/') + 1);
}
