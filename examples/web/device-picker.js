// SPDX-License-Identifier: LGPL-2.1-or-later
import {element} from './dom.js';
import {LocalMedia} from './local-media.js';

/** @typedef {import('./local-media.js').Device} Device */

/** Two drop-down lists, kept in line with what is plugged in. */
export class DevicePicker {
  #local;
  #picked;
  #selects;
  element;

  /**
   * @param {LocalMedia} local
   * @param {(device: Device) => void} picked
   */
  constructor(local, picked) {
    this.#local = local;
    this.#picked = picked;
    this.#selects = {microphone: this.#select('microphone'), camera: this.#select('camera')};
    this.element = element('div', {class: 'devices'}, [
      element('label', {class: 'field'}, ['Microphone', this.#selects.microphone]),
      element('label', {class: 'field'}, ['Camera', this.#selects.camera]),
    ]);
    navigator.mediaDevices?.addEventListener('devicechange', () => this.refresh());
    local.addEventListener('changed', () => this.refresh());
  }

  async refresh() {
    await Promise.all([this.#fill('microphone'), this.#fill('camera')]);
  }

  /** @param {Device} device */
  #select(device) {
    return element('select', {
      'data-testid': `select-${device}`,
      onchange: () => {
        this.#local.choose(device, this.#selects[device].value);
        this.#picked(device);
      },
    });
  }

  /** @param {Device} device */
  async #fill(device) {
    const select = this.#selects[device];
    const found = await LocalMedia.list(device);
    const noun = device === 'camera' ? 'Camera' : 'Microphone';
    const options = found.map(({deviceId, label}, index) =>
      new Option(label || `${noun} ${index + 1}`, deviceId));
    if (options.length === 0) {
      options.push(new Option(this.#local[device] ? 'Default' : `No ${device} to choose yet`, ''));
    }
    select.disabled = found.length === 0;
    const chosen = this.#local.chosen(device);
    select.replaceChildren(...options);
    if (found.some(({deviceId}) => deviceId === chosen)) select.value = chosen;
  }
}
