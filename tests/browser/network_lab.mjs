// SPDX-License-Identifier: LGPL-2.1-or-later
// The lab with a cable in it: server and clients on two hosts, and what a test did to the line undone after it.
import path from 'node:path';

import { startChromium } from './browsers.mjs';
import { ClientProcess } from './client_process.mjs';
import { Hosts, RELAY, SERVER } from './hosts.mjs';
import { Lab, TestRoom } from './lab.mjs';
import { until } from './participant.mjs';
import { RelayServer } from './relay_server.mjs';
import { ServerProcess } from './server_process.mjs';

const PORT = 8080;
const UDP_PORT = 8443;
const DELAY_PORT = 9443;

export class NetworkLab extends Lab {
  #servers = 0;

  async open() {
    this.hosts = await Hosts.make();
    this.server = await this.startServer();
    const insecureOrigins = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => `http://${SERVER}:${PORT + n}`);
    this.chromium = await startChromium({ insecureOrigins });
  }

  /** Each has a port of its own, one of those that Chromium trusts. */
  startServer(environment = {}, options = []) {
    const n = this.#servers++;
    const ports = ['--listen', `${SERVER}:${PORT + n}`, '--udp-port', `${UDP_PORT + n}`];
    return ServerProcess.start(this.build, [...ports, ...options],
      { environment, prefix: this.hosts.serverPrefix });
  }

  async newRoom() {
    return new NetworkRoom(this, this.nextRoomId());
  }

  async close() {
    const complaints = await super.close();
    this.hosts?.close();
    return complaints;
  }
}

export class NetworkRoom extends TestRoom {
  #processes = [];

  get hosts() {
    return this.lab.hosts;
  }

  /** A program that is a client; it is ended with the test. */
  startClient(words, environment = {}) {
    const client = new ClientProcess(words, environment);
    this.#processes.push(client);
    return client;
  }

  async startRelay(options) {
    const relay = await RelayServer.start(this.hosts, options);
    this.#processes.push(relay);
    return relay;
  }

  /** From now on media takes so many ms each way, of those who join; this kernel's qdiscs have no delay. */
  async delay(milliseconds) {
    const from = `${RELAY}:${DELAY_PORT}`;
    const settings = `delay=${milliseconds}ms`;
    const line = this.startClient([...this.hosts.serverPrefix, path.join(this.lab.build, 'tests/support/udp-relay'),
      '--listen', from, '--to', `${SERVER}:${UDP_PORT}`, '--up', settings, '--down', settings, '--no-control']);
    await until('the relay listens', () => {
      if (line.hasEnded) throw new Error(`it has ended: ${line.log.slice(-5).join('\n')}`);
      return this.hosts.onServer('ss', '--listening', '--udp', '--numeric').includes(from);
    });
    this.hosts.detour(UDP_PORT, from);
  }

  /** Statistics of somebody in the room, by id or name. */
  async statsOf(who) {
    const { participants } = await this.server.get(`/api/rooms/${this.id}`);
    return participants.find(({ id, name }) => id === who || name === who);
  }

  diary() {
    return [...super.diary(), ...this.#processes.flatMap((one) => one.log.slice(-20).map((line) => `${one.name}: ${line}`))];
  }

  async close() {
    const complaints = await super.close();
    await Promise.all(this.#processes.map((one) => one.stop()));
    this.hosts.restore();
    return complaints;
  }
}
