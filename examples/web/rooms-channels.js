// SPDX-License-Identifier: LGPL-2.1-or-later

/**
 * @typedef {object} ChannelOptions
 * @property {boolean} [ordered]
 * @property {number} [maxRetransmits]
 * @property {number} [maxPacketLifeTime]  milliseconds
 *
 * @typedef {object} ChannelMessage
 * @property {string} from  participant
 * @property {any} data     JSON value, or an ArrayBuffer for a binary message
 */

/** Messages that wait for a channel to open; beyond it the oldest go. */
const LONGEST_BACKLOG = 256;

/**
 * Text messages travel as JSON, binary ones behind one length byte and the participant's id.
 * @param {any} data
 * @param {string} to  empty: everybody else
 * @returns {string | Uint8Array<ArrayBuffer>}
 */
export function sealEnvelope(data, to) {
  const isBinary = data instanceof ArrayBuffer || ArrayBuffer.isView(data);
  if (!isBinary) return JSON.stringify(to ? {to, data} : {data});
  const payload = data instanceof ArrayBuffer
      ? new Uint8Array(data)
      : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const address = new TextEncoder().encode(to);
  if (address.length > 255) throw new RangeError('A participant id has at most 255 bytes.');
  const frame = new Uint8Array(1 + address.length + payload.length);
  frame[0] = address.length;
  frame.set(address, 1);
  frame.set(payload, 1 + address.length);
  return frame;
}

/**
 * @param {string | ArrayBuffer} frame
 * @returns {ChannelMessage | null} null when it is no envelope
 */
export function openEnvelope(frame) {
  if (typeof frame === 'string') {
    try {
      const {from, data} = JSON.parse(frame);
      return {from, data};
    } catch {
      return null;
    }
  }
  const bytes = new Uint8Array(frame);
  if (bytes.length === 0 || bytes.length < 1 + bytes[0]) return null;
  const from = new TextDecoder().decode(bytes.subarray(1, 1 + bytes[0]));
  return {from, data: frame.slice(1 + bytes[0])};
}

/**
 * A data channel of the room: it outlives the peer connection under it. Dispatches `message`
 * (detail: ChannelMessage), `open` and `close`.
 */
export class RoomChannel extends EventTarget {
  /** @type {RTCDataChannel | null} */
  #channel = null;
  /** @type {(string | Uint8Array<ArrayBuffer>)[]} */
  #backlog = [];

  /**
   * @param {string} label
   * @param {ChannelOptions} options
   */
  constructor(label, options) {
    super();
    this.label = label;
    this.options = options;
  }

  get isOpen() {
    return this.#channel?.readyState === 'open';
  }

  /** Bytes that have not left yet. */
  get bufferedAmount() {
    return this.#channel?.bufferedAmount ?? 0;
  }

  /**
   * @param {any} data  JSON value, ArrayBuffer or a view of one
   * @param {{to?: string}} [address]  a participant; without it everybody else
   */
  send(data, {to = ''} = {}) {
    const frame = sealEnvelope(data, to);
    if (this.isOpen) {
      this.#transmit(frame);
      return;
    }
    this.#backlog.push(frame);
    if (this.#backlog.length > LONGEST_BACKLOG) this.#backlog.shift();
  }

  close() {
    this.#channel?.close();
    this.#channel = null;
    this.#backlog = [];
  }

  /** @param {RTCDataChannel} channel  what carries it from now on */
  ride(channel) {
    this.#channel = channel;
    channel.binaryType = 'arraybuffer';
    channel.onmessage = ({data}) => {
      const message = openEnvelope(data);
      if (message) this.dispatchEvent(new CustomEvent('message', {detail: message}));
    };
    channel.onclose = () => {
      if (channel === this.#channel) this.dispatchEvent(new CustomEvent('close'));
    };
    const opened = () => {
      for (const frame of this.#backlog.splice(0)) this.#transmit(frame);
      this.dispatchEvent(new CustomEvent('open'));
    };
    if (channel.readyState === 'open') opened();
    else channel.onopen = opened;
  }

  /** @param {string | Uint8Array<ArrayBuffer>} frame */
  #transmit(frame) {
    // Two overloads of one function, which a union does not match.
    if (typeof frame === 'string') this.#channel?.send(frame);
    else this.#channel?.send(frame);
  }
}

/** All data channels of a client, moved along when their peer connection is replaced. */
export class ChannelSet {
  /** @type {RTCPeerConnection | null} */
  #carrier = null;
  /** @type {Map<string, RoomChannel>} */
  #channels = new Map();
  #announce;

  /** @param {(channel: RoomChannel) => void} announce  told of channels others opened */
  constructor(announce) {
    this.#announce = announce;
  }

  get size() {
    return this.#channels.size;
  }

  /**
   * @param {string} label
   * @param {ChannelOptions} options
   */
  open(label, options) {
    const present = this.#channels.get(label);
    if (present) return present;
    const channel = new RoomChannel(label, options);
    this.#channels.set(label, channel);
    if (this.#carrier) this.#lay(channel, this.#carrier);
    return channel;
  }

  /** @param {RTCPeerConnection} carrier */
  moveTo(carrier) {
    this.#carrier = carrier;
    carrier.ondatachannel = ({channel}) => this.#adopt(channel);
    for (const channel of this.#channels.values()) this.#lay(channel, carrier);
  }

  close() {
    for (const channel of this.#channels.values()) channel.close();
    this.#channels.clear();
    this.#carrier = null;
  }

  /**
   * @param {RoomChannel} channel
   * @param {RTCPeerConnection} carrier
   */
  #lay(channel, carrier) {
    channel.ride(carrier.createDataChannel(channel.label, channel.options));
  }

  /** @param {RTCDataChannel} channel  one the server opened because somebody in the room did */
  #adopt(channel) {
    const present = this.#channels.get(channel.label);
    if (present?.isOpen) {
      // Both sides opened it at once. Ours carries what we send, but some may arrive on this one.
      channel.binaryType = 'arraybuffer';
      channel.onmessage = ({data}) => {
        const message = openEnvelope(data);
        if (message) present.dispatchEvent(new CustomEvent('message', {detail: message}));
      };
      return;
    }
    const {label, ordered} = channel;
    const adopted = present ?? new RoomChannel(label, {
      ordered,
      maxRetransmits: channel.maxRetransmits ?? undefined,
      maxPacketLifeTime: channel.maxPacketLifeTime ?? undefined,
    });
    this.#channels.set(label, adopted);
    adopted.ride(channel);
    if (!present) this.#announce(adopted);
  }
}
