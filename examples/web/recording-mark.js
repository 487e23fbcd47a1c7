// SPDX-License-Identifier: LGPL-2.1-or-later
import {byId, element} from './dom.js';
import {showToast} from './toasts.js';

/** Says that the room is recorded, and starts and stops a recording of one's own. */
export class RecordingMark {
  #mark = byId('recording');
  #button = byId('record');
  /** @type {Set<string>} ids of those that run */
  #running = new Set();
  #room = '';

  constructor() {
    this.#button.addEventListener('click', () => this.#press());
  }

  /** @param {string} room */
  begin(room) {
    this.#room = room;
    this.#running.clear();
    this.#draw();
  }

  /** @param {{recording: string, state: string, reason: string}} change */
  observe({recording, state, reason}) {
    if (state === 'started') this.#running.add(recording);
    else this.#running.delete(recording);
    this.#draw();
    if (state !== 'started') this.#offerFiles(recording, state === 'failed' ? reason : '');
  }

  /**
   * @param {string} recording
   * @param {string} reason  why it failed
   */
  async #offerFiles(recording, reason) {
    const answer = await fetch(`${this.#all}/${encodeURIComponent(recording)}`).catch(() => null);
    const report = answer?.ok ? await answer.json().catch(() => null) : null;
    /** @type {{file: string, url: string}[]} */
    const files = report?.files ?? [];
    const links = files.map(({file, url}) =>
      element('a', {href: url, download: file, 'data-testid': 'recorded-file'}, [file]));
    showToast({
      title: 'The recording has ended',
      text: reason,
      more: links.flatMap((link) => [' ', link]),
      kind: reason ? 'warning' : 'info',
      seconds: 0,
      topic: `recording ${recording}`,
    });
  }

  #draw() {
    this.#mark.hidden = this.#running.size === 0;
    this.#button.textContent = this.#running.size > 0 ? 'Stop recording' : 'Record';
  }

  /** Where the room's recordings are. */
  get #all() {
    return `/api/rooms/${encodeURIComponent(this.#room)}/recordings`;
  }

  async #press() {
    const all = this.#all;
    const [first] = this.#running;
    const answer = await (first ?
      fetch(`${all}/${encodeURIComponent(first)}`, {method: 'DELETE'}) :
      fetch(all, {
        method: 'POST',
        headers: {'Content-Type': 'application/json'},
        body: JSON.stringify({kind: 'tracks'}),
      })).catch(() => null);
    if (answer?.ok) return;
    const problem = await answer?.json().catch(() => null);
    showToast({title: 'Recording failed', text: problem?.detail ?? 'The server does not answer.'});
  }
}
