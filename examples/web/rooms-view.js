// SPDX-License-Identifier: LGPL-2.1-or-later
import {RoomsError} from './rooms-protocol.js';

/**
 * @typedef {import('./rooms-client.js').RoomsClient} RoomsClient
 * @typedef {import('./rooms-protocol.js').Message} Message
 *
 * @typedef {'screen' | 'active-speaker' | 'pinned' | 'other'} Priority
 *
 * @typedef {object} TileWish  how a track is shown
 * @property {number} width         device pixels; 0 x 0: it is not seen at all
 * @property {number} height
 * @property {Priority} [priority]  without it the server decides
 *
 * @typedef {object} LayerLimits  what is left out is not limited
 * @property {number} [maxSpatial]   0: the smallest picture
 * @property {number} [maxTemporal]  0: the fewest pictures
 * @property {number} [maxBitrate]   bit/s
 *
 * @typedef {'top-layer' | 'tile-covered' | 'client-limit' | 'budget' | 'raise-margin' |
 *     'others-first' | 'paused-for-budget' | 'not-visible' | 'no-layers'} Reason
 *
 * @typedef {object} SlotAllocation
 * @property {string} slot
 * @property {string} track
 * @property {number} spatial   the layer it is given; -1: nothing
 * @property {number} temporal
 * @property {number} bitrate   bit/s of these layers, as measured
 * @property {Reason} reason   why it is not more
 * @property {Priority} priority
 * @property {boolean} paused   nothing is sent
 *
 * @typedef {object} Allocation
 * @property {number} estimate     bit/s that our line carries
 * @property {boolean} estimating  false: a guess, until our browser has told of the line
 * @property {SlotAllocation[]} slots
 *
 * @typedef {object} Said  what the server knows of a slot
 * @property {string} [tile]
 * @property {string} [limits]
 */

/** Tiles move and grow for a while before they stay: what they end at is told. Milliseconds. */
const SETTLE = 200;
const LONGEST_SETTLE = 1000;
/** The largest size that can be told; no layer is larger. What is pinned does not depend on its tile. */
const ANY_SIZE = 16384;
const NO_LIMITS = '{}';
/** A slot that went meanwhile, and a session that will be told everything anew. */
const OVERTAKEN = new Set(['slot-unknown', 'no-connection', 'connection-lost', 'timeout']);

/**
 * Which pictures we want and how large (`view` and `layers` of docs/signalling.md), and what the
 * server gives of them. Wishes are about tracks; they are told anew whenever a track gets another
 * slot, and in a new session.
 */
export class View {
  #client;
  #request;
  /** @type {Map<string, TileWish>} by track */
  #tiles = new Map();
  /** @type {Map<string, LayerLimits>} by track */
  #limits = new Map();
  /** Those that are to come whatever the tile's size. @type {Set<string>} */
  #regardless = new Set();
  /** @type {{pinned?: string[], lastN?: number | null}} */
  #room = {};
  #roomSaid = '{}';
  /** @type {Map<string, Said>} by slot */
  #said = new Map();
  /** @type {Allocation} */
  #allocation = nothingAllotted();
  /** @type {number | undefined} */
  #timer;
  #waitingSince = 0;
  #isTelling = false;
  /** Something changed while an answer was under way. */
  #isOvertaken = false;

  /**
   * @param {RoomsClient} client
   * @param {(message: Message) => Promise<Message>} request
   */
  constructor(client, request) {
    this.#client = client;
    this.#request = request;
    client.on('track-added', () => this.#changed());
    client.on('track-removed', ({mid}) => this.#forget(mid));
    client.on('reconnected', () => this.#changed());
    client.on('joined', () => {
      this.#roomSaid = '{}';
      this.#allocation = nothingAllotted();
      this.#changed();
    });
    client.on('left', () => clearTimeout(this.#timer));
  }

  /** Told when tiles have found their size and limits have changed. */
  settled = () => {};

  /**
   * How a track is to come, for whoever else can see to that.
   * @param {string} track
   */
  wishOf(track) {
    const {width, height} = this.#tileOf(track) ?? {};
    const {maxSpatial, maxBitrate} = this.#limits.get(track) ?? {};
    return {width, height, maxSpatial, maxBitrate};
  }

  /** What the server gives at present. */
  get allocation() {
    return this.#allocation;
  }

  /** @param {string} track */
  allocationOf(track) {
    return this.#allocation.slots.find((slot) => slot.track === track) ?? null;
  }

  /**
   * How large a track is shown. Sizes may be told at any rate; the server hears of them when they
   * have settled.
   * @param {string} track
   * @param {TileWish | null} wish  null: shown no more; what was told of it stays
   */
  setTile(track, wish) {
    if (wish) this.#tiles.set(track, withinReach(wish));
    else this.#tiles.delete(track);
    this.#changed();
  }

  /**
   * Those who are always among the pictures we are sent, and come before others.
   * @param {string[]} participants
   */
  setPinned(participants) {
    this.#room.pinned = participants;
    this.#changed();
  }

  get pinned() {
    return this.#room.pinned ?? [];
  }

  /** @param {number | null} lastN  most pictures, 0 to 1000; null: as many as the room gives */
  setLastN(lastN) {
    this.#room.lastN = lastN;
    this.#changed();
  }

  /**
   * @param {string} track
   * @param {LayerLimits} limits
   */
  limitLayers(track, limits) {
    this.#limits.set(track, limits);
    this.#regardless.delete(track);
    this.#changed();
  }

  /**
   * That layer whatever the size of the tile, as far as the line carries it.
   * @param {string} track
   * @param {number | null} spatial  null: the server chooses again
   */
  pinLayer(track, spatial) {
    this.limitLayers(track, spatial === null ? {} : {maxSpatial: spatial});
    if (spatial !== null) this.#regardless.add(track);
  }

  /**
   * The layer that `pinLayer` has asked for.
   * @param {string} track
   */
  pinnedLayerOf(track) {
    return this.#regardless.has(track) ? this.#limits.get(track)?.maxSpatial ?? null : null;
  }

  /**
   * @param {Message} message `allocation`
   * @returns {Allocation}
   */
  allot({estimate, estimating, slots}) {
    this.#allocation = {estimate, estimating, slots: slots ?? []};
    return this.#allocation;
  }

  /** @param {string} mid of a slot that has lost its track */
  #forget(mid) {
    const said = this.#said.get(mid);
    // The size went with the track. A limit is the slot's and may still be in force.
    if (said?.limits && said.limits !== NO_LIMITS) this.#said.set(mid, {limits: 'of another'});
    else this.#said.delete(mid);
    this.#changed();
  }

  /** @param {number} [pause]  milliseconds */
  #changed(pause = SETTLE) {
    const now = performance.now();
    if (this.#timer === undefined) this.#waitingSince = now;
    clearTimeout(this.#timer);
    const rest = Math.min(pause, this.#waitingSince + LONGEST_SETTLE - now);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#tell();
    }, rest);
  }

  async #tell() {
    this.#isOvertaken = this.#isTelling;
    if (this.#isTelling || !this.#client.isConnected) return;
    this.#isTelling = true;
    this.settled();
    const told = await Promise.all([this.#tellView(), ...this.#tellLimits()]);
    this.#isTelling = false;
    if (this.#timer !== undefined) return;
    if (this.#isOvertaken) this.#changed();
    else if (told.includes(false)) this.#changed(LONGEST_SETTLE);
  }

  get #slots() {
    return this.#client.shownTracks.filter(({track}) => track.kind === 'video')
        .map(({mid, track}) => ({mid, track: track.id}));
  }

  /** @returns {Promise<boolean>} false: to be told again */
  async #tellView() {
    const slots = [];
    /** @type {Map<string, string>} */
    const tiles = new Map();
    for (const {mid, track} of this.#slots) {
      const tile = this.#tileOf(track);
      if (!tile || this.#said.get(mid)?.tile === JSON.stringify(tile)) continue;
      slots.push({slot: mid, ...tile});
      tiles.set(mid, JSON.stringify(tile));
    }
    const room = JSON.stringify(this.#room);
    if (slots.length === 0 && room === this.#roomSaid) return true;
    const before = this.#roomSaid;
    this.#roomSaid = room;
    for (const [mid, tile] of tiles) this.#remember(mid, {tile});
    const message = {
      type: 'view',
      ...(slots.length > 0 && {slots}),
      ...(room !== before && this.#room),
    };
    return this.#ask(message, () => {
      this.#roomSaid = before;
      for (const mid of tiles.keys()) this.#remember(mid, {tile: undefined});
    });
  }

  /** @returns {Promise<boolean>[]} */
  #tellLimits() {
    return this.#slots.flatMap(({mid, track}) => {
      const limits = JSON.stringify(this.#limits.get(track) ?? {});
      if ((this.#said.get(mid)?.limits ?? NO_LIMITS) === limits) return [];
      this.#remember(mid, {limits});
      const message = {type: 'layers', slot: mid, ...this.#limits.get(track)};
      return [this.#ask(message, () => this.#remember(mid, {limits: 'unknown'}))];
    });
  }

  /**
   * @param {Message} message
   * @param {() => void} failed
   */
  async #ask(message, failed) {
    try {
      await this.#request(message);
      return true;
    } catch (error) {
      if (!(error instanceof RoomsError) || !OVERTAKEN.has(error.code)) {
        console.warn('The server does not take this view:', error);
        return true;
      }
      failed();
      return false;
    }
  }

  /**
   * @param {string} mid
   * @param {Said} news
   */
  #remember(mid, news) {
    this.#said.set(mid, {...this.#said.get(mid), ...news});
  }

  /** @param {string} track */
  #tileOf(track) {
    const tile = this.#tiles.get(track);
    const isHidden = tile && tile.width * tile.height === 0;
    if (isHidden || !this.#regardless.has(track)) return tile;
    return {...tile, width: ANY_SIZE, height: ANY_SIZE};
  }
}

/**
 * @param {TileWish} wish
 * @returns {TileWish}
 */
function withinReach({width, height, ...rest}) {
  /** @param {number} length */
  const bounded = (length) => Math.min(ANY_SIZE, Math.max(0, Math.round(length)));
  return {width: bounded(width), height: bounded(height), ...rest};
}

/** @returns {Allocation} */
function nothingAllotted() {
  return {estimate: 0, estimating: false, slots: []};
}
