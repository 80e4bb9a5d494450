import { alawToLinear, encodeAlaw, encodeUlaw, ulawToLinear } from '../g711.ts';
import { Concealment } from './concealment.ts';
import { type Codec, type Decoder, type Encoder, packetTimeMaxMs, packetTimesMs } from './port.ts';
import { requireSampleRate } from './rates.ts';

/** G.711 behind the codec door (ITU-T G.711, RFC 3551 §4.5.14): one byte per sample at 8,000 Hz. */

const sampleRateHz = 8_000;
const samplesPerMs = 8;
const samplesMax = packetTimeMaxMs * samplesPerMs;

class G711Encoder implements Encoder {
  readonly sampleRateHz = sampleRateHz;
  readonly samplesPerMs = samplesPerMs;
  readonly #encode: (sample: number) => number;

  constructor(encode: (sample: number) => number) {
    this.#encode = encode;
  }

  encode(pcm: Int16Array, offset: number, length: number, out: Uint8Array, outOffset: number): number {
    const encode = this.#encode;
    for (let i = 0; i < length; i++) out[outOffset + i] = encode(pcm[offset + i] as number);
    return length;
  }

  expectLoss(): void {
    // G.711 has no error correction.
  }

  reset(): void {
    // G.711 has no memory.
  }

  close(): void {
    // Nothing lies outside the heap.
  }
}

class G711Decoder implements Decoder {
  readonly sampleRateHz = sampleRateHz;
  readonly samplesPerMs = samplesPerMs;
  readonly #table: Int16Array;
  readonly #concealment = new Concealment(sampleRateHz);

  constructor(table: Int16Array) {
    this.#table = table;
  }

  decode(bytes: Uint8Array, start: number, end: number, out: Int16Array, outOffset: number): number {
    const samples = Math.min(end - start, samplesMax);
    const table = this.#table;
    for (let i = 0; i < samples; i++) out[outOffset + i] = table[bytes[start + i] as number] as number;
    this.#concealment.received(out, outOffset, samples);
    return samples;
  }

  conceal(samples: number, out: Int16Array, outOffset: number): number {
    return this.#concealment.conceal(out, outOffset, samples);
  }

  recover(
    _bytes: Uint8Array,
    _start: number,
    _end: number,
    samples: number,
    out: Int16Array,
    outOffset: number,
  ): number {
    return this.#concealment.conceal(out, outOffset, samples);
  }

  reset(): void {
    this.#concealment.reset();
  }

  close(): void {
    // Nothing lies outside the heap.
  }
}

function g711(
  name: 'PCMU' | 'PCMA',
  payloadType: number,
  encode: (sample: number) => number,
  table: Int16Array,
): Codec {
  return {
    name,
    clockRateHz: sampleRateHz,
    rtpmapChannels: 1,
    payloadType,
    sampleRatesHz: [sampleRateHz],
    packetTimesMs,
    payloadBytesMax: 60 * samplesPerMs,
    payloadUnits: (_bytes, start, end) => Math.min(end - start, samplesMax),
    pausesAfter: () => false,
    createEncoder(options) {
      requireSampleRate(name, options?.sampleRateHz, [sampleRateHz]);
      return new G711Encoder(encode);
    },
    createDecoder(options) {
      requireSampleRate(name, options?.sampleRateHz, [sampleRateHz]);
      return new G711Decoder(table);
    },
  };
}

/** G.711 µ-law. */
export const pcmu: Codec = g711('PCMU', 0, encodeUlaw, ulawToLinear);
/** G.711 A-law. */
export const pcma: Codec = g711('PCMA', 8, encodeAlaw, alawToLinear);
