#!/usr/bin/env node
// SPDX-License-Identifier: LGPL-2.1-or-later
// Runs the tests of the *_test.mjs files here, real browsers against the real server.
//   GST_ROOMS_BUILD=build-test node run.mjs [PATTERN]
// PATTERN is a regular expression of test names. The last line reads "N passed, N failed".
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { Lab } from './lab.mjs';
import { runTests } from './runner.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const lab = new Lab(process.env.GST_ROOMS_BUILD ?? path.join(here, '../../build-test'));
process.exit(await runTests(lab, here, new RegExp(process.argv[2] ?? '', 'i')) ? 0 : 1);
