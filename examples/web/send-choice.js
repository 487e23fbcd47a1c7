// SPDX-License-Identifier: LGPL-2.1-or-later
import {element} from './dom.js';
import {codecName} from './rooms-protocol.js';

/**
 * @typedef {import('./params.js').Params} Params
 * @typedef {import('./local-media.js').LocalMedia} LocalMedia
 * @typedef {import('./rooms-publisher.js').TrackOptions} TrackOptions
 * @typedef {'one' | 'simulcast' | 'svc-vp9' | 'svc-av1'} SendMode  how our camera is sent
 */

/** @type {Record<SendMode, string>} */
const NAMES = {
  'simulcast': 'Simulcast: three sizes at once',
  'one': 'One stream',
  'svc-vp9': 'SVC: layers in one VP9 stream',
  'svc-av1': 'SVC: layers in one AV1 stream',
};
const SVC_CODECS = new Map([['svc-vp9', 'VP9'], ['svc-av1', 'AV1']]);
/** Three sizes at three rates; a keyframe of one of them is one of the smaller ones too. */
const SVC_MODE = 'L3T3_KEY';
/** Below that width the smallest of three pictures would be a postage stamp. */
const NARROWEST_SIMULCAST = 640;
const BITRATE = 1_500_000;

/**
 * How the camera is to be sent: what was chosen, or else what suits the camera. Dispatches
 * `changed` when what can be chosen, or is chosen, did.
 */
export class SendChoice extends EventTarget {
  #params;
  #local;
  /** @type {SendMode | ''} */
  #chosen;
  /** @type {SendMode[]} */
  #offered = ['simulcast', 'one'];

  /**
   * @param {Params} params
   * @param {LocalMedia} local
   */
  constructor(params, local) {
    super();
    this.#params = params;
    this.#local = local;
    this.#chosen = params.send;
    local.addEventListener('changed', () => this.dispatchEvent(new CustomEvent('changed')));
    /** Settled when what this browser can send is known. */
    this.ready = this.#findOut();
  }

  get offered() {
    return this.#offered;
  }

  /** @returns {SendMode} */
  get mode() {
    if (this.#chosen && this.#offered.includes(this.#chosen)) return this.#chosen;
    const width = this.#local.camera?.getSettings().width ?? this.#params.width;
    return width >= NARROWEST_SIMULCAST ? 'simulcast' : 'one';
  }

  /** @param {SendMode} mode */
  choose(mode) {
    this.#chosen = mode;
    this.dispatchEvent(new CustomEvent('changed'));
  }

  /** What `addTrack` wants to know of a camera. */
  get trackOptions() {
    const {mode} = this;
    const {codec, bitrate} = this.#params;
    const svcCodec = SVC_CODECS.get(mode);
    return {
      codec: svcCodec ?? codec,
      maxBitrate: bitrate || BITRATE,
      simulcast: mode === 'simulcast',
      ...(svcCodec && {scalabilityMode: SVC_MODE}),
    };
  }

  async #findOut() {
    for (const [mode, codec] of SVC_CODECS) {
      if (await canSendSvc(codec)) this.#offered.push(/** @type {SendMode} */ (mode));
    }
    this.dispatchEvent(new CustomEvent('changed'));
  }
}

/** A drop-down list of a SendChoice. */
export class SendPicker {
  #choice;
  #select;
  element;

  /**
   * @param {SendChoice} choice
   * @param {() => void} [picked]  after the choice was made
   */
  constructor(choice, picked = () => {}) {
    this.#choice = choice;
    this.#select = element('select', {
      'data-testid': 'select-send',
      'onchange': () => {
        choice.choose(/** @type {SendMode} */ (this.#select.value));
        picked();
      },
    });
    this.element = element('label', {class: 'field'}, ['Send video as', this.#select]);
    choice.addEventListener('changed', () => this.#fill());
    this.#fill();
  }

  #fill() {
    const {offered, mode} = this.#choice;
    if (this.#select.options.length !== offered.length) {
      this.#select.replaceChildren(...offered.map((each) => new Option(NAMES[each], each)));
    }
    this.#select.value = mode;
  }
}

/**
 * Firefox takes any scalability mode and sends none; Chromium refuses what it does not know.
 * @param {string} codec
 */
async function canSendSvc(codec) {
  const known = RTCRtpSender.getCapabilities?.('video')?.codecs ?? [];
  if (!known.some((one) => codecName(one) === codec)) return false;
  const pc = new RTCPeerConnection();
  try {
    /** @type {RTCRtpEncodingParameters & {scalabilityMode?: string}} */
    const wished = {scalabilityMode: SVC_MODE};
    const {sender} = pc.addTransceiver('video', {sendEncodings: [wished]});
    /** @type {typeof wished | undefined} */
    const kept = sender.getParameters().encodings[0];
    if (kept?.scalabilityMode !== SVC_MODE) return false;
    const answer = await navigator.mediaCapabilities?.encodingInfo({
      type: 'webrtc',
      video: {
        contentType: `video/${codec}`,
        width: 1280,
        height: 720,
        framerate: 30,
        bitrate: BITRATE,
        scalabilityMode: SVC_MODE,
      },
    });
    return answer?.supported ?? false;
  } catch {
    return false;
  } finally {
    pc.close();
  }
}
