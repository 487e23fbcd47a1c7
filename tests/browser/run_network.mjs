#!/usr/bin/env node
// SPDX-License-Identifier: LGPL-2.1-or-later
// Runs the tests of network/: real clients and the real server on two hosts, which are two network namespaces.
//   GST_ROOMS_BUILD=build-test node run_network.mjs [PATTERN]
// This process becomes the client's host: it starts itself again in a namespace without a name, which the kernel
// takes away with its last process, so that nothing is left behind however the tests end.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { NetworkLab } from './network_lab.mjs';
import { runTests } from './runner.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const INSIDE = 'GST_ROOMS_CLIENT_HOST';
const CURE = `
A network namespace could not be made, so the network tests cannot run.
  Cause: see the line above. As a rule it is that this user is not root, or root in a container without
         CAP_SYS_ADMIN and CAP_NET_ADMIN.
  Cure:  run ./test as root; in a container: docker run --privileged, or
         --cap-add SYS_ADMIN --cap-add NET_ADMIN --security-opt seccomp=unconfined --security-opt apparmor=unconfined.
  0 passed, 1 failed`;

/** Runs a command to its end; its exit status. Signals that end us are handed on. */
function run(command, args, environment = {}) {
  return new Promise((done) => {
    const child = spawn(command, args, { stdio: 'inherit', env: { ...process.env, ...environment } });
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
    child.once('error', (error) => {
      console.error(`${command}: ${error.message}`);
      done(127);
    });
    child.once('exit', (code, signal) => done(code ?? (signal ? 1 : 0)));
  });
}

if (process.env[INSIDE]) {
  const lab = new NetworkLab(process.env.GST_ROOMS_BUILD ?? path.join(here, '../../build-test'));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.once(signal, () => lab.close().finally(() => process.exit(1)));
  }
  process.exit(await runTests(lab, path.join(here, 'network'), new RegExp(process.argv[2] ?? '', 'i')) ? 0 : 1);
}
if (await run('unshare', ['--net', 'true']) !== 0) {
  console.log(CURE);
  process.exit(1);
}
process.exit(await run('unshare', ['--net', process.execPath, ...process.argv.slice(1)], { [INSIDE]: '1' }));
