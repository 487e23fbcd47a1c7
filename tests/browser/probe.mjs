// SPDX-License-Identifier: LGPL-2.1-or-later
// Runs in every page before its own scripts: eyes and sources for tests, as window.probe.

export function probe() {
  const canvas = document.createElement('canvas');

  /** Mean colour and mean deviation from it, of a video element's present frame. */
  function look(video) {
    if (!video || video.readyState < 2 || !video.videoWidth) return null;
    const [width, height] = [canvas.width = 64, canvas.height = 36];
    const context = canvas.getContext('2d', { willReadFrequently: true });
    context.drawImage(video, 0, 0, width, height);
    const { data } = context.getImageData(0, 0, width, height);
    const mean = [0, 0, 0];
    for (let i = 0; i < data.length; i += 4) for (let c = 0; c < 3; c++) mean[c] += data[i + c];
    const count = data.length / 4;
    for (let c = 0; c < 3; c++) mean[c] /= count;
    let deviation = 0;
    for (let i = 0; i < data.length; i += 4) for (let c = 0; c < 3; c++) deviation += Math.abs(data[i + c] - mean[c]);
    const [red, green, blue] = mean.map(Math.round);
    return { red, green, blue, contrast: Math.round(deviation / count), width: video.videoWidth, height: video.videoHeight };
  }

  /** A video of one colour with a bar that wanders, so that every frame is another. */
  function paint(colour, { width = 320, height = 180, fps = 30 } = {}) {
    const easel = document.createElement('canvas');
    Object.assign(easel, { width, height });
    const context = easel.getContext('2d');
    let step = 0;
    const timer = setInterval(() => {
      context.fillStyle = colour;
      context.fillRect(0, 0, width, height);
      context.fillStyle = 'rgba(0, 0, 0, 0.6)';
      context.fillRect((step++ * 7) % width, 0, 12, height);
    }, 1000 / fps);
    const track = easel.captureStream(fps).getVideoTracks()[0];
    track.addEventListener('ended', () => clearInterval(timer));
    return track;
  }

  /** A video that is hard to encode, so that each layer takes the rate it may. */
  function confetti({ width, height, fps = 15, pieces = 60 }) {
    const easel = document.createElement('canvas');
    Object.assign(easel, { width, height });
    const context = easel.getContext('2d');
    const timer = setInterval(() => {
      for (let n = 0; n < pieces; n++) {
        context.fillStyle = `hsl(${Math.random() * 360}, 90%, ${20 + Math.random() * 60}%)`;
        context.fillRect(Math.random() * width, Math.random() * height, width / 16, height / 12);
      }
    }, 1000 / fps);
    const track = easel.captureStream(fps).getVideoTracks()[0];
    track.addEventListener('ended', () => clearInterval(timer));
    return track;
  }

  function tone(hertz) {
    const audio = new AudioContext();
    const oscillator = audio.createOscillator();
    oscillator.frequency.value = hertz;
    const out = audio.createMediaStreamDestination();
    oscillator.connect(out);
    oscillator.start();
    return out.stream.getAudioTracks()[0];
  }

  /** Longest pause between two frames of a track, and steps back in their RTP time, from now on; `stop()` tells. Needs no visible page. */
  function watchGaps(track) {
    const reader = new MediaStreamTrackProcessor({ track: track.clone() }).readable.getReader();
    let last = performance.now();
    let [longest, frames, backwards, timestamp, going] = [0, 0, 0, undefined, true];
    (async () => {
      while (going) {
        const { value, done } = await reader.read();
        if (done) return;
        const { rtpTimestamp } = value.metadata();
        if (timestamp !== undefined && ((rtpTimestamp - timestamp) | 0) <= 0) backwards++;
        timestamp = rtpTimestamp;
        value.close();
        const now = performance.now();
        if (frames++ > 0) longest = Math.max(longest, now - last);
        last = now;
      }
    })();
    return {
      stop() {
        going = false;
        reader.cancel();
        return { longest: Math.round(Math.max(longest, performance.now() - last)), frames, backwards };
      },
    };
  }

  /** Longest pause between two frames that an element shows, from now on, and how many it showed; `stop()` tells, in ms. */
  function watchShown(video) {
    let [last, longest, frames, going] = [performance.now(), 0, 0, true];
    const shown = () => {
      if (!going) return;
      const now = performance.now();
      if (frames++ > 0) longest = Math.max(longest, now - last);
      last = now;
      video.requestVideoFrameCallback(shown);
    };
    video.requestVideoFrameCallback(shown);
    return {
      stop() {
        going = false;
        return { longest: Math.round(Math.max(longest, performance.now() - last)), frames };
      },
    };
  }

  /** Longest time, from now on, in which a connection decoded no frame; `stop()` tells, in ms. */
  function watchStall(pc) {
    let [last, longest, before, going] = [performance.now(), 0, null, true];
    (async () => {
      while (going) {
        let frames = 0;
        for (const report of (await pc.getStats()).values()) frames += report.type === 'inbound-rtp' ? report.framesDecoded ?? 0 : 0;
        const now = performance.now();
        if (frames !== before) {
          longest = Math.max(longest, now - last);
          [last, before] = [now, frames];
        }
        await new Promise((done) => setTimeout(done, 20));
      }
    })();
    return {
      stop() {
        going = false;
        return Math.round(Math.max(longest, performance.now() - last));
      },
    };
  }

  /** Colours of a video element's present frame, each the mean around a point in fractions of the picture. */
  function coloursAt(video, points) {
    if (!video || video.readyState < 2 || !video.videoWidth) return null;
    const [width, height] = [canvas.width = 320, canvas.height = 180];
    const context = canvas.getContext('2d', { willReadFrequently: true });
    context.drawImage(video, 0, 0, width, height);
    return points.map(([x, y]) => {
      const { data } = context.getImageData(x * width - 4, y * height - 4, 8, 8);
      const mean = [0, 0, 0];
      for (let i = 0; i < data.length; i += 4) for (let c = 0; c < 3; c++) mean[c] += data[i + c] * 4 / data.length;
      const [red, green, blue] = mean.map(Math.round);
      return { red, green, blue };
    });
  }

  /** How loud each of these tones is in a track, in dB; listens for a moment. */
  async function loudness(track, tones, milliseconds = 400) {
    const audio = new AudioContext();
    const analyser = new AnalyserNode(audio, { fftSize: 16384, smoothingTimeConstant: 0 });
    audio.createMediaStreamSource(new MediaStream([track])).connect(analyser);
    await new Promise((done) => setTimeout(done, milliseconds));
    const bins = new Float32Array(analyser.frequencyBinCount);
    analyser.getFloatFrequencyData(bins);
    const at = (hertz) => Math.round(hertz * analyser.fftSize / audio.sampleRate);
    const levels = tones.map((hertz) => Math.round(Math.max(...bins.slice(at(hertz) - 2, at(hertz) + 3))));
    await audio.close();
    return levels;
  }

  /** A media element for a track, for pages that show nothing by themselves. */
  function show(track) {
    const element = document.createElement(track.kind);
    Object.assign(element, { autoplay: true, playsInline: true, srcObject: new MediaStream([track]) });
    document.documentElement.append(element);
    element.play().catch(() => {});
    return element;
  }

  /** The signalling sockets of the page, and a way to keep it from opening new ones. */
  const sockets = new Set();
  let isCut = false;
  const Socket = window.WebSocket;
  window.WebSocket = class extends Socket {
    constructor(url, ...more) {
      super(isCut ? 'ws://127.0.0.1:9/' : url, ...more);
      sockets.add(this);
      this.addEventListener('close', () => sockets.delete(this));
    }
  };

  /** Answers name only that video codec, as those of a lesser decoder would. */
  function answerOnly(codec) {
    const { createAnswer } = RTCPeerConnection.prototype;
    const known = RTCRtpReceiver.getCapabilities('video').codecs.filter((one) => one.mimeType === `video/${codec}`);
    RTCPeerConnection.prototype.createAnswer = function (...more) {
      for (const transceiver of this.getTransceivers()) {
        if (transceiver.receiver.track.kind === 'video') transceiver.setCodecPreferences(known);
      }
      return createAnswer.apply(this, more);
    };
  }

  /** From now on connections of this page go through a relay only, which they reach by that protocol. */
  function relayOnly(protocol) {
    const Connection = window.RTCPeerConnection;
    window.RTCPeerConnection = class extends Connection {
      constructor(configuration = {}) {
        window.probe.iceServers = configuration.iceServers ?? [];
        super({ ...configuration, iceServers: over(protocol, window.probe.iceServers), iceTransportPolicy: 'relay' });
      }
    };
  }

  /** What a relay gives to who has these credentials: candidates, or the codes of its refusals. */
  async function askRelay(iceServers) {
    const pc = new RTCPeerConnection({ iceServers, iceTransportPolicy: 'relay' });
    const started = performance.now();
    const found = { candidates: 0, errors: [], milliseconds: 0 };
    const done = new Promise((resolve) => {
      // Chromium goes on for ten seconds where nothing is to be had any more.
      const settle = () => setTimeout(resolve, 2000);
      pc.onicecandidate = ({ candidate }) => (candidate?.candidate ? settle(found.candidates++) : resolve());
      pc.onicecandidateerror = ({ errorCode }) => settle(found.errors.push(errorCode));
      setTimeout(resolve, 15_000);
    });
    pc.createDataChannel('any');
    await pc.setLocalDescription();
    await done;
    found.milliseconds = Math.round(performance.now() - started);
    pc.close();
    return found;
  }

  /** The kind of path that a connection has: type of its own candidate, and the protocol to the relay if it is one. */
  async function pathOf(pc) {
    const reports = await pc.getStats();
    const transport = [...reports.values()].find(({ type }) => type === 'transport');
    const pair = reports.get(transport?.selectedCandidatePairId);
    const { candidateType, relayProtocol } = reports.get(pair?.localCandidateId) ?? {};
    return { candidateType, relayProtocol };
  }

  /** Everything that getStats counts of one kind of report for video, summed up. */
  async function videoCounters(pc, type) {
    const sum = {};
    for (const report of (await pc.getStats()).values()) {
      if (report.type !== type || report.kind !== 'video') continue;
      for (const [name, value] of Object.entries(report)) if (typeof value === 'number') sum[name] = (sum[name] ?? 0) + value;
    }
    return sum;
  }

  const over = (protocol, iceServers) => iceServers.filter(({ urls }) => `${urls}`.endsWith(`?transport=${protocol}`));

  const own = new Map();
  const events = [];
  const EVENTS = ['codecs', 'codec-mismatch', 'republish', 'reconnecting', 'reconnected', 'connection', 'error',
    'participant-joined', 'participant-left', 'track-published', 'track-unpublished', 'track-muted', 'left', 'data'];
  window.probe = {
    look, coloursAt, loudness, paint, confetti, tone, watchGaps, watchShown, watchStall, relayOnly, over, askRelay, pathOf, videoCounters, show, sockets, answerOnly, events,
    /** Keeps what a client dispatches, as far as it can leave the page. */
    diary(client) {
      if (!document.querySelector('[data-testid=stage]')) {
        // What nobody plays is not decoded.
        for (const type of ['track-added', 'track-moved']) {
          client.on(type, ({ mediaTrack }) => mediaTrack.kind === 'audio' && show(mediaTrack));
        }
      }
      for (const type of EVENTS) {
        client.on(type, (detail) => {
          const plain = JSON.parse(JSON.stringify(detail ?? null, (key, value) => (value instanceof Map ? [...value] : value)));
          events.push({ type, detail: detail instanceof Error ? { code: detail.code, message: detail.message } : plain });
        });
      }
    },
    cut() {
      isCut = true;
      for (const socket of sockets) socket.close();
    },
    mend() {
      isCut = false;
    },
    picture(participant, label) {
      if (!document.querySelector('[data-testid=stage]')) return window.probe.pictureOf(rooms.client, participant, label);
      const tile = document.querySelector(
        `[data-testid=tile][data-participant="${CSS.escape(participant)}"][data-label="${CSS.escape(label)}"]`);
      return look(tile?.querySelector('video'));
    },
    /** The same of a bare page's client: attaches the track itself. */
    pictureOf(client, participant, label) {
      const shown = client.shownTracks.find(({ track }) => track.participant === participant && track.label === label);
      if (!shown) return null;
      if (!own.has(shown.mid)) own.set(shown.mid, show(shown.mediaTrack));
      return look(own.get(shown.mid));
    },
  };
}
