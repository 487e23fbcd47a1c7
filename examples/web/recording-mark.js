// SPDX-License-Identifier: LGPL-2.1-or-later
import {byId} from './dom.js';
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
    if (state === 'failed') showToast({title: 'The recording has ended', text: reason});
    this.#draw();
  }

  #draw() {
    this.#mark.hidden = this.#running.size === 0;
    this.#button.textContent = this.#running.size > 0 ? 'Stop recording' : 'Record';
  }

  async #press() {
    const all = `/api/rooms/${encodeURIComponent(this.#room)}/recordings`;
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
