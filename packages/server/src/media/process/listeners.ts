import {
  alawToLinear,
  type Decoder,
  packetTimeMaxMs,
  RateConverter,
  type SampleRateHz,
  ulawToLinear,
} from '@crosspoint/media';
import type { Codecs } from './codecs.ts';
import type { InbandDigits } from './inband-digits.ts';
import { ears, isG711, type LegTable, law } from './legs.ts';
import type { Listening } from './listening.ts';

const telephoneRateHz = 8_000;
const samplesMax = (telephoneRateHz / 1000) * packetTimeMaxMs;
const widestRateHz = 48_000;

interface EarDecoder {
  readonly law: number;
  readonly decoder: Decoder;
  readonly converter: RateConverter | undefined;
}

/**
 * Everything that listens to packets for what is in their sound. They are decoded once, as they come: without a jitter
 * buffer, whose stretching and concealing would bend tones and lengthen pauses. Legs that do not speak G.711 have a decoder of
 * their own for it.
 */
export class Listeners {
  readonly #legs: LegTable;
  readonly #codecs: Codecs;
  readonly #digits: InbandDigits;
  readonly #listening: Listening;
  readonly #decoders = new Map<number, EarDecoder>();
  readonly #samples = new Int16Array(samplesMax);
  readonly #wide = new Int16Array((widestRateHz / 1000) * packetTimeMaxMs);

  constructor(legs: LegTable, codecs: Codecs, digits: InbandDigits, listening: Listening) {
    this.#legs = legs;
    this.#codecs = codecs;
    this.#digits = digits;
    this.#listening = listening;
  }

  hear(leg: number, packetLaw: number, bytes: Uint8Array, start: number, end: number, nowMs: number): void {
    const heard = this.#legs.isHeard[leg] as number;
    if ((heard & (ears.digits | ears.detectors)) === 0) return;
    const length = this.#decode(leg, packetLaw, bytes, start, end);
    if ((heard & ears.digits) !== 0) this.#digits.hear(leg, this.#samples, length, nowMs);
    if ((heard & ears.detectors) !== 0) this.#listening.hear(leg, this.#samples, length, nowMs);
  }

  /** The leg's stream begins anew. */
  restart(leg: number): void {
    this.#digits.restart(leg);
    this.#decoders.get(leg)?.decoder.reset();
  }

  /** The leg is gone. */
  release(leg: number): void {
    this.#digits.release(leg);
    this.#listening.stop(leg);
    this.#forget(leg);
  }

  /** Decodes one packet; returns the number of samples: none while the library of Opus is being loaded. */
  #decode(leg: number, packetLaw: number, bytes: Uint8Array, start: number, end: number): number {
    if (isG711(packetLaw)) return this.#decodeG711(packetLaw, bytes, start, end);
    const ear = this.#earOf(leg, packetLaw);
    if (ear === undefined) return 0;
    const { decoder, converter } = ear;
    if (converter === undefined) return decoder.decode(bytes, start, end, this.#samples, 0);
    const count = decoder.decode(bytes, start, end, this.#wide, 0);
    return converter.convert(this.#wide, 0, count, this.#samples, 0);
  }

  #forget(leg: number): void {
    this.#decoders.get(leg)?.decoder.close();
    this.#decoders.delete(leg);
  }

  #decodeG711(packetLaw: number, bytes: Uint8Array, start: number, end: number): number {
    const table = packetLaw === law.PCMA ? alawToLinear : ulawToLinear;
    const length = Math.min(end - start, samplesMax);
    for (let i = 0; i < length; i++) this.#samples[i] = table[bytes[start + i] as number] as number;
    return length;
  }

  #earOf(leg: number, packetLaw: number): EarDecoder | undefined {
    const known = this.#decoders.get(leg);
    if (known?.law === packetLaw) return known;
    const codec = this.#codecs.get(packetLaw);
    if (codec === undefined) return undefined;
    this.#forget(leg);
    const rates: readonly SampleRateHz[] = codec.sampleRatesHz;
    const sampleRateHz = rates.includes(telephoneRateHz) ? telephoneRateHz : (rates[0] as SampleRateHz);
    const ear = {
      law: packetLaw,
      decoder: codec.createDecoder({ sampleRateHz }),
      converter:
        sampleRateHz === telephoneRateHz ? undefined : new RateConverter(sampleRateHz, telephoneRateHz),
    };
    this.#decoders.set(leg, ear);
    return ear;
  }
}
