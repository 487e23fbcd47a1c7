// SPDX-License-Identifier: LGPL-2.1-or-later
// A tab that is nobody in the room: WHIP and WHEP by plain RTCPeerConnections.
import { until } from './participant.mjs';

/** A page that can speak WHIP and WHEP. */
export async function outsider(room, name, options) {
  const tab = await room.bare(name, options);
  await tab.run(() => {
    window.gathered = (pc) => new Promise((done) => {
      if (pc.iceGatheringState === 'complete') done();
      pc.addEventListener('icegatheringstatechange', () => pc.iceGatheringState === 'complete' && done());
      setTimeout(done, 2000);
    });
    // RFC 9725 4.6
    window.iceServersOf = (answer) => {
      const quoted = '"((?:[^"\\\\]|\\\\.)*)"';
      const plain = (text) => text?.replace(/\\(.)/g, '$1');
      const links = new RegExp(`<([^>]*)>; rel="ice-server"(?:; username=${quoted}; credential=${quoted})?`, 'g');
      return [...(answer.headers.get('Link') ?? '').matchAll(links)]
        .map(([, urls, username, credential]) => ({ urls, username: plain(username), credential: plain(credential) }));
    };
    // RFC 9725 4.3.3: new credentials in a fragment, the server's in another one back.
    window.restart = async ({ pc, resource }) => {
      const agreed = pc.remoteDescription.sdp;
      await pc.setLocalDescription(await pc.createOffer({ iceRestart: true }));
      const lines = pc.localDescription.sdp.split('\r\n');
      const first = (start) => lines.find((line) => line.startsWith(start));
      const fragment = [...['a=ice-ufrag:', 'a=ice-pwd:', 'm=', 'a=mid:'].map(first), ''].join('\r\n');
      const answer = await fetch(resource, {
        method: 'PATCH', headers: { 'Content-Type': 'application/trickle-ice-sdpfrag', 'If-Match': '*' }, body: fragment,
      });
      const text = await answer.text();
      if (answer.status !== 200) throw new Error(`PATCH ${resource}: ${answer.status} ${text}`);
      const renewed = ['ice-ufrag', 'ice-pwd'].reduce((sdp, name) => {
        const [line] = text.match(new RegExp(`^a=${name}:.*$`, 'm'));
        return sdp.replace(new RegExp(`^a=${name}:.*$`, 'gm'), line.trim());
      }, agreed);
      await pc.setRemoteDescription({ type: 'answer', sdp: renewed });
      const former = pc.entityTag;
      pc.entityTag = answer.headers.get('ETag');
      return { former, latter: pc.entityTag };
    };
    window.post = async (url, pc) => {
      await pc.setLocalDescription();
      await gathered(pc);
      const answer = await fetch(url, {
        method: 'POST', headers: { 'Content-Type': 'application/sdp' }, body: pc.localDescription.sdp,
      });
      const text = await answer.text();
      if (answer.status !== 201) throw new Error(`POST ${url}: ${answer.status} ${text}`);
      await pc.setRemoteDescription({ type: 'answer', sdp: text });
      pc.entityTag = answer.headers.get('ETag');
      pc.iceServers = iceServersOf(answer);
      return new URL(answer.headers.get('Location'), location.href).href;
    };
    window.whip = async (url, colour, configuration = {}) => {
      const pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle', ...configuration });
      pc.addTransceiver(probe.tone(440), { direction: 'sendonly' });
      pc.addTransceiver(probe.paint(colour), { direction: 'sendonly' });
      return { pc, resource: await post(url, pc) };
    };
    window.whep = async (url, kinds = ['audio', 'video'], configuration = {}) => {
      const pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle', ...configuration });
      const tracks = kinds.map((kind) => pc.addTransceiver(kind, { direction: 'recvonly' }).receiver.track);
      const videos = tracks.map((track) => probe.show(track)).filter(({ tagName }) => tagName === 'VIDEO');
      return { pc, videos, resource: await post(url, pc) };
    };
    window.played = async ({ pc }) => {
      const sum = { frames: 0, energy: 0, packets: 0 };
      for (const report of (await pc.getStats()).values()) {
        if (report.type !== 'inbound-rtp') continue;
        sum.frames += report.framesDecoded ?? 0;
        sum.energy += report.totalAudioEnergy ?? 0;
        sum.packets += report.packetsReceived;
      }
      return sum;
    };
  });
  return tab;
}

export const played = (tab) => tab.run(() => played(window.player));
export const plays = (tab, frames = 10, options = {}) => until('the player plays', async () => {
  const seen = await played(tab);
  return seen.frames >= frames && seen.energy > 0 && seen;
}, { describe: () => played(tab), ...options });
