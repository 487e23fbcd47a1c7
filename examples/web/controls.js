// SPDX-License-Identifier: LGPL-2.1-or-later
import {element, icon, setIcon} from './dom.js';

/**
 * @typedef {object} ControlsState
 * @property {boolean} microphone
 * @property {boolean} camera
 * @property {boolean} screen
 * @property {boolean} canPublish
 * @property {boolean} canShareScreen
 * @property {string} page     the open page of the side panel; empty: closed
 * @property {number} people
 * @property {number} unread
 *
 * @typedef {object} Action
 * @property {string} id
 * @property {string} key      on the keyboard
 * @property {string} picture
 * @property {string} name
 * @property {string} [wide]   class of those a phone leaves out
 */

/** @type {(Action | null)[]} null is a gap */
const ACTIONS = [
  {id: 'microphone', key: 'm', picture: 'mic', name: 'Microphone'},
  {id: 'camera', key: 'v', picture: 'cam', name: 'Camera'},
  {id: 'screen', key: 's', picture: 'screen', name: 'Share your screen'},
  null,
  {id: 'people', key: 'p', picture: 'people', name: 'People'},
  {id: 'chat', key: 'c', picture: 'chat', name: 'Chat'},
  {id: 'stats', key: 'i', picture: 'stats', name: 'Statistics', wide: 'wide-only'},
  {id: 'devices', key: 'd', picture: 'devices', name: 'Devices', wide: 'wide-only'},
  null,
];

/** The row of round buttons, and the keys that press them. */
export class Controls {
  #pressed;
  /** @type {Map<string, {button: HTMLButtonElement, picture: SVGElement}>} */
  #buttons = new Map();
  #badges = {people: element('span', {class: 'badge'}), chat: element('span', {class: 'badge'})};
  #isActive = false;

  /**
   * @param {HTMLElement} root
   * @param {(id: string) => void} pressed
   */
  constructor(root, pressed) {
    this.#pressed = pressed;
    for (const action of ACTIONS) {
      root.append(action ? this.#button(action) : element('span', {class: 'gap'}));
    }
    const leave = element('button', {
      type: 'button',
      class: 'round leave',
      'aria-label': 'Leave the call',
      'data-tip': 'Leave',
      'data-testid': 'leave',
      onclick: () => pressed('leave'),
    }, [icon('leave')]);
    root.append(leave);
    this.#buttons.get('people')?.button.append(this.#badges.people);
    this.#buttons.get('chat')?.button.append(this.#badges.chat);
    document.addEventListener('keydown', (event) => this.#pressKey(event));
  }

  /** @param {boolean} isActive  whether the keys mean us */
  set active(isActive) {
    this.#isActive = isActive;
  }

  /** @param {ControlsState} state */
  show(state) {
    this.#showSwitch('microphone', state.microphone, 'mic', 'microphone');
    this.#showSwitch('camera', state.camera, 'cam', 'camera');
    for (const id of ['microphone', 'camera', 'screen']) this.#hide(id, !state.canPublish);
    this.#hide('screen', !state.canPublish || !state.canShareScreen);
    this.#name('screen', state.screen ? 'Stop sharing your screen' : 'Share your screen', 's');
    this.#buttons.get('screen')?.button.setAttribute('aria-pressed', String(state.screen));
    for (const id of ['people', 'chat', 'stats', 'devices']) {
      this.#buttons.get(id)?.button.setAttribute('aria-pressed', String(state.page === id));
    }
    this.#badges.people.textContent = String(state.people);
    this.#badges.people.hidden = state.people < 2;
    this.#badges.chat.textContent = String(state.unread);
    this.#badges.chat.hidden = state.unread === 0;
  }

  /** @param {Action} action */
  #button({id, key, picture, name, wide = ''}) {
    const drawn = icon(picture);
    const button = element('button', {
      type: 'button',
      class: `round ${wide}`,
      'aria-keyshortcuts': key,
      'data-testid': id,
      onclick: () => this.#pressed(id),
    }, [drawn]);
    this.#buttons.set(id, {button, picture: drawn});
    this.#name(id, name, key);
    return button;
  }

  /**
   * @param {string} id
   * @param {string} name
   * @param {string} key
   */
  #name(id, name, key) {
    const button = this.#buttons.get(id)?.button;
    button?.setAttribute('aria-label', name);
    button?.setAttribute('data-tip', `${name} (${key})`);
  }

  /**
   * @param {string} id
   * @param {boolean} isHidden
   */
  #hide(id, isHidden) {
    const button = this.#buttons.get(id)?.button;
    if (button) button.hidden = isHidden;
  }

  /**
   * @param {string} id
   * @param {boolean} isOn
   * @param {string} picture
   * @param {string} name
   */
  #showSwitch(id, isOn, picture, name) {
    const found = this.#buttons.get(id);
    if (!found) return;
    const key = found.button.getAttribute('aria-keyshortcuts') ?? '';
    found.button.classList.toggle('off', !isOn);
    found.button.dataset.on = String(isOn);
    setIcon(found.picture, isOn ? picture : `${picture}-off`);
    this.#name(id, `Turn the ${name} ${isOn ? 'off' : 'on'}`, key);
  }

  /** @param {KeyboardEvent} event */
  #pressKey(event) {
    if (!this.#isActive || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    const {target} = event;
    if (target instanceof HTMLElement && target.matches('input, select, textarea')) {
      if (event.key === 'Escape') target.blur();
      return;
    }
    if (event.key === 'Escape') {
      this.#pressed('close');
      return;
    }
    const action = ACTIONS.find((a) => a?.key === event.key.toLowerCase());
    if (!action || this.#buttons.get(action.id)?.button.hidden) return;
    event.preventDefault();
    this.#pressed(action.id);
  }
}
