// SPDX-License-Identifier: LGPL-2.1-or-later
// A program beside the server and the browsers: its lines are kept, those that are JSON are its reports.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import readline from 'node:readline';

export class ClientProcess {
  #child;
  #ended;
  log = [];
  /** The latest line that was a JSON object. */
  report = {};

  constructor([command, ...args], environment = {}) {
    this.name = path.basename([command, ...args].find((word) => word.endsWith('.py')) ?? command);
    this.#child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...environment } });
    this.#child.once('error', (error) => this.log.push(error.message));
    this.#ended = once(this.#child, 'close').catch(() => {});
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      readline.createInterface({ input: stream }).on('line', (line) => this.#hear(line));
    }
  }

  get hasEnded() {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  async stop(signal = 'SIGINT') {
    if (this.hasEnded) return;
    this.#child.kill(signal);
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 3000);
    await this.#ended;
    clearTimeout(timer);
  }

  #hear(line) {
    if (!line.startsWith('{')) return void this.log.push(line);
    try {
      this.report = JSON.parse(line);
    } catch {
      this.log.push(line);
    }
  }
}
