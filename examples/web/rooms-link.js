// SPDX-License-Identifier: LGPL-2.1-or-later

/**
 * @typedef {import('./rooms-protocol.js').Message} Message
 * @typedef {import('./rooms-events.js').RoomsEvents} RoomsEvents
 */

/**
 * What the two peer connections need of the client around them.
 *
 * @typedef {object} Link
 * @property {() => boolean} isJoined
 * @property {() => RTCIceServer[]} iceServers
 * @property {(message: Message) => Promise<Message>} request
 * @property {(side: 'publish' | 'subscribe', candidate: RTCIceCandidate) => void} sendCandidate
 * @property {(message: Message) => void} send  what gets no answer
 * @property {<K extends keyof RoomsEvents>(type: K, detail: RoomsEvents[K]) => void} emit
 */

export {};
