// SPDX-License-Identifier: LGPL-2.1-or-later
import {hueOf, initials} from './avatar.js';
import {DevicePicker} from './device-picker.js';
import {byId, element, icon} from './dom.js';
import {explainDevice} from './explain.js';
import {LevelMeter} from './level-meter.js';
import {SendPicker} from './send-choice.js';

/**
 * @typedef {import('./explain.js').Explanation} Explanation
 * @typedef {import('./local-media.js').LocalMedia} LocalMedia
 * @typedef {import('./local-media.js').Device} Device
 * @typedef {import('./params.js').Params} Params
 *
 * @typedef {object} Entry  what somebody decided before joining
 * @property {string} name
 * @property {string} room
 * @property {import('./params.js').Mode | ''} mode  how the room is to come
 * @property {boolean} microphone  whether it starts switched on
 * @property {boolean} camera
 */

const STORED_NAME = 'rooms.name';

/** The page before the call: who, where, and with which devices. */
export class Prejoin {
  #params;
  #local;
  #entered;
  #picker;
  /** @type {LevelMeter | null} */
  #meter = null;
  #timer = 0;
  #isOpening = false;
  /** What is wanted, whether it could be opened or not. */
  #wants;
  /** @type {Partial<Record<Device, Explanation>>} */
  #problems = {};
  #root = byId('prejoin');
  #name = /** @type {HTMLInputElement} */ (byId('join-name'));
  #room = /** @type {HTMLInputElement} */ (byId('join-room'));
  #button = /** @type {HTMLButtonElement} */ (byId('join-button'));
  #mode = /** @type {HTMLSelectElement} */ (byId('join-mode'));
  #video = /** @type {HTMLVideoElement} */ (byId('preview-video'));

  /**
   * @param {Params} params
   * @param {LocalMedia} local
   * @param {import('./send-choice.js').SendChoice} send
   * @param {(entry: Entry) => Promise<void>} entered
   */
  constructor(params, local, send, entered) {
    this.#params = params;
    this.#local = local;
    this.#entered = entered;
    this.#wants = {microphone: params.audio, camera: params.video};
    this.#picker = new DevicePicker(local, (device) => this.#open(device));
    this.#name.value = params.name || recallName();
    this.#room.value = params.room;
    byId('join-room-field').hidden = params.room !== '';
    this.#mode.value = params.mode;
    byId('join-mode-field').hidden = !params.subscribe;
    this.#root.classList.toggle('viewer', !params.publish);
    if (params.publish) {
      byId('join-devices').replaceChildren(this.#picker.element, new SendPicker(send).element);
    }
    byId('preview-mic').onclick = () => this.#toggle('microphone');
    byId('preview-cam').onclick = () => this.#toggle('camera');
    byId('join-form').onsubmit = (event) => {
      event.preventDefault();
      this.#join();
    };
    this.#name.oninput = () => this.#showPreview();
    this.#room.oninput = () => this.#showTitle();
    local.addEventListener('changed', () => this.#root.hidden || this.#showPreview());
  }

  /**
   * @param {string} [note]  why we are here again; the devices then stay closed until joining
   */
  async show(note = '') {
    this.#root.hidden = false;
    const line = byId('join-note');
    line.textContent = note;
    line.hidden = note === '';
    this.#button.disabled = false;
    this.#showTitle(note);
    this.#showPreview();
    const blank = [this.#name, this.#room].find(({value}) => !value.trim());
    blank?.focus();
    if (!this.#params.publish) return;
    if (!note) await this.openWanted();
    this.#watchLevel();
  }

  hide() {
    this.#root.hidden = true;
    clearInterval(this.#timer);
    this.#meter?.listenTo(null);
    this.#video.srcObject = null;
  }

  /** Opens what the address or the person asked for; what fails is explained, not thrown. */
  async openWanted() {
    const wanted = /** @type {Device[]} */ (['microphone', 'camera']).filter(
        (device) => this.#wants[device] && !this.#local[device]);
    if (wanted.length === 0) return;
    this.#isOpening = true;
    this.#showPreview();
    if (wanted.length < 2 || !await this.#openBoth()) {
      await Promise.all(wanted.map((device) => this.#open(device)));
    }
    await this.#picker.refresh();
    this.#isOpening = false;
    this.#showPreview();
  }

  /** @returns {Promise<boolean>} false when each has to be tried alone to learn which one fails */
  async #openBoth() {
    try {
      await this.#local.openBoth();
      this.#problems = {};
      return true;
    } catch (error) {
      const isRefused = error instanceof DOMException &&
          ['NotAllowedError', 'SecurityError', 'InsecureContext'].includes(error.name);
      if (!isRefused) return false;
      const problem = explainDevice('both', error);
      this.#problems = {microphone: problem, camera: problem};
      return true;
    }
  }

  /** @returns {Entry} */
  get entry() {
    return {
      name: this.#name.value.trim(),
      room: this.#room.value.trim(),
      mode: /** @type {import('./params.js').Mode | ''} */ (this.#mode.value),
      microphone: this.#wants.microphone && this.#local.microphone !== null,
      camera: this.#wants.camera && this.#local.camera !== null,
    };
  }

  async #join() {
    const {name, room} = this.entry;
    if (!name || !room) {
      (name ? this.#room : this.#name).focus();
      return;
    }
    rememberName(name);
    this.#button.disabled = true;
    try {
      if (this.#params.publish) await this.openWanted();
      this.#button.textContent = 'Joining…';
      await this.#entered(this.entry);
    } finally {
      this.#button.disabled = false;
      this.#showPreview();
    }
  }

  /** @param {Device} device */
  async #open(device) {
    this.#wants[device] = true;
    try {
      await this.#local.open(device);
      delete this.#problems[device];
      if (device === 'microphone') this.#meter?.listenTo(this.#local.microphone);
    } catch (error) {
      this.#problems[device] = explainDevice(device === 'camera' ? 'video' : 'audio', error);
    }
    this.#showPreview();
  }

  /**
   * Open, or about to be.
   * @param {Device} device
   */
  #isOn(device) {
    return this.#wants[device] && !this.#problems[device];
  }

  /** @param {Device} device */
  async #toggle(device) {
    if (this.#isOn(device)) {
      this.#wants[device] = false;
      // A microphone that stays open joins muted and speaks at a click.
      if (device === 'camera') this.#local.close('camera');
      this.#showPreview();
    } else if (this.#local[device]) {
      this.#wants[device] = true;
      this.#showPreview();
    } else {
      await this.#open(device);
    }
  }

  #showTitle(note = '') {
    const room = this.#params.room || this.#room.value.trim();
    const question = room ? `Join ${room}` : 'Which room?';
    byId('join-title').textContent = note && room ? `Join ${room} again?` : question;
    document.title = room ? `${room} · gst-rooms` : 'gst-rooms';
  }

  #showPreview() {
    const {camera} = this.entry;
    const devices = /** @type {Device[]} */ (['microphone', 'camera']);
    const willSend = this.#params.publish && devices.some(
        (device) => this.#local[device] || this.#isOn(device));
    this.#button.textContent = willSend ? 'Join' : 'Join as a viewer';
    showSwitch('preview-mic', 'mic', this.#isOn('microphone'), 'microphone');
    showSwitch('preview-cam', 'cam', this.#isOn('camera'), 'camera');

    const stream = camera && this.#local.camera;
    const shown = /** @type {MediaStream | null} */ (this.#video.srcObject);
    if (!stream) this.#video.srcObject = null;
    else if (shown?.getTracks()[0] !== stream) this.#video.srcObject = new MediaStream([stream]);
    this.#video.hidden = !stream;
    const name = this.#name.value.trim();
    const picture = byId('preview-avatar');
    picture.textContent = name ? initials(name) : '';
    picture.style.setProperty('--hue', String(hueOf(name)));
    if (!name) picture.replaceChildren(icon('people'));
    byId('preview-hint').textContent = stream || this.#problems.camera ? '' : this.#hint;
    this.#showProblems();
  }

  get #hint() {
    if (!this.#wants.camera) return 'The camera is off';
    return this.#isOpening ? 'Opening the camera…' : 'The camera opens when you join';
  }

  #showProblems() {
    const problems = Object.values(this.#problems);
    const box = byId('join-problem');
    const titles = new Set(problems.map(({title}) => title));
    const distinct = problems.filter(({title}) => titles.delete(title));
    box.hidden = distinct.length === 0;
    box.replaceChildren(...distinct.flatMap(({title, text}) => [
      element('strong', {}, [title]),
      element('p', {}, [text]),
    ]));
  }

  #watchLevel() {
    const meter = byId('preview-meter');
    this.#meter ??= new LevelMeter();
    this.#meter.listenTo(this.#local.microphone);
    meter.style.setProperty('--meter-width', `${meter.clientWidth}px`);
    clearInterval(this.#timer);
    this.#timer = setInterval(() => {
      const level = this.#wants.microphone ? this.#meter?.read() ?? 0 : 0;
      meter.style.setProperty('--level', level.toFixed(3));
      meter.setAttribute('aria-valuenow', String(Math.round(level * 100)));
    }, 60);
  }
}

/**
 * @param {string} id
 * @param {string} picture
 * @param {boolean} isOn
 * @param {string} name
 */
function showSwitch(id, picture, isOn, name) {
  const button = byId(id);
  button.classList.toggle('off', !isOn);
  button.replaceChildren(icon(isOn ? picture : `${picture}-off`));
  button.setAttribute('aria-label', `Turn the ${name} ${isOn ? 'off' : 'on'}`);
  button.setAttribute('aria-pressed', 'false');
  button.dataset.on = String(isOn);
}

function recallName() {
  try {
    return localStorage.getItem(STORED_NAME) ?? '';
  } catch {
    return '';
  }
}

/** @param {string} name */
function rememberName(name) {
  try {
    localStorage.setItem(STORED_NAME, name);
  } catch {
    // Only a convenience.
  }
}
