import { opusPayloadMs } from './opus-payload.ts';
import {
  type Codec,
  type Decoder,
  type Encoder,
  type EncoderOptions,
  type OpusEncoderSettings,
  type OpusLibrary,
  type OpusLibraryDecoder,
  type OpusLibraryEncoder,
  packetTimeMaxMs,
  type SampleRateHz,
} from './port.ts';
import { requireSampleRate } from './rates.ts';

/**
 * Opus for voice (RFC 6716, RFC 7587) on top of a library that the caller has loaded. Encoder and decoder work at 8,000,
 * 16,000 or 48,000 Hz directly, so that a call between Opus and G.711 needs no resampling; the RTP clock is 48,000 Hz.
 */

const clockRateHz = 48_000;
const sampleRatesHz = [16_000, 8_000, 48_000] as const;
/** Bit rates at which a voice leaves little to wish for (RFC 7587 §3.1.1), by sampling rate. */
const bitrates: Record<SampleRateHz, number> = { 8_000: 16_000, 16_000: 24_000, 48_000: 32_000 };
/** A single path through the quantiser: half the processor time of the library's usual setting. */
const defaultComplexity = 1;
/** A packet never takes more than this many bytes, whatever the settings (128 kbit/s over 60 ms, and some). */
const payloadBytesMax = 1_275;

/** A payload of at most this many bytes says "as before" and may be the last for a while (RFC 7587 §3.1.3). */
const dtxBytesMax = 2;

/** The Opus codec of a library. Make it once and share it. */
export function createOpus(library: OpusLibrary): Codec {
  return {
    name: 'opus',
    clockRateHz,
    rtpmapChannels: 2,
    payloadType: undefined,
    sampleRatesHz,
    packetTimesMs: [10, 20, 40, 60],
    payloadBytesMax,
    payloadUnits: (bytes, start, end) => opusPayloadMs(bytes, start, end) * (clockRateHz / 1000),
    pausesAfter: (_bytes, start, end) => end - start <= dtxBytesMax,
    createEncoder: (options) => new OpusEncoder(library, encoderSettings(options)),
    createDecoder: (options) =>
      new OpusDecoder(library, requireSampleRate('opus', options?.sampleRateHz, sampleRatesHz)),
  };
}

function encoderSettings(options: EncoderOptions = {}): OpusEncoderSettings {
  const sampleRateHz = requireSampleRate('opus', options.sampleRateHz, sampleRatesHz);
  const inbandFec = options.inbandFec ?? false;
  const widest = Math.min(sampleRateHz, options.maxPlaybackRateHz ?? 48_000);
  return {
    sampleRateHz,
    bitrate: clamp(options.bitrate ?? bitrates[sampleRateHz], 6_000, 128_000),
    complexity: clamp(options.complexity ?? defaultComplexity, 0, 10),
    inbandFec,
    expectedLossPercent: clamp(options.expectedLossPercent ?? 0, 0, 100),
    dtx: options.dtx ?? false,
    maxBandwidthRateHz:
      ([48_000, 24_000, 16_000, 12_000] as const).find((rateHz) => rateHz <= widest) ?? 8_000,
  };
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, Math.round(value)));
}

class OpusEncoder implements Encoder {
  readonly sampleRateHz: SampleRateHz;
  readonly samplesPerMs: number;
  readonly #library: OpusLibrary;
  #settings: OpusEncoderSettings;
  #encoder: OpusLibraryEncoder;
  #isPausing = false;

  constructor(library: OpusLibrary, settings: OpusEncoderSettings) {
    this.#library = library;
    this.#settings = settings;
    this.#encoder = library.createEncoder(settings);
    this.sampleRateHz = settings.sampleRateHz;
    this.samplesPerMs = settings.sampleRateHz / 1000;
  }

  encode(pcm: Int16Array, offset: number, length: number, out: Uint8Array, outOffset: number): number {
    const payload = this.#encoder.encode(pcm.subarray(offset, offset + length));
    const wasPausing = this.#isPausing;
    this.#isPausing = this.#settings.dtx && payload.length <= dtxBytesMax;
    // The first payload of a pause is sent, so that the far end knows of it.
    if (this.#isPausing && wasPausing) return 0;
    out.set(payload, outOffset);
    return payload.length;
  }

  expectLoss(percent: number): void {
    const expectedLossPercent = clamp(percent, 0, 100);
    if (!this.#settings.inbandFec || expectedLossPercent === this.#settings.expectedLossPercent) return;
    this.#settings = { ...this.#settings, expectedLossPercent };
    this.#encoder.setExpectedLossPercent(expectedLossPercent);
  }

  reset(): void {
    this.#encoder.close();
    this.#encoder = this.#library.createEncoder(this.#settings);
    this.#isPausing = false;
  }

  close(): void {
    this.#encoder.close();
  }
}

class OpusDecoder implements Decoder {
  readonly sampleRateHz: SampleRateHz;
  readonly samplesPerMs: number;
  readonly #library: OpusLibrary;
  #decoder: OpusLibraryDecoder;

  constructor(library: OpusLibrary, sampleRateHz: SampleRateHz) {
    this.#library = library;
    this.#decoder = library.createDecoder(sampleRateHz);
    this.sampleRateHz = sampleRateHz;
    this.samplesPerMs = sampleRateHz / 1000;
  }

  decode(bytes: Uint8Array, start: number, end: number, out: Int16Array, outOffset: number): number {
    const lengthMs = opusPayloadMs(bytes, start, end);
    if (lengthMs === 0) return 0;
    const samples = lengthMs * this.samplesPerMs;
    try {
      return this.#give(this.#decoder.decode(bytes.subarray(start, end)), samples, out, outOffset);
    } catch {
      // The payload has a plausible first byte and is damaged behind it: as good as lost.
      return this.conceal(samples, out, outOffset);
    }
  }

  conceal(samples: number, out: Int16Array, outOffset: number): number {
    const most = packetTimeMaxMs * this.samplesPerMs;
    for (let done = 0; done < samples; ) {
      const piece = Math.min(samples - done, most);
      this.#concealPiece(piece, out, outOffset + done);
      done += piece;
    }
    return samples;
  }

  recover(
    bytes: Uint8Array,
    start: number,
    end: number,
    samples: number,
    out: Int16Array,
    outOffset: number,
  ): number {
    // The correction in a packet covers as much as the packet itself; what was lost before that is made up.
    const covered = Math.min(samples, opusPayloadMs(bytes, start, end) * this.samplesPerMs);
    if (covered < samples) this.conceal(samples - covered, out, outOffset);
    if (covered === 0) return samples;
    const at = outOffset + samples - covered;
    try {
      this.#give(this.#decoder.recover(bytes.subarray(start, end), covered), covered, out, at);
    } catch {
      // A damaged packet restores nothing.
      this.conceal(covered, out, at);
    }
    return samples;
  }

  reset(): void {
    this.#decoder.close();
    this.#decoder = this.#library.createDecoder(this.sampleRateHz);
  }

  close(): void {
    this.#decoder.close();
  }

  #concealPiece(samples: number, out: Int16Array, outOffset: number): void {
    // The library conceals multiples of 2.5 ms.
    const unit = this.samplesPerMs * 2.5;
    try {
      this.#give(this.#decoder.conceal(Math.ceil(samples / unit) * unit), samples, out, outOffset);
    } catch {
      // A library that fails even here leaves silence; the next packet may do better.
      out.fill(0, outOffset, outOffset + samples);
    }
  }

  #give(sound: Int16Array, samples: number, out: Int16Array, outOffset: number): number {
    const length = Math.min(sound.length, samples);
    out.set(length === sound.length ? sound : sound.subarray(0, length), outOffset);
    out.fill(0, outOffset + length, outOffset + samples);
    return samples;
  }
}
