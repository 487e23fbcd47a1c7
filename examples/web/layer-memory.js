// SPDX-License-Identifier: LGPL-2.1-or-later

/** @typedef {import('./rooms-view.js').Allocation} Allocation */

/** What simulcast and SVC have: so many may be there as long as nothing has shown otherwise. */
const USUAL = 3;
const SHOWS_MORE = new Set(['tile-covered', 'client-limit']);

/** How many layers each track has, as far as its allocations have shown. */
export class LayerMemory {
  /** `most` have been seen; `isAll`: and nothing has shown that there are more.
   * @type {Map<string, {most: number, isAll: boolean}>} by track */
  #seen = new Map();

  /** @param {Allocation} allocation */
  observe({slots}) {
    for (const {track, spatial, reason} of slots) {
      const {most = 0, isAll = false} = this.#seen.get(track) ?? {};
      const seen = {most: Math.max(most, spatial + 1), isAll};
      // Layers above that nobody wants rest: what is the top now may not be all there is.
      if (reason === 'top-layer') seen.isAll ||= seen.most > most;
      if (SHOWS_MORE.has(reason)) seen.isAll = spatial + 1 < seen.most && isAll;
      this.#seen.set(track, seen);
    }
  }

  /** @param {string} track */
  layersOf(track) {
    const seen = this.#seen.get(track);
    return seen?.isAll ? seen.most : Math.max(USUAL, seen?.most ?? 0);
  }
}
