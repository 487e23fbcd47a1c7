// SPDX-License-Identifier: LGPL-2.1-or-later
// One gst-rooms-server on ports of its own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import readline from 'node:readline';
import { text } from 'node:stream/consumers';

/** Two browsers would go past the server that is to be tested: what they do then is direct_test.mjs's. */
const THROUGH_THE_SERVER = ['--topology', 'sfu'];
/** The first start makes GStreamer look at all its plugins. */
const SLOWEST_START = 90_000;
/** What no run should say; GStreamer's own warnings are not ours to judge. */
const COMPLAINT = /^\S+ \S+ (error |warning (GLib|GStreamer))|runtime error|Sanitizer|assertion/;

/** Makes the server count its live objects, for `liveObjects`. */
export const traced = { GST_TRACERS: 'leaks', GST_LEAKS_TRACER_SIG: '1', GST_DEBUG: 'GST_TRACER:7', GST_DEBUG_NO_COLOR: '1' };

export class ServerProcess {
  #child;
  #log = [];
  address = '';

  /** `prefix` stands before the command, to run it somewhere else. Options given twice: the later ones count. */
  static async start(build, options = [], { environment = {}, prefix = [] } = {}) {
    const server = new ServerProcess();
    const [command, ...args] = [...prefix, path.join(build, 'server/gst-rooms-server'), '--listen', '127.0.0.1:0',
      '--udp-port', '0', ...THROUGH_THE_SERVER, ...options];
    server.#child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        GST_PLUGIN_PATH: path.join(build, 'elements'),
        GST_REGISTRY: path.join(build, 'registry.bin'),
        ...environment,
      },
    });
    server.#keep(server.#child.stderr);
    const found = server.#addressIn(server.#child.stdout);
    server.address = await found;
    return server;
  }

  get pid() {
    return this.#child.pid;
  }

  get log() {
    return this.#log;
  }

  /** Threads, descriptors and resident memory (KiB) of the process. */
  resources() {
    const status = fs.readFileSync(`/proc/${this.pid}/status`, 'utf8');
    const field = (name) => Number(status.match(new RegExp(`${name}:\\s+(\\d+)`))[1]);
    return {
      threads: field('Threads'),
      resident: field('VmRSS'),
      descriptors: fs.readdirSync(`/proc/${this.pid}/fd`).length,
    };
  }

  /** Open descriptors by what they are: 'socket', 'anon_inode:[eventfd]', a file's path. */
  descriptorKinds() {
    const directory = `/proc/${this.pid}/fd`;
    const counts = {};
    for (const entry of fs.readdirSync(directory)) {
      let target;
      try {
        target = fs.readlinkSync(path.join(directory, entry));
      } catch {
        continue;  // closed since
      }
      const kind = target.replace(/:\[\d+\]$/, '');
      counts[kind] = (counts[kind] ?? 0) + 1;
    }
    return counts;
  }

  /** Objects alive by type, as the `leaks` tracer knows them; only with the environment of `traced`. */
  async liveObjects() {
    const from = this.#log.length;
    this.#child.kill('SIGUSR1');
    // The tracer writes them one a line, in one go.
    for (let seen = -1; seen !== this.#log.length || seen === from;) {
      seen = this.#log.length;
      await new Promise((done) => setTimeout(done, 400));
    }
    const counts = {};
    for (const line of this.#log.slice(from)) {
      const type = line.match(/object-alive, type-name=\(string\)([^,;]+)/)?.[1];
      if (type) counts[type] = (counts[type] ?? 0) + 1;
    }
    return counts;
  }

  /** On a connection of its own: one that is kept would not outlive a change of address. */
  async get(route) {
    const [answer] = await once(http.get(this.address + route, { agent: false, timeout: 5000 }), 'response');
    const body = await text(answer);
    if (answer.statusCode !== 200) throw new Error(`GET ${route}: ${answer.statusCode} ${body}`);
    return JSON.parse(body);
  }

  /** `PATCH` of a room. */
  async control(room, change) {
    const answer = await fetch(`${this.address}/api/rooms/${room}`, {
      method: 'PATCH', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(change),
    });
    if (answer.status !== 204) throw new Error(`PATCH ${room}: ${answer.status} ${await answer.text()}`);
  }

  /** What it did wrong, as lines; none if it ended as it should. */
  async stop() {
    const ended = new Promise((done) => this.#child.once('exit', (code, signal) => done({ code, signal })));
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
      return [`it had ended before: ${this.#child.exitCode ?? this.#child.signalCode}`, ...this.#log.slice(-40)];
    }
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 10_000);
    const { code, signal } = await ended;
    clearTimeout(timer);
    const complaints = this.#log.filter((line) => COMPLAINT.test(line)).slice(0, 40);
    if (code !== 0) complaints.push(`exit status ${code ?? signal}`, ...this.#log.slice(-20));
    return complaints;
  }

  #keep(stream) {
    readline.createInterface({ input: stream }).on('line', (line) => this.#log.push(line));
  }

  #addressIn(stdout) {
    return new Promise((resolve, reject) => {
      const fail = (why) => reject(new Error(`the server did not start: ${why}\n${this.#log.join('\n')}`));
      const timer = setTimeout(() => fail('no address'), SLOWEST_START);
      this.#child.once('error', (error) => fail(error.message));
      this.#child.once('exit', (code) => fail(`exit status ${code}`));
      readline.createInterface({ input: stdout }).on('line', (line) => {
        const url = line.match(/https?:\/\/[^\s/]+/);
        if (!url) return;
        clearTimeout(timer);
        this.#child.removeAllListeners('exit');
        resolve(url[0]);
      });
    });
  }
}
