// SPDX-License-Identifier: LGPL-2.1-or-later
// Chromium, driven by lines of JSON on stdin, each answered by one on stdout:
//   {id, do: 'start'}                                    waits until it runs; its pid, which is that of its group
//   {id, do: 'open', page, url, script: 'rooms.js'}      a tab there, with page/watch.js and that script in it
//   {id, do: 'call', page, function, arguments}          window.adapt[function](..arguments), awaited
//   {id, do: 'close', page}
// The end of stdin closes everything.
import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import { fileURLToPath } from 'node:url';

import { startChromium } from '../../browser/browsers.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const [origins, camera] = process.argv.slice(2);
const source = (name) => fs.readFileSync(path.join(here, 'page', name), 'utf8');
const pages = new Map();

const browser = await startChromium({ insecureOrigins: origins.split(','), args: [`--use-file-for-fake-video-capture=${camera}`] });

async function open({ page: name, url, script }) {
  const page = await browser.newPage();
  pages.set(name, page);
  page.on('console', (message) => console.error(`${name}: ${message.text()}`));
  page.on('pageerror', (error) => console.error(`${name}: ${error.message}`));
  for (const one of ['watch.js', script]) await page.evaluateOnNewDocument(source(one));
  await page.goto(url);
}

async function answer(request) {
  const page = pages.get(request.page);
  switch (request.do) {
    case 'start': return browser.process().pid;
    case 'open': return open(request);
    case 'call': return page.evaluate((name, values) => window.adapt[name](...values), request.function, request.arguments);
    case 'close':
      pages.delete(request.page);
      return page.close();
    default: throw new Error(`unknown request ${request.do}`);
  }
}

// Ctrl-C reaches the whole process group of a terminal: who started us decides.
process.on('SIGINT', () => {});
const requests = readline.createInterface({ input: process.stdin });
// Also in the middle of an answer, and when who started us was killed.
requests.on('close', () => browser.close().catch(() => {}));
for await (const line of requests) {
  const request = JSON.parse(line);
  const reply = await answer(request).then((value) => ({ value }), (error) => ({ error: error.message }));
  process.stdout.write(`${JSON.stringify({ id: request.id, ...reply })}\n`);
}
await browser.close().catch(() => {});
process.exit(0);
