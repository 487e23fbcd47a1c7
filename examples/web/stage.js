// SPDX-License-Identifier: LGPL-2.1-or-later
import {element} from './dom.js';
import {bestGrid, spotlight} from './tile-layout.js';
import {Tile} from './tile.js';

/** @typedef {import('./tile.js').TileView} TileView */

/**
 * @typedef {object} StageListener
 * @property {(participant: string) => void} pinned   one of the others; empty: nobody
 * @property {(element: Element, track: string) => void} shown  what a tile shows; empty: nothing
 */

/** Keeps the tiles in line with what is to be seen, and arranged. */
export class Stage {
  #root;
  #listener;
  #told = '';
  #empty;
  /** @type {Map<string, Tile>} */
  #tiles = new Map();
  /** @type {TileView[]} */
  #views = [];
  #pinned = '';
  /** Screens by age, the newest last. @type {string[]} */
  #screens = [];
  #settling = 0;
  #hint = '';

  /**
   * @param {HTMLElement} root
   * @param {StageListener} listener
   */
  constructor(root, listener) {
    this.#root = root;
    this.#listener = listener;
    this.#empty = element('p', {class: 'stage-empty', 'data-testid': 'stage-empty'});
    root.append(this.#empty);
    new ResizeObserver(() => this.#resized()).observe(root);
  }

  /**
   * @param {TileView[]} views
   * @param {string} [hint]  what to say about a stage with nobody else on it
   */
  show(views, hint = '') {
    this.#views = views;
    const keys = new Set(views.map(({key}) => key));
    for (const [key, tile] of this.#tiles) {
      if (keys.has(key)) continue;
      this.#listener.shown(tile.element, '');
      tile.remove();
      this.#tiles.delete(key);
    }
    if (!keys.has(this.#pinned)) this.#pinned = '';
    const screens = views.filter(({isScreen}) => isScreen).map(({key}) => key);
    this.#screens = this.#screens.filter((key) => keys.has(key));
    this.#screens.push(...screens.filter((key) => !this.#screens.includes(key)));
    for (const view of views) {
      const tile = this.#tileOf(view.key);
      tile.update(view, view.key === this.#pinned);
      if (!view.isLocal) this.#listener.shown(tile.element, view.isVideoMuted ? '' : view.track);
    }
    this.#tellPinned();
    this.#empty.hidden = hint === '';
    this.#empty.textContent = hint;
    this.#hint = hint;
    this.#arrange();
  }

  /**
   * @param {(participant: string) => {isSpeaking: boolean, level: number}} voiceOf
   */
  showVoices(voiceOf) {
    for (const {key, participant, isScreen} of this.#views) {
      const {isSpeaking, level} = voiceOf(participant);
      this.#tiles.get(key)?.setVoice(isSpeaking && !isScreen, level);
    }
  }

  clear() {
    this.#pinned = '';
    this.#screens = [];
    this.show([]);
  }

  /** @param {string} key */
  #tileOf(key) {
    const present = this.#tiles.get(key);
    if (present) return present;
    const tile = new Tile((chosen) => this.#pin(chosen));
    tile.onresize = () => this.#arrange();
    this.#tiles.set(key, tile);
    this.#root.append(tile.element);
    // After the first layout at its place it fades in rather than flying there.
    setTimeout(() => tile.element.classList.remove('entering'), 30);
    return tile;
  }

  /** @param {string} key */
  #pin(key) {
    this.#pinned = this.#pinned === key ? '' : key;
    this.show(this.#views, this.#hint);
  }

  #tellPinned() {
    const view = this.#views.find(({key}) => key === this.#pinned);
    const participant = view && !view.isLocal ? view.participant : '';
    if (participant === this.#told) return;
    this.#told = participant;
    this.#listener.pinned(participant);
  }

  #arrange() {
    const area = {x: 0, y: 0, width: this.#root.clientWidth, height: this.#root.clientHeight};
    if (area.width === 0 || area.height === 0) return;
    const gap = area.width < 640 ? 6 : 10;
    const keys = this.#views.map(({key}) => key);
    const large = this.#pinned || this.#screens.at(-1);
    const order = large ? [large, ...keys.filter((key) => key !== large)] : keys;
    const aspect = (large && this.#tiles.get(large)?.aspect) || 16 / 9;
    const rects = large
        ? spotlight(order.length, area, gap, aspect)
        : bestGrid(order.length, area, gap);
    order.forEach((key, index) => this.#tiles.get(key)?.place(rects[index]));
    this.#root.dataset.layout = large ? 'spotlight' : 'grid';
    this.#root.dataset.tiles = String(order.length);
  }

  /** While a window is being dragged the tiles follow at once. */
  #resized() {
    this.#root.classList.add('resizing');
    this.#arrange();
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => this.#root.classList.remove('resizing'), 120);
  }
}
