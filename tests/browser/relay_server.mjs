// SPDX-License-Identifier: LGPL-2.1-or-later
// Debian's coturn on the server's host, on an address of its own.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { ClientProcess } from './client_process.mjs';
import { RELAY } from './hosts.mjs';
import { until } from './participant.mjs';

export const PORT = 3478;
export const TURN_OPTIONS = ['udp', 'tcp'].flatMap((transport) => ['--turn', `turn:${RELAY}:${PORT}?transport=${transport}`]);

export class RelayServer extends ClientProcess {
  #folder;

  /** `secret`: time-limited credentials made with it are good; or `user` and `password`. */
  static async start(hosts, { secret, user, password }) {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'relay-'));
    const credentials = secret ? ['--use-auth-secret', `--static-auth-secret=${secret}`]
      : ['--lt-cred-mech', `--user=${user}:${password}`];
    const relay = new RelayServer([...hosts.serverPrefix, 'turnserver', '-n', '--verbose', '--log-file=stdout', '--simple-log', '--no-cli',
      '--no-tls', '--no-dtls', '--no-rfc5780', '--realm=rooms.test', `--listening-ip=${RELAY}`, `--relay-ip=${RELAY}`,
      `--listening-port=${PORT}`, `--pidfile=${folder}/pid`, `--userdb=${folder}/db`, ...credentials]);
    relay.name = 'coturn';
    relay.#folder = folder;
    await until('coturn listens', () => {
      if (relay.hasEnded) throw new Error(`it has ended: ${relay.log.slice(-5).join('\n')}`);
      return hosts.onServer('ss', '--listening', '--tcp', '--numeric').includes(`${RELAY}:${PORT}`);
    });
    return relay;
  }

  async stop() {
    await super.stop('SIGTERM');
    fs.rmSync(this.#folder, { recursive: true, force: true });
  }
}
