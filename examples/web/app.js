// SPDX-License-Identifier: LGPL-2.1-or-later
import {CallPage} from './call-page.js';
import {explainError} from './explain.js';
import {LocalMedia} from './local-media.js';
import {readParams} from './params.js';
import {Prejoin} from './prejoin.js';
import {RoomsClient} from './rooms-client.js';
import {SendChoice} from './send-choice.js';
import {showToast} from './toasts.js';

/** @typedef {import('./prejoin.js').Entry} Entry */

/** From the address to the call and back. */
class App {
  params = readParams(location.search);
  local = new LocalMedia(this.params);
  send = new SendChoice(this.params, this.local);
  page = new CallPage(this.params, this.local, this.send, (note) => this.prejoin.show(note));
  prejoin = new Prejoin(this.params, this.local, this.send, (entry) => this.enter(entry));
  client = this.#newClient();

  async start() {
    const {autojoin, publish, room, name} = this.params;
    if (!autojoin || !room) {
      await this.prejoin.show();
      return;
    }
    if (publish) await this.prejoin.openWanted();
    await this.enter({...this.prejoin.entry, room, name: name || guestName()});
  }

  /** @param {Entry} entry */
  async enter(entry) {
    this.client = this.#newClient(entry.mode);
    rememberRoom(entry.room);
    try {
      await this.page.enter(this.client, entry);
      this.prejoin.hide();
      await this.page.publish(entry);
    } catch (error) {
      showToast({kind: 'error', ...explainError(error)});
      await this.prejoin.show();
    }
  }

  /** @param {import('./params.js').Mode | ''} [mode] */
  #newClient(mode) {
    const {subscribe, mesh} = this.params;
    return new RoomsClient({subscribe, mesh, ...(mode && {mode})});
  }
}

function guestName() {
  return `Guest ${Math.floor(Math.random() * 900 + 100)}`;
}

/**
 * The address names the room, so that a reload comes back to it.
 * @param {string} room
 */
function rememberRoom(room) {
  const url = new URL(location.href);
  if (url.searchParams.get('room') === room) return;
  url.searchParams.set('room', room);
  history.replaceState(null, '', url);
}

const app = new App();

/** For scripts and tests; `client` is that of the present call. */
Object.assign(window, {
  rooms: {
    app,
    get client() {
      return app.client;
    },
  },
});

app.start();
