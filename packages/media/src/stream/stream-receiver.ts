import { type Codec, type Decoder, packetTimeMaxMs, type SampleRateHz } from '../codec/index.ts';
import { ComfortNoise } from '../comfort-noise/index.ts';
import { Arrival, JitterBuffer, type JitterStatistics, Playout } from '../jitter/index.ts';
import { stretchFrame } from './time-stretch.ts';

export interface StreamReceiverOptions {
  readonly codec: Codec;
  /** Rate of the samples wanted; one of the codec's. Default: the codec's usual one. */
  readonly sampleRateHz?: SampleRateHz;
  /** Bounds of the delay of the jitter buffer in ms. Defaults 20 and 200. */
  readonly delayMinMs?: number;
  readonly delayMaxMs?: number;
  /** Seed of the comfort noise. Default 1. */
  readonly seed?: number;
}

/** Longest stretch that `read` gives at once. */
const readMaxMs = 60;

/**
 * The receiving end of one stream: packets in as they come, continuous sound out as it is needed. Buffers, decodes, conceals,
 * restores, stretches time and makes comfort noise; the lengths of packets and of reads have nothing to do with each other.
 */
export class StreamReceiver {
  readonly codec: Codec;
  readonly sampleRateHz: SampleRateHz;
  readonly #samplesPerMs: number;
  readonly #samplesPerUnit: number;
  readonly #decoder: Decoder;
  readonly #buffer: JitterBuffer;
  readonly #noise: ComfortNoise;
  /** Decoded sound that was not read yet. */
  readonly #sound: Int16Array;
  #ready = 0;
  /** What silence sounds like: as the last comfort noise said, as the decoder knows (Opus DTX), or like nothing. */
  #silence: 'described' | 'decoded' | 'none' = 'none';

  constructor(options: StreamReceiverOptions) {
    const { codec } = options;
    this.codec = codec;
    this.#decoder = codec.createDecoder(
      options.sampleRateHz === undefined ? {} : { sampleRateHz: options.sampleRateHz },
    );
    this.sampleRateHz = this.#decoder.sampleRateHz;
    this.#samplesPerMs = this.#decoder.samplesPerMs;
    this.#samplesPerUnit = this.sampleRateHz / codec.clockRateHz;
    this.#buffer = new JitterBuffer({
      clockRateHz: codec.clockRateHz,
      adaptation: 'caller',
      ...(options.delayMinMs === undefined ? {} : { delayMinMs: options.delayMinMs }),
      ...(options.delayMaxMs === undefined ? {} : { delayMaxMs: options.delayMaxMs }),
    });
    this.#noise = new ComfortNoise(options.seed ?? 1);
    // What one read leaves over, a packet of the greatest length, and half of it again where time is stretched.
    this.#sound = new Int16Array((readMaxMs + 1.5 * packetTimeMaxMs) * this.#samplesPerMs);
  }

  /** Takes a packet of the codec with the payload `bytes[start, end)`. */
  put(
    sequence: number,
    timestamp: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    arrivalMs: number,
  ): Arrival {
    const units = this.codec.payloadUnits(bytes, start, end);
    if (units === 0) return Arrival.stray;
    const pauses = this.codec.pausesAfter(bytes, start, end);
    return this.#buffer.put(sequence, timestamp, units, bytes, start, end, arrivalMs, pauses);
  }

  /** Takes a packet of comfort noise (RFC 3389). */
  putComfortNoise(
    sequence: number,
    timestamp: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    arrivalMs: number,
  ): Arrival {
    return this.#buffer.put(sequence, timestamp, 0, bytes, start, end, arrivalMs);
  }

  /** Takes note of a packet without sound, as of a digit (RFC 4733): it is not missing, and what it replaces is silent. */
  skip(sequence: number): void {
    this.#buffer.skip(sequence);
  }

  /** Writes the next `samples` samples, at most 60 ms, that are to be heard at `nowMs`. */
  read(out: Int16Array, offset: number, samples: number, nowMs: number): void {
    if (samples > readMaxMs * this.#samplesPerMs)
      throw new RangeError(
        `samples: at most ${readMaxMs} ms at once, not ${samples / this.#samplesPerMs} ms`,
      );
    while (this.#ready < samples) this.#fetch(nowMs + this.#ready / this.#samplesPerMs);
    out.set(this.#sound.subarray(0, samples), offset);
    this.#ready -= samples;
    this.#sound.copyWithin(0, samples, samples + this.#ready);
  }

  statistics(): JitterStatistics {
    return this.#buffer.statistics();
  }

  /** Another stream begins (another SSRC). */
  restart(): void {
    this.#buffer.restart();
    this.#decoder.reset();
    this.#silence = 'none';
    this.#ready = 0;
  }

  close(): void {
    this.#decoder.close();
  }

  /** Appends what is to be heard next to the sound that is ready. */
  #fetch(nowMs: number): void {
    const buffer = this.#buffer;
    const sound = this.#sound;
    const at = this.#ready;
    const playout = buffer.take(nowMs);
    const samples = Math.round(buffer.durationUnits * this.#samplesPerUnit);
    if (playout === Playout.frame && !buffer.comfortNoise) {
      this.#silence = this.codec.pausesAfter(buffer.bytes, buffer.start, buffer.end) ? 'decoded' : 'none';
      let length = this.#decoder.decode(buffer.bytes, buffer.start, buffer.end, sound, at);
      if (buffer.excessMs !== 0)
        length = stretchFrame(sound, at, length, this.#samplesPerMs, buffer.excessMs);
      this.#ready += length;
      return;
    }
    if (playout === Playout.frame) {
      this.#noise.describe(buffer.bytes, buffer.start, buffer.end);
      this.#silence = 'described';
    }
    if (playout === Playout.conceal && buffer.recoverable)
      this.#decoder.recover(buffer.bytes, buffer.start, buffer.end, samples, sound, at);
    else if (playout === Playout.conceal || this.#silence === 'decoded')
      this.#decoder.conceal(samples, sound, at);
    else if (this.#silence === 'described') this.#noise.make(sound, at, samples);
    else sound.fill(0, at, at + samples);
    this.#ready += samples;
  }
}
