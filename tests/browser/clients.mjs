// SPDX-License-Identifier: LGPL-2.1-or-later
// Programs of others that are clients of ours, and what their pictures look like.
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const script = (name) => path.join(path.dirname(fileURLToPath(import.meta.url)), 'clients', name);

/** Debian's Python, which has Debian's aiortc. */
export const AIORTC = ['/usr/bin/python3', script('aiortc_client.py')];

export const isBlue = (seen) => seen && seen.blue > 120 && seen.blue > 2 * seen.red && seen.blue > 2 * seen.green;
export const isRed = (seen) => seen && seen.red > 120 && seen.red > 2 * seen.blue && seen.red > 2 * seen.green;
