// SPDX-License-Identifier: LGPL-2.1-or-later

/**
 * @typedef {import('./rooms-protocol.js').ParticipantInfo} ParticipantInfo
 * @typedef {import('./rooms-protocol.js').TrackInfo} TrackInfo
 * @typedef {import('./rooms-events.js').RoomsEvents} RoomsEvents
 *
 * @typedef {object} Participant
 * @property {string} id
 * @property {string} name
 * @property {Map<string, TrackInfo>} tracks
 */

/** Who else is in the room and what they publish. */
export class Roster {
  /** @type {Map<string, Participant>} */
  participants = new Map();
  #emit;

  /** @param {<K extends keyof RoomsEvents>(type: K, detail: RoomsEvents[K]) => void} emit */
  constructor(emit) {
    this.#emit = emit;
  }

  /**
   * Takes over a whole list and tells what differs from what was known.
   * @param {ParticipantInfo[]} others
   */
  replace(others) {
    const present = new Set(others.map(({id}) => id));
    for (const id of [...this.participants.keys()]) {
      if (!present.has(id)) this.left(id, 'left while we were away');
    }
    for (const other of others) {
      const known = this.participants.get(other.id);
      if (!known) {
        this.joined(other);
        continue;
      }
      known.name = other.name;
      const tracks = new Set(other.tracks.map(({id}) => id));
      for (const id of [...known.tracks.keys()]) {
        if (!tracks.has(id)) this.unpublished(id, other.id);
      }
      for (const track of other.tracks) {
        const before = known.tracks.get(track.id);
        if (!before) this.published(track);
        else if (before.muted !== track.muted) this.muted(track.id, other.id, track.muted);
      }
    }
  }

  /** @param {ParticipantInfo} info */
  joined({id, name, tracks}) {
    const participant = {id, name, tracks: new Map((tracks ?? []).map((t) => [t.id, t]))};
    this.participants.set(id, participant);
    this.#emit('participant-joined', {participant});
  }

  /**
   * @param {string} id
   * @param {string} reason
   */
  left(id, reason) {
    const participant = this.participants.get(id);
    if (!participant) return;
    this.participants.delete(id);
    this.#emit('participant-left', {participant, reason});
  }

  /** @param {TrackInfo} track */
  published(track) {
    const participant = this.participants.get(track.participant);
    if (!participant) return;
    participant.tracks.set(track.id, track);
    this.#emit('track-published', {participant, track});
  }

  /**
   * @param {string} trackId
   * @param {string} participantId
   */
  unpublished(trackId, participantId) {
    const participant = this.participants.get(participantId);
    const track = participant?.tracks.get(trackId);
    if (!participant || !track) return;
    participant.tracks.delete(trackId);
    this.#emit('track-unpublished', {participant, track});
  }

  /**
   * @param {string} trackId
   * @param {string} participantId
   * @param {boolean} muted
   */
  muted(trackId, participantId, muted) {
    const participant = this.participants.get(participantId);
    const before = participant?.tracks.get(trackId);
    if (!participant || !before) return;
    const track = {...before, muted};
    participant.tracks.set(trackId, track);
    this.#emit('track-muted', {participant, track, muted});
  }
}
