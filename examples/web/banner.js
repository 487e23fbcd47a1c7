// SPDX-License-Identifier: LGPL-2.1-or-later
import {byId, element} from './dom.js';

/**
 * @typedef {object} Notice
 * @property {string} text
 * @property {boolean} [isBusy]
 * @property {string} [action]     text of the button
 * @property {() => void} [act]
 */

/** One line above the stage for what concerns the whole call; the gravest notice is seen. */
export class Banner {
  #root = byId('banner');
  /** @type {Map<string, Notice>} by topic */
  #notices = new Map();
  #topics;

  /** @param {string[]} topics  gravest first */
  constructor(topics) {
    this.#topics = topics;
  }

  /**
   * @param {string} topic
   * @param {Notice | null} notice
   */
  set(topic, notice) {
    if (notice) this.#notices.set(topic, notice);
    else this.#notices.delete(topic);
    this.#draw();
  }

  clear() {
    this.#notices.clear();
    this.#draw();
  }

  #draw() {
    const topic = this.#topics.find((each) => this.#notices.has(each));
    const notice = topic && this.#notices.get(topic);
    this.#root.hidden = !notice;
    this.#root.dataset.topic = topic ?? '';
    if (!notice) return;
    const {text, isBusy = false, action, act} = notice;
    this.#root.classList.toggle('busy', isBusy);
    this.#root.replaceChildren(element('span', {}, [text]));
    if (action && act) {
      this.#root.append(
          element('button', {type: 'button', class: 'quiet', onclick: act}, [action]));
    }
  }
}
