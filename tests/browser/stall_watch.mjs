// SPDX-License-Identifier: LGPL-2.1-or-later
// How long a counter stood still.

const PERIOD = 50;  // ms

export class StallWatch {
  #going = true;
  #last = performance.now();
  #longest = 0;

  /** `read` gives the counter, later. A reading that fails is none. */
  constructor(read) {
    this.#watch(read);
  }

  /** The longest pause until now, in ms. */
  stop() {
    this.#going = false;
    return Math.round(Math.max(this.#longest, performance.now() - this.#last));
  }

  async #watch(read) {
    let before = null;
    while (this.#going) {
      const value = await read().catch(() => null);
      if (value !== null && value !== before) {
        const now = performance.now();
        if (before !== null) this.#longest = Math.max(this.#longest, now - this.#last);
        this.#last = now;
        before = value;
      }
      await new Promise((done) => setTimeout(done, PERIOD));
    }
  }
}
