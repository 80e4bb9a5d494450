import {
  createOpus,
  type Decoder,
  type Encoder,
  g722,
  RateConverter,
  rtpHeaderBytes,
  type SampleRateHz,
} from '@crosspoint/media';
import { loadOpusLibrary } from '../process/opus-library.ts';
import type { Codec } from '../protocol.ts';

const keptSamples = 8_000 * 20;

/** What a telephone for tests needs to speak a wide-band codec: sound at 8,000 Hz in and out, 20 ms at a time. */
export class TestCoder {
  readonly payloadType: number;
  readonly unitsPerPacket: number;
  readonly #encoder: Encoder;
  readonly #decoder: Decoder;
  readonly #up: RateConverter;
  readonly #down: RateConverter;
  readonly #kept: number[] = [];

  private constructor(encoder: Encoder, decoder: Decoder, rateHz: SampleRateHz, isOpus: boolean) {
    this.#encoder = encoder;
    this.#decoder = decoder;
    this.#up = new RateConverter(8_000, rateHz);
    this.#down = new RateConverter(rateHz, 8_000);
    this.payloadType = isOpus ? 111 : 9;
    this.unitsPerPacket = isOpus ? 960 : 160;
  }

  static async open(codec: Exclude<Codec, 'PCMU' | 'PCMA'>): Promise<TestCoder> {
    const coding = codec === 'opus' ? createOpus(await loadOpusLibrary()) : g722;
    const options = { sampleRateHz: 16_000 } as const;
    return new TestCoder(
      coding.createEncoder(options),
      coding.createDecoder(options),
      16_000,
      codec === 'opus',
    );
  }

  encode(samples: Int16Array): Uint8Array {
    const pcm = new Int16Array(this.#up.samplesFor(samples.length));
    this.#up.convert(samples, 0, samples.length, pcm, 0);
    const payload = new Uint8Array(1_500);
    return payload.subarray(0, this.#encoder.encode(pcm, 0, pcm.length, payload, 0));
  }

  /** Takes a packet with its header. */
  decode(bytes: Uint8Array, length: number): void {
    const pcm = new Int16Array(16 * 120);
    const count = this.#decoder.decode(bytes, rtpHeaderBytes, length, pcm, 0);
    const samples = new Int16Array(this.#down.samplesFor(count));
    this.#down.convert(pcm, 0, count, samples, 0);
    this.#kept.push(...samples);
    if (this.#kept.length > keptSamples) this.#kept.splice(0, this.#kept.length - keptSamples);
  }

  /** The sound of the last packets. */
  samples(packetCount: number): Int16Array {
    return Int16Array.from(this.#kept.slice(-packetCount * 160));
  }
}
