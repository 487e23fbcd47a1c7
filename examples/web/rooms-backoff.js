// SPDX-License-Identifier: LGPL-2.1-or-later

const PAUSES = [200, 500, 1000, 2000, 3000, 5000];

/** Pauses between attempts, which grow, and end early when there is reason for hope. */
export class Backoff {
  /** @type {() => void} */
  #wake = () => {};

  /**
   * @param {number} attempt  counted from 0
   * @returns {Promise<void>}
   */
  pause(attempt) {
    const longest = PAUSES[Math.min(attempt, PAUSES.length - 1)];
    // A server that comes back does not want to hear from everybody at once.
    const milliseconds = longest * (0.75 + Math.random() * 0.5);
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  hurry() {
    this.#wake();
  }
}
