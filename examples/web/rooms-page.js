// SPDX-License-Identifier: LGPL-2.1-or-later

/**
 * What the page and the network under it tell a client.
 * @param {{online: () => void, offline: () => void, hidden: () => void}} listener
 * @returns {() => void} stops listening
 */
export function watchPage({online, offline, hidden}) {
  /** Only Chromium has it. @type {EventTarget | undefined} */
  const network = /** @type {any} */ (navigator).connection;
  addEventListener('online', online);
  addEventListener('offline', offline);
  addEventListener('pagehide', hidden);
  network?.addEventListener('change', online);
  return () => {
    removeEventListener('online', online);
    removeEventListener('offline', offline);
    removeEventListener('pagehide', hidden);
    network?.removeEventListener('change', online);
  };
}
