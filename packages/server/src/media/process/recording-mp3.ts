import {
  mp3BitrateKbps,
  mp3FrameBytes,
  mp3FrameSamples,
  mp3RateHz,
  mp3Silence,
} from '@crosspoint/media/file-formats';
import type { WasmMediaEncoder } from 'wasm-media-encoders';

export type Mp3Encoder = WasmMediaEncoder<'audio/mpeg'>;

/** Gaps up to this length are encoded like sound; longer ones become frames of silence, which cost nothing. */
const gapFramesMax = 2 * mp3RateHz;
/** Sound that is converted at once. */
const pieceFrames = 4_096;
/** One second of frames is written at a time where hours were lost. */
const silenceFramesMax = 1_000;

/** Peaks of both channels each 20 ms, a byte each, for the waveform. */
export const peakFrames = 160;

/**
 * The sound of one recording on its way into an MP3 file: pieces of PCM with their places on the time axis go in,
 * whole frames come out. The time axis is kept whatever is lost. A piece that comes a second time, because the disk
 * refused what it had become, is not encoded twice.
 */
export class Mp3Recording {
  readonly #encoder: Mp3Encoder;
  readonly #left = new Float32Array(pieceFrames);
  readonly #right = new Float32Array(pieceFrames);
  #encodedUntil: number;
  /** Bytes that came out so far, with those that the file had before. */
  #producedBytes: number;
  #waiting: Uint8Array[] = [];
  #peaks: number[] = [];
  #peakCount = 0;
  #peakLeft = 0;
  #peakRight = 0;

  /**
   * @param encoder of its own; is configured here
   * @param fileBytes whole frames that the file holds already: the thread that wrote them is gone
   */
  constructor(encoder: Mp3Encoder, fileBytes = 0) {
    this.#encoder = encoder;
    this.#producedBytes = fileBytes;
    this.#encodedUntil = (fileBytes / mp3FrameBytes) * mp3FrameSamples;
    this.#configure();
  }

  /** Behind the last frame of sound that was encoded. */
  get encodedUntil(): number {
    return this.#encodedUntil;
  }

  /** True while bytes wait that `take` has not given away. */
  get hasWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** Encodes interleaved stereo that begins at `position`, in frames since the beginning of the recording. */
  append(samples: Int16Array, position: number): void {
    const frames = samples.length >> 1;
    const known = Math.max(0, this.#encodedUntil - position);
    if (known >= frames) return;
    if (position > this.#encodedUntil) this.#skipTo(position);
    for (let at = known; at < frames; at += pieceFrames) {
      const count = Math.min(pieceFrames, frames - at);
      for (let i = 0; i < count; i++) {
        const left = samples[2 * (at + i)] as number;
        const right = samples[2 * (at + i) + 1] as number;
        this.#left[i] = left / 32_768;
        this.#right[i] = right / 32_768;
        this.#meter(left, right);
      }
      this.#encode(count);
    }
    this.#encodedUntil = position + frames;
  }

  /** The last frames, which the encoder still held; nothing may be appended any more. */
  finish(): void {
    this.#keep(this.#encoder.finalize());
  }

  /** Gives the bytes that are ready, and the peaks that belong to them. */
  take(): { bytes: Uint8Array; peaks: Uint8Array } {
    const bytes = Buffer.concat(this.#waiting);
    const peaks = Uint8Array.from(this.#peaks);
    this.#waiting = [];
    this.#peaks = [];
    return { bytes, peaks };
  }

  #configure(): void {
    this.#encoder.configure({
      sampleRate: mp3RateHz,
      outputSampleRate: mp3RateHz,
      channels: 2,
      bitrate: mp3BitrateKbps,
    });
  }

  #skipTo(position: number): void {
    const gap = position - this.#encodedUntil;
    this.#meterSilence(gap);
    if (gap <= gapFramesMax) {
      this.#left.fill(0);
      this.#right.fill(0);
      for (let left = gap; left > 0; left -= pieceFrames) this.#encode(Math.min(pieceFrames, left));
      return;
    }
    this.#keep(this.#encoder.finalize());
    const produced = (this.#producedBytes / mp3FrameBytes) * mp3FrameSamples;
    let missing = Math.max(0, Math.round((position - produced) / mp3FrameSamples));
    for (; missing > 0; missing -= silenceFramesMax)
      this.#keep(mp3Silence(Math.min(silenceFramesMax, missing)));
    this.#configure();
  }

  #encode(count: number): void {
    this.#keep(this.#encoder.encode([this.#left.subarray(0, count), this.#right.subarray(0, count)]));
  }

  /** The encoder reuses its memory, so that the bytes are copied. */
  #keep(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#producedBytes += bytes.length;
    this.#waiting.push(bytes.slice());
  }

  #meterSilence(frames: number): void {
    let left = frames;
    for (; left > 0 && this.#peakCount > 0; left--) this.#meter(0, 0);
    for (; left >= peakFrames; left -= peakFrames) this.#peaks.push(0, 0);
    for (; left > 0; left--) this.#meter(0, 0);
  }

  #meter(left: number, right: number): void {
    this.#peakLeft = Math.max(this.#peakLeft, Math.abs(left));
    this.#peakRight = Math.max(this.#peakRight, Math.abs(right));
    if (++this.#peakCount < peakFrames) return;
    this.#peaks.push(Math.min(255, this.#peakLeft >> 7), Math.min(255, this.#peakRight >> 7));
    this.#peakCount = 0;
    this.#peakLeft = 0;
    this.#peakRight = 0;
  }
}
