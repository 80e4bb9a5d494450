/* Before the desk loads: its microphone hums one tone, and an ear tells which tone its telephone plays. */
const context = new AudioContext({ sampleRate: 48_000 });
const analyser = new AnalyserNode(context, { fftSize: 8192, smoothingTimeConstant: 0 });
const settings = {
  toneHz: Number(sessionStorage.getItem('test.microphone.tone') ?? 1_000),
  fault: sessionStorage.getItem('test.microphone.fault') ?? '',
  waysLookedFor: 0,
};

navigator.mediaDevices.getUserMedia = async () => {
  if (settings.fault !== '') throw new DOMException('The test says so.', settings.fault);
  await context.resume();
  const oscillator = new OscillatorNode(context, { frequency: settings.toneHz });
  const gain = new GainNode(context, { gain: 0.3 });
  const destination = context.createMediaStreamDestination();
  oscillator.connect(gain).connect(destination);
  oscillator.start();
  [settings.spoken] = destination.stream.getAudioTracks();
  return destination.stream;
};

const Original = globalThis.RTCPeerConnection;
globalThis.RTCPeerConnection = class extends Original {
  constructor(...given) {
    super(...given);
    settings.connection = this;
    this.addEventListener('track', ({ track }) => {
      new MediaStreamAudioSourceNode(context, { mediaStream: new MediaStream([track]) }).connect(analyser);
    });
  }

  async createOffer(options) {
    if (options?.iceRestart === true) settings.waysLookedFor += 1;
    return super.createOffer(options);
  }

  // On a line that can be cut, sound takes the way through it and is offered no other.
  async setRemoteDescription({ type, sdp }) {
    if (globalThis.portOnLine === undefined) return super.setRemoteDescription({ type, sdp });
    const candidate = /^(a=candidate:\S+ \d+ udp \d+ )\S+ (\d+)(?= typ host)/gim;
    const ports = new Set([...sdp.matchAll(candidate)].map(([, , port]) => Number(port)));
    const relayed = new Map();
    for (const port of ports) relayed.set(port, await portOnLine(port));
    const through = (_, start, port) => `${start}127.0.0.1 ${relayed.get(Number(port))}`;
    return super.setRemoteDescription({ type, sdp: sdp.replace(candidate, through) });
  }

  get localDescription() {
    const description = super.localDescription;
    if (globalThis.portOnLine === undefined || description === null) return description;
    const sdp = description.sdp.replace(/^a=candidate:.*\r\n/gm, '');
    return new RTCSessionDescription({ type: description.type, sdp });
  }
};

globalThis.deskEar = {
  settings,
  /** The microphone is pulled out; the next one that is opened hums that tone. */
  pullOut(nextToneHz) {
    settings.toneHz = nextToneHz;
    settings.spoken.stop();
    settings.spoken.dispatchEvent(new Event('ended'));
  },
  /** ICE of the newest connection fails, as where no packet comes through any more. */
  failConnection() {
    Object.defineProperty(settings.connection, 'iceConnectionState', { value: 'failed' });
    settings.connection.dispatchEvent(new Event('iceconnectionstatechange'));
  },
  /** How loud each of these tones is, in dB. */
  levels(tones) {
    const bins = new Float32Array(analyser.frequencyBinCount);
    analyser.getFloatFrequencyData(bins);
    return tones.map((hz) => {
      const middle = Math.round((hz * analyser.fftSize) / context.sampleRate);
      return Math.max(...bins.subarray(middle - 2, middle + 3));
    });
  },
  hears() {
    const bins = new Float32Array(analyser.frequencyBinCount);
    analyser.getFloatFrequencyData(bins);
    let best = 0;
    for (let i = 1; i < bins.length; i++) if (bins[i] > bins[best]) best = i;
    return { hz: (best * context.sampleRate) / analyser.fftSize, db: bins[best] };
  },
};
