// SPDX-License-Identifier: LGPL-2.1-or-later

/**
 * @typedef {import('./rooms-publisher.js').Publisher} Publisher
 * @typedef {import('./rooms-subscriber.js').Subscriber} Subscriber
 * @typedef {import('./rooms-subscriber.js').Shown} Shown
 * @typedef {import('./rooms-direct.js').DirectPath} DirectPath
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
 * @property {string} mid            of the slot
 * @property {boolean} isDirect      comes from the participant, not from the server
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
 * @property {string} remote             kind of the other end's candidate: `host`, `srflx`, `prflx`, `relay`
 *
 * @typedef {object} RoomsStats
 * @property {number} time  milliseconds
 * @property {PathStats | null} publish
 * @property {PathStats | null} subscribe
 * @property {string | null} directPeer   with whom media is exchanged without the server
 * @property {PathStats | null} directSend
 * @property {PathStats | null} directReceive
 * @property {OutboundStats[]} outbound
 * @property {InboundStats[]} inbound
 *
 * @typedef {Record<string, any>} Report
 */

const SCOPES = ['publish', 'subscribe', 'directSend', 'directReceive'];

/** Merges the reports of both connections; rates are those since its previous sample. */
export class StatsSampler {
  #publisher;
  #subscriber;
  #direct;
  /** @type {Map<string, Report>} */
  #previous = new Map();
  /** @type {Map<string, Report>} */
  #current = new Map();

  /**
   * @param {Publisher} publisher
   * @param {Subscriber} subscriber
   * @param {DirectPath} direct
   */
  constructor(publisher, subscriber, direct) {
    this.#direct = direct;
    this.#publisher = publisher;
    this.#subscriber = subscriber;
  }

  /** @returns {Promise<RoomsStats>} */
  async sample() {
    this.#previous = this.#current;
    this.#current = new Map();
    const {sender, receiver} = this.#direct.ends ?? {};
    const pcs = [this.#publisher.pc, this.#subscriber.pc, sender?.pc ?? null, receiver?.pc ?? null];
    const all = await Promise.all(SCOPES.map((scope, n) => this.#reports(scope, pcs[n])));
    const [publish, subscribe, directSend, directReceive] =
        SCOPES.map((scope, n) => this.#path(scope, pcs[n], all[n]));
    const {peer} = this.#direct;
    return {
      time: Date.now(),
      publish,
      subscribe,
      directPeer: peer,
      directSend,
      directReceive,
      outbound: peer && sender
          ? this.#outbound('directSend', all[2], sender.labels)
          : this.#outbound('publish', all[0], this.#publisher.labels),
      inbound: [...this.#inbound('subscribe', all[1], this.#shownOn(this.#subscriber.pc)),
        ...this.#inbound('directReceive', all[3], this.#shownOn(receiver?.pc ?? null))],
    };
  }

  /**
   * What is shown from a connection, by mid.
   * @param {RTCPeerConnection | null} pc
   * @returns {Map<string | null, Shown>}
   */
  #shownOn(pc) {
    const mids = new Map(pc?.getTransceivers().map(({mid, receiver}) => [receiver, mid]) ?? []);
    return new Map(this.#subscriber.shown.filter(({receiver}) => mids.has(receiver))
        .map((shown) => [mids.get(shown.receiver) ?? null, shown]));
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
      remote: (pair && reports.get(pair.remoteCandidateId)?.candidateType) ?? '',
    };
  }

  /**
   * @param {string} scope
   * @param {Map<string, Report>} reports
   * @param {Map<string | null | undefined, string>} labels  by mid
   * @returns {OutboundStats[]}
   */
  #outbound(scope, reports, labels) {
    const list = [...reports.values()].filter((r) => r.type === 'outbound-rtp');
    return list.filter((r) => labels.has(r.mid)).map((r) => {
      const remote = reports.get(r.remoteId) ?? {};
      return {
        label: labels.get(r.mid) ?? '',
        kind: r.kind,
        rid: r.rid ?? '',
        codec: nameOf(reports.get(r.codecId)),
        bitrate: this.#bitrate(scope, r, 'bytesSent'),
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
   * @param {string} scope
   * @param {Map<string, Report>} reports
   * @param {Map<string | null, Shown>} shown  by mid of the connection
   * @returns {InboundStats[]}
   */
  #inbound(scope, reports, shown) {
    const list = [...reports.values()].filter((r) => r.type === 'inbound-rtp');
    return list.filter((r) => shown.has(r.mid)).map((r) => {
      /** @param {string} field */
      const growth = (field) => this.#growth(scope, r, field);
      const {mid, track, isDirect} = shown.get(r.mid) ?? {};
      const lost = growth('packetsLost');
      const arrived = growth('packetsReceived');
      const emitted = growth('jitterBufferEmittedCount');
      return {
        mid: mid ?? r.mid,
        isDirect: isDirect ?? false,
        kind: r.kind,
        participant: track?.participant ?? '',
        label: track?.label ?? '',
        track: track?.id ?? '',
        codec: nameOf(reports.get(r.codecId)),
        bitrate: this.#bitrate(scope, r, 'bytesReceived'),
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
