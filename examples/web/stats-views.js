// SPDX-License-Identifier: LGPL-2.1-or-later
import {layerName, reasonOf} from './layer-words.js';
import {milliseconds, percent, sizeOf} from './units.js';

/**
 * @typedef {import('./rooms-stats.js').InboundStats} InboundStats
 * @typedef {import('./rooms-stats.js').OutboundStats} OutboundStats
 * @typedef {import('./rooms-view.js').SlotAllocation} SlotAllocation
 *
 * @typedef {[name: string, value: string, isBad?: boolean]} Fact
 *
 * @typedef {object} StreamView
 * @property {string} key
 * @property {string} track   id of a video track we are sent; empty for all else
 * @property {string} title
 * @property {string} tag
 * @property {number} bitrate
 * @property {boolean} isPaused
 * @property {Fact[]} facts
 * @property {string} note    a sentence about it
 */

const LAYERS = ['q', 'h', 'f'];

/**
 * @param {InboundStats} s
 * @param {string} name                     of the participant
 * @param {SlotAllocation | null} allotted
 * @param {number} layers                   how many there are
 * @returns {StreamView}
 */
export function inboundView(s, name, allotted, layers) {
  const isVideo = s.kind === 'video';
  /** @type {Fact[]} */
  const facts = isVideo ? [['size', sizeOf(s)], ['fps', String(Math.round(s.fps))]] : [];
  if (allotted && layers > 1) facts.push(['layer', layerName(allotted.spatial, layers)]);
  facts.push(['codec', s.codec || '–']);
  facts.push(['loss', percent(s.loss), s.loss > 0.02], ['delay', milliseconds(s.delay)]);
  if (isVideo) {
    const freezes = s.freezes ? `${s.freezes} (${s.freezeSeconds.toFixed(1)} s)` : '0';
    facts.push(['freezes', freezes, s.freezes > 0]);
  } else {
    facts.push(['jitter', milliseconds(s.jitter)]);
  }
  return {
    key: `${s.mid} ${s.track}`,
    track: isVideo ? s.track : '',
    title: name,
    tag: s.label,
    bitrate: s.bitrate,
    isPaused: allotted?.paused ?? s.bitrate === 0,
    facts,
    note: isVideo && allotted ? reasonOf(allotted) : '',
  };
}

/**
 * @param {OutboundStats} s
 * @returns {StreamView}
 */
export function outboundView(s) {
  /** @type {Fact[]} */
  const facts = [];
  if (s.kind === 'video' && s.width) {
    facts.push(['size', sizeOf(s)], ['fps', String(Math.round(s.fps))]);
  }
  facts.push(['codec', s.codec || '–'], ['loss', percent(s.loss), s.loss > 0.02]);
  if (s.rtt) facts.push(['rtt', milliseconds(s.rtt)]);
  if (s.scalabilityMode) facts.push(['layers', s.scalabilityMode]);
  if (s.kind === 'video' && s.active) {
    facts.push(['limited by', s.limitation === 'none' ? 'nothing' : s.limitation,
      s.limitation !== 'none']);
  }
  return {
    key: `${s.label} ${s.rid}`,
    track: '',
    title: s.label,
    tag: s.rid && `layer ${s.rid}`,
    bitrate: s.bitrate,
    isPaused: s.bitrate === 0,
    facts: s.active ? facts : [],
    note: s.active ? '' : 'nobody watches it',
  };
}

/**
 * Sound first, then the layers of each track from small to large.
 * @param {OutboundStats} a
 * @param {OutboundStats} b
 */
export function byKindAndLayer(a, b) {
  return a.kind.localeCompare(b.kind) || a.label.localeCompare(b.label) ||
      LAYERS.indexOf(a.rid) - LAYERS.indexOf(b.rid);
}
