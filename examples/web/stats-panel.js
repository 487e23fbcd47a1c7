// SPDX-License-Identifier: LGPL-2.1-or-later
import {Chart} from './chart.js';
import {element} from './dom.js';

/**
 * @typedef {import('./rooms-client.js').RoomsClient} RoomsClient
 * @typedef {import('./rooms-stats.js').StatsSampler} StatsSampler
 * @typedef {import('./rooms-stats.js').RoomsStats} RoomsStats
 * @typedef {import('./rooms-stats.js').InboundStats} InboundStats
 * @typedef {import('./rooms-stats.js').OutboundStats} OutboundStats
 *
 * @typedef {[name: string, value: string, isBad?: boolean]} Fact
 *
 * @typedef {object} StreamView
 * @property {string} key
 * @property {string} title
 * @property {string} tag
 * @property {number} bitrate
 * @property {boolean} isPaused
 * @property {Fact[]} facts
 */

const INTERVAL = 1000;
const LAYERS = ['q', 'h', 'f'];
const INCOMING = '#7fb4ea';
const OUTGOING = '#5cc8b0';

/** Numbers of the call, once a second while somebody looks. */
export class StatsPanel {
  #client;
  #sampler;
  #timer = 0;
  #figures;
  #sent;
  #received;

  /**
   * @param {HTMLElement} root
   * @param {RoomsClient} client
   */
  constructor(root, client) {
    this.#client = client;
    this.#sampler = client.statsSampler();
    this.#figures = {
      rtt: new Figure('Round trip', '#e5b454'),
      available: new Figure('Uplink estimate', '#b79cf0'),
      sent: new Figure('Sent', OUTGOING),
      received: new Figure('Received', INCOMING),
    };
    this.#sent = new StreamList('Sent', OUTGOING);
    this.#received = new StreamList('Received', INCOMING);
    root.replaceChildren(
        element('div', {class: 'figures'}, Object.values(this.#figures).map((f) => f.element)),
        this.#sent.element,
        this.#received.element);
  }

  start() {
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.#update(), INTERVAL);
    this.#update();
  }

  stop() {
    clearInterval(this.#timer);
  }

  async #update() {
    const stats = await this.#sampler.sample();
    const {publish, subscribe} = stats;
    const rtt = publish?.rtt || subscribe?.rtt || 0;
    this.#figures.rtt.show(rtt ? milliseconds(rtt) : '–', rtt);
    const available = publish?.availableOutgoing ?? 0;
    this.#figures.available.show(available ? bits(available) : '–', available);
    const sent = (publish?.sent ?? 0) + (subscribe?.sent ?? 0);
    const received = (publish?.received ?? 0) + (subscribe?.received ?? 0);
    this.#figures.sent.show(bits(sent), sent);
    this.#figures.received.show(bits(received), received);
    this.#sent.show(stats.outbound.sort(byKindAndLayer).map(outboundView));
    const seen = stats.inbound.map((stream) => this.#inboundView(stream));
    this.#received.show(seen.sort((a, b) => a.title.localeCompare(b.title)));
  }

  /**
   * @param {InboundStats} s
   * @returns {StreamView}
   */
  #inboundView(s) {
    const name = this.#client.participants.get(s.participant)?.name ?? s.participant;
    /** @type {Fact[]} */
    const facts = [];
    if (s.kind === 'video') {
      facts.push(['size', sizeOf(s)], ['fps', String(Math.round(s.fps))]);
    }
    facts.push(['codec', s.codec || '–']);
    facts.push(['loss', percent(s.loss), s.loss > 0.02], ['delay', milliseconds(s.delay)]);
    if (s.kind === 'video') {
      const freezes = s.freezes ? `${s.freezes} (${s.freezeSeconds.toFixed(1)} s)` : '0';
      facts.push(['freezes', freezes, s.freezes > 0]);
    } else {
      facts.push(['jitter', milliseconds(s.jitter)]);
    }
    return {
      key: `${s.mid} ${s.track}`,
      title: name,
      tag: s.label,
      bitrate: s.bitrate,
      isPaused: s.bitrate === 0,
      facts,
    };
  }
}

/**
 * @param {OutboundStats} s
 * @returns {StreamView}
 */
function outboundView(s) {
  /** @type {Fact[]} */
  const facts = [];
  if (s.kind === 'video' && s.width) {
    facts.push(['size', sizeOf(s)], ['fps', String(Math.round(s.fps))]);
  }
  facts.push(['codec', s.codec || '–'], ['loss', percent(s.loss), s.loss > 0.02]);
  if (s.rtt) facts.push(['rtt', milliseconds(s.rtt)]);
  if (s.kind === 'video') {
    facts.push(['limited by', s.limitation === 'none' ? 'nothing' : s.limitation,
      s.limitation !== 'none']);
  }
  return {
    key: `${s.label} ${s.rid}`,
    title: s.label,
    tag: s.rid && `layer ${s.rid}`,
    bitrate: s.bitrate,
    isPaused: s.bitrate === 0,
    facts,
  };
}

/**
 * Sound first, then the layers of each track from small to large.
 * @param {OutboundStats} a
 * @param {OutboundStats} b
 */
function byKindAndLayer(a, b) {
  return a.kind.localeCompare(b.kind) || a.label.localeCompare(b.label) ||
      LAYERS.indexOf(a.rid) - LAYERS.indexOf(b.rid);
}

/** @param {{width: number, height: number}} picture */
function sizeOf({width, height}) {
  return width ? `${width}×${height}` : 'none yet';
}

/** One number with its last minute. */
class Figure {
  element;
  #value = element('div', {class: 'value'});
  #chart;

  /**
   * @param {string} name
   * @param {string} colour
   */
  constructor(name, colour) {
    this.#chart = new Chart(`${name} over the last minute`, colour);
    this.element = element('div', {class: 'figure'}, [
      element('div', {class: 'name'}, [name]),
      this.#value,
      this.#chart.canvas,
    ]);
  }

  /**
   * @param {string} text
   * @param {number} value
   */
  show(text, value) {
    this.#value.textContent = text;
    this.#chart.add(value);
  }
}

/** Streams of one direction, each with its own line. */
class StreamList {
  element;
  #colour;
  #none = element('p', {class: 'muted'}, ['Nothing at the moment.']);
  /** @type {Map<string, {element: HTMLElement, chart: Chart}>} */
  #rows = new Map();

  /**
   * @param {string} title
   * @param {string} colour
   */
  constructor(title, colour) {
    this.#colour = colour;
    this.element = element('section', {}, [
      element('h2', {class: 'stats-heading'}, [title]),
      this.#none,
    ]);
  }

  /** @param {StreamView[]} views */
  show(views) {
    this.#none.hidden = views.length > 0;
    const keys = new Set(views.map(({key}) => key));
    for (const [key, row] of this.#rows) {
      if (keys.has(key)) continue;
      row.element.remove();
      this.#rows.delete(key);
    }
    for (const view of views) this.#draw(view);
    // Streams come and go; the order on the page is that of the list.
    const rows = views.map(({key}) => this.#rows.get(key)?.element ?? this.#none);
    if (rows.some((row, index) => this.element.children[index + 2] !== row)) {
      this.element.append(...rows);
    }
  }

  /** @param {StreamView} view */
  #draw({key, title, tag, bitrate, isPaused, facts}) {
    let row = this.#rows.get(key);
    if (!row) {
      row = {
        element: element('div', {class: 'stream', 'data-testid': 'stream', 'data-stream': key}),
        chart: new Chart(`Bitrate of ${title} ${tag}`, this.#colour),
      };
      this.#rows.set(key, row);
      this.element.append(row.element);
    }
    row.element.classList.toggle('paused', isPaused);
    row.element.replaceChildren(
        element('div', {class: 'stream-head'}, [
          element('strong', {}, [title]),
          element('span', {class: 'tag'}, [tag]),
          row.chart.canvas,
          element('span', {class: 'rate'}, [isPaused ? 'paused' : bits(bitrate)]),
        ]),
        element('dl', {}, facts.map(([name, value, isBad]) => element('div', {}, [
          element('dt', {}, [name]),
          element('dd', {class: isBad ? 'bad' : ''}, [value]),
        ]))));
    row.chart.add(bitrate);
  }
}

/** @param {number} rate  bit/s */
function bits(rate) {
  if (rate >= 1e6) return `${(rate / 1e6).toFixed(rate >= 1e7 ? 0 : 2)} Mbit/s`;
  return `${Math.round(rate / 1e3)} kbit/s`;
}

/** @param {number} seconds */
function milliseconds(seconds) {
  const value = seconds * 1000;
  return `${value < 10 && value > 0 ? value.toFixed(1) : Math.round(value)} ms`;
}

/** @param {number} share */
function percent(share) {
  return `${(share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`;
}
