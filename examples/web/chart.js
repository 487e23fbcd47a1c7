// SPDX-License-Identifier: LGPL-2.1-or-later
import {element} from './dom.js';

const LENGTH = 60;

/** A line over the last minute, one value a second, that scales itself. */
export class Chart {
  canvas;
  #colour;
  /** @type {number[]} */
  #values = [];

  /**
   * @param {string} label  for those who do not see it
   * @param {string} [colour]
   */
  constructor(label, colour = '#5cc8b0') {
    this.canvas = element('canvas', {role: 'img', 'aria-label': label});
    this.#colour = colour;
  }

  /** @param {number} value */
  add(value) {
    this.#values.push(Number.isFinite(value) ? value : 0);
    if (this.#values.length > LENGTH) this.#values.shift();
    this.#draw();
  }

  #draw() {
    const {canvas} = this;
    const ratio = devicePixelRatio || 1;
    const width = Math.round(canvas.clientWidth * ratio);
    const height = Math.round(canvas.clientHeight * ratio);
    const brush = canvas.getContext('2d');
    if (!width || !height || !brush) return;
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    brush.clearRect(0, 0, width, height);
    const floor = height - ratio;
    brush.fillStyle = 'rgb(255 255 255 / .09)';
    brush.fillRect(0, floor, width, ratio);
    if (this.#values.length < 2) return;

    const top = Math.max(...this.#values) * 1.15 || 1;
    const step = width / (LENGTH - 1);
    const start = width - step * (this.#values.length - 1);
    const line = new Path2D();
    this.#values.forEach((value, index) => {
      const y = floor - (value / top) * (floor - 2 * ratio);
      if (index === 0) line.moveTo(start, y);
      else line.lineTo(start + index * step, y);
    });
    const below = new Path2D(line);
    below.lineTo(width, floor);
    below.lineTo(start, floor);
    brush.fillStyle = this.#colour;
    brush.globalAlpha = 0.16;
    brush.fill(below);
    brush.globalAlpha = 1;
    brush.strokeStyle = this.#colour;
    brush.lineWidth = 1.6 * ratio;
    brush.lineJoin = 'round';
    brush.stroke(line);
  }
}
