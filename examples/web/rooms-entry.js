// SPDX-License-Identifier: LGPL-2.1-or-later
import {RoomsError} from './rooms-protocol.js';

/**
 * @typedef {import('./rooms-protocol.js').CodecNames} CodecNames
 * @typedef {import('./rooms-protocol.js').Joined} Joined
 * @typedef {import('./rooms-protocol.js').Message} Message
 * @typedef {import('./rooms-options.js').JoinOptions} JoinOptions
 * @typedef {import('./rooms-socket.js').RoomsSocket} RoomsSocket
 *
 * @typedef {object} Abilities  of this browser, as far as they are wanted
 * @property {CodecNames} codecs
 * @property {boolean} mesh
 *
 * @typedef {object} Memory  of the session before
 * @property {Abilities} abilities
 * @property {string} [session]
 * @property {number} away  milliseconds
 */

/** After this a wished participant id that is still taken is given up. */
const NAME_PATIENCE = 20000;

/**
 * @param {RoomsSocket} socket
 * @param {JoinOptions} wish
 * @param {Abilities} abilities
 */
export async function askToJoin(socket, wish, {codecs, mesh}) {
  const answer = await socket.request({type: 'join', ...wish, codecs, mesh});
  return /** @type {Joined & Message} */ (answer);
}

/**
 * Goes on with the session, or joins anew when the server has forgotten it.
 * @param {RoomsSocket} socket
 * @param {JoinOptions} wish
 * @param {Memory} memory
 * @returns {Promise<Joined>}
 */
export async function resumeOrJoin(socket, wish, {abilities, session, away}) {
  try {
    const answer = await socket.request({type: 'resume', session});
    return /** @type {Joined & Message} */ (answer);
  } catch (error) {
    if (!(error instanceof RoomsError) || error.code !== 'session-unknown') throw error;
  }
  const {room, name} = wish;
  return askToJoin(socket, away > NAME_PATIENCE ? {room, name} : wish, abilities);
}
