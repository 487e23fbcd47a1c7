// SPDX-License-Identifier: LGPL-2.1-or-later
import {byId, element} from './dom.js';
import {replaceIn} from './media-stream.js';
import {perceived} from './level-meter.js';

/** @typedef {import('./rooms-subscriber.js').Shown} Shown */

/** Plays each audio slot through an element of its own and knows how loud its people are. */
export class AudioSinks {
  /** @type {Map<string, {element: HTMLAudioElement, shown: Shown}>} by mid */
  #sinks = new Map();
  #blocked;
  #root = byId('audio-sinks');

  /** @param {() => void} blocked  told when the browser wants a click before any sound */
  constructor(blocked) {
    this.#blocked = blocked;
  }

  /** @param {Shown} shown */
  add(shown) {
    if (shown.track.kind !== 'audio') return;
    this.remove(shown);
    const {track, mid, mediaTrack} = shown;
    const sink = element('audio', {
      autoplay: true,
      'data-testid': 'audio',
      'data-mid': mid,
      'data-participant': track.participant,
      'data-label': track.label,
      'data-track': track.id,
    });
    sink.srcObject = new MediaStream([mediaTrack]);
    this.#root.append(sink);
    this.#sinks.set(mid, {element: sink, shown});
    this.#play(sink);
  }

  /**
   * Its sound comes in another way now; whoever listens hears no more of it than a step in time.
   * @param {Shown} shown
   */
  move({mid, mediaTrack}) {
    const stream = this.#sinks.get(mid)?.element.srcObject;
    if (stream instanceof MediaStream) replaceIn(stream, mediaTrack);
  }

  /** @param {Shown} shown */
  remove({mid}) {
    const sink = this.#sinks.get(mid);
    if (!sink) return;
    sink.element.srcObject = null;
    sink.element.remove();
    this.#sinks.delete(mid);
  }

  /** After a click: plays what the browser held back. */
  unblock() {
    for (const {element: sink} of this.#sinks.values()) this.#play(sink);
  }

  clear() {
    for (const {shown} of [...this.#sinks.values()]) this.remove(shown);
  }

  /** @returns {Map<string, number>} by participant, 0..1; screens do not count as voices */
  levels() {
    /** @type {Map<string, number>} */
    const levels = new Map();
    for (const {shown: {track, receiver}} of this.#sinks.values()) {
      if (track.muted || track.label === 'screen-audio') continue;
      const [source] = receiver.getSynchronizationSources?.() ?? [];
      const level = perceived(source?.audioLevel ?? 0);
      levels.set(track.participant, Math.max(level, levels.get(track.participant) ?? 0));
    }
    return levels;
  }

  /** @param {HTMLAudioElement} sink */
  #play(sink) {
    sink.play().catch((error) => {
      if (error instanceof DOMException && error.name === 'NotAllowedError') this.#blocked();
    });
  }
}
