// SPDX-License-Identifier: LGPL-2.1-or-later
import {element} from './dom.js';

/**
 * Up to two letters that stand for a name.
 * @param {string} name
 */
export function initials(name) {
  const words = name.trim().split(/[\s_.-]+/u).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words[words.length - 1]] : words;
  return letters.map((word) => [...word][0].toUpperCase()).join('') || '?';
}

/**
 * A colour that stays with a name.
 * @param {string} name
 */
export function hueOf(name) {
  let hash = 7;
  for (const letter of name) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) % 100003;
  // The golden angle, so that names that differ in one letter do not look alike.
  return Math.round(hash * 137.508) % 360;
}

/** @param {string} name */
export function avatar(name) {
  const made = element('div', {class: 'avatar', 'aria-hidden': 'true'}, [initials(name)]);
  made.style.setProperty('--hue', String(hueOf(name)));
  return made;
}
