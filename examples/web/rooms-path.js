// SPDX-License-Identifier: LGPL-2.1-or-later

/** How often the counters are read, in milliseconds. */
const INTERVAL = 250;
/** A path counts as in use after packets came in so many intervals on end .. */
const IN_USE = 3;
/** .. and as silent when none have come for so long (milliseconds). */
const SILENT = 600;

/**
 * Bytes that this connection has received, on whatever pair of candidates.
 * @param {RTCPeerConnection} pc
 */
async function bytesReceived(pc) {
  let sum = 0;
  (await pc.getStats()).forEach((report) => {
    if (report.type === 'candidate-pair') sum += report.bytesReceived ?? 0;
  });
  return sum;
}

/**
 * Watches one connection for packets that stop coming. A browser takes five seconds to say so, and may
 * not say at all that its own address has changed; whoever carries media gets packets all the time,
 * feedback if nothing else.
 */
export class PathWatch {
  #carrier;
  #silent;
  /** @type {number | undefined} */
  #timer;
  /** @type {RTCPeerConnection | null} */
  #pc = null;
  #received = 0;
  #streak = 0;
  #heardAt = 0;

  /**
   * @param {() => RTCPeerConnection | null} carrier  the one to watch now
   * @param {() => void} silent  called once for each silence
   */
  constructor(carrier, silent) {
    this.#carrier = carrier;
    this.#silent = silent;
  }

  start() {
    this.stop();
    this.#pc = null;
    this.#timer = setInterval(() => this.#look().catch(() => {}), INTERVAL);
  }

  stop() {
    clearInterval(this.#timer);
  }

  async #look() {
    const pc = this.#carrier();
    if (!pc || pc.connectionState !== 'connected') return;
    if (pc !== this.#pc) {
      this.#pc = pc;
      this.#streak = 0;
    }
    const received = await bytesReceived(pc);
    const now = performance.now();
    if (received !== this.#received) {
      // A page in the background is seldom let run: then nothing can be said of the time between.
      this.#streak = now - this.#heardAt < 2 * INTERVAL ? this.#streak + 1 : 0;
      this.#received = received;
      this.#heardAt = now;
    } else if (this.#streak >= IN_USE && now - this.#heardAt >= SILENT) {
      this.#streak = 0;
      this.#silent();
    }
  }
}

/** How often a direct path is looked at (milliseconds). */
const DIRECT_INTERVAL = 40;
/** After such a silence it is in doubt, and after each doubt without a reason the next one takes so much longer .. */
const DOUBTFUL = 130;
const CALMER = 1.5;
const LONGEST_DOUBTFUL = 600;
/** .. until packets have come for so long; after this silence it counts as broken. */
const SURE = 1000;
const DIRECT_SILENT = 700;

/** The same for a connection to another browser, where nobody else is to be asked whether it is there. */
export class SilenceWatch {
  #pc;
  #heard;
  /** @type {number | undefined} */
  #timer;
  #received = 0;
  #streak = 0;
  #heardAt = 0;
  #lookedAt = 0;
  #doubtful = DOUBTFUL;
  #isDoubted = false;

  /**
   * @param {RTCPeerConnection} pc
   * @param {{doubtful: () => void, sure: () => void, silent: () => void}} heard  nothing for a moment, which may be all;
   *     the path is there as before; nothing any more, called once
   */
  constructor(pc, heard) {
    this.#pc = pc;
    this.#heard = heard;
  }

  /** Nothing has come since the path is in doubt. */
  get isSilent() {
    return this.#isDoubted && this.#streak === 0;
  }

  start() {
    this.stop();
    this.#timer = setInterval(() => this.#look().catch(() => {}), DIRECT_INTERVAL);
  }

  stop() {
    clearInterval(this.#timer);
  }

  async #look() {
    const received = await bytesReceived(this.#pc);
    const now = performance.now();
    // A page that is not let run has no right to complain of silence.
    const isFluent = now - this.#lookedAt < 2 * DIRECT_INTERVAL;
    this.#lookedAt = now;
    if (received !== this.#received || !isFluent) {
      this.#streak = isFluent ? this.#streak + 1 : 0;
      this.#received = received;
      this.#heardAt = now;
      if (this.#isDoubted && this.#streak * DIRECT_INTERVAL >= SURE) {
        this.#isDoubted = false;
        this.#doubtful = Math.min(this.#doubtful * CALMER, LONGEST_DOUBTFUL);
        this.#heard.sure();
      }
    } else if (this.#isDoubted && now - this.#heardAt >= DIRECT_SILENT) {
      this.stop();
      this.#heard.silent();
    } else if (now - this.#heardAt >= this.#doubtful) {
      if (this.#streak >= IN_USE && !this.#isDoubted) {
        this.#isDoubted = true;
        this.#heard.doubtful();
      }
      this.#streak = 0;
    }
  }
}
