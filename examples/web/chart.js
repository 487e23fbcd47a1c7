// SPDX-License-Identifier: LGPL-2.1-or-later
import {element} from './dom.js';

const LENGTH = 60;

/** Lines over the last minute, one value a second each, on one scale that fits them. */
export class Chart {
  canvas;
  #colours;
  /** @type {number[][]} */
  #lines;

  /**
   * @param {string} label  for those who do not see it
   * @param {string[]} colours  of the lines; the later ones lie above
   */
  constructor(label, colours) {
    this.canvas = element('canvas', {role: 'img', 'aria-label': label});
    this.#colours = colours;
    this.#lines = colours.map(() => []);
  }

  /** @param {...number} values  one for each line */
  add(...values) {
    this.#lines.forEach((line, index) => {
      line.push(Number.isFinite(values[index]) ? values[index] : 0);
      if (line.length > LENGTH) line.shift();
    });
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
    const top = Math.max(...this.#lines.flat()) * 1.15 || 1;
    this.#lines.forEach((values, index) => {
      if (values.length < 2) return;
      const step = width / (LENGTH - 1);
      const start = width - step * (values.length - 1);
      const points = values.map((value, at) => /** @type {[number, number]} */ (
        [start + at * step, floor - (value / top) * (floor - 2 * ratio)]));
      drawLine(brush, points, floor, this.#colours[index], ratio);
    });
  }
}

/**
 * @param {CanvasRenderingContext2D} brush
 * @param {[x: number, y: number][]} points
 * @param {number} floor   what is between it and the line is tinted
 * @param {string} colour
 * @param {number} ratio   device pixels to a pixel of the page
 */
function drawLine(brush, points, floor, colour, ratio) {
  const line = new Path2D();
  for (const [x, y] of points) line.lineTo(x, y);
  const below = new Path2D(line);
  below.lineTo(points[points.length - 1][0], floor);
  below.lineTo(points[0][0], floor);
  brush.fillStyle = colour;
  brush.globalAlpha = 0.16;
  brush.fill(below);
  brush.globalAlpha = 1;
  brush.strokeStyle = colour;
  brush.lineWidth = 1.6 * ratio;
  brush.lineJoin = 'round';
  brush.stroke(line);
}
