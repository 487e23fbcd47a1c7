// SPDX-License-Identifier: LGPL-2.1-or-later

/** Keeps the screen of a phone lit during a call, where the browser can. */
export class WakeLock {
  /** @type {WakeLockSentinel | null} */
  #sentinel = null;
  #isWanted = false;

  constructor() {
    // The system takes it back whenever the page is hidden.
    document.addEventListener('visibilitychange', () => this.#acquire());
  }

  hold() {
    this.#isWanted = true;
    this.#acquire();
  }

  release() {
    this.#isWanted = false;
    this.#sentinel?.release().catch(() => {});
    this.#sentinel = null;
  }

  async #acquire() {
    if (!this.#isWanted || document.hidden || !('wakeLock' in navigator)) return;
    try {
      this.#sentinel = await navigator.wakeLock.request('screen');
    } catch {
      // Low battery; the call does not depend on it.
    }
  }
}
