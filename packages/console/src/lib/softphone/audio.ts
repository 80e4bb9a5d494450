/** Why there is no microphone, for the words that tell it. */
export type MicrophoneFault = 'insecure' | 'refused' | 'missing' | 'busy';

export type Microphone = { ok: true; stream: MediaStream } | { ok: false; fault: MicrophoneFault };

/** Opens the microphone: the one that was chosen, or the usual one when that is gone. */
export async function openMicrophone(deviceId: string): Promise<Microphone> {
  // Browsers give no microphone to a page that came without encryption, except from this machine itself.
  if (navigator.mediaDevices === undefined) return { ok: false, fault: 'insecure' };
  const wanted = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
  const chosen = deviceId === '' ? {} : { deviceId: { ideal: deviceId } };
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: { ...wanted, ...chosen } });
    return { ok: true, stream };
  } catch (error) {
    return { ok: false, fault: faultOf(error) };
  }
}

export function faultOf(error: unknown): MicrophoneFault {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'refused';
  if (name === 'NotReadableError' || name === 'AbortError') return 'busy';
  return 'missing';
}

export function stopStream(stream: MediaStream | null): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

/** Loudness of a stream, 0 to 1, in steps that a bar can show; returns what ends it. */
export function meter(stream: MediaStream, onlevel: (level: number) => void): () => void {
  const context = new AudioContext();
  const analyser = new AnalyserNode(context, { fftSize: 1024 });
  new MediaStreamAudioSourceNode(context, { mediaStream: stream }).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    onlevel(levelOf(samples));
  }, meterIntervalMs);
  return () => {
    clearInterval(timer);
    void context.close();
  };
}

const meterIntervalMs = 60;
/** The bar begins at this level and is full at the other. */
const quietDb = -60;
const loudDb = -6;

/** Root mean square of samples from −1 to 1 as a share of the bar. */
export function levelOf(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  if (sum === 0) return 0;
  const db = 10 * Math.log10(sum / samples.length);
  return Math.min(1, Math.max(0, (db - quietDb) / (loudDb - quietDb)));
}
