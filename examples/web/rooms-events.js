// SPDX-License-Identifier: LGPL-2.1-or-later

/**
 * What RoomsClient dispatches, and the `detail` of each.
 *
 * @typedef {import('./rooms-protocol.js').CodecNames} CodecNames
 * @typedef {import('./rooms-protocol.js').Joined} Joined
 * @typedef {import('./rooms-protocol.js').RoomsError} RoomsError
 * @typedef {import('./rooms-protocol.js').TrackInfo} TrackInfo
 * @typedef {import('./rooms-publisher.js').LocalTrack} LocalTrack
 * @typedef {import('./rooms-roster.js').Participant} Participant
 * @typedef {import('./rooms-subscriber.js').Shown} Shown
 * @typedef {import('./rooms-channels.js').RoomChannel} RoomChannel
 * @typedef {import('./rooms-view.js').Allocation} Allocation
 * @typedef {import('./rooms-encodings.js').WantedEncoding} WantedEncoding
 *
 * @typedef {object} RoomsEvents  what is dispatched, with its detail
 * @property {Joined} joined             by `join`, or anew after the session was lost
 * @property {{participant: Participant}} participant-joined
 * @property {{participant: Participant, reason: string}} participant-left
 * @property {{participant: Participant, track: TrackInfo}} track-published
 *     by somebody, whether it is in one of our slots or not
 * @property {{participant: Participant, track: TrackInfo}} track-unpublished
 * @property {{participant: Participant, track: TrackInfo, muted: boolean}} track-muted
 * @property {Shown} track-added         a track is in one of our slots
 * @property {Shown} track-removed
 * @property {Shown} track-moved         it comes in another way from now on: `mediaTrack` is another
 * @property {{topology: string, peer: string | null}} topology  of the room; with whom we exchange
 *     media without the server
 * @property {{track: LocalTrack, moderated: boolean}} moderated
 *     a moderator has muted a track of ours, or lets us be heard again
 * @property {{participant: string}} speaking  empty: nobody
 * @property {{from: string, data: any}} data
 * @property {{channel: RoomChannel}} channel  somebody opened a data channel that we have not
 * @property {CodecNames} codecs
 * @property {{reason: string}} republish      answered already
 * @property {{track: string, participant: string, transcoded?: string}} codec-mismatch
 * @property {{recording: string, kind: string, state: 'started' | 'stopped' | 'failed', reason: string}} recording
 *     the room is recorded, or no more
 * @property {Allocation} allocation      what the server makes of our line
 * @property {{track: string, encodings: WantedEncoding[]}} encodings
 *     what somebody watches of a track of ours; followed already
 * @property {{connection: 'publish' | 'subscribe', state: string, reason: string}} connection
 * @property {{attempt: number, reason: string}} reconnecting
 * @property {{resumed: boolean}} reconnected
 * @property {RoomsError} error                what no call of ours caused
 * @property {{reason: string}} left
 */

/** @type {Record<string, (message: Record<string, any>) => any>} */
const TOLD_ON = {
  'speaking': ({participant}) => ({participant}),
  'data': ({from, data}) => ({from, data}),
  'codecs': ({audio, video}) => ({audio, video}),
  'codec-mismatch': ({track, participant, transcoded}) => ({track, participant, transcoded}),
  'recording': ({recording, kind, state, reason}) => ({recording, kind, state, reason}),
};

/**
 * What a message says that the client has nothing to do for.
 * @param {import('./rooms-protocol.js').Message} message
 * @returns {any} the detail of the event of that name; undefined for the other messages
 */
export function plainDetail(message) {
  return Object.hasOwn(TOLD_ON, message.type) ? TOLD_ON[message.type](message) : undefined;
}
