// SPDX-License-Identifier: LGPL-2.1-or-later
// roomsink and roomsrc with a browser at the other end of the room.
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { ClientProcess } from './client_process.mjs';
import { isRed } from './clients.mjs';
import { until } from './participant.mjs';

const STUDIO = { id: 'studio', name: 'studio' };
const VIEWER = fileURLToPath(new URL('../../examples/python/room_viewer.py', import.meta.url));
const PATIENCE = { within: 60_000 };

const environment = (room) => ({
  GST_PLUGIN_PATH: path.join(room.build, 'elements'),
  GST_REGISTRY: path.join(room.build, 'registry-browser.bin'),
});

/** The pipeline runs while `look` does; what it says is shown if that fails. */
async function beside(room, command, look) {
  const client = new ClientProcess(command, environment(room));
  try {
    await look(client);
  } catch (error) {
    error.message += `\n${client.name}: ${client.log.slice(-15).join('\n')}`;
    throw error;
  } finally {
    await client.stop();
  }
}

const publisher = (room, encoding) => ['gst-launch-1.0', 'videotestsrc', 'is-live=true', 'pattern=red', '!',
  'video/x-raw,width=320,height=240,framerate=15/1', '!', 'roomsink', 'name=room', ...encoding,
  `uri=${room.server.address}/whip/${room.id}/studio`, 'audiotestsrc', 'is-live=true', 'volume=0.3', '!', 'room.'];

const seen = (encoding) => async (room) => {
  const ada = await room.join('Ada');
  await beside(room, publisher(room, encoding), async () => {
    await ada.seesFrames(STUDIO, 'camera', PATIENCE);
    await ada.hears(STUDIO, 'microphone', PATIENCE);
    await ada.seesPicture(STUDIO, 'camera', isRed);
  });
  await ada.seesNoTile(STUDIO);
};

export default {
  'a browser sees and hears what roomsink sends: VP8': seen(['video-codec=vp8']),
  'a browser sees and hears what roomsink sends: H.264': seen(['video-codec=h264']),
  'a browser sees and hears what roomsink sends: three layers': seen(['simulcast=true']),

  'roomsrc sees and hears browsers': async (room) => {
    const ada = await room.join('Ada');
    const bob = await room.bare('Bob');
    await bob.enter({ subscribe: false });
    await bob.paint('rgb(255, 0, 0)', { label: 'camera' });
    const watch = (participant, what, accept) => beside(room,
      ['/usr/bin/python3', VIEWER, '60', `${room.server.address}/whep/${room.id}/${participant.id}`],
      (viewer) => until(what, () => accept(viewer.report), { ...PATIENCE, describe: () => viewer.report }));
    await watch(ada, 'frames and beeps', ({ frames, loudest }) => frames > 15 && loudest > 500);
    await watch(bob, 'frames in red', ({ frames, colour }) => frames > 15 && colour[0] > 150 && colour[1] < 80);
  },
};
