// SPDX-License-Identifier: LGPL-2.1-or-later
import {Chart} from './chart.js';
import {element} from './dom.js';
import {LayerMemory} from './layer-memory.js';
import {StreamList} from './stats-streams.js';
import {byKindAndLayer, inboundView, outboundView} from './stats-views.js';
import {bits, milliseconds} from './units.js';

/**
 * @typedef {import('./rooms-client.js').RoomsClient} RoomsClient
 * @typedef {import('./rooms-stats.js').InboundStats} InboundStats
 */

const INTERVAL = 1000;
const INCOMING = '#7fb4ea';
const OUTGOING = '#5cc8b0';
const ESTIMATE = '#b79cf0';

/** Numbers of the call, once a second while somebody looks. */
export class StatsPanel {
  #client;
  #sampler;
  #timer = 0;
  #figures;
  #way = element('p', {'class': 'way', 'data-testid': 'way'});
  #sent;
  #received;
  #layers = new LayerMemory();

  /**
   * @param {HTMLElement} root
   * @param {RoomsClient} client
   */
  constructor(root, client) {
    this.#client = client;
    this.#sampler = client.statsSampler();
    client.on('allocation', (allocation) => this.#layers.observe(allocation));
    this.#figures = {
      down: new Figure('down', 'Your line, downwards', [['estimate', ESTIMATE], ['received', INCOMING]]),
      up: new Figure('up', 'Upwards', [['estimate', ESTIMATE], ['sent', OUTGOING]]),
      rtt: new Figure('rtt', 'Round trip', [['', '#e5b454']]),
    };
    this.#sent = new StreamList('Sent', OUTGOING);
    this.#received = new StreamList('Received', INCOMING, (track, layer) => {
      client.view.pinLayer(track, layer);
    });
    root.replaceChildren(
        this.#way,
        element('div', {class: 'figures'}, Object.values(this.#figures).map((f) => f.element)),
        this.#received.element,
        this.#sent.element);
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
    const {publish, subscribe, directSend, directReceive, directPeer} = stats;
    const {estimate, estimating} = this.#client.view.allocation;
    const paths = [publish, subscribe, directSend, directReceive];
    const sent = paths.reduce((sum, path) => sum + (path?.sent ?? 0), 0);
    const received = paths.reduce((sum, path) => sum + (path?.received ?? 0), 0);
    const up = directPeer === null ? publish : directSend;
    this.#showWay(directPeer, directSend?.remote === 'relay');
    // The server does not see what comes past it.
    this.#figures.down.show([estimating && directPeer === null ? estimate : 0, received]);
    this.#figures.up.show([up?.availableOutgoing ?? 0, sent]);
    this.#figures.rtt.show([up?.rtt || subscribe?.rtt || 0], milliseconds);
    this.#sent.show(stats.outbound.sort(byKindAndLayer).map(outboundView));
    const seen = stats.inbound.map((stream) => this.#inboundView(stream));
    this.#received.show(seen.sort((a, b) => a.title.localeCompare(b.title)), (track) => {
      return track === '' ? null : {
        layers: this.#layers.layersOf(track),
        pinned: this.#client.view.pinnedLayerOf(track),
      };
    });
  }

  /**
   * @param {string | null} peer
   * @param {boolean} isRelayed
   */
  #showWay(peer, isRelayed) {
    const name = this.#client.participants.get(peer ?? '')?.name ?? peer;
    const direct = isRelayed ? `to ${name} by a relay` : `direct, to ${name}`;
    this.#way.dataset.path = peer === null ? 'server' : 'direct';
    this.#way.textContent = `Picture and sound go ${peer === null ? 'through the server' : direct}.`;
  }

  /** @param {InboundStats} s */
  #inboundView(s) {
    const {participants, view} = this.#client;
    const name = participants.get(s.participant)?.name ?? s.participant;
    const allotted = s.isDirect ? null : view.allocationOf(s.track);
    return inboundView(s, name, allotted, this.#layers.layersOf(s.track));
  }
}

/** One or two numbers with their last minute. */
class Figure {
  element;
  #values;
  #chart;

  /**
   * @param {string} id
   * @param {string} title
   * @param {[name: string, colour: string][]} lines
   */
  constructor(id, title, lines) {
    this.#chart = new Chart(`${title} over the last minute`, lines.map(([, colour]) => colour));
    this.#values = lines.map(() => element('span', {class: 'value'}));
    this.element = element('div', {'class': 'figure', 'data-testid': `figure-${id}`}, [
      element('div', {class: 'name'}, [title]),
      element('div', {class: 'values'}, lines.map(([name, colour], index) => {
        const mark = element('i', {style: `background: ${colour}`, 'aria-hidden': 'true'});
        const legend = name ? [mark, element('span', {class: 'legend'}, [name])] : [];
        return element('span', {class: 'line'}, [this.#values[index], ...legend]);
      })),
      this.#chart.canvas,
    ]);
  }

  /**
   * @param {number[]} values  0: not known
   * @param {(value: number) => string} [unit]
   */
  show(values, unit = bits) {
    values.forEach((value, index) => {
      this.#values[index].textContent = value ? unit(value) : '–';
    });
    this.#chart.add(...values);
  }
}
