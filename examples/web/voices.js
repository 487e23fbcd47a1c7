// SPDX-License-Identifier: LGPL-2.1-or-later

/** Louder than this on the ear's scale is somebody speaking. */
const THRESHOLD = 0.42;
/** Readings (100 ms each) that a voice outlasts a pause between two words. */
const HOLD = 6;

/**
 * Who is speaking: whom the server names, and whoever is loud enough here, so that two who talk at
 * once both show it.
 */
export class Voices {
  #dominant = '';
  /** @type {Map<string, number>} */
  #levels = new Map();
  /** Readings left of each voice. @type {Map<string, number>} */
  #held = new Map();

  /** @param {string} participant  empty: nobody */
  setDominant(participant) {
    this.#dominant = participant;
  }

  get dominant() {
    return this.#dominant;
  }

  /** @param {Map<string, number>} levels  one reading */
  observe(levels) {
    this.#levels = levels;
    for (const [participant, left] of this.#held) {
      if (left <= 1) this.#held.delete(participant);
      else this.#held.set(participant, left - 1);
    }
    for (const [participant, level] of levels) {
      if (level > THRESHOLD) this.#held.set(participant, HOLD);
    }
  }

  /** @param {string} participant */
  of(participant) {
    const isSpeaking = this.#dominant === participant || this.#held.has(participant);
    return {isSpeaking, level: this.#levels.get(participant) ?? 0};
  }

  clear() {
    this.#dominant = '';
    this.#levels.clear();
    this.#held.clear();
  }
}
