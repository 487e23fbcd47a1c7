// SPDX-License-Identifier: LGPL-2.1-or-later
// How the browsers are started. Their own fake camera and microphone, loopback candidates, no calls home.
import puppeteer from 'puppeteer-core';

const CHROMIUM_ARGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage', '--use-fake-ui-for-media-stream',
  '--use-fake-device-for-media-stream=fps=30', '--allow-loopback-in-peer-connection',
  '--autoplay-policy=no-user-gesture-required', '--disable-background-timer-throttling',
  '--disable-renderer-backgrounding', '--disable-backgrounding-occluded-windows',
  '--auto-select-desktop-capture-source=Entire screen',
  '--disable-features=WebRtcHideLocalIpsWithMdns,Translate,MediaRouter',
];

// Without the last two Firefox looks for the address of a default route, and gives up when there is none.
const FIREFOX_PREFS = {
  'media.devices.insecure.enabled': true,
  'media.getusermedia.insecure.enabled': true,
  'media.navigator.streams.fake': true,
  'media.navigator.permission.disabled': true,
  'media.peerconnection.ice.loopback': true,
  'media.peerconnection.ice.obfuscate_host_addresses': false,
  'media.autoplay.default': 0,
  'media.autoplay.blocking_policy': 0,
  'permissions.default.camera': 1,
  'permissions.default.microphone': 1,
};

/** `insecureOrigins`: pages from there may use the camera though they are neither https nor localhost. */
export function startChromium({ insecureOrigins = [], args = [] } = {}) {
  const trusted = insecureOrigins.length ? [`--unsafely-treat-insecure-origin-as-secure=${insecureOrigins}`] : [];
  return puppeteer.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    // puppeteer mutes by default, and then no audio energy is counted.
    ignoreDefaultArgs: ['--mute-audio'],
    args: [...CHROMIUM_ARGS, ...trusted, ...args],
  });
}

export function startFirefox() {
  return puppeteer.launch({
    browser: 'firefox',
    executablePath: process.env.FIREFOX ?? '/usr/bin/firefox-esr',
    headless: true,
    extraPrefsFirefox: FIREFOX_PREFS,
  });
}
