// SPDX-License-Identifier: LGPL-2.1-or-later

/** @typedef {import('./rooms-view.js').View} View */

/** Who looks at another tab for a moment finds the pictures as they were. Milliseconds. */
const GLANCE_AWAY = 5000;

/**
 * Tells a View how large the elements are that show tracks, in device pixels: 0 x 0 for those
 * nobody sees, since they are scrolled away, not displayed, behind another one in full screen, or
 * on a page that has been in the background for a while.
 *
 *     const watch = new TileWatch(client.view);
 *     watch.show(video, 'bob/camera');
 */
export class TileWatch {
  #view;
  /** @type {Map<Element, {track: string, isInView: boolean}>} */
  #tiles = new Map();
  #isAway = false;
  /** @type {number | undefined} */
  #awayTimer;
  #resizes = new ResizeObserver((entries) => entries.forEach(({target}) => this.#tell(target)));
  #crossings = new IntersectionObserver((entries) => this.#crossed(entries));
  #stopping = new AbortController();
  #measureAll = () => this.#tiles.forEach((_, element) => this.#tell(element));

  /** @param {View} view */
  constructor(view) {
    this.#view = view;
    const {signal} = this.#stopping;
    document.addEventListener('visibilitychange', () => this.#look(), {signal});
    for (const type of ['fullscreenchange', 'enterpictureinpicture', 'leavepictureinpicture']) {
      document.addEventListener(type, this.#measureAll, {signal, capture: true});
    }
    this.#watchPixelRatio();
    this.#look();
  }

  /**
   * From now on that element shows that track, instead of another one it may have shown.
   * @param {Element} element
   * @param {string} track  id; empty: nothing
   */
  show(element, track) {
    const present = this.#tiles.get(element);
    if (present?.track === track) return;
    this.#tiles.delete(element);
    const shownNow = [...this.#tiles.values()].map((tile) => tile.track);
    if (present && !shownNow.includes(present.track)) this.#view.setTile(present.track, null);
    if (!track) {
      this.#resizes.unobserve(element);
      this.#crossings.unobserve(element);
      return;
    }
    // Until the first crossing is told it counts as seen.
    this.#tiles.set(element, {track, isInView: present?.isInView ?? true});
    this.#resizes.observe(element);
    this.#crossings.observe(element);
    this.#tell(element);
  }

  stop() {
    this.#stopping.abort();
    clearTimeout(this.#awayTimer);
    this.#resizes.disconnect();
    this.#crossings.disconnect();
    this.#tiles.clear();
  }

  /** @param {IntersectionObserverEntry[]} entries */
  #crossed(entries) {
    for (const {target, isIntersecting} of entries) {
      const tile = this.#tiles.get(target);
      if (!tile) continue;
      tile.isInView = isIntersecting;
      this.#tell(target);
    }
  }

  #look() {
    clearTimeout(this.#awayTimer);
    if (document.visibilityState === 'hidden') {
      this.#awayTimer = setTimeout(() => this.#setAway(true), GLANCE_AWAY);
    } else {
      this.#setAway(false);
    }
  }

  /** @param {boolean} isAway */
  #setAway(isAway) {
    this.#isAway = isAway;
    this.#measureAll();
  }

  /** A window that moves to another screen, or a page that is zoomed. */
  #watchPixelRatio() {
    matchMedia(`(resolution: ${devicePixelRatio}dppx)`).addEventListener('change', () => {
      this.#measureAll();
      this.#watchPixelRatio();
    }, {once: true, signal: this.#stopping.signal});
  }

  /** @param {Element} element */
  #tell(element) {
    const tile = this.#tiles.get(element);
    if (!tile) return;
    const ratio = this.#isSeen(element, tile.isInView) ? devicePixelRatio : 0;
    this.#view.setTile(tile.track, {
      width: element.clientWidth * ratio,
      height: element.clientHeight * ratio,
    });
  }

  /**
   * @param {Element} element
   * @param {boolean} isInView
   */
  #isSeen(element, isInView) {
    const {fullscreenElement, pictureInPictureElement} = document;
    if (pictureInPictureElement && element.contains(pictureInPictureElement)) return true;
    if (this.#isAway || !isInView) return false;
    return !fullscreenElement || fullscreenElement.contains(element);
  }
}
