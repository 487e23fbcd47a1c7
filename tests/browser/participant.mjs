// SPDX-License-Identifier: LGPL-2.1-or-later
// One tab in a room, as a test sees it.
import assert from 'node:assert/strict';

import { probe } from './probe.mjs';

export const sleep = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/** Asks until the answer is truthy; fails with what `describe` says. */
export async function until(what, ask, { within = 12_000, describe } = {}) {
  const deadline = performance.now() + within;
  let problem = null;
  do {
    try {
      const answer = await ask();
      if (answer) return answer;
      problem = null;
    } catch (error) {
      problem = error;
    }
    await sleep(60);
  } while (performance.now() < deadline);
  const seen = describe ? `; instead: ${JSON.stringify(await describe())}` : '';
  assert.fail(`${what}: not within ${within / 1000} s${problem ? ` (${problem.message})` : ''}${seen}`);
}

export class Participant {
  constructor(page, room, name, log) {
    this.page = page;
    this.room = room;
    this.name = name;
    page.on('console', (message) => log(`${name}: ${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => log(`${name}: error: ${error.message}`));
  }

  async open(params) {
    const query = new URLSearchParams({ room: this.room.id, name: this.name, autojoin: 1, ...params });
    await this.page.evaluateOnNewDocument(probe);
    await this.bringToFront();
    await this.#visit(`${this.room.server.address}/?${query}`);
  }

  /** A page that nobody sees asks for no pictures. Chromium can have many in front at once, Firefox one. */
  async bringToFront() {
    const isChromium = (await this.page.browser().version()).startsWith('Chrome');
    await (isChromium ? this.page.emulateFocusedPage(true) : this.page.bringToFront());
  }

  async openBare() {
    await this.page.evaluateOnNewDocument(probe);
    await this.#visit(`${this.room.server.address}/rooms-events.js`);
    await this.page.evaluate(async () => {
      Object.assign(window, await import('/rooms-client.js'));
    });
  }

  /** Chromium gives up what it loads when its host gets or loses an address, as hosts of other tests do meanwhile. */
  async #visit(address) {
    for (let left = 3; left > 0; left--) {
      let isComplete = true;
      const look = (error) => { isComplete &&= !error?.includes('ERR_NETWORK_CHANGED'); };
      const failed = (request) => look(request.failure()?.errorText);
      this.page.on('requestfailed', failed);
      await this.page.goto(address).catch((error) => {
        look(error.message);
        if (isComplete) throw error;
      });
      this.page.off('requestfailed', failed);
      if (isComplete) return;
      await sleep(500);
    }
    throw new Error(`${address}: the network changes all the time`);
  }

  /** A bare page's way into the room: a client as the library has it, without any user interface. */
  async enter(options = {}) {
    this.id = await this.run(async (clientOptions, room, name) => {
      const client = new RoomsClient(clientOptions);
      window.rooms = { client };
      probe.diary(client);
      await client.join({ room, name });
      return client.self.id;
    }, options, this.room.id, this.name);
  }

  /** Publishes a picture of that colour. */
  paint(colour, options) {
    return this.run(async (one, two) => {
      await rooms.client.addTrack(probe.paint(one, two), two);
    }, colour, options);
  }

  async joined() {
    await until(`${this.name} is in the room`, () => this.run(() => window.rooms?.client?.isConnected));
    this.id = await this.run(() => rooms.client.self.id);
  }

  run(task, ...args) {
    return this.page.evaluate(task, ...args);
  }

  close() {
    return this.page.close().catch(() => {});
  }

  stats() {
    return this.run(() => rooms.client.getStats());
  }

  /** Statistics of what comes from `from` with that label; undefined if there is none. */
  async inbound(from, label) {
    const { inbound } = await this.stats();
    return inbound.find((one) => one.participant === from.id && one.label === label);
  }

  inboundKey(from, label) {
    return `${from.name}'s ${label} at ${this.name}`;
  }

  /** The video plays: frames are decoded, more and more of them. */
  async seesFrames(from, label = 'camera', { frames = 10, within } = {}) {
    const first = await until(`${this.inboundKey(from, label)} is decoded`, async () => {
      const seen = await this.inbound(from, label);
      return seen?.framesDecoded > 0 && seen;
    }, { within, describe: () => this.stats() });
    return until(`${this.inboundKey(from, label)} goes on`, async () => {
      const seen = await this.inbound(from, label);
      return seen?.framesDecoded >= first.framesDecoded + frames && seen;
    }, { within, describe: () => this.stats() });
  }

  async hears(from, label = 'microphone', { within } = {}) {
    const first = await until(`${this.inboundKey(from, label)} arrives`,
      () => this.inbound(from, label), { within, describe: () => this.stats() });
    await until(`${this.inboundKey(from, label)} is heard`, async () => {
      const seen = await this.inbound(from, label);
      return seen && seen.audioEnergy > first.audioEnergy;
    }, { within, describe: () => this.stats() });
  }

  /** Mean colour and contrast of the picture that the page shows; null if there is none. */
  picture(from, label = 'camera') {
    return this.run((id, wanted) => probe.picture(id, wanted), from.id, label);
  }

  /** Counts from now: frames that were decoded before do not count. */
  async seesNewFrames(from, label = 'camera', frames = 30, within = 15_000) {
    const before = (await this.inbound(from, label))?.framesDecoded ?? 0;
    return until(`${this.inboundKey(from, label)} goes on`, async () => {
      const seen = await this.inbound(from, label);
      if (seen && seen.framesDecoded < before) return seen.framesDecoded >= frames && seen;
      return seen?.framesDecoded >= before + frames && seen;
    }, { within, describe: () => this.stats() });
  }

  /** What the client dispatched, as [type, detail]. */
  events(type) {
    return this.run((wanted) => probe.events.filter((one) => one.type === wanted).map((one) => one.detail), type);
  }

  async hearsOf(type, accept = () => true, options) {
    return until(`${this.name} is told '${type}'`, async () => (await this.events(type)).find(accept),
      { describe: () => this.run(() => probe.events), ...options });
  }

  async seesPicture(from, label = 'camera', accept = (seen) => seen.contrast > 8) {
    return until(`${this.inboundKey(from, label)} is visible`, async () => {
      const seen = await this.picture(from, label);
      return seen && accept(seen) && seen;
    }, { describe: () => this.picture(from, label) });
  }

  /** `data-..` attributes of tiles, as the page shows them. */
  tiles() {
    return this.run(() => [...document.querySelectorAll('[data-testid=tile]')].map((tile) => ({ ...tile.dataset })));
  }

  async tile(from, label = 'camera') {
    return (await this.tiles()).find((one) => one.participant === from.id && one.label === label);
  }

  click(testid) {
    return this.run((id) => document.querySelector(`[data-testid=${id}]`).click(), testid);
  }

  async seesTile(from, label, accept = () => true, what = 'a tile', options = {}) {
    return until(`${this.name} sees ${what} of ${from.name}'s ${label}`, async () => {
      const tile = await this.tile(from, label);
      return tile && accept(tile) && tile;
    }, { describe: () => this.tiles(), ...options });
  }

  async seesNoTile(from, label, options) {
    await until(`${this.name} sees no ${label ?? 'tile'} of ${from.name}`,
      async () => !(await this.tiles()).some((one) => one.participant === from.id && (!label || one.label === label)),
      { describe: () => this.tiles(), ...options });
  }
}
