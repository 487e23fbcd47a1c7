// SPDX-License-Identifier: LGPL-2.1-or-later
import {byId, element, icon} from './dom.js';

/**
 * @typedef {object} Toast
 * @property {string} title
 * @property {string} [text]
 * @property {'info' | 'warning' | 'error'} [kind]
 * @property {number} [seconds]  0: until it is closed
 */

const MOST = 3;

/**
 * A message that goes away by itself, but not while it is being pointed at.
 * @param {Toast} toast
 */
export function showToast({title, text = '', kind = 'info', seconds = kind === 'info' ? 4 : 9}) {
  const box = byId('toasts');
  const same = [...box.children].find((child) => child.getAttribute('data-key') === title + text);
  same?.remove();
  const close = element('button', {
    class: 'quiet only-icon',
    type: 'button',
    'aria-label': 'Dismiss',
    onclick: () => made.remove(),
  }, [icon('close')]);
  const made = element('div', {
    class: `toast ${kind}`,
    role: kind === 'error' ? 'alert' : 'status',
    'data-testid': 'toast',
    'data-kind': kind,
    'data-key': title + text,
  }, [element('strong', {}, [title]), close]);
  if (text) made.append(element('p', {}, [text]));
  box.append(made);
  while (box.children.length > MOST) box.firstElementChild?.remove();
  if (seconds === 0) return;

  const vanish = () => (made.matches(':hover, :focus-within') ? later() : made.remove());
  const later = () => setTimeout(vanish, seconds * 1000);
  later();
}
