// SPDX-License-Identifier: LGPL-2.1-or-later
// Runs the suites of a folder, one test after the other, and counts.
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { THOROUGH } from './thorough.mjs';

const LONGEST_TEST = 1000 * (process.env.GST_ROOMS_LONGEST_TEST ?? 180);

// Where more fail, something is broken, and not the machine too busy.
const MOST_AGAIN = 3;

const ALL = new RegExp('').source;

/** Those whose name, or whose file's name, fits the pattern; in the order of their files. */
async function tests(folder, pattern) {
  const isWanted = (name) => process.env.GST_ROOMS_THOROUGH || pattern.source !== ALL || !THOROUGH.has(name);
  const files = fs.readdirSync(folder).filter((name) => name.endsWith('_test.mjs')).sort();
  const found = [];
  for (const file of files) {
    const { default: suite } = await import(pathToFileURL(path.join(folder, file)).href);
    for (const [name, run] of Object.entries(suite)) found.push({ name, run, file });
  }
  return found.filter(({ name, file }) => (pattern.test(name) || pattern.test(file)) && isWanted(name));
}

function inTime(promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${LONGEST_TEST / 1000} s`)), LONGEST_TEST);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/**
 * Opens the lab, runs the tests of `folder` that fit `pattern`, closes the lab. Prints as it goes; the last line
 * reads "N passed, N failed". Few that fail are run once more at the end, when less runs beside them; what it was is
 * said. Complaints of a server, a crash among them, are not forgiven. Returns whether nothing failed.
 */
export async function runTests(lab, folder, pattern) {
  const complaints = [];
  let passed = 0;
  let failed = 0;

  async function passes({ name, run }) {
    let well = true;
    const started = performance.now();
    const seconds = () => `${((performance.now() - started) / 1000).toFixed(1)} s`;
    const room = await lab.newRoom();
    try {
      await inTime(run(room));
      console.log(`  ok      ${name} (${seconds()})`);
    } catch (error) {
      well = false;
      console.log(`  FAILED  ${name} (${seconds()})\n${error.stack}`);
      for (const line of room.diary().slice(-60)) console.log(`          | ${line}`);
    }
    for (const note of room.notes) console.log(`          ${note}`);
    complaints.push(...await room.close());
    return well;
  }

  try {
    await lab.open();
    let failures = [];
    for (const one of await tests(folder, pattern)) {
      if (await passes(one)) passed++;
      else failures.push(one);
    }
    if (failures.length <= MOST_AGAIN) {
      const again = failures;
      failures = [];
      for (const one of again) {
        if (!await passes(one)) failures.push(one);
        else console.log(`          passed the second time only: ${one.name}`);
      }
      passed += again.length - failures.length;
    }
    failed += failures.length;
    if (passed + failed === 0) throw new Error(`no test matches ${pattern}`);
  } catch (error) {
    failed++;
    console.log(`  FAILED  the laboratory itself\n${error.stack}`);
  }
  complaints.push(...await lab.close());
  if (complaints.length) {
    failed++;
    console.log(`  FAILED  servers end cleanly and have complained of nothing\n${complaints.join('\n')}`);
  } else {
    passed++;
    console.log('  ok      servers end cleanly and have complained of nothing');
  }
  console.log(`  ${passed} passed, ${failed} failed`);
  return failed === 0;
}
