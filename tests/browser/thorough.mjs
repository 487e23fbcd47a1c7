// SPDX-License-Identifier: LGPL-2.1-or-later
// Tests that take their time, and of which another one goes the same way with another client or codec. ./bench browsers
// runs them too; ./test does when their name is asked for.
export const THOROUGH = new Set([
  "the estimate of a viewer's line follows the line",
  'a picture without sound comes back although nothing was sent',
  'VP8 simulcast of Firefox follows the line of its viewer',
  'VP9 SVC of Chromium follows the line of its viewer',
  'static credentials from WHIP and WHEP Link headers relay over UDP and over TCP, others do not',
  'REMB of a player decides which layer it is sent',
  'H264 simulcast: two layers, forced down and up',
  'VP9 simulcast: two layers, forced down and up',
  'AV1 simulcast: two layers, forced down and up',
  'AV1 L3T3: spatial and temporal layers',
  'AV1 L3T3_KEY: spatial and temporal layers',
  'Chromium and Firefox send to each other',
  'a player makes the room go through the server',
  'whoever runs the server moves a room between the two ways',
  'two who do not reach each other stay on the server',
  'a dead publish connection is replaced',
  'cameras go off and on, screens come and go, between two',
  'players share one mix, and nothing of it is left when they have gone',
  'the simulcast layers of one participant are renditions, untouched',
  'they are so without the server, and when they come through it again',
  'WHIP: a publisher without signalling sends little more than somebody watches',
  'WHIP from Firefox: layers named by number, the largest first, come and go',
]);
