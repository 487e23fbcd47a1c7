// SPDX-License-Identifier: LGPL-2.1-or-later
// What browsers send, recorded by the button of the page, handed out by it, and decoded by ffmpeg.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { sleep, until } from './participant.mjs';

const run = promisify(execFile);

/** Codec and number of decoded frames of each kind, and what ffmpeg complains about. */
async function decoded(file) {
  const probed = await run('ffprobe', ['-v', 'error', '-count_frames', '-show_entries',
    'stream=codec_type,codec_name,width,nb_read_frames', '-of', 'json', file]);
  const found = { complaints: probed.stderr };
  for (const stream of JSON.parse(probed.stdout).streams)
    found[stream.codec_type] = { codec: stream.codec_name, frames: Number(stream.nb_read_frames ?? 0), width: stream.width };
  return found;
}

/** A tab that publishes one colour in that codec, and a tone. */
async function publish(room, name, codec) {
  const tab = await room.bare(name);
  await tab.enter({ subscribe: false });
  await tab.paint('rgb(255, 0, 0)', { label: 'camera', codec });
  await tab.run(() => rooms.client.addTrack(probe.tone(440), { label: 'microphone' }));
  return tab;
}

export default {
  'everybody is recorded as they send by the button of the page, which offers the files': async (room) => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gst-rooms-recorded-'));
    try {
      await room.useOwnServer({}, ['--recordings', folder]);
      const ada = await room.join('Ada', { codec: 'H264' });
      const tabs = [];
      for (const codec of ['AV1', 'VP9']) tabs.push(await publish(room, codec, codec));
      for (const tab of tabs) await ada.seesFrames(tab);

      await ada.page.click('[data-testid=record]');
      await until('it is recorded', () => ada.run(() => !document.getElementById('recording').hidden));
      await sleep(3500);
      await ada.page.click('[data-testid=record]');
      const files = await until('the files are offered', () => ada.run(() => {
        const offered = [...document.querySelectorAll('[data-testid=recorded-file]')];
        return offered.length > 0 && offered.map(({ href, download }) => ({ href, name: download }));
      }));
      const expected = { ada: 'h264', av1: 'av1', vp9: 'vp9' };
      assert.deepEqual(files.map(({ name }) => name.replace(/\..*/, '').toLowerCase()).sort(), Object.keys(expected).sort());
      for (const { href, name } of files) {
        const answer = await fetch(href);
        assert.equal(answer.status, 200);
        const copy = path.join(folder, name);
        fs.writeFileSync(copy, Buffer.from(await answer.arrayBuffer()));
        const found = await decoded(copy);
        const told = `${name}: ${JSON.stringify(found)}`;
        assert.equal(found.complaints, '', told);
        assert.equal(found.video.codec, expected[name.replace(/\..*/, '').toLowerCase()], told);
        assert.equal(found.audio.codec, 'opus', told);
        assert.ok(found.video.frames >= 10 && found.audio.frames >= 50, told);
        room.note(`${name}: ${found.video.frames} pictures of ${found.video.codec}, ${found.audio.frames} of ${found.audio.codec}`);
      }
    } finally {
      fs.rmSync(folder, { recursive: true, force: true });
    }
  },
};
