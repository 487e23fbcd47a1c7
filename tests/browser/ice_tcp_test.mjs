// SPDX-License-Identifier: LGPL-2.1-or-later
// A network that lets no UDP through: media goes over TCP to the same port. It takes a host of its own, which is a
// network namespace without a name: ice_tcp_host.mjs runs in it, and the kernel takes it away with that process.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { text } from 'node:stream/consumers';

const inside = path.join(path.dirname(fileURLToPath(import.meta.url)), 'ice_tcp_host.mjs');
const CURE = `a network namespace could not be made. As a rule this user is not root, or root in a container without
CAP_SYS_ADMIN and CAP_NET_ADMIN. Run ./test as root; in a container: docker run --privileged`;

async function onOwnHost() {
  const child = spawn('unshare', ['--net', process.execPath, inside], { stdio: ['ignore', 'pipe', 'pipe'] });
  const failed = new Promise((_, reject) => child.once('error', reject));
  const ended = Promise.race([once(child, 'exit'), failed]);
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  assert.ok(!/^unshare:/m.test(err), `${err}${CURE}`);
  assert.equal(code, 0, `${out}\n${err}`);
  return out.trim().split('\n');
}

export default {
  'media passes over TCP where UDP is blocked, and again when the connection breaks': async (room) => {
    for (const line of await onOwnHost()) room.note(line);
  },
};
