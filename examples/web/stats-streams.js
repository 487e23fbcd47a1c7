// SPDX-License-Identifier: LGPL-2.1-or-later
import {Chart} from './chart.js';
import {element} from './dom.js';
import {LayerControl} from './layer-control.js';
import {bits} from './units.js';

/** @typedef {import('./stats-views.js').StreamView} StreamView */

/**
 * What the layer buttons of a stream need; null: it has none.
 * @typedef {(track: string) => {layers: number, pinned: number | null} | null} LayersOf
 */

/** Streams of one direction, each with its own line. */
export class StreamList {
  element;
  #colour;
  #pinned;
  #none = element('p', {class: 'muted'}, ['Nothing at the moment.']);
  /** @type {Map<string, StreamRow>} */
  #rows = new Map();

  /**
   * @param {string} title
   * @param {string} colour
   * @param {(track: string, layer: number | null) => void} [pinned]
   */
  constructor(title, colour, pinned = () => {}) {
    this.#colour = colour;
    this.#pinned = pinned;
    this.element = element('section', {}, [
      element('h2', {class: 'stats-heading'}, [title]),
      this.#none,
    ]);
  }

  /**
   * @param {StreamView[]} views
   * @param {LayersOf} [layersOf]
   */
  show(views, layersOf = () => null) {
    this.#none.hidden = views.length > 0;
    const keys = new Set(views.map(({key}) => key));
    for (const [key, row] of this.#rows) {
      if (keys.has(key)) continue;
      row.element.remove();
      this.#rows.delete(key);
    }
    const rows = views.map((view) => {
      const row = this.#rowOf(view);
      row.show(view, layersOf(view.track));
      return row;
    });
    // Streams come and go; the order on the page is that of the list.
    if (rows.some((row, index) => this.element.children[index + 2] !== row.element)) {
      this.element.append(...rows.map((row) => row.element));
    }
    // A chart has a size only once it is on the page.
    rows.forEach((row, index) => row.chart.add(views[index].bitrate));
  }

  /** @param {StreamView} view */
  #rowOf(view) {
    const present = this.#rows.get(view.key);
    if (present) return present;
    const row = new StreamRow(view, this.#colour, (layer) => this.#pinned(view.track, layer));
    this.#rows.set(view.key, row);
    return row;
  }
}

/** Its parts stay the same while their text changes: nobody can press a button that is replaced. */
class StreamRow {
  element;
  chart;
  #rate = element('span', {class: 'rate'});
  #facts = element('dl');
  #note = element('span', {class: 'note'});
  #control;
  #foot;

  /**
   * @param {StreamView} view
   * @param {string} colour
   * @param {(layer: number | null) => void} pinned
   */
  constructor({key, title, tag}, colour, pinned) {
    this.chart = new Chart(`Bitrate of ${title} ${tag}`, [colour]);
    this.#control = new LayerControl(`${title}: ${tag}`, pinned);
    this.#foot = element('div', {class: 'stream-foot'}, [this.#control.element, this.#note]);
    this.element = element('div', {class: 'stream', 'data-testid': 'stream', 'data-stream': key}, [
      element('div', {class: 'stream-head'}, [
        element('strong', {}, [title]),
        element('span', {class: 'tag'}, [tag]),
        this.chart.canvas,
        this.#rate,
      ]),
      this.#facts,
      this.#foot,
    ]);
  }

  /**
   * @param {StreamView} view
   * @param {ReturnType<LayersOf>} layers
   */
  show({bitrate, isPaused, facts, note, track}, layers) {
    const {dataset, classList} = this.element;
    dataset.track = track;
    classList.toggle('paused', isPaused);
    this.#rate.textContent = isPaused ? 'paused' : bits(bitrate);
    this.#facts.replaceChildren(...facts.map(([name, value, isBad]) => element('div', {}, [
      element('dt', {}, [name]),
      element('dd', {class: isBad ? 'bad' : ''}, [value]),
    ])));
    this.#note.textContent = note;
    this.#control.show(layers?.layers ?? 0, layers?.pinned ?? null);
    this.#foot.hidden = note === '' && this.#control.element.hidden;
  }
}
