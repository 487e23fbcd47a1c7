// SPDX-License-Identifier: LGPL-2.1-or-later
import {byId} from './dom.js';

/** @typedef {'people' | 'chat' | 'stats' | 'devices'} Page */

/** @type {Page[]} */
const PAGES = ['people', 'chat', 'stats', 'devices'];

/** One panel with four pages, of which at most one is seen. */
export class SidePanel {
  /** @type {Page | ''} */
  #page = '';
  #turned;
  #root = byId('panel');

  /** @param {(page: Page | '') => void} turned  told which page is seen now */
  constructor(turned) {
    this.#turned = turned;
    for (const page of PAGES) byId(`tab-${page}`).onclick = () => this.open(page);
    byId('panel-close').onclick = () => this.close();
    byId('panel').addEventListener('keydown', (event) => this.#moveByArrow(event));
  }

  get page() {
    return this.#page;
  }

  /** @param {Page} page */
  toggle(page) {
    if (this.#page === page) this.close();
    else this.open(page);
  }

  /** @param {Page} page */
  open(page) {
    this.#turn(page);
  }

  close() {
    this.#turn('');
  }

  /** @param {Page | ''} page */
  #turn(page) {
    this.#page = page;
    this.#root.hidden = page === '';
    for (const each of PAGES) {
      const isSeen = each === page;
      byId(`page-${each}`).hidden = !isSeen;
      byId(`tab-${each}`).setAttribute('aria-selected', String(isSeen));
      byId(`tab-${each}`).tabIndex = isSeen ? 0 : -1;
    }
    this.#turned(page);
  }

  /** @param {KeyboardEvent} event */
  #moveByArrow({key, target}) {
    const isTab = target instanceof HTMLElement && target.matches('[role="tab"]');
    const step = key === 'ArrowRight' ? 1 : key === 'ArrowLeft' ? -1 : 0;
    if (!isTab || !step || !this.#page) return;
    const next = PAGES[(PAGES.indexOf(this.#page) + step + PAGES.length) % PAGES.length];
    this.open(next);
    byId(`tab-${next}`).focus();
  }
}
