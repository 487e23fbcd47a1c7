// SPDX-License-Identifier: LGPL-2.1-or-later
// WHIP from a program that is no browser.
import path from 'node:path';

import { isRed } from '../clients.mjs';

const VIDEO = 'videotestsrc is-live=true pattern=red ! video/x-raw,width=320,height=180,framerate=30/1 ! vp8enc deadline=1 ' +
  '! rtpvp8pay pt=96 ! application/x-rtp,media=video,encoding-name=VP8,payload=96';
const AUDIO = 'audiotestsrc is-live=true ! audio/x-raw,rate=48000,channels=2 ! opusenc ' +
  '! rtpopuspay pt=111 ! application/x-rtp,media=audio,encoding-name=OPUS,payload=111';

async function publish(room, ...options) {
  const ada = await room.join('Ada');
  // Debian's client does not run with Debian's libnice otherwise: clients/no_upnp.cc.
  const environment = { LD_LIBRARY_PATH: path.resolve(room.lab.build, 'tests/browser') };
  const url = `${room.server.address}/whip/${room.id}/studio`;
  room.startClient(['whip-client', '--disable-colors', '-u', url, '-V', VIDEO, '-A', AUDIO, ...options], environment);
  const studio = { id: 'studio', name: 'simple-whip-client' };
  await ada.seesFrames(studio, 'camera', { within: 40_000 });
  await ada.hears(studio);
  await ada.seesPicture(studio, 'camera', isRed);
}

export default {
  'simple-whip-client publishes, its candidates in the offer': (room) => publish(room, '--no-trickle'),
  'simple-whip-client publishes, its candidates by PATCH': (room) => publish(room),
};
