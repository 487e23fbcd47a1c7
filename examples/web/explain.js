// SPDX-License-Identifier: LGPL-2.1-or-later

/**
 * @typedef {object} Explanation
 * @property {string} title
 * @property {string} text  cause and cure
 */

/**
 * What our own codes and the server's mean to somebody who only wants to talk.
 * @type {Record<string, Explanation>}
 */
const BY_CODE = {
  'connection-lost': {
    title: 'The server does not answer',
    text: 'It may be restarting, or your network is down. Check the connection and try again.',
  },
  'timeout': {
    title: 'The server is slow to answer',
    text: 'The last action may not have happened. Try it again in a moment.',
  },
  'name-taken': {
    title: 'That name is taken',
    text: 'Somebody in the room has the wished id. Choose another one.',
  },
  'already-joined': {
    title: 'Already in the room',
    text: 'This page has joined before. Leave first, or reload the page.',
  },
  'room-closing': {
    title: 'The server is shutting down',
    text: 'The call comes back by itself when the server does.',
  },
  'track-unknown': {
    title: 'That track is gone',
    text: 'It ended before the server heard of the change.',
  },
};

/**
 * @param {unknown} error
 * @returns {Explanation}
 */
export function explainError(error) {
  const {code, message} = /** @type {{code?: string, message?: string}} */ (error ?? {});
  if (code && Object.hasOwn(BY_CODE, code)) return BY_CODE[code];
  return {title: 'Something went wrong', text: message || String(error)};
}

/** @type {Record<string, string>} */
const DEVICE_NAMES = {
  audio: 'microphone',
  video: 'camera',
  both: 'camera and microphone',
  screen: 'screen',
};

/**
 * Why a device could not be opened.
 * @param {'audio' | 'video' | 'both' | 'screen'} kind
 * @param {unknown} error
 * @returns {Explanation}
 */
export function explainDevice(kind, error) {
  const name = DEVICE_NAMES[kind];
  const it = kind === 'both' ? 'them' : 'it';
  const {name: cause = '', message = ''} = /** @type {{name?: string, message?: string}} */ (
    error ?? {});
  switch (cause) {
    case 'InsecureContext':
      return {
        title: 'Camera and microphone need a secure page',
        text: 'Browsers open them on https:// and on localhost only. You can join and watch.',
      };
    case 'NotAllowedError':
    case 'SecurityError':
      return {
        title: `The browser does not open the ${name}`,
        text: `Allow the ${name} by the icon in the address bar, then try again. ` +
            `The system's settings may also keep ${it} from the browser.`,
      };
    case 'NotFoundError':
    case 'OverconstrainedError':
      return {
        title: `No ${name} found`,
        text: `Connect a ${name} and try again. You can join without it.`,
      };
    case 'NotReadableError':
    case 'AbortError':
      return {
        title: `The ${name} does not start`,
        text: 'Another program is probably using it. Close that one and try again.',
      };
  }
  return {title: `The ${name} could not be opened`, text: message || 'The browser gave no reason.'};
}
