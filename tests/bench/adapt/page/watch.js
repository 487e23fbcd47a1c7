// SPDX-License-Identifier: LGPL-2.1-or-later
// In every page: window.adapt, which notes what a viewer is shown. Times are milliseconds of the machine's clock.
window.adapt = (() => {
  const PERIOD = 100;
  const COUNTERS = ['frameWidth', 'framesReceived', 'framesDecoded', 'framesDropped', 'keyFramesDecoded', 'freezeCount',
    'totalFreezesDuration', 'bytesReceived', 'packetsReceived', 'packetsLost', 'nackCount', 'pliCount',
    'retransmittedPacketsReceived', 'jitterBufferDelay', 'jitterBufferEmittedCount', 'decoderImplementation'];
  /** By track: {frames, gaps: [at, milliseconds][], backwards, last}. */
  const pictures = new Map();
  let samples = [];
  let allocations = [];

  /** Pauses between the frames of a track, and steps back in their RTP time. Makes the browser decode it. */
  async function watchFrames(track, name) {
    const seen = { frames: 0, gaps: [], backwards: 0, last: Date.now(), longest: 0 };
    pictures.set(name, seen);
    const reader = new MediaStreamTrackProcessor({ track: track.clone(), maxBufferSize: 30 }).readable.getReader();
    let before;
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const { rtpTimestamp } = value.metadata();
      value.close();
      if (before !== undefined && ((rtpTimestamp - before) | 0) <= 0) seen.backwards++;
      before = rtpTimestamp;
      const now = Date.now();
      if (seen.frames++ > 0 && now - seen.last > 60) seen.gaps.push([now, now - seen.last]);
      seen.last = now;
    }
  }

  /** What getStats says of each picture that arrives, ten times a second. */
  async function watchConnection(pc, nameOf) {
    for (;;) {
      const started = performance.now();
      const at = Date.now();
      for (const report of (await pc.getStats()).values()) {
        if (report.type !== 'inbound-rtp' || report.kind !== 'video') continue;
        const name = nameOf(report);
        if (!name) continue;
        const sample = { at, name };
        for (const counter of COUNTERS) sample[counter] = report[counter] ?? 0;
        samples.push(sample);
      }
      await new Promise((done) => setTimeout(done, Math.max(0, PERIOD - (performance.now() - started))));
    }
  }

  async function camera({ width, height, fps }) {
    const stream = await navigator.mediaDevices.getUserMedia({ video: { width, height, frameRate: fps } });
    return stream.getVideoTracks()[0];
  }

  return {
    watchFrames, watchConnection, camera,
    /** What a server says that it gives us. */
    note: (allocation) => allocations.push(allocation),
    clock: () => Date.now(),
    /** Everything since the last call. A pause that still lasts is among the gaps. */
    take() {
      const taken = { samples, allocations, frames: {} };
      [samples, allocations] = [[], []];
      for (const [name, seen] of pictures) {
        const gaps = [...seen.gaps];
        const since = Date.now() - seen.last;
        if (since > 60) gaps.push([Date.now(), since]);
        taken.frames[name] = { frames: seen.frames, gaps, backwards: seen.backwards };
        seen.gaps = [];
      }
      return taken;
    },
    /** Of a publisher: encodings by track and rid, as getStats has them. */
    async sent() {
      const encodings = [];
      const pc = window.adapt.publishing?.();
      if (!pc) return encodings;
      const reports = await pc.getStats();
      for (const one of reports.values()) {
        if (one.type !== 'outbound-rtp' || one.kind !== 'video') continue;
        encodings.push({ mid: one.mid, rid: one.rid ?? '', width: one.frameWidth ?? 0, height: one.frameHeight ?? 0,
          framesEncoded: one.framesEncoded, bytesSent: one.bytesSent, active: one.active, fps: one.framesPerSecond ?? 0,
          target: one.targetBitrate ?? 0, limitation: one.qualityLimitationReason, nacks: one.nackCount,
          resent: one.retransmittedPacketsSent });
      }
      return encodings;
    },
  };
})();
