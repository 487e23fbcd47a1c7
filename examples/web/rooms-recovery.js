// SPDX-License-Identifier: LGPL-2.1-or-later

/** How long a path may be interrupted before ICE is restarted. */
const PATIENCE = 1500;
/** How long a restart or a new connection may take before the connection is replaced. */
const DEADLINE = 8000;
const LONGEST_BACKOFF = 15000;

/**
 * @typedef {object} Remedies
 * @property {() => Promise<void>} restart  new ICE credentials on the same connection
 * @property {() => Promise<void>} replace  a new connection instead of this one
 * @property {(state: RTCPeerConnectionState) => void} changed
 */

/**
 * Keeps one peer connection alive: an interrupted one gets an ICE restart, one that stays dead or
 * never comes up is replaced, with growing pauses.
 */
export class Recovery {
  #remedies;
  /** @type {RTCPeerConnection | null} */
  #pc = null;
  #watchedAt = 0;
  /** @type {number | undefined} */
  #timer;
  #restarted = false;
  #replacements = 0;

  /** @param {Remedies} remedies */
  constructor(remedies) {
    this.#remedies = remedies;
  }

  /** @param {RTCPeerConnection} pc the connection that is in use from now on */
  watch(pc) {
    this.forget();
    this.#pc = pc;
    this.#watchedAt = performance.now();
    this.#restarted = false;
    pc.addEventListener('connectionstatechange', () => {
      if (pc === this.#pc) this.#observe(pc.connectionState);
    });
    this.#after(DEADLINE, () => this.#replace());
  }

  /** Stops watching: the connection is closed on purpose. */
  forget() {
    clearTimeout(this.#timer);
    this.#pc = null;
  }

  /** The network changed or signalling is back: looks whether help is needed. */
  check() {
    if (!this.#pc) return;
    const state = this.#pc.connectionState;
    if (state === 'disconnected') this.#restart();
    if (state === 'failed' || state === 'closed') this.#replace();
  }

  /** The path is known to be gone, whatever the connection has noticed yet; signalling works. */
  pathLost() {
    const state = this.#pc?.connectionState;
    if (state === 'connected' || state === 'disconnected') this.#restart();
    else this.check();
  }

  /**
   * The server lost the connection. Its word may be about the predecessor of a connection that is
   * just being built, so a young one gets time to prove itself.
   */
  serverLostIt() {
    const pc = this.#pc;
    if (!pc) return;
    const isYoung = performance.now() - this.#watchedAt < 3000;
    if (isYoung) {
      this.#after(3000, () => pc.connectionState !== 'connected' && this.#replace());
    } else {
      this.#replace();
    }
  }

  /** @param {RTCPeerConnectionState} state */
  #observe(state) {
    this.#remedies.changed(state);
    if (state === 'connected') {
      clearTimeout(this.#timer);
      this.#restarted = false;
      this.#replacements = 0;
    } else if (state === 'disconnected') {
      this.#after(PATIENCE, () => this.#restart());
    } else if (state === 'failed') {
      if (this.#restarted) this.#replace();
      else this.#restart();
    }
  }

  #restart() {
    this.#restarted = true;
    this.#after(DEADLINE, () => this.#replace());
    // Without signalling the restart fails now; check() repeats it once the session is back.
    this.#remedies.restart().catch(() => {});
  }

  #replace() {
    const pause = Math.min(LONGEST_BACKOFF, 500 * 2 ** this.#replacements) - 500;
    this.#replacements++;
    this.#after(pause, () => {
      // A remedy that fails leaves no connection to watch, hence the next try from here.
      this.#after(DEADLINE, () => this.#replace());
      this.#remedies.replace().catch(() => {});
    });
  }

  /**
   * @param {number} delay milliseconds
   * @param {() => void} action
   */
  #after(delay, action) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(action, delay);
  }
}
