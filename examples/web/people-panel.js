// SPDX-License-Identifier: LGPL-2.1-or-later
import {avatar} from './avatar.js';
import {element, icon} from './dom.js';

/**
 * @typedef {import('./rooms-client.js').RoomsClient} RoomsClient
 *
 * @typedef {object} Person
 * @property {string} id
 * @property {string} name
 * @property {boolean} isSelf
 * @property {boolean} isWatching  sends nothing
 * @property {boolean} microphone
 * @property {boolean} camera
 * @property {boolean} screen
 */

/**
 * Everybody in the room, ourselves first.
 * @param {RoomsClient} client
 * @returns {Person[]}
 */
export function describePeople({self, localTracks, participants}) {
  /**
   * @param {string} id
   * @param {string} name
   * @param {readonly {kind: string, label: string, muted: boolean}[]} tracks
   * @param {boolean} isSelf
   * @returns {Person}
   */
  const person = (id, name, tracks, isSelf) => ({
    id,
    name,
    isSelf,
    isWatching: tracks.length === 0,
    microphone: tracks.some((t) => t.kind === 'audio' && !t.muted && t.label !== 'screen-audio'),
    camera: tracks.some((t) => t.kind === 'video' && !t.muted && t.label !== 'screen'),
    screen: tracks.some((t) => t.label === 'screen'),
  });
  const others = [...participants.values()];
  return [
    ...(self ? [person(self.id, self.name, localTracks, true)] : []),
    ...others.map(({id, name, tracks}) => person(id, name, [...tracks.values()], false)),
  ];
}

/** The list of people and the link that brings more of them. */
export class PeoplePanel {
  #list = element('div', {role: 'list'});
  #link = element('input', {readonly: true, 'aria-label': 'Link to this room'});

  /**
   * @param {HTMLElement} root
   * @param {() => void} copyLink
   */
  constructor(root, copyLink) {
    const copy = element('button', {type: 'button', class: 'quiet', onclick: copyLink}, [
      icon('link'), 'Copy',
    ]);
    this.#link.onfocus = () => this.#link.select();
    root.append(element('div', {class: 'invite'}, [this.#link, copy]), this.#list);
  }

  /**
   * @param {Person[]} people
   * @param {string} link
   */
  show(people, link) {
    if (this.#link.value !== link) this.#link.value = link;
    this.#list.replaceChildren(...people.map((person) => rowOf(person)));
  }

  /** @param {(participant: string) => {isSpeaking: boolean}} voiceOf */
  showVoices(voiceOf) {
    for (const row of this.#list.children) {
      const id = row.getAttribute('data-participant') ?? '';
      row.classList.toggle('speaking', voiceOf(id).isSpeaking);
    }
  }
}

/** @param {Person} person */
function rowOf({id, name, isSelf, isWatching, microphone, camera, screen}) {
  const state = isWatching ? 'Watching' : screen ? 'Sharing a screen' : '';
  const who = element('div', {class: 'who'}, [
    element('span', {}, [isSelf ? `${name} (you)` : name]),
  ]);
  if (state) who.append(element('span', {class: 'muted'}, [state]));
  const row = element('div', {class: 'person', role: 'listitem', 'data-participant': id}, [
    avatar(name),
    who,
  ]);
  if (isWatching) {
    row.append(icon('eye'));
  } else {
    row.append(
        icon(microphone ? 'mic' : 'mic-off', microphone ? '' : 'off'),
        icon(camera ? 'cam' : 'cam-off', camera ? '' : 'off'));
  }
  return row;
}
