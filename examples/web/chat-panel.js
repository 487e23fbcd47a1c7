// SPDX-License-Identifier: LGPL-2.1-or-later
import {element, icon} from './dom.js';

/** What travels in a `data` message that is chat. */
export const CHAT = 'chat';
const LONGEST = 2000;

/** What was said in writing since we came. */
export class ChatPanel {
  #log = element('div', {class: 'chat-log', role: 'log', 'aria-label': 'Chat messages'});
  #input = element('input', {
    maxlength: LONGEST,
    placeholder: 'Write to everybody',
    'aria-label': 'Message',
    'data-testid': 'chat-input',
  });

  /**
   * @param {HTMLElement} root
   * @param {(text: string) => Promise<void>} send
   */
  constructor(root, send) {
    const submit = async (/** @type {Event} */ event) => {
      event.preventDefault();
      const text = this.#input.value.trim();
      if (!text) return;
      this.#input.value = '';
      try {
        await send(text);
      } catch {
        this.#input.value = text;  // the caller explains; nothing written is lost
      }
    };
    root.append(this.#log, element('form', {class: 'chat-form', onsubmit: submit}, [
      this.#input,
      element('button', {class: 'round', type: 'submit', 'aria-label': 'Send'}, [icon('send')]),
    ]));
  }

  focus() {
    this.#input.focus({preventScroll: true});
  }

  clear() {
    this.#log.replaceChildren();
  }

  /**
   * @param {string} name
   * @param {string} text
   * @param {boolean} isOwn
   */
  add(name, text, isOwn) {
    const time = new Date().toLocaleTimeString([], {hour: '2-digit', minute: '2-digit'});
    this.#log.append(element('div', {
      class: isOwn ? 'message own' : 'message',
      'data-testid': 'message',
    }, [
      element('p', {class: 'meta'}, [isOwn ? time : `${name} · ${time}`]),
      element('p', {class: 'text'}, [text.slice(0, LONGEST)]),
    ]));
    this.#log.scrollTop = this.#log.scrollHeight;
  }
}
