// SPDX-License-Identifier: LGPL-2.1-or-later
import {avatar, hueOf, initials} from './avatar.js';
import {element, icon} from './dom.js';
import {replaceIn} from './media-stream.js';

/**
 * @typedef {object} TileView  all that a tile shows
 * @property {string} key
 * @property {string} participant
 * @property {string} name
 * @property {string} label       of the video track; `camera` when there is none
 * @property {string} track       id of the video track; empty when there is none
 * @property {MediaStreamTrack | null} mediaTrack
 * @property {boolean} isLocal
 * @property {boolean} isScreen
 * @property {boolean} isMuted        nothing is heard of them
 * @property {boolean} isVideoMuted
 * @property {boolean} isSaved        the line is too slow for this picture: nothing is sent
 */

/** One participant's picture, or one shared screen. */
export class Tile {
  element;
  #video;
  #avatar;
  #name;
  #micIcon;
  #pin;
  /** @type {TileView | null} */
  #view = null;

  /** @param {(key: string) => void} pinned */
  constructor(pinned) {
    this.#video = element('video', {playsinline: true, autoplay: true, muted: true});
    // Sound comes from the audio slots; the attribute alone does not mute a made element.
    this.#video.muted = true;
    this.#avatar = avatar('');
    this.#name = element('span');
    this.#micIcon = icon('mic-off');
    this.#pin = element('button', {
      type: 'button',
      'class': 'pin',
      'aria-label': 'Pin: show large',
      'title': 'Pin: show large, and before others',
      'aria-pressed': 'false',
      'data-testid': 'pin',
      onclick: () => this.#view && pinned(this.#view.key),
    }, [icon('pin')]);
    const full = element('button', {
      type: 'button',
      'aria-label': 'Full screen',
      title: 'Full screen',
      onclick: () => this.#toggleFullscreen(),
    }, [icon('full')]);
    this.element = element('article', {class: 'tile entering', 'data-testid': 'tile'}, [
      this.#avatar,
      this.#video,
      element('div', {class: 'tile-name'}, [
        this.#micIcon,
        element('div', {class: 'voice', 'aria-hidden': 'true'}, [
          element('i'), element('i'), element('i'),
        ]),
        this.#name,
        element('p', {class: 'tile-note', role: 'status'}, ['Paused: your line is too slow']),
      ]),
      element('div', {class: 'tile-actions'}, [this.#pin, full]),
    ]);
    this.element.dataset.speaking = 'false';
    this.element.ondblclick = () => this.#view && pinned(this.#view.key);
  }

  /** Width over height of the picture, 16:9 while there is none. */
  get aspect() {
    const {videoWidth, videoHeight} = this.#video;
    return videoWidth && videoHeight ? videoWidth / videoHeight : 16 / 9;
  }

  /** @param {() => void} listener  told when the picture's shape changes */
  set onresize(listener) {
    this.#video.onresize = listener;
  }

  /**
   * @param {TileView} view
   * @param {boolean} isPinned
   */
  update(view, isPinned) {
    const {dataset, classList} = this.element;
    const shownName = view.isLocal ? `${view.name} (you)` : view.name;
    const title = view.isScreen ? `${shownName}: screen` : shownName;
    this.#name.textContent = title;
    this.#avatar.textContent = initials(view.name);
    this.element.style.setProperty('--hue', String(hueOf(view.name)));
    this.#avatar.style.setProperty('--hue', String(hueOf(view.name)));
    this.#micIcon.style.display = view.isMuted && !view.isScreen ? '' : 'none';

    dataset.participant = view.participant;
    dataset.label = view.label;
    dataset.track = view.track;
    dataset.muted = String(view.isMuted);
    dataset.videoMuted = String(view.isVideoMuted);
    dataset.local = String(view.isLocal);
    dataset.saved = String(view.isSaved);
    dataset.pinned = String(isPinned);
    classList.toggle('screen', view.isScreen);
    classList.toggle('mirrored', view.isLocal && !view.isScreen);
    classList.toggle('pinned', isPinned);
    this.#pin.setAttribute('aria-pressed', String(isPinned));
    const state = [view.isMuted && !view.isScreen && 'microphone off',
      view.isVideoMuted && 'camera off', view.isSaved && 'paused'].filter(Boolean).join(', ');
    this.element.setAttribute('aria-label', state ? `${title}, ${state}` : title);

    this.#play(view);
    this.#view = view;
  }

  /**
   * @param {boolean} isSpeaking
   * @param {number} level  0..1
   */
  setVoice(isSpeaking, level) {
    this.element.dataset.speaking = String(isSpeaking);
    if (isSpeaking) this.element.style.setProperty('--level', level.toFixed(2));
  }

  /** @param {import('./tile-layout.js').Rect} rect */
  place({x, y, width, height}) {
    const {style} = this.element;
    style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
    style.width = `${Math.round(width)}px`;
    style.height = `${Math.round(height)}px`;
  }

  remove() {
    this.#video.srcObject = null;
    this.element.remove();
  }

  /** @param {TileView} view */
  #play(view) {
    const source = view.isVideoMuted ? null : view.mediaTrack;
    const before = this.#view;
    const isSame = before && source === (before.isVideoMuted ? null : before.mediaTrack) &&
        view.track === before.track;
    if (isSame) {
      if (source && view.isSaved !== before.isSaved) this.#save(view);
      return;
    }
    const {srcObject} = this.#video;
    const isMoved = before && !before.isVideoMuted && before.mediaTrack &&
        view.track === before.track && this.element.dataset.playing === 'true';
    if (isMoved && source && srcObject instanceof MediaStream) {
      // The same picture, by another way: it goes on.
      replaceIn(srcObject, source);
      return;
    }
    this.element.dataset.playing = 'false';
    this.element.classList.toggle('waiting', source !== null && !view.isLocal && !view.isSaved);
    if (!source) {
      this.#video.srcObject = null;
      return;
    }
    this.#revealAtFirstFrame(view);
    this.#video.srcObject = new MediaStream([source]);
    this.#video.play().catch(() => {});
  }

  /**
   * Rather no picture than a frozen one; the next frame brings it back.
   * @param {TileView} view
   */
  #save({track, isSaved}) {
    this.element.classList.toggle('waiting', !isSaved);
    if (isSaved) {
      this.element.dataset.playing = 'false';
      return;
    }
    this.#video.requestVideoFrameCallback(() => {
      if (this.#view?.track === track && !this.#view.isSaved) this.#reveal();
    });
  }

  #reveal() {
    this.element.dataset.playing = 'true';
    this.element.classList.remove('waiting');
  }

  /**
   * An element with a new source shows nothing until a frame came: never the last picture of
   * whoever was in the slot before. (Frame callbacks would not come in a hidden tab.)
   * @param {TileView} view
   */
  #revealAtFirstFrame(view) {
    this.#video.onloadeddata = () => {
      if (this.#view?.track !== view.track || this.#view.isVideoMuted) return;
      if (!this.#view.isSaved) this.#reveal();
    };
  }

  #toggleFullscreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else this.element.requestFullscreen?.().catch(() => {});
  }
}
