// SPDX-License-Identifier: LGPL-2.1-or-later

/** @typedef {import('./rooms-view.js').SlotAllocation} SlotAllocation */

/**
 * Why a picture is as it is, for who has never heard of layers.
 * @type {Record<import('./rooms-view.js').Reason, string>}
 */
const REASONS = {
  'top-layer': 'the best there is',
  'tile-covered': 'enough for its tile',
  'client-limit': 'as chosen here',
  'budget': 'all your line carries',
  'raise-margin': 'more once your line proves steady',
  'others-first': 'others come first',
  'paused-for-budget': 'paused: your line is too slow',
  'not-visible': 'paused while nobody sees it',
  'no-layers': 'nothing is sent at the moment',
};

/** @param {SlotAllocation} slot */
export function reasonOf({reason}) {
  return REASONS[reason] ?? reason;
}

/**
 * @param {number} layer
 * @param {number} count  of layers
 */
export function layerName(layer, count) {
  if (layer < 0) return 'none';
  if (layer === 0) return 'low';
  return layer >= count - 1 ? 'high' : 'mid';
}

/**
 * Nothing is sent since the line does not carry it.
 * @param {SlotAllocation | null} slot
 */
export function isSaved(slot) {
  return slot !== null && slot.paused && slot.reason === 'paused-for-budget';
}
