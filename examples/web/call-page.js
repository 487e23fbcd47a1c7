// SPDX-License-Identifier: LGPL-2.1-or-later
import {AudioSinks} from './audio-sinks.js';
import {Banner} from './banner.js';
import {CHAT, ChatPanel} from './chat-panel.js';
import {Controls} from './controls.js';
import {DevicePicker} from './device-picker.js';
import {byId} from './dom.js';
import {explainDevice, explainError} from './explain.js';
import {LevelMeter} from './level-meter.js';
import {LocalMedia} from './local-media.js';
import {describePeople, PeoplePanel} from './people-panel.js';
import {Publishing} from './publishing.js';
import {RecordingMark} from './recording-mark.js';
import {TileWatch} from './rooms-tiles.js';
import {SendPicker} from './send-choice.js';
import {SidePanel} from './side-panel.js';
import {Stage} from './stage.js';
import {StatsPanel} from './stats-panel.js';
import {showToast} from './toasts.js';
import {describeTiles} from './views.js';
import {Voices} from './voices.js';
import {WakeLock} from './wake-lock.js';

/**
 * @typedef {import('./rooms-client.js').RoomsClient} RoomsClient
 * @typedef {import('./local-media.js').Device} Device
 * @typedef {import('./params.js').Params} Params
 * @typedef {import('./prejoin.js').Entry} Entry
 * @typedef {import('./send-choice.js').SendChoice} SendChoice
 * @typedef {import('./side-panel.js').Page} Page
 */

/** Beyond this many people nobody wants to read who comes and goes. */
const SMALL_ROOM = 8;
const VOICE_INTERVAL = 100;

/** The page of a call: shows what a RoomsClient tells and passes on what is pressed. */
export class CallPage {
  #params;
  #local;
  #send;
  #ended;
  /** @type {RoomsClient | null} */
  #client = null;
  /** @type {Publishing | null} */
  #publishing = null;
  /** @type {StatsPanel | null} */
  #stats = null;
  /** @type {TileWatch | null} */
  #tileWatch = null;
  /** @type {(() => void)[]} */
  #unlisten = [];
  #isRefreshing = false;
  #isSettled = false;
  #unread = 0;
  #startedAt = 0;
  #timers = {voices: 0, clock: 0};
  /** @type {LevelMeter | null} */
  #meter = null;
  #voices = new Voices();
  #wakeLock = new WakeLock();
  #recording = new RecordingMark();
  #banner = new Banner(['socket', 'media', 'sound']);
  #stage = new Stage(byId('stage'), {
    pinned: (participant) => this.#client?.view.setPinned(participant ? [participant] : []),
    shown: (element, track) => this.#tileWatch?.show(element, track),
  });
  #sinks = new AudioSinks(() => this.#soundIsBlocked());
  #controls = new Controls(byId('controls'), (id) => this.#press(id));
  #panel = new SidePanel((page) => this.#turned(page));
  #people = new PeoplePanel(byId('page-people'), () => this.#copyLink());
  #chat = new ChatPanel(byId('page-chat'), (text) => this.#say(text));

  /**
   * @param {Params} params
   * @param {LocalMedia} local
   * @param {SendChoice} send
   * @param {(note: string) => void} ended
   */
  constructor(params, local, send, ended) {
    this.#params = params;
    this.#local = local;
    this.#send = send;
    this.#ended = ended;
    const picker = new DevicePicker(local, (device) => this.#changeDevice(device));
    byId('page-devices').append(picker.element);
    if (params.publish) {
      const resend = () => this.#try(() => this.#publishing?.resend());
      byId('page-devices').append(new SendPicker(send, resend).element);
    }
    byId('copy-link').onclick = () => this.#copyLink();
    local.addEventListener('changed', () => this.#localChanged());
    local.addEventListener('lost', (event) => {
      this.#deviceLost(/** @type {CustomEvent} */ (event).detail);
    });
  }

  /**
   * @param {RoomsClient} client  not joined yet
   * @param {Entry} entry
   */
  async enter(client, entry) {
    this.#client = client;
    this.#publishing = new Publishing(client, this.#local, this.#params, this.#send);
    this.#isSettled = false;
    this.#listen(client);
    try {
      const {participant} = this.#params;
      const wish = {room: entry.room, name: entry.name};
      await client.join(participant ? {...wish, participant} : wish);
    } catch (error) {
      this.#forget();
      throw error;
    }
    this.#open(client);
  }

  /**
   * What was chosen before entering.
   * @param {Entry} entry
   */
  async publish(entry) {
    if (this.#params.publish) await this.#try(() => this.#publishing?.begin(entry));
  }

  async leave() {
    await this.#client?.leave();
  }

  /** @param {RoomsClient} client */
  #open(client) {
    byId('call').hidden = false;
    byId('room-name').textContent = client.room;
    byId('room-name').title = client.room;
    this.#recording.begin(client.room);
    document.title = `${client.room} · gst-rooms`;
    this.#stats = new StatsPanel(byId('page-stats'), client);
    this.#tileWatch = new TileWatch(client.view);
    this.#chat.clear();
    this.#unread = 0;
    this.#isSettled = true;
    this.#controls.active = true;
    this.#wakeLock.hold();
    this.#startedAt = Date.now();
    this.#showClock();
    this.#timers.clock = setInterval(() => this.#showClock(), 1000);
    this.#timers.voices = setInterval(() => this.#showVoices(), VOICE_INTERVAL);
    this.#localChanged();
    this.#refresh();
  }

  /** @param {string} note */
  #close(note) {
    this.#panel.close();
    this.#forget();
    this.#wakeLock.release();
    this.#controls.active = false;
    clearInterval(this.#timers.clock);
    clearInterval(this.#timers.voices);
    this.#meter?.listenTo(null);
    this.#banner.clear();
    this.#voices.clear();
    this.#sinks.clear();
    this.#stage.clear();
    this.#local.closeAll();
    if (document.fullscreenElement) document.exitFullscreen().catch(() => {});
    byId('call').hidden = true;
    this.#ended(note);
  }

  #forget() {
    for (const stop of this.#unlisten.splice(0)) stop();
    this.#stats?.stop();
    this.#tileWatch?.stop();
    this.#client = this.#publishing = this.#stats = this.#tileWatch = null;
  }

  /** @param {RoomsClient} client */
  #listen(client) {
    /** @type {RoomsClient['on']} */
    const on = (type, listener) => {
      const stop = client.on(type, (detail) => {
        listener(detail);
        this.#refresh();
      });
      this.#unlisten.push(stop);
      return stop;
    };
    const nothing = () => {};
    on('participant-joined', ({participant}) => this.#announce(`${participant.name} is here`));
    on('participant-left', ({participant}) => this.#announce(`${participant.name} left`));
    on('track-published', nothing);
    on('track-unpublished', nothing);
    on('track-muted', nothing);
    on('joined', () => this.#recording.begin(client.room));
    on('track-added', (shown) => this.#sinks.add(shown));
    on('track-removed', (shown) => this.#sinks.remove(shown));
    on('track-moved', (shown) => this.#sinks.move(shown));
    on('topology', ({peer}) => {
      byId('call').dataset.path = peer === null ? 'server' : 'direct';
    });
    on('moderated', ({track, moderated}) => this.#explainModeration(track.label, moderated));
    on('recording', (change) => this.#recording.observe(change));
    on('allocation', nothing);
    on('speaking', ({participant}) => this.#voices.setDominant(participant));
    on('data', ({from, data}) => this.#hear(from, data));
    on('codec-mismatch', (mismatch) => this.#explainMismatch(mismatch));
    on('connection', () => this.#showMediaState());
    on('reconnecting', ({attempt}) => this.#showReconnecting(attempt));
    on('reconnected', ({resumed}) => {
      this.#banner.set('socket', null);
      showToast({title: resumed ? 'Back in the call' : 'Joined again'});
    });
    on('error', (error) => this.#complain(error));
    on('left', ({reason}) => {
      this.#close(reason === 'left' ? 'You left the call.' : `The call ended: ${reason}.`);
    });
  }

  /** However many events come at once, the page is drawn once. */
  #refresh() {
    if (this.#isRefreshing) return;
    this.#isRefreshing = true;
    queueMicrotask(() => {
      this.#isRefreshing = false;
      if (this.#client && this.#isSettled) this.#draw(this.#client);
    });
  }

  /** @param {RoomsClient} client */
  #draw(client) {
    const people = describePeople(client);
    const tiles = describeTiles(client);
    this.#stage.show(tiles, hintFor(tiles, people.length));
    this.#people.show(people, linkTo(client.room));
    byId('room-count').textContent =
        people.length === 1 ? 'only you' : `${people.length} people`;
    byId('room-count').dataset.count = String(people.length);
    this.#controls.show({
      ...(this.#publishing?.state ?? {microphone: false, camera: false, screen: false}),
      canPublish: this.#params.publish,
      canShareScreen: LocalMedia.canShareScreen,
      page: this.#panel.page,
      people: people.length,
      unread: this.#unread,
    });
  }

  /** @param {string} id  of a control */
  #press(id) {
    switch (id) {
      case 'microphone':
      case 'camera':
      case 'screen':
        this.#toggle(id);
        break;
      case 'people':
      case 'chat':
      case 'stats':
      case 'devices':
        this.#panel.toggle(id);
        break;
      case 'close':
        this.#panel.close();
        break;
      case 'leave':
        this.leave();
        break;
    }
  }

  /** @param {Device | 'screen'} what */
  async #toggle(what) {
    try {
      await this.#publishing?.toggle(what);
    } catch (error) {
      this.#complainOfDevice(what, error);
    }
    this.#refresh();
  }

  /** @param {Device} device */
  async #changeDevice(device) {
    if (!this.#client) return;
    try {
      await this.#publishing?.change(device);
    } catch (error) {
      this.#complainOfDevice(device, error);
    }
  }

  /** @param {Device | 'screen'} what */
  async #deviceLost(what) {
    if (!this.#client) return;
    if (what !== 'screen') {
      showToast({
        kind: 'warning',
        title: `The ${what} is gone`,
        text: 'Connect it again, or choose another one under Devices.',
      });
    }
    await this.#try(() => this.#publishing?.lost(what));
  }

  /** @param {() => Promise<unknown> | undefined} action */
  async #try(action) {
    try {
      await action();
    } catch (error) {
      this.#complain(error);
    }
    this.#refresh();
  }

  #localChanged() {
    if (!this.#client) return;
    this.#meter ??= new LevelMeter();
    this.#meter.listenTo(this.#local.microphone);
    this.#refresh();
  }

  #showVoices() {
    const client = this.#client;
    if (!client) return;
    const levels = this.#sinks.levels();
    if (client.self && this.#publishing?.state.microphone) {
      levels.set(client.self.id, this.#meter?.read() ?? 0);
    }
    this.#voices.observe(levels);
    /** @param {string} participant */
    const voiceOf = (participant) => this.#voices.of(participant);
    this.#stage.showVoices(voiceOf);
    if (this.#panel.page === 'people') this.#people.showVoices(voiceOf);
  }

  #showClock() {
    const seconds = Math.floor((Date.now() - this.#startedAt) / 1000);
    const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
    const shown = parts[0] ? parts : parts.slice(1);
    byId('clock').textContent = shown
        .map((part, index) => (index ? String(part).padStart(2, '0') : part))
        .join(':');
  }

  /** @param {Page | ''} page */
  #turned(page) {
    if (page === 'stats') this.#stats?.start();
    else this.#stats?.stop();
    if (page === 'chat') {
      this.#unread = 0;
      this.#chat.focus();
    }
    this.#refresh();
  }

  /** @param {string} text */
  async #say(text) {
    const client = this.#client;
    if (!client?.self) return;
    try {
      await client.sendData({kind: CHAT, text});
    } catch (error) {
      this.#complain(error);
      throw error;
    }
    this.#chat.add(client.self.name, text, true);
  }

  /**
   * @param {string} from
   * @param {any} data
   */
  #hear(from, data) {
    if (data?.kind !== CHAT || typeof data.text !== 'string') return;
    const name = this.#client?.participants.get(from)?.name ?? from;
    this.#chat.add(name, data.text, false);
    if (this.#panel.page === 'chat') return;
    this.#unread++;
    showToast({title: name, text: data.text.slice(0, 140)});
  }

  /** @param {number} attempt */
  #showReconnecting(attempt) {
    const text = attempt < 4
        ? 'The connection to the server was lost. Reconnecting…'
        : 'The server cannot be reached. Trying again and again; check your network.';
    this.#banner.set('socket', {text, isBusy: true});
  }

  /** What is interrupted is said; what merely comes up is not. */
  #showMediaState() {
    const {publish, subscribe} = this.#client?.peerConnections ?? {};
    const broken = [publish, subscribe].some(
        (pc) => pc && ['disconnected', 'failed'].includes(pc.connectionState));
    const text = 'Picture and sound are interrupted. Restoring them…';
    this.#banner.set('media', broken ? {text, isBusy: true} : null);
  }

  #soundIsBlocked() {
    this.#banner.set('sound', {
      text: 'The browser wants a click before it plays sound.',
      action: 'Turn the sound on',
      act: () => {
        this.#sinks.unblock();
        this.#banner.set('sound', null);
      },
    });
  }

  /** @param {{track: string, participant: string, transcoded?: string}} mismatch */
  #explainMismatch({track, participant, transcoded}) {
    if (transcoded) return;  // it is seen all the same
    const client = this.#client;
    const isOurs = client?.localTracks.some(({id}) => id === track);
    const name = client?.participants.get(participant)?.name ?? participant;
    showToast(isOurs ? {
      kind: 'warning',
      title: `${name} cannot see or hear ${track.slice(track.indexOf('/') + 1)}`,
      text: 'Their browser lacks the codec you send. VP8 is understood by all of them.',
    } : {
      kind: 'warning',
      title: `${track} cannot be shown here`,
      text: 'This browser lacks the codec it is sent in. Another browser may have it.',
    });
  }

  /**
   * @param {string} label
   * @param {boolean} moderated
   */
  #explainModeration(label, moderated) {
    showToast({
      kind: moderated ? 'warning' : 'info',
      topic: `moderated ${label}`,
      title: moderated ? `A moderator has muted your ${label}` : `Your ${label} is yours again`,
      text: moderated ? 'Only a moderator can let it be on again.' : 'Switch it on when you like.',
    });
  }

  /** @param {string} title */
  #announce(title) {
    const size = this.#client?.participants.size ?? 0;
    if (this.#isSettled && size <= SMALL_ROOM) showToast({title, topic: 'presence', seconds: 3});
  }

  /** @param {unknown} error */
  #complain(error) {
    if (this.#client) showToast({kind: 'error', ...explainError(error)});
  }

  /**
   * @param {Device | 'screen'} what
   * @param {unknown} error
   */
  #complainOfDevice(what, error) {
    if (!(error instanceof DOMException)) {
      this.#complain(error);
      return;
    }
    // Closing the browser's own chooser is an answer, not a fault.
    if (what === 'screen' && error.name === 'NotAllowedError') return;
    const kind = what === 'microphone' ? 'audio' : what === 'camera' ? 'video' : 'screen';
    showToast({kind: 'error', ...explainDevice(kind, error)});
  }

  async #copyLink() {
    const link = linkTo(this.#client?.room ?? '');
    try {
      await navigator.clipboard.writeText(link);
      showToast({title: 'Link copied', text: link, seconds: 3});
    } catch {
      this.#panel.open('people');
      showToast({title: 'Copy the link from the panel', text: 'The browser keeps us from it.'});
    }
  }
}

/**
 * @param {import('./tile.js').TileView[]} tiles
 * @param {number} people
 */
function hintFor(tiles, people) {
  if (tiles.some(({isLocal}) => !isLocal)) return '';
  if (people === 1) return 'You are the first one here. Send the link to those you want to meet.';
  const nobody = 'Nobody sends a picture or sound yet.';
  return tiles.length > 0 ? 'The others are only watching.' : nobody;
}

/** @param {string} room */
function linkTo(room) {
  return `${location.origin}${location.pathname}?room=${encodeURIComponent(room)}`;
}
