import { Concealment } from './concealment.ts';
import { SubBand } from './g722-band.ts';
import { AnalysisFilter, SynthesisFilter } from './g722-qmf.ts';
import { type Codec, type Decoder, type Encoder, packetTimeMaxMs, packetTimesMs } from './port.ts';
import { requireSampleRate } from './rates.ts';

/**
 * G.722 at 64 kbit/s (ITU-T G.722 mode 1): 50–7,000 Hz in two bands, one byte per pair of samples at 16,000 Hz. Its RTP
 * clock says 8,000 Hz by an old mistake that everybody keeps (RFC 3551 §4.5.2), so a byte is one timestamp unit.
 */

const sampleRateHz = 16_000;
const samplesPerMs = 16;
const bytesPerMs = 8;
/** Frames are worked through in pieces of this many pairs, so that the filters stay small. */
const pairsPerPiece = 80;

class G722Encoder implements Encoder {
  readonly sampleRateHz = sampleRateHz;
  readonly samplesPerMs = samplesPerMs;
  readonly #filter = new AnalysisFilter(pairsPerPiece);
  readonly #lower = new SubBand('lower');
  readonly #upper = new SubBand('upper');

  encode(pcm: Int16Array, offset: number, length: number, out: Uint8Array, outOffset: number): number {
    const bytes = length >> 1;
    for (let done = 0; done < bytes; done += pairsPerPiece) {
      const pairs = Math.min(pairsPerPiece, bytes - done);
      this.#filter.split(pcm, offset + 2 * done, pairs);
      for (let i = 0; i < pairs; i++) {
        const low = this.#lower.encodeLower(this.#filter.lower[i] as number);
        const high = this.#upper.encodeUpper(this.#filter.upper[i] as number);
        out[outOffset + done + i] = (high << 6) | low;
      }
    }
    return bytes;
  }

  expectLoss(): void {
    // G.722 has no error correction.
  }

  reset(): void {
    this.#filter.reset();
    this.#lower.reset();
    this.#upper.reset();
  }

  close(): void {
    // Nothing lies outside the heap.
  }
}

class G722Decoder implements Decoder {
  readonly sampleRateHz = sampleRateHz;
  readonly samplesPerMs = samplesPerMs;
  readonly #filter = new SynthesisFilter(pairsPerPiece);
  readonly #lower = new SubBand('lower');
  readonly #upper = new SubBand('upper');
  readonly #concealment = new Concealment(sampleRateHz);
  /** Splits made-up sound; made when the first gap comes. */
  #analysis: AnalysisFilter | undefined;
  #isConcealing = false;
  #lowerScaleBefore = 0;
  #upperScaleBefore = 0;

  decode(bytes: Uint8Array, start: number, end: number, out: Int16Array, outOffset: number): number {
    const length = Math.min(end - start, packetTimeMaxMs * bytesPerMs);
    if (this.#isConcealing && length > 0) this.#settle();
    for (let done = 0; done < length; done += pairsPerPiece) {
      const pairs = Math.min(pairsPerPiece, length - done);
      for (let i = 0; i < pairs; i++) {
        const code = bytes[start + done + i] as number;
        this.#filter.lower[i] = this.#lower.decodeLower(code & 63);
        this.#filter.upper[i] = this.#upper.decodeUpper(code >> 6);
      }
      this.#filter.join(pairs, out, outOffset + 2 * done);
    }
    this.#concealment.received(out, outOffset, 2 * length);
    return 2 * length;
  }

  /**
   * The made-up sound is taken through quantisers and predictors, as an encoder would (the idea of ITU-T G.722 Appendices III and
   * IV): they are nearer to the sender's afterwards than those that stood still.
   */
  conceal(samples: number, out: Int16Array, outOffset: number): number {
    if (!this.#isConcealing) {
      this.#isConcealing = true;
      this.#lowerScaleBefore = this.#lower.scale;
      this.#upperScaleBefore = this.#upper.scale;
    }
    this.#concealment.conceal(out, outOffset, samples);
    const filter = (this.#analysis ??= new AnalysisFilter(pairsPerPiece));
    for (let done = 0; done < samples; done += 2 * pairsPerPiece) {
      const pairs = Math.min(pairsPerPiece, (samples - done) >> 1);
      filter.split(out, outOffset + done, pairs);
      for (let i = 0; i < pairs; i++) {
        this.#lower.encodeLower(filter.lower[i] as number);
        this.#upper.encodeUpper(filter.upper[i] as number);
      }
    }
    return samples;
  }

  /** Sound comes again. */
  #settle(): void {
    this.#isConcealing = false;
    this.#lower.settle(this.#lowerScaleBefore);
    this.#upper.settle(this.#upperScaleBefore);
  }

  recover(
    _bytes: Uint8Array,
    _start: number,
    _end: number,
    samples: number,
    out: Int16Array,
    outOffset: number,
  ): number {
    return this.conceal(samples, out, outOffset);
  }

  reset(): void {
    this.#filter.reset();
    this.#lower.reset();
    this.#upper.reset();
    this.#concealment.reset();
    this.#analysis?.reset();
    this.#isConcealing = false;
  }

  close(): void {
    // Nothing lies outside the heap.
  }
}

/** G.722 at 64 kbit/s. */
export const g722: Codec = {
  name: 'G722',
  clockRateHz: 8_000,
  rtpmapChannels: 1,
  payloadType: 9,
  sampleRatesHz: [sampleRateHz],
  packetTimesMs,
  payloadBytesMax: 60 * bytesPerMs,
  payloadUnits: (_bytes, start, end) => Math.min(end - start, packetTimeMaxMs * bytesPerMs),
  pausesAfter: () => false,
  createEncoder(options) {
    requireSampleRate('G722', options?.sampleRateHz, [sampleRateHz]);
    return new G722Encoder();
  },
  createDecoder(options) {
    requireSampleRate('G722', options?.sampleRateHz, [sampleRateHz]);
    return new G722Decoder();
  },
};
