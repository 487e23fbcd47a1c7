// SPDX-License-Identifier: LGPL-2.1-or-later

/** How fast a level falls back, per reading. */
const DECAY = 0.8;

/** The level of one audio track, 0..1 on a scale that follows the ear. */
export class LevelMeter {
  #context;
  #analyser;
  #samples;
  /** @type {MediaStreamAudioSourceNode | null} */
  #source = null;
  #level = 0;

  constructor() {
    this.#context = new AudioContext();
    this.#analyser = this.#context.createAnalyser();
    this.#analyser.fftSize = 1024;
    this.#samples = new Float32Array(this.#analyser.fftSize);
  }

  /** @param {MediaStreamTrack | null} track */
  listenTo(track) {
    this.#source?.disconnect();
    this.#source = null;
    if (!track) return;
    this.#source = this.#context.createMediaStreamSource(new MediaStream([track]));
    this.#source.connect(this.#analyser);
  }

  /** @returns {number} */
  read() {
    // Without a click on the page yet, the context sleeps; it may wake up any time.
    if (this.#context.state === 'suspended') this.#context.resume().catch(() => {});
    if (!this.#source) return 0;
    this.#analyser.getFloatTimeDomainData(this.#samples);
    let energy = 0;
    for (const sample of this.#samples) energy += sample * sample;
    const level = perceived(Math.sqrt(energy / this.#samples.length));
    this.#level = Math.max(level, this.#level * DECAY);
    return this.#level;
  }
}

/**
 * -60 dB to -6 dB, as 0..1.
 * @param {number} amplitude  0..1
 */
export function perceived(amplitude) {
  if (amplitude <= 0) return 0;
  const decibel = 20 * Math.log10(amplitude);
  return Math.min(1, Math.max(0, (decibel + 60) / 54));
}
