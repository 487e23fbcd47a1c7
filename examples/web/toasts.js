// SPDX-License-Identifier: LGPL-2.1-or-later
import {byId, element, icon} from './dom.js';

/**
 * @typedef {object} Toast
 * @property {string} title
 * @property {string} [text]
 * @property {Node[]} [more]     below the text
 * @property {'info' | 'warning' | 'error'} [kind]
 * @property {number} [seconds]  0: until it is closed
 * @property {string} [topic]    what it is about; a newer one on the same topic replaces it
 */

const MOST = 3;

/**
 * A message that goes away by itself, but not while it is being pointed at.
 * @param {Toast} toast
 */
export function showToast({title, text = '', more = [], kind = 'info', seconds, topic = title + text}) {
  const stay = seconds ?? (kind === 'info' ? 4 : 9);
  const box = byId('toasts');
  const same = [...box.children].find((child) => child.getAttribute('data-topic') === topic);
  same?.remove();
  const close = element('button', {
    class: 'quiet only-icon',
    type: 'button',
    'aria-label': 'Dismiss',
    onclick: () => made.remove(),
  }, [icon('close')]);
  const made = element('div', {
    class: `toast ${kind} ${text || more.length > 0 ? '' : 'brief'}`,
    role: kind === 'error' ? 'alert' : 'status',
    'data-testid': 'toast',
    'data-kind': kind,
    'data-topic': topic,
  }, [element('strong', {}, [title]), close]);
  if (text || more.length > 0) made.append(element('p', {}, [text, ...more]));
  box.append(made);
  while (box.children.length > MOST) box.firstElementChild?.remove();
  if (stay === 0) return;

  const vanish = () => (made.matches(':hover, :focus-within') ? later() : made.remove());
  const later = () => setTimeout(vanish, stay * 1000);
  later();
}
