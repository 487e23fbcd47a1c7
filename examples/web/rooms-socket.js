// SPDX-License-Identifier: LGPL-2.1-or-later
import {RoomsError} from './rooms-protocol.js';

/** @typedef {import('./rooms-protocol.js').Message} Message */

/**
 * @typedef {object} Waiting
 * @property {(answer: Message) => void} resolve
 * @property {(error: RoomsError) => void} reject
 * @property {number} timer
 */

/**
 * @typedef {object} Closing
 * @property {number} code  of RFC 6455, or of docs/signalling.md
 * @property {string} reason
 */

/** Silence after which the server is asked whether it is there, in milliseconds; and its time to answer. */
const SILENCE = 3000;
const PATIENCE = 3000;
/** A code of Closing that is not one of the network's: we gave up waiting. */
export const ABANDONED = 0;

/**
 * One life of one WebSocket: requests with their answers, and what the server says unasked.
 * Dispatches `message` (detail: the message) and, once, `close` (detail: Closing).
 * A new life is a new RoomsSocket; who reconnects is RoomsClient.
 */
export class RoomsSocket extends EventTarget {
  #socket;
  #nextId = 1;
  #lastHeard = performance.now();
  #closed = false;
  /** @type {number | undefined} */
  #silence;
  /** @type {Map<number, Waiting>} */
  #waiting = new Map();

  /** @param {WebSocket} socket an open one */
  constructor(socket) {
    super();
    this.#socket = socket;
    socket.onmessage = (event) => this.#hear(event.data);
    socket.onclose = ({code, reason}) => this.#end({code, reason: reason || `closed with ${code}`});
    this.#awaitNews();
  }

  /**
   * @param {string} url
   * @param {number} [timeout] milliseconds
   * @returns {Promise<RoomsSocket>}
   */
  static open(url, timeout = 8000) {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(url);
      const fail = () => {
        clearTimeout(timer);
        socket.onopen = socket.onclose = null;
        socket.close();
        reject(new RoomsError('connection-lost', `The server at ${url} does not answer.`));
      };
      const timer = setTimeout(fail, timeout);
      socket.onclose = fail;
      socket.onopen = () => {
        clearTimeout(timer);
        resolve(new RoomsSocket(socket));
      };
    });
  }

  get isOpen() {
    return !this.#closed && this.#socket.readyState === WebSocket.OPEN;
  }

  /** @param {Message} message one that has no answer */
  send(message) {
    if (this.isOpen) this.#socket.send(JSON.stringify(message));
  }

  /**
   * @param {Message} message
   * @param {number} [timeout] milliseconds
   * @returns {Promise<Message>} the answer; an `error` answer rejects with its code
   */
  request(message, timeout = 10000) {
    if (!this.isOpen) {
      const error = new RoomsError('connection-lost', 'There is no connection to the server.');
      return Promise.reject(error);
    }
    const id = this.#nextId++;
    const askedAt = performance.now();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new RoomsError('timeout', `The server did not answer '${message.type}' in time.`));
        // Not a word since the question: the path is gone, even if TCP has not noticed yet.
        if (this.#lastHeard < askedAt) this.abandon('the server is silent');
      }, timeout);
      this.#waiting.set(id, {resolve, reject, timer});
      this.#socket.send(JSON.stringify({...message, id}));
    });
  }

  /**
   * Asks whether the server is there; without an answer in time this is abandoned.
   * @param {number} [patience]  milliseconds
   * @returns {Promise<boolean>}
   */
  isAnswered(patience = 500) {
    return this.request({type: 'ping'}, patience).then(() => true, () => false);
  }

  /** Closes it on purpose: no `close` event follows. */
  close() {
    this.#socket.onclose = null;
    this.#closed = true;
    this.#rejectAll();
    this.#socket.close();
  }

  /**
   * Gives it up as lost: `close` follows at once, not after TCP's minutes.
   * @param {string} reason
   */
  abandon(reason) {
    this.#socket.onclose = null;
    this.#socket.close();
    this.#end({code: ABANDONED, reason});
  }

  /** @param {unknown} data */
  #hear(data) {
    if (this.#closed) return;
    this.#lastHeard = performance.now();
    this.#awaitNews();
    /** @type {Message} */
    let message;
    try {
      message = JSON.parse(String(data));
    } catch {
      return;
    }
    const waiting = this.#waiting.get(message.id);
    if (!waiting) {
      this.dispatchEvent(new CustomEvent('message', {detail: message}));
      return;
    }
    this.#waiting.delete(message.id);
    clearTimeout(waiting.timer);
    if (message.type === 'error') {
      waiting.reject(new RoomsError(message.code, message.message));
    } else {
      waiting.resolve(message);
    }
  }

  /**
   * The pings of a WebSocket are hidden from pages, and a browser does not tell them that its address
   * has changed under an open socket, so we ask.
   */
  #awaitNews() {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.isAnswered(PATIENCE), SILENCE);
  }

  /** @param {Closing} closing */
  #end(closing) {
    if (this.#closed) return;
    this.#closed = true;
    this.#rejectAll();
    this.dispatchEvent(new CustomEvent('close', {detail: closing}));
  }

  #rejectAll() {
    clearTimeout(this.#silence);
    for (const {reject, timer} of this.#waiting.values()) {
      clearTimeout(timer);
      reject(new RoomsError('connection-lost', 'The connection to the server was lost.'));
    }
    this.#waiting.clear();
  }
}
