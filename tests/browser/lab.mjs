// SPDX-License-Identifier: LGPL-2.1-or-later
// What all tests share: one server, one Chromium, a Firefox if asked for. Each test gets a room of its own.
import { startChromium, startFirefox } from './browsers.mjs';
import { Participant } from './participant.mjs';
import { ServerProcess } from './server_process.mjs';

export class Lab {
  #firefox = null;
  #rooms = 0;

  constructor(build) {
    this.build = build;
  }

  async open() {
    this.server = await this.startServer();
    this.chromium = await startChromium();
  }

  /** Firefox takes seconds to start: only for who asks. */
  async firefox() {
    this.#firefox ??= await startFirefox();
    return this.#firefox;
  }

  async newRoom() {
    return new TestRoom(this, this.nextRoomId());
  }

  nextRoomId() {
    return `room${++this.#rooms}`;
  }

  /** A server of its own, for tests that look into it. Who asks stops it. */
  startServer(environment = {}, options = []) {
    return ServerProcess.start(this.build, options, { environment });
  }

  /** Complaints about the server. */
  async close() {
    await this.chromium?.close().catch(() => {});
    await this.#firefox?.close().catch(() => {});
    return this.server ? this.server.stop() : [];
  }
}

/** One room, and the tabs that are in it. */
export class TestRoom {
  #lab;
  #tabs = [];
  #diary = [];
  #server = null;
  /** Figures that are worth a line in the output. */
  notes = [];

  constructor(lab, id) {
    this.#lab = lab;
    this.id = id;
  }

  get build() {
    return this.#lab.build;
  }

  get lab() {
    return this.#lab;
  }

  get server() {
    return this.#server ?? this.#lab.server;
  }

  /** From now on the tabs of this test go to a server of its own. */
  async useOwnServer(environment, options) {
    this.#server = await this.#lab.startServer(environment, options);
    return this.#server;
  }

  note(text) {
    this.notes.push(text);
  }

  diary() {
    return [...this.#diary, ...this.server.log.slice(-20).map((line) => `server: ${line}`)];
  }

  /** A tab with the page of the server, joined as `name`; `params` are those of the page's address. */
  async join(name, params = {}, { browser = this.#lab.chromium } = {}) {
    const participant = await this.#tab(name, browser);
    await participant.open({ width: 320, height: 180, ...params });
    await participant.joined();
    return participant;
  }

  /** A tab with the library alone, nothing joined: for what the page does not do. */
  async bare(name, { browser = this.#lab.chromium } = {}) {
    const participant = await this.#tab(name, browser);
    await participant.openBare();
    return participant;
  }

  async bareFirefox(name) {
    return this.bare(name, { browser: await this.#lab.firefox() });
  }

  joinFromFirefox(name, params = {}) {
    return this.#lab.firefox().then((browser) => this.join(name, params, { browser }));
  }

  async close() {
    await Promise.all(this.#tabs.map((tab) => tab.close()));
    return this.#server ? this.#server.stop() : [];
  }

  async #tab(name, browser) {
    const page = await browser.newPage();
    const participant = new Participant(page, this, name, (line) => this.#diary.push(line));
    this.#tabs.push(participant);
    return participant;
  }
}
