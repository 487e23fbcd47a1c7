// SPDX-License-Identifier: LGPL-2.1-or-later

/**
 * @typedef {import('./rooms-client.js').RoomsClient} RoomsClient
 * @typedef {import('./local-media.js').LocalMedia} LocalMedia
 * @typedef {import('./local-media.js').Device} Device
 * @typedef {import('./params.js').Params} Params
 * @typedef {import('./send-choice.js').SendChoice} SendChoice
 * @typedef {import('./prejoin.js').Entry} Entry
 */

/** Which of our devices the room gets, and the switches for them. */
export class Publishing {
  #client;
  #local;
  #params;
  #send;
  /** One change at a time, however fast the buttons are pressed.
   * @type {Promise<unknown>} */
  #running = Promise.resolve();

  /**
   * @param {RoomsClient} client
   * @param {LocalMedia} local
   * @param {Params} params
   * @param {SendChoice} send
   */
  constructor(client, local, params, send) {
    this.#client = client;
    this.#local = local;
    this.#params = params;
    this.#send = send;
  }

  get state() {
    const isOn = (/** @type {string} */ label) => this.#find(label)?.muted === false;
    return {microphone: isOn('microphone'), camera: isOn('camera'), screen: isOn('screen')};
  }

  /**
   * What was chosen before joining, in one offer.
   * @param {Entry} entry
   */
  async begin({microphone, camera}) {
    await this.#send.ready;
    const adding = [];
    if (this.#local.microphone) {
      adding.push(this.#add('microphone', this.#local.microphone, !microphone));
    }
    if (camera && this.#local.camera) adding.push(this.#add('camera', this.#local.camera, false));
    await Promise.all(adding);
  }

  /** @param {Device | 'screen'} what */
  toggle(what) {
    return this.#inTurn(() => {
      if (what === 'screen') return this.#toggleScreen();
      return this.state[what] ? this.#switchOff(what) : this.#switchOn(what);
    });
  }

  /**
   * Another device was chosen; one that is off stays off.
   * @param {Device} device
   */
  change(device) {
    return this.#inTurn(async () => {
      if (device === 'camera' && !this.state.camera) return;
      const track = await this.#local.open(device);
      if (this.#find(device)) await this.#client.replaceTrack(device, track);
    });
  }

  /** The camera is to be sent in another way: the others see it go and come, at the same place. */
  resend() {
    return this.#inTurn(async () => {
      const present = this.#find('camera');
      if (!present) return;
      const {mediaTrack, muted} = present;
      // In one offer, so that nobody sees a room without us.
      const removing = this.#client.removeTrack(present);
      await Promise.all([removing, this.#add('camera', mediaTrack, muted)]);
    });
  }

  /**
   * A device ended by itself.
   * @param {Device | 'screen'} what
   */
  lost(what) {
    return this.#inTurn(async () => {
      if (what === 'screen') await this.#removeScreen();
      else if (this.#find(what)) await this.#client.setMuted(what, true);
    });
  }

  /** @param {Device} device */
  async #switchOn(device) {
    // Said before a light goes on that nobody sees the picture of.
    if (this.#find(device)?.moderated) await this.#client.setMuted(device, false);
    const track = this.#local[device] ?? await this.#local.open(device);
    if (!this.#find(device)) {
      await this.#add(device, track, false);
      return;
    }
    await this.#client.replaceTrack(device, track);
    await this.#client.setMuted(device, false);
  }

  /** @param {Device} device */
  async #switchOff(device) {
    // The camera's light goes out; the microphone stays open so that a click brings it back.
    if (device === 'camera') this.#local.close('camera');
    await this.#client.setMuted(device, true);
  }

  async #toggleScreen() {
    if (this.#find('screen')) {
      this.#local.closeScreen();
      await this.#removeScreen();
      return;
    }
    const track = await this.#local.openScreen();
    const {codec} = this.#params;
    const adding = [this.#client.addTrack(track, {label: 'screen', maxBitrate: 2_500_000, codec})];
    const {screenAudio} = this.#local;
    if (screenAudio) adding.push(this.#client.addTrack(screenAudio, {label: 'screen-audio'}));
    try {
      await Promise.all(adding);
    } catch (error) {
      this.#local.closeScreen();
      throw error;
    }
  }

  async #removeScreen() {
    const labels = ['screen', 'screen-audio'].filter((label) => this.#find(label));
    await Promise.all(labels.map((label) => this.#client.removeTrack(label)));
  }

  /**
   * @param {Device} device
   * @param {MediaStreamTrack} track
   * @param {boolean} muted
   */
  #add(device, track, muted) {
    const options = device === 'camera' ? this.#send.trackOptions : {};
    return this.#client.addTrack(track, {label: device, muted, ...options});
  }

  /** @param {string} label */
  #find(label) {
    return this.#client.localTracks.find((track) => track.label === label);
  }

  /**
   * @param {() => Promise<void>} task
   * @returns {Promise<void>}
   */
  #inTurn(task) {
    const turn = this.#running.then(task);
    this.#running = turn.catch(() => {});
    return turn;
  }
}
