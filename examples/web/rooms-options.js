// SPDX-License-Identifier: LGPL-2.1-or-later

/**
 * @typedef {import('./rooms-protocol.js').CodecNames} CodecNames
 *
 * @typedef {'tracks' | 'mix' | 'hybrid'} Mode  everybody's tracks; one picture and one sound of
 *     all; everybody's pictures and one sound
 *
 * @typedef {object} ClientOptions
 * @property {string} [url]          default: `/ws` of the server that served the page
 * @property {boolean} [subscribe]   default true
 * @property {number} [audioSlots]   number of slots to begin with
 * @property {number} [videoSlots]
 * @property {number} [lastN]        most pictures to be sent, fewer than the server would
 * @property {Mode} [mode]           how the room comes; default: as the room is meant
 * @property {number} [mixHeight]    of the mixed picture: 180, 240, 360, 480 or 720; default: as it is
 * @property {boolean} [data]        data channels; default true
 * @property {boolean} [mesh]        exchanges media directly where the room wants that; default true
 * @property {CodecNames} [codecs]   default: what the browser can decode
 *
 * @typedef {object} JoinOptions
 * @property {string} room
 * @property {string} name
 * @property {string} [participant]  wished id
 */

/**
 * What a `subscribe` request says of them.
 * @param {ClientOptions} options
 * @returns {import('./rooms-subscriber.js').Wishes}
 */
export function subscribeWishes({audioSlots, videoSlots, lastN, mode, mixHeight, data = true}) {
  return {audio: audioSlots, video: videoSlots, lastN, mode, height: mixHeight, data};
}
