// SPDX-License-Identifier: LGPL-2.1-or-later
import {element} from './dom.js';
import {layerName} from './layer-words.js';

/** What simulcast and SVC have at most; more is never chosen by hand. */
const MOST = 3;

/** Buttons in a row: the server's choice, or one layer of a track. */
export class LayerControl {
  element;
  #pinned;
  /** @type {HTMLButtonElement[]} */
  #buttons = [];

  /**
   * @param {string} title  whose picture it is
   * @param {(layer: number | null) => void} pinned  null: automatic
   */
  constructor(title, pinned) {
    this.#pinned = pinned;
    this.element = element('div', {
      'class': 'segments',
      'role': 'group',
      'aria-label': `Layer of ${title}`,
    });
  }

  /**
   * @param {number} count           of the layers there are
   * @param {number | null} pinned
   */
  show(count, pinned) {
    const layers = Math.min(count, MOST);
    this.element.hidden = layers < 2;
    if (this.#buttons.length !== layers + 1) this.#build(layers);
    this.#buttons.forEach((button, index) => {
      const isChosen = pinned === null ? index === 0 : index === Math.min(pinned, layers - 1) + 1;
      button.setAttribute('aria-pressed', String(isChosen));
    });
  }

  /** @param {number} layers */
  #build(layers) {
    const choices = [null, ...Array.from({length: layers}, (_, layer) => layer)];
    this.#buttons = choices.map((layer) => {
      const name = layer === null ? 'auto' : layerName(layer, layers);
      return element('button', {
        'type': 'button',
        'data-testid': `layer-${name}`,
        'aria-pressed': 'false',
        'onclick': () => {
          this.#pinned(layer);
          this.show(layers, layer);
        },
      }, [name]);
    });
    this.element.replaceChildren(...this.#buttons);
  }
}
