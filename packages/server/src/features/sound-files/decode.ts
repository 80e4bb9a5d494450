import { promptSecondsMax } from '@crosspoint/contracts';
import { amplitudeOf, levelDbm0, Resampler, writeWavHeader, wavHeaderBytes } from '@crosspoint/media';
import decode from 'audio-decode';

/** What callers hear is 8,000 Hz, one channel. */
export const promptRateHz = 8_000;
/** Speech is levelled to this loudness, measured where somebody speaks; louder prompts startle beside the others. */
const targetDbm0 = -20;
/** No sample comes nearer to the limit of the format than this. */
const peakMax = 0.89 * 32_767;
/** A whisper in noise stays a whisper; more gain would lift the noise. */
const gainDbMax = 24;
const frameSamples = 160;
/** Of surround sound; nobody calls with more. */
const channelsMax = 32;
/** Where the format of a WAV file stands, unless somebody has put much before it. */
const formatWithinBytes = 64 * 1024;
/** Softer frames are pauses. */
const pauseDbm0 = -50;
const chunkBytes = 64 * 1024;

/** The file is no sound that we can read; `message` says what to do. */
export class PromptSoundError extends Error {}

export interface DecodedPrompt {
  wav: Uint8Array;
  durationSeconds: number;
  gainDb: number;
}

type Decoder = (chunk?: Uint8Array) => Promise<{ channelData: Float32Array[]; sampleRate: number }>;

function decoderOf(file: Uint8Array): Promise<Decoder> {
  const text = Buffer.from(file.subarray(0, 64)).toString('latin1');
  if (text.startsWith('RIFF') && text.slice(8, 12) === 'WAVE') {
    checkChannels(file);
    return decode.wav();
  }
  if (text.startsWith('OggS')) return text.includes('OpusHead') ? decode.opus() : decode.oga();
  const isMp3 = text.startsWith('ID3') || (file[0] === 0xff && ((file[1] ?? 0) & 0xe0) === 0xe0);
  if (isMp3) return decode.mp3();
  throw new PromptSoundError('The file is neither WAV, MP3 nor Ogg. Convert it to one of these.');
}

/** Who claims to have thousands of channels wants as many arrays of the decoder, which takes it many seconds before it gives up. */
function checkChannels(file: Uint8Array): void {
  const head = Buffer.from(file.buffer, file.byteOffset, Math.min(file.length, formatWithinBytes));
  const at = head.indexOf('fmt ');
  if (at < 0 || at + 12 > head.length) return;
  const channels = head.readUInt16LE(at + 10);
  if (channels > channelsMax) {
    throw new PromptSoundError(`The file has ${channels} channels. Mix it down to one or two.`);
  }
}

/** A header that was written before the end was known says this or more, or nothing. */
const undeclaredBytes = 0x7fff_0000;

/**
 * Refuses a WAV file that ends before its header says: whoever sent it was interrupted, and callers would hear half a sentence. Recordings of
 * calls are not asked that, whose last second may be missing.
 * @throws {PromptSoundError}
 */
export function requireWhole(file: Uint8Array): void {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.length);
  if (bytes.toString('latin1', 0, 4) !== 'RIFF') return;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const size = bytes.readUInt32LE(at + 4);
    if (bytes.toString('latin1', at, at + 4) === 'data') {
      if (size < undeclaredBytes && at + 8 + size > bytes.length) {
        throw new PromptSoundError('The file ends before its sound does. Send it again.');
      }
      return;
    }
    at += 8 + size + (size & 1);
  }
}

/**
 * Reads WAV (PCM, G.711), MP3 or Ogg (Vorbis, Opus), mixes it down, brings it to 8,000 Hz once and levels it. Memory is bounded by the
 * longest sound that is allowed, whatever the file claims to hold.
 * @throws {PromptSoundError}
 */
export async function decodePrompt(file: Uint8Array): Promise<DecodedPrompt> {
  const decoder = await decoderOf(file);
  const pieces: Int16Array[] = [];
  let resampler: Resampler | undefined;
  let rateHz = 0;
  let samples = 0;
  const take = (sound: { channelData: Float32Array[]; sampleRate: number }) => {
    const mixed = mixDown(sound.channelData);
    if (mixed.length === 0) return;
    if (resampler === undefined) {
      rateHz = sound.sampleRate;
      resampler = new Resampler(rateHz);
    } else if (sound.sampleRate !== rateHz) {
      throw new PromptSoundError('The file changes its sample rate on the way. Convert it to WAV.');
    }
    pieces.push(resampler.push(mixed));
    samples += pieces.at(-1)?.length ?? 0;
    if (samples > promptSecondsMax * promptRateHz) {
      throw new PromptSoundError(`The sound is longer than ${promptSecondsMax / 60} minutes. Cut it.`);
    }
  };
  try {
    for (let at = 0; at < file.length; at += chunkBytes)
      take(await decoder(file.subarray(at, at + chunkBytes)));
    take(await decoder());
  } catch (error) {
    if (error instanceof PromptSoundError) throw error;
    throw new PromptSoundError(`The file is broken: ${(error as Error).message}. Write it again.`);
  }
  if (resampler !== undefined) pieces.push(resampler.finish());
  const sound = joined(pieces);
  if (sound.length < promptRateHz / 20) throw new PromptSoundError('There is no sound in the file.');
  const gainDb = level(sound);
  return { wav: wavOf(sound), durationSeconds: sound.length / promptRateHz, gainDb };
}

/** In the units of 16-bit samples. */
function mixDown(channels: readonly Float32Array[]): Float32Array {
  const [first] = channels;
  const mixed = new Float32Array(first?.length ?? 0);
  for (const channel of channels) {
    for (let at = 0; at < mixed.length; at++) {
      mixed[at] = (mixed[at] as number) + ((channel[at] as number) * 32_767) / channels.length;
    }
  }
  return mixed;
}

/** Makes it as loud as all prompts are, in place. @returns the gain in decibels. */
function level(sound: Int16Array): number {
  let energy = 0;
  let frames = 0;
  let peak = 0;
  for (let at = 0; at < sound.length; at++) peak = Math.max(peak, Math.abs(sound[at] as number));
  for (let at = 0; at + frameSamples <= sound.length; at += frameSamples) {
    const frame = levelDbm0(sound, at, at + frameSamples);
    if (frame < pauseDbm0) continue;
    energy += amplitudeOf(frame) ** 2;
    frames += 1;
  }
  if (frames === 0 || peak === 0) return 0;
  const wanted = amplitudeOf(targetDbm0) / Math.sqrt(energy / frames);
  const gain = Math.min(wanted, 10 ** (gainDbMax / 20), peakMax / peak);
  for (let at = 0; at < sound.length; at++) sound[at] = Math.round((sound[at] as number) * gain);
  return 20 * Math.log10(gain);
}

function joined(pieces: readonly Int16Array[]): Int16Array {
  const sound = new Int16Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    sound.set(piece, at);
    at += piece.length;
  }
  return sound;
}

function wavOf(sound: Int16Array): Uint8Array {
  const file = Buffer.alloc(wavHeaderBytes + sound.length * 2);
  writeWavHeader(file, { encoding: 'pcm16', channels: 1, rateHz: promptRateHz }, sound.length * 2);
  sound.forEach((sample, at) => file.writeInt16LE(sample, wavHeaderBytes + at * 2));
  return file;
}
