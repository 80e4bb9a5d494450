/** A sound before it is stored. */
export interface NewSound {
  /** What is sent. */
  file: Blob;
  source: 'uploaded' | 'microphone';
  /** Undefined for what the browser cannot read; the server may. */
  picture: SoundPicture | undefined;
}

/** What a sound is like: drawn, and judged by its loudness. */
export interface SoundPicture {
  seconds: number;
  /** In decibels below the loudest that the format can hold; minus infinity for silence. */
  peakDb: number;
  /** Of where somebody speaks. */
  levelDb: number;
  /** The highest sample of each slice, 0 to 1. */
  peaks: readonly number[];
}

export type Loudness = 'silent' | 'soft' | 'good' | 'clipped';

/** Speech keeps all that telephones carry at this rate, and a file stays small. */
const rateHz = 16_000;
const slices = 160;
/** Speech below it is lost in its own noise once it is made louder. */
const softDb = -42;
/** Softer slices are pauses, and louder peaks were cut off. */
const pauseDb = -50;
const clippedDb = -0.2;
const wavHeaderBytes = 44;

/** Media types by the end of a file's name: what systems do not know, and bare G.711. */
const typesByEnd: Readonly<Record<string, string>> = {
  wav: 'audio/wav',
  mp3: 'audio/mpeg',
  ogg: 'audio/ogg',
  oga: 'audio/ogg',
  opus: 'audio/ogg',
  ul: 'audio/pcmu',
  ulaw: 'audio/pcmu',
  pcmu: 'audio/pcmu',
  al: 'audio/pcma',
  alaw: 'audio/pcma',
  pcma: 'audio/pcma',
};
export const soundFileEnds = Object.keys(typesByEnd)
  .map((end) => `.${end}`)
  .join(',');

/** The media type by which the server reads a file; undefined when it is none that it takes. */
export function soundType(fileName: string): string | undefined {
  return typesByEnd[fileName.slice(fileName.lastIndexOf('.') + 1).toLowerCase()];
}

/** Reads a sound as the browser understands it; undefined when it does not. */
async function decoded(file: Blob): Promise<AudioBuffer | undefined> {
  try {
    return await new OfflineAudioContext(1, 1, rateHz).decodeAudioData(await file.arrayBuffer());
  } catch (error) {
    if (error instanceof DOMException) return undefined;
    throw error;
  }
}

/** A chosen file with its picture; undefined when its name says that it is no sound. */
export async function soundOfFile(file: File): Promise<NewSound | undefined> {
  const type = soundType(file.name);
  if (type === undefined) return undefined;
  const buffer = await decoded(file);
  const picture = buffer === undefined ? undefined : measured(mixed(buffer), buffer.sampleRate);
  return { file: new Blob([file], { type }), source: 'uploaded', picture };
}

/** What a microphone has taken down, as WAV: browsers record in forms that nobody else reads. */
export async function soundOfRecording(recorded: Blob): Promise<NewSound | undefined> {
  const buffer = await decoded(recorded);
  if (buffer === undefined || buffer.length === 0) return undefined;
  const samples = mixed(buffer);
  const picture = measured(samples, buffer.sampleRate);
  return { file: wavOf(samples, buffer.sampleRate), source: 'microphone', picture };
}

function mixed(buffer: AudioBuffer): Float32Array {
  const samples = new Float32Array(buffer.length);
  for (let channel = 0; channel < buffer.numberOfChannels; channel += 1) {
    const data = buffer.getChannelData(channel);
    for (let at = 0; at < samples.length; at += 1) {
      samples[at] = (samples[at] ?? 0) + (data[at] ?? 0) / buffer.numberOfChannels;
    }
  }
  return samples;
}

const decibels = (amplitude: number): number => 20 * Math.log10(amplitude);

/** Picture and loudness of samples from −1 to 1. */
export function measured(samples: Float32Array, sampleRate: number): SoundPicture {
  const peaks: number[] = [];
  let energy = 0;
  let spoken = 0;
  for (let slice = 0; slice < slices; slice += 1) {
    const from = Math.floor((slice * samples.length) / slices);
    const to = Math.floor(((slice + 1) * samples.length) / slices);
    let peak = 0;
    let sum = 0;
    for (let at = from; at < to; at += 1) {
      const sample = Math.abs(samples[at] ?? 0);
      peak = Math.max(peak, sample);
      sum += sample * sample;
    }
    peaks.push(Math.min(1, peak));
    if (to === from || decibels(Math.sqrt(sum / (to - from))) < pauseDb) continue;
    energy += sum;
    spoken += to - from;
  }
  return {
    seconds: samples.length / sampleRate,
    peakDb: decibels(Math.max(0, ...peaks)),
    levelDb: spoken === 0 ? Number.NEGATIVE_INFINITY : 10 * Math.log10(energy / spoken),
    peaks,
  };
}

export function loudnessOf({ peakDb, levelDb }: Pick<SoundPicture, 'peakDb' | 'levelDb'>): Loudness {
  if (levelDb === Number.NEGATIVE_INFINITY) return 'silent';
  if (peakDb > clippedDb) return 'clipped';
  return levelDb < softDb ? 'soft' : 'good';
}

function wavOf(samples: Float32Array, sampleRate: number): Blob {
  const bytes = new DataView(new ArrayBuffer(wavHeaderBytes + samples.length * 2));
  const tag = (at: number, text: string): void => {
    for (let index = 0; index < text.length; index += 1) bytes.setUint8(at + index, text.charCodeAt(index));
  };
  tag(0, 'RIFF');
  bytes.setUint32(4, wavHeaderBytes - 8 + samples.length * 2, true);
  tag(8, 'WAVEfmt ');
  bytes.setUint32(16, 16, true);
  bytes.setUint16(20, 1, true);
  bytes.setUint16(22, 1, true);
  bytes.setUint32(24, sampleRate, true);
  bytes.setUint32(28, sampleRate * 2, true);
  bytes.setUint16(32, 2, true);
  bytes.setUint16(34, 16, true);
  tag(36, 'data');
  bytes.setUint32(40, samples.length * 2, true);
  samples.forEach((sample, at) =>
    bytes.setInt16(wavHeaderBytes + at * 2, Math.round(Math.max(-1, Math.min(1, sample)) * 32_767), true),
  );
  return new Blob([bytes.buffer], { type: 'audio/wav' });
}
