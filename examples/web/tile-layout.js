// SPDX-License-Identifier: LGPL-2.1-or-later

/**
 * @typedef {object} Rect
 * @property {number} x
 * @property {number} y
 * @property {number} width
 * @property {number} height
 */

/** How far a camera's tile may leave 16:9 before it is rather left smaller. */
const WIDEST = 16 / 9;
const NARROWEST_ON_WIDE = 4 / 3;
const NARROWEST_ON_TALL = 3 / 4;

/**
 * The grid whose tiles cover the most area, the last row centred.
 * @param {number} count
 * @param {Rect} area
 * @param {number} gap
 * @returns {Rect[]}
 */
export function bestGrid(count, area, gap) {
  if (count === 0) return [];
  const narrowest = area.width > area.height ? NARROWEST_ON_WIDE : NARROWEST_ON_TALL;
  let best = {columns: 1, width: 0, height: 0};
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const cellWidth = (area.width - gap * (columns - 1)) / columns;
    const cellHeight = (area.height - gap * (rows - 1)) / rows;
    if (cellWidth <= 0 || cellHeight <= 0) continue;
    const width = Math.min(cellWidth, cellHeight * WIDEST);
    const height = Math.min(cellHeight, width / narrowest);
    if (width * height > best.width * best.height) best = {columns, width, height};
  }
  const {columns, width, height} = best;
  const rows = Math.ceil(count / columns);
  const top = area.y + (area.height - rows * height - (rows - 1) * gap) / 2;
  return Array.from({length: count}, (_, index) => {
    const row = Math.floor(index / columns);
    const inRow = row === rows - 1 ? count - row * columns : columns;
    const left = area.x + (area.width - inRow * width - (inRow - 1) * gap) / 2;
    return {
      x: left + (index % columns) * (width + gap),
      y: top + row * (height + gap),
      width,
      height,
    };
  });
}

/**
 * One tile large, the others in a strip beside or below it, whichever leaves it larger. What the
 * large picture cannot use goes to the strip, within reason.
 * @param {number} count  with the large one, which comes first in the answer
 * @param {Rect} area
 * @param {number} gap
 * @param {number} aspect  of the large picture
 * @returns {Rect[]}
 */
export function spotlight(count, area, gap, aspect) {
  if (count <= 1) return [fit(area, aspect)];
  const beside = clamp(area.width * 0.21, 110, 300);
  const below = clamp(area.height * 0.23, 76, 220);
  const left = fit({...area, width: area.width - beside - gap}, aspect);
  const above = fit({...area, height: area.height - below - gap}, aspect);
  if (left.width >= above.width) {
    const width = Math.min(area.width - left.width - gap, Math.max(beside, left.width * 0.5));
    const x = area.x + (area.width - left.width - gap - width) / 2;
    const strip = {...area, x: x + left.width + gap, width};
    return [{...left, x}, ...bestGrid(count - 1, strip, gap)];
  }
  const height = Math.min(area.height - above.height - gap, Math.max(below, above.height * 1.4));
  const y = area.y + (area.height - above.height - gap - height) / 2;
  const strip = {...area, y: y + above.height + gap, height};
  return [{...above, y}, ...bestGrid(count - 1, strip, gap)];
}

/**
 * The largest rectangle of a shape, centred.
 * @param {Rect} area
 * @param {number} aspect
 * @returns {Rect}
 */
function fit(area, aspect) {
  const width = Math.min(area.width, area.height * aspect);
  const height = width / aspect;
  const x = area.x + (area.width - width) / 2;
  return {x, y: area.y + (area.height - height) / 2, width, height};
}

/**
 * @param {number} value
 * @param {number} least
 * @param {number} most
 */
function clamp(value, least, most) {
  return Math.min(most, Math.max(least, value));
}
