// SPDX-License-Identifier: LGPL-2.1-or-later

/**
 * What plays the stream goes on with that track: the former one goes only after the new one has
 * come, for a stream without tracks has ended.
 * @param {MediaStream} stream  of one track
 * @param {MediaStreamTrack} mediaTrack
 */
export function replaceIn(stream, mediaTrack) {
  const former = stream.getTracks().filter((track) => track !== mediaTrack);
  stream.addTrack(mediaTrack);
  for (const track of former) stream.removeTrack(track);
}
