// SPDX-License-Identifier: LGPL-2.1-or-later

/**
 * @typedef {import('./send-choice.js').SendMode} SendMode
 * @typedef {import('./rooms-options.js').Mode} Mode
 */

/**
 * What the address asks for; README.md of this directory lists it.
 * @typedef {object} Params
 * @property {string} room
 * @property {string} name
 * @property {string} participant
 * @property {boolean} autojoin
 * @property {boolean} audio      open the microphone to begin with
 * @property {boolean} video      open the camera to begin with
 * @property {boolean} publish
 * @property {boolean} subscribe
 * @property {boolean} mesh       exchange media directly where the room wants that
 * @property {Mode | ''} mode    how the room comes; empty: as it is meant
 * @property {SendMode | ''} send  how the camera is sent; empty: what suits it
 * @property {string} codec       of the video we send; empty: the room's choice
 * @property {number} width       of the camera's picture
 * @property {number} height
 * @property {number} bitrate     bit/s of the camera, highest layer; 0: default
 */

/**
 * @param {string} search  such as `?room=demo&autojoin=1`
 * @returns {Params}
 */
export function readParams(search) {
  const given = new URLSearchParams(search);
  /**
   * @param {string} name
   * @param {boolean} otherwise
   */
  const flag = (name, otherwise) => {
    const value = given.get(name);
    if (value === null) return otherwise;
    return !['0', 'false', 'no', 'off'].includes(value.toLowerCase());
  };
  /**
   * @param {string} name
   * @param {number} otherwise
   */
  const number = (name, otherwise) => {
    const value = Number(given.get(name));
    return value > 0 ? value : otherwise;
  };
  return {
    room: (given.get('room') ?? '').trim(),
    name: (given.get('name') ?? '').trim(),
    participant: (given.get('participant') ?? '').trim(),
    autojoin: flag('autojoin', false),
    audio: flag('audio', true),
    video: flag('video', true),
    publish: flag('publish', true),
    subscribe: flag('subscribe', true),
    mesh: flag('mesh', true),
    mode: viewMode(given.get('mode') ?? ''),
    send: sendMode(given.get('send') ?? '', given.get('codec') ?? ''),
    codec: given.get('codec') ?? '',
    width: number('width', 1280),
    height: number('height', 720),
    bitrate: number('bitrate', 0),
  };
}

/**
 * @param {string} wished
 * @returns {Mode | ''}
 */
function viewMode(wished) {
  return wished === 'tracks' || wished === 'mix' || wished === 'hybrid' ? wished : '';
}

/**
 * @param {string} wished  `one`, `simulcast` or `svc`
 * @param {string} codec
 * @returns {SendMode | ''}
 */
function sendMode(wished, codec) {
  if (wished === 'svc') return codec.toUpperCase() === 'AV1' ? 'svc-av1' : 'svc-vp9';
  return wished === 'one' || wished === 'simulcast' ? wished : '';
}
