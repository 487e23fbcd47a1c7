// SPDX-License-Identifier: LGPL-2.1-or-later
import {isSaved} from './layer-words.js';

/**
 * @typedef {import('./tile.js').TileView} TileView
 * @typedef {import('./rooms-client.js').RoomsClient} RoomsClient
 * @typedef {import('./rooms-protocol.js').TrackInfo} TrackInfo
 */

/** @param {string} label */
export function isScreenLabel(label) {
  return label === 'screen' || label.startsWith('screen-') || label.startsWith('screen/');
}

/**
 * Who is to be seen: one tile for everybody who publishes, one more for each further video track
 * of theirs. Those who only watch are in the list of people.
 * @param {RoomsClient} client
 * @returns {TileView[]}
 */
export function describeTiles(client) {
  const mixed = client.shownTracks.find(({track}) => isMixed(track) && track.kind === 'video');
  if (mixed) return [mixedView(mixed), ...ownViews(client)];
  const slots = new Map(client.shownTracks.map(({track, mediaTrack}) => [track.id, mediaTrack]));
  const views = [...client.participants.values()].flatMap(({id, name, tracks}) => {
    return viewsOf(id, name, [...tracks.values()], (track) => slots.get(track.id) ?? null);
  });
  for (const view of views) view.isSaved = isSaved(client.view.allocationOf(view.track));
  return [...views, ...ownViews(client)];
}

/**
 * Of the server's mix of all: no participant has that id.
 * @param {TrackInfo} track
 */
function isMixed({participant}) {
  return participant === 'mix';
}

/**
 * @param {import('./rooms-subscriber.js').Shown} shown
 * @returns {TileView}
 */
function mixedView({track, mediaTrack}) {
  return {
    key: track.participant,
    participant: track.participant,
    name: 'Everybody',
    label: track.label,
    track: track.id,
    mediaTrack,
    isLocal: false,
    isScreen: true,  // names are in it: nothing may be cut off
    isMuted: false,
    isVideoMuted: false,
    isSaved: false,
  };
}

/**
 * @param {string} participant
 * @param {string} name
 * @param {TrackInfo[]} tracks
 * @param {(track: TrackInfo) => MediaStreamTrack | null} mediaOf
 * @returns {TileView[]}
 */
function viewsOf(participant, name, tracks, mediaOf) {
  if (tracks.length === 0) return [];
  const videos = tracks.filter(({kind}) => kind === 'video');
  const voices = tracks.filter(({kind, label}) => kind === 'audio' && !isScreenLabel(label));
  const face = videos.find(({label}) => label === 'camera') ??
      videos.find(({label}) => !isScreenLabel(label));
  const isMuted = voices.every(({muted}) => muted);
  /** @param {TrackInfo | undefined} track */
  const view = (track) => ({
    key: track && track !== face ? track.id : participant,
    participant,
    name,
    label: track?.label ?? 'camera',
    track: track?.id ?? '',
    mediaTrack: track ? mediaOf(track) : null,
    isLocal: false,
    isScreen: track ? isScreenLabel(track.label) : false,
    isMuted,
    isVideoMuted: track?.muted ?? true,
    isSaved: false,
  });
  return [view(face), ...videos.filter((track) => track !== face).map(view)];
}

/**
 * @param {RoomsClient} client
 * @returns {TileView[]}
 */
function ownViews({self, localTracks}) {
  if (!self || localTracks.length === 0) return [];
  const tracks = localTracks.map(({id, label, kind, muted}) => ({
    id: id ?? `${self.id}/${label}`,
    participant: self.id,
    label,
    kind,
    muted,
  }));
  const media = new Map(tracks.map(({id}, index) => [id, localTracks[index].mediaTrack]));
  /** @param {TrackInfo} track */
  const mediaOf = ({id}) => media.get(id) ?? null;
  return viewsOf(self.id, self.name, tracks, mediaOf)
      .map((view) => ({...view, key: `own:${view.key}`, isLocal: true}));
}
