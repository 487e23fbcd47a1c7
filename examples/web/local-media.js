// SPDX-License-Identifier: LGPL-2.1-or-later

/**
 * @typedef {'microphone' | 'camera'} Device
 * @typedef {import('./params.js').Params} Params
 */

const STORED = {microphone: 'rooms.microphone', camera: 'rooms.camera'};

/**
 * Our own devices and screen. Dispatches `changed` when a track came or went, and `lost` (detail:
 * which) when one ended by itself: unplugged, or the browser's own button.
 */
export class LocalMedia extends EventTarget {
  /** @type {MediaStreamTrack | null} */
  microphone = null;
  /** @type {MediaStreamTrack | null} */
  camera = null;
  /** @type {MediaStreamTrack | null} */
  screen = null;
  /** @type {MediaStreamTrack | null} */
  screenAudio = null;
  #params;
  #chosen = {microphone: recall('microphone'), camera: recall('camera')};

  /** @param {Params} params */
  constructor(params) {
    super();
    this.#params = params;
  }

  static get canOpen() {
    return Boolean(navigator.mediaDevices?.getUserMedia);
  }

  static get canShareScreen() {
    return Boolean(navigator.mediaDevices?.getDisplayMedia);
  }

  /**
   * The chosen device, opened. The caller closes the former track when nobody uses it any more.
   * @param {Device} device
   * @returns {Promise<MediaStreamTrack>}
   */
  async open(device) {
    if (!LocalMedia.canOpen) throw new DOMException('', 'InsecureContext');
    const id = this.#chosen[device];
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia(this.#constraints(device, id));
    } catch (error) {
      // The remembered device may be at home while we are not.
      const isMissing = error instanceof DOMException &&
          ['OverconstrainedError', 'NotFoundError'].includes(error.name);
      if (!id || !isMissing) throw error;
      this.#chosen[device] = '';
      stream = await navigator.mediaDevices.getUserMedia(this.#constraints(device, ''));
    }
    const [track] = stream.getTracks();
    this.#keep(device, track);
    return track;
  }

  /** Both at once, so that the browser asks for permission once. */
  async openBoth() {
    if (!LocalMedia.canOpen) throw new DOMException('', 'InsecureContext');
    const stream = await navigator.mediaDevices.getUserMedia({
      ...this.#constraints('microphone', this.#chosen.microphone),
      ...this.#constraints('camera', this.#chosen.camera),
    });
    this.#keep('microphone', stream.getAudioTracks()[0]);
    this.#keep('camera', stream.getVideoTracks()[0]);
  }

  /** @param {Device} device */
  close(device) {
    this[device]?.stop();
    this[device] = null;
    this.#tell();
  }

  /** @returns {Promise<MediaStreamTrack>} */
  async openScreen() {
    const stream = await navigator.mediaDevices.getDisplayMedia({
      video: {frameRate: {ideal: 15, max: 30}},
      audio: true,
    });
    const [video] = stream.getVideoTracks();
    video.contentHint = 'detail';
    const [audio = null] = stream.getAudioTracks();
    if (audio) audio.contentHint = 'music';
    this.screenAudio = audio;
    this.screen = video;
    video.onended = () => this.#lose('screen', video);
    this.#tell();
    return video;
  }

  closeScreen() {
    this.screen?.stop();
    this.screenAudio?.stop();
    this.screen = this.screenAudio = null;
    this.#tell();
  }

  closeAll() {
    this.close('microphone');
    this.close('camera');
    this.closeScreen();
  }

  /** @param {Device} device */
  chosen(device) {
    return this[device]?.getSettings().deviceId ?? this.#chosen[device];
  }

  /**
   * @param {Device} device
   * @param {string} id
   */
  choose(device, id) {
    this.#chosen[device] = id;
    try {
      localStorage.setItem(STORED[device], id);
    } catch {
      // A private window may forbid storage; the choice then lasts as long as the page.
    }
  }

  /**
   * @param {Device} device
   * @returns {Promise<MediaDeviceInfo[]>}
   */
  static async list(device) {
    const kind = device === 'camera' ? 'videoinput' : 'audioinput';
    const all = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
    return all.filter((info) => info.kind === kind && info.deviceId);
  }

  /**
   * @param {Device} device
   * @param {string} id
   * @returns {MediaStreamConstraints}
   */
  #constraints(device, id) {
    const deviceId = id ? {exact: id} : undefined;
    if (device === 'microphone') {
      return {
        audio: {deviceId, echoCancellation: true, noiseSuppression: true, autoGainControl: true},
      };
    }
    const {width, height} = this.#params;
    return {
      video: {deviceId, width: {ideal: width}, height: {ideal: height}, frameRate: {ideal: 30}},
    };
  }

  /**
   * @param {Device} device
   * @param {MediaStreamTrack} track
   */
  #keep(device, track) {
    this[device]?.stop();
    this[device] = track;
    if (device === 'camera') track.contentHint = 'motion';
    track.onended = () => this.#lose(device, track);
    this.#tell();
  }

  /**
   * @param {Device | 'screen'} which
   * @param {MediaStreamTrack} track
   */
  #lose(which, track) {
    if (this[which] !== track) return;
    if (which === 'screen') this.closeScreen();
    else this.close(which);
    this.dispatchEvent(new CustomEvent('lost', {detail: which}));
  }

  #tell() {
    this.dispatchEvent(new CustomEvent('changed'));
  }
}

/** @param {Device} device */
function recall(device) {
  try {
    return localStorage.getItem(STORED[device]) ?? '';
  } catch {
    return '';
  }
}
