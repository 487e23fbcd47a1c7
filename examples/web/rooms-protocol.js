// SPDX-License-Identifier: LGPL-2.1-or-later

/**
 * The vocabulary of docs/signalling.md: what travels on `/ws`, as types.
 *
 * @typedef {'audio' | 'video'} Kind
 *
 * @typedef {object} TrackInfo
 * @property {string} id           of the room, such as `ada/camera`
 * @property {string} participant  who sends it
 * @property {Kind} kind
 * @property {string} label        `camera`, `screen`, `microphone`, `screen-audio` or another name
 * @property {string} [codec]
 * @property {boolean} muted
 * @property {boolean} [moderated]  a moderator did it
 *
 * @typedef {object} ParticipantInfo
 * @property {string} id
 * @property {string} name
 * @property {TrackInfo[]} tracks
 *
 * @typedef {object} SlotInfo
 * @property {string} mid
 * @property {Kind} kind
 * @property {TrackInfo | null} track
 *
 * @typedef {object} Joined
 * @property {string} session
 * @property {string} participant
 * @property {string} name
 * @property {string} room
 * @property {ParticipantInfo[]} others
 * @property {boolean} resumed
 * @property {number} resumeTimeout  seconds
 * @property {RTCIceServer[]} iceServers
 *
 * @typedef {Record<string, any> & {type: string}} Message
 *
 * @typedef {{audio: string[], video: string[]}} CodecNames
 */

/** An `error` of the server, or `connection-lost` and `timeout` of our own. */
export class RoomsError extends Error {
  /**
   * @param {string} code
   * @param {string} message
   */
  constructor(code, message) {
    super(message);
    this.name = 'RoomsError';
    this.code = code;
  }

  /** @param {unknown} error  any */
  static of(error) {
    if (error instanceof RoomsError) return error;
    return new RoomsError('browser', error instanceof Error ? error.message : String(error));
  }
}

/** Formats that repair or pad a stream; they say nothing about what can be decoded. */
const REPAIR = new Set(['rtx', 'red', 'ulpfec', 'flexfec-03', 'cn', 'telephone-event']);

/**
 * @param {{mimeType: string}} codec
 * @returns {string} `VP8` of `video/VP8`
 */
export function codecName(codec) {
  return codec.mimeType.slice(codec.mimeType.indexOf('/') + 1);
}

/**
 * What this browser can decode, as `join` tells it.
 * @returns {CodecNames}
 */
export function decodableCodecs() {
  /** @param {Kind} kind */
  const names = (kind) => {
    const codecs = RTCRtpReceiver.getCapabilities?.(kind)?.codecs ?? [];
    const wanted = codecs.map(codecName).filter((name) => !REPAIR.has(name.toLowerCase()));
    return [...new Set(wanted)];
  };
  return {audio: names('audio'), video: names('video')};
}

/**
 * The codecs of a kind with the wished one first, for `setCodecPreferences`.
 * Null when the browser does not have it.
 * @param {Kind} kind
 * @param {string} wished
 */
export function codecsLedBy(kind, wished) {
  const codecs = RTCRtpSender.getCapabilities?.(kind)?.codecs ?? [];
  /** @param {{mimeType: string}} codec */
  const isWished = (codec) => codecName(codec).toLowerCase() === wished.toLowerCase();
  if (!codecs.some(isWished)) return null;
  return [...codecs.filter(isWished), ...codecs.filter((codec) => !isWished(codec))];
}

/** The server that served this page. */
export function defaultUrl() {
  const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';
  return `${scheme}//${location.host}/ws`;
}
