// SPDX-License-Identifier: LGPL-2.1-or-later
// Asks a real browser for offers, gives it our answers, and the other way round. No media flows: only what
// setRemoteDescription thinks of our SDP. With a directory as third argument it records X.offer.sdp and X.answer.sdp.
//   npm install puppeteer-core@25; node sdp.mjs chromium|firefox path/to/sdp-tool [directory]
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import puppeteer from 'puppeteer-core';

const [client, tool, directory] = process.argv.slice(2);

const browsers = {
  chromium: {
    executablePath: '/usr/bin/chromium',
    args: [
      '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update',
      '--disable-sync', '--disable-dev-shm-usage', '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream=fps=30', '--allow-loopback-in-peer-connection',
      '--disable-features=WebRtcHideLocalIpsWithMdns,Translate,MediaRouter',
    ],
  },
  firefox: {
    browser: 'firefox',
    executablePath: '/usr/bin/firefox-esr',
    extraPrefsFirefox: {
      'media.navigator.streams.fake': true,
      'media.navigator.permission.disabled': true,
      'media.peerconnection.ice.loopback': true,
      'media.peerconnection.ice.obfuscate_host_addresses': false,
      'permissions.default.camera': 1,
      'permissions.default.microphone': 1,
    },
  },
};

// Runs in the page.
function prepare() {
  window.fresh = () => (window.pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' }));
  window.gathered = () => Promise.race([
    new Promise((done) => {
      if (pc.iceGatheringState === 'complete') done();
      pc.onicegatheringstatechange = () => pc.iceGatheringState === 'complete' && done();
    }),
    new Promise((done) => setTimeout(done, 2500)),
  ]);
  window.offer = async (changed) => {
    const { sdp } = await pc.createOffer();
    await pc.setLocalDescription({ type: 'offer', sdp: changed ? changed(sdp) : sdp });
    await gathered();
    return pc.localDescription.sdp;
  };
  window.camera = () => navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 1280, height: 720 } });
  window.screen_track = () => {
    const canvas = document.createElement('canvas');
    const context = canvas.getContext('2d');
    setInterval(() => context.fillRect(0, 0, Math.random() * 300, 150), 100);
    return canvas.captureStream(10).getVideoTracks()[0];
  };
  window.prefer = (transceiver, name) => {
    const all = RTCRtpSender.getCapabilities('video').codecs;
    const first = all.filter((codec) => codec.mimeType === `video/${name}`);
    if (first.length) transceiver.setCodecPreferences([...first, ...all.filter((codec) => !first.includes(codec))]);
  };
  window.layers = [
    { rid: 'q', scaleResolutionDownBy: 4, maxBitrate: 150000 },
    { rid: 'h', scaleResolutionDownBy: 2, maxBitrate: 500000 },
    { rid: 'f', maxBitrate: 1500000 },
  ];
  window.send = (track, sendEncodings) => pc.addTransceiver(track, { direction: 'sendonly', sendEncodings });
}

// Each is a step in the page that ends in an offer; those without fresh() go on with the connection of the one before.
const publishing = {
  'audio-video': async () => { fresh(); const s = await camera(); s.getTracks().forEach((t) => pc.addTrack(t, s)); return offer(); },
  'removed-track': async () => { pc.removeTrack(pc.getTransceivers()[1].sender); return offer(); },
  stopped: async () => { pc.getTransceivers()[1].stop(); return offer(); },
  'added-again': async () => {
    const s = await camera();
    pc.addTrack(s.getVideoTracks()[0], s);
    pc.addTrack(s.getVideoTracks()[0].clone(), s);
    return offer();
  },
  'stereo-dtx': async () => {
    fresh();
    const s = await camera();
    pc.addTrack(s.getAudioTracks()[0], s);
    return offer((sdp) => sdp.replace(/useinbandfec=1/g, 'useinbandfec=1;stereo=1;usedtx=1'));
  },
  'simulcast-vp8': async () => {
    fresh();
    const s = await camera();
    send(s.getAudioTracks()[0]);
    send(s.getVideoTracks()[0], layers);
    return offer();
  },
  'simulcast-paused': async () => {
    fresh();
    const s = await camera();
    send(s.getVideoTracks()[0], layers.map((layer) => ({ ...layer, active: layer.rid !== 'f' })));
    return offer();
  },
  'simulcast-h264': async () => { fresh(); const s = await camera(); prefer(send(s.getVideoTracks()[0], layers), 'H264'); return offer(); },
  'svc-vp9': async () => {
    fresh();
    const s = await camera();
    prefer(send(s.getVideoTracks()[0], [{ scalabilityMode: 'L3T3_KEY' }]), 'VP9');
    return offer();
  },
  av1: async () => { fresh(); const s = await camera(); prefer(send(s.getVideoTracks()[0]), 'AV1'); return offer(); },
  'camera-screen-mic-data': async () => {
    fresh();
    const s = await camera();
    send(s.getAudioTracks()[0]);
    send(s.getVideoTracks()[0], layers);
    send(screen_track());
    pc.createDataChannel('chat');
    return offer();
  },
  'rejected-screen': async () => {
    fresh();
    const s = await camera();
    send(s.getVideoTracks()[0]);
    send(screen_track());
    pc.createDataChannel('chat');
    return offer();
  },
  'data-only': async () => { fresh(); pc.createDataChannel('chat'); return offer(); },
};

const playing = {
  whep: async () => {
    fresh();
    pc.addTransceiver('audio', { direction: 'recvonly' });
    pc.addTransceiver('video', { direction: 'recvonly' });
    return offer();
  },
  'whep-two-video-data': async () => {
    fresh();
    for (const kind of ['video', 'audio', 'video']) pc.addTransceiver(kind, { direction: 'recvonly' });
    pc.createDataChannel('chat');
    return offer();
  },
};

const policies = { 'simulcast-h264': ['H264'], 'svc-vp9': ['VP9'], av1: ['AV1'] };

function ask(args, input = '') {
  const result = spawnSync(tool, args, { input, encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`sdp-tool ${args.join(' ')}: ${result.stderr || result.status}`);
  return result.stdout;
}

function keep(name, text) {
  if (directory) fs.writeFileSync(`${directory}/${client}-${name}.sdp`, text);
}

// Makes our negotiation meet codecs it does not know, in the last video section.
function with_unknown_codecs(sdp) {
  const at = sdp.lastIndexOf('m=video');
  return sdp.slice(0, at) + sdp.slice(at).replace(/ (VP8|VP9|H264|AV1)\//g, ' X$1/');
}

async function answered(page, name, step, mode, codecs = []) {
  const written = await page.evaluate(step);
  const sdp = name === 'rejected-screen' ? with_unknown_codecs(written) : written;
  const answer = ask([mode, ...codecs], sdp);
  keep(`${name}.offer`, sdp);
  keep(`${name}.answer`, answer);
  return page.evaluate(async (text) => {
    await pc.setRemoteDescription({ type: 'answer', sdp: text });
    return pc.getTransceivers().map((t) => `${t.mid}:${t.currentDirection}`).join(' ');
  }, answer);
}

// Slots in three growing offers on one connection, as a room that outgrows them makes.
async function offered(page) {
  await page.evaluate(() => fresh() && 0);
  const accepted = [];
  for (const blocks of ['1', '2', '3']) {
    const answer = await page.evaluate(async (sdp) => {
      await pc.setRemoteDescription({ type: 'offer', sdp });
      await pc.setLocalDescription(await pc.createAnswer());
      await gathered();
      return pc.localDescription.sdp;
    }, ask(['offer', blocks]));
    if (blocks !== '2') keep(`slots-${blocks}.answer`, answer);
    accepted.push(ask(['accept', blocks], answer).trim());
  }
  return accepted.join(', ');
}

const server = http.createServer((_, response) => response.end('<!doctype html><title>sdp</title>'));
await new Promise((done) => server.listen(0, '127.0.0.1', done));
const browser = await puppeteer.launch({ headless: true, ...browsers[client] });
let failures = 0;
try {
  const page = await browser.newPage();
  await page.goto(`http://localhost:${server.address().port}/`);  // getUserMedia wants a secure context
  await page.evaluate(prepare);
  const check = async (name, action) => {
    try {
      console.log(`ok ${client} ${name}: ${await action()}`);
    } catch (error) {
      failures += 1;
      console.log(`not ok ${client} ${name}: ${error.message}`);
    }
  };
  for (const [name, step] of Object.entries(publishing)) {
    if (client === 'firefox' && name === 'simulcast-h264') continue;  // no H.264 in Debian's WebRTC of Firefox
    await check(name, () => answered(page, name, step, 'publish', policies[name]));
  }
  for (const [name, step] of Object.entries(playing)) await check(name, () => answered(page, name, step, 'play'));
  await check('slots', () => offered(page));
} finally {
  await browser.close();
  server.close();
}
process.exitCode = failures ? 1 : 0;
