/* Before the desk loads: its microphone hums one tone, and an ear tells which tone its telephone plays. */
const context = new AudioContext({ sampleRate: 48_000 });
const analyser = new AnalyserNode(context, { fftSize: 8192, smoothingTimeConstant: 0 });
const settings = { toneHz: 1_000, fault: sessionStorage.getItem('test.microphone.fault') ?? '' };

navigator.mediaDevices.getUserMedia = async () => {
  if (settings.fault !== '') throw new DOMException('The test says so.', settings.fault);
  await context.resume();
  const oscillator = new OscillatorNode(context, { frequency: settings.toneHz });
  const gain = new GainNode(context, { gain: 0.3 });
  const destination = context.createMediaStreamDestination();
  oscillator.connect(gain).connect(destination);
  oscillator.start();
  return destination.stream;
};

const Original = globalThis.RTCPeerConnection;
globalThis.RTCPeerConnection = class extends Original {
  constructor(...given) {
    super(...given);
    this.addEventListener('track', ({ track }) => {
      new MediaStreamAudioSourceNode(context, { mediaStream: new MediaStream([track]) }).connect(analyser);
    });
  }
};

globalThis.deskEar = {
  settings,
  hears() {
    const bins = new Float32Array(analyser.frequencyBinCount);
    analyser.getFloatFrequencyData(bins);
    let best = 0;
    for (let i = 1; i < bins.length; i++) if (bins[i] > bins[best]) best = i;
    return { hz: (best * context.sampleRate) / analyser.fftSize, db: bins[best] };
  },
};
