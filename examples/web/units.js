// SPDX-License-Identifier: LGPL-2.1-or-later

/** @param {number} rate  bit/s */
export function bits(rate) {
  if (rate >= 1e6) return `${(rate / 1e6).toFixed(rate >= 1e7 ? 0 : 2)} Mbit/s`;
  return `${Math.round(rate / 1e3)} kbit/s`;
}

/** @param {number} seconds */
export function milliseconds(seconds) {
  const value = seconds * 1000;
  return `${value < 10 && value > 0 ? value.toFixed(1) : Math.round(value)} ms`;
}

/** @param {number} share */
export function percent(share) {
  return `${(share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`;
}

/** @param {{width: number, height: number}} picture */
export function sizeOf({width, height}) {
  return width ? `${width}×${height}` : 'none yet';
}
