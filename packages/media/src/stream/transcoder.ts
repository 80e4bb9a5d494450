import type { Codec, EncoderOptions, SampleRateHz } from '../codec/index.ts';
import { alawToUlaw, ulawToAlaw } from '../g711.ts';
import type { Arrival, JitterStatistics } from '../jitter/index.ts';
import { RateConverter } from '../resample/index.ts';
import { StreamReceiver, type StreamReceiverOptions } from './stream-receiver.ts';
import { StreamSender } from './stream-sender.ts';

/**
 * The table that turns payloads of one codec into those of another, byte by byte, in a relay without any buffer: µ-law and
 * A-law. Undefined where sound must be decoded, or nothing changed.
 */
export function directTable(from: Codec, to: Codec): Uint8Array | undefined {
  if (from.name === 'PCMU' && to.name === 'PCMA') return ulawToAlaw;
  if (from.name === 'PCMA' && to.name === 'PCMU') return alawToUlaw;
  return undefined;
}

/**
 * Rates of linear sound at which two codecs meet: the same for both if they share one, so that Opus works at 8,000 Hz
 * towards G.711 and nothing is resampled; else the usual one of each.
 */
export function meetingRates(from: Codec, to: Codec): { fromHz: SampleRateHz; toHz: SampleRateHz } {
  const shared = from.sampleRatesHz.find((rateHz) => to.sampleRatesHz.includes(rateHz));
  if (shared !== undefined) return { fromHz: shared, toHz: shared };
  return { fromHz: from.sampleRatesHz[0] as SampleRateHz, toHz: to.sampleRatesHz[0] as SampleRateHz };
}

export interface TranscoderOptions extends Omit<StreamReceiverOptions, 'codec' | 'sampleRateHz'> {
  readonly from: Codec;
  readonly to: Codec;
  /** Packet length wanted in ms; the codec's next shorter one is taken. Default 20. */
  readonly packetTimeMs?: number;
  /** Settings of the encoder; its sampling rate is chosen here. */
  readonly encoder?: Omit<EncoderOptions, 'sampleRateHz'>;
}

/** One direction between two codecs: packets of one in as they come, a payload of the other out per packet time. */
export class Transcoder {
  /** Length of the packets that come out, in ms. */
  readonly packetTimeMs: number;
  /** By how much their RTP timestamp advances. */
  readonly unitsPerPacket: number;
  /** Rate of `sound`. */
  readonly sampleRateHz: SampleRateHz;
  /** The sound of the packet taken last, for recorders and detectors; valid until the next `take`. */
  readonly sound: Int16Array;
  readonly #receiver: StreamReceiver;
  readonly #converter: RateConverter;
  readonly #converted: Int16Array;
  readonly #sender: StreamSender;

  constructor(options: TranscoderOptions) {
    const { from, to, packetTimeMs, encoder, ...receiver } = options;
    const { fromHz, toHz } = meetingRates(from, to);
    this.#receiver = new StreamReceiver({ ...receiver, codec: from, sampleRateHz: fromHz });
    this.#sender = new StreamSender({
      ...encoder,
      codec: to,
      sampleRateHz: toHz,
      ...(packetTimeMs === undefined ? {} : { packetTimeMs }),
    });
    this.packetTimeMs = this.#sender.packetTimeMs;
    this.unitsPerPacket = this.#sender.unitsPerPacket;
    this.sampleRateHz = fromHz;
    this.sound = new Int16Array((fromHz / 1000) * this.packetTimeMs);
    this.#converter = new RateConverter(fromHz, toHz);
    this.#converted = fromHz === toHz ? this.sound : new Int16Array((toHz / 1000) * this.packetTimeMs);
  }

  /** See `StreamReceiver.put`. */
  put(
    sequence: number,
    timestamp: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    arrivalMs: number,
  ): Arrival {
    return this.#receiver.put(sequence, timestamp, bytes, start, end, arrivalMs);
  }

  /** See `StreamReceiver.putComfortNoise`. */
  putComfortNoise(
    sequence: number,
    timestamp: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    arrivalMs: number,
  ): Arrival {
    return this.#receiver.putComfortNoise(sequence, timestamp, bytes, start, end, arrivalMs);
  }

  /** See `StreamReceiver.skip`. */
  skip(sequence: number): void {
    this.#receiver.skip(sequence);
  }

  /**
   * Writes the payload of the next packet into `out` (at least the codec's `payloadBytesMax` bytes) and returns its bytes; to
   * be called once per packet time. 0: nothing is to be sent, but the timestamp advances.
   */
  take(nowMs: number, out: Uint8Array, outOffset: number): number {
    const samples = this.sound.length;
    this.#receiver.read(this.sound, 0, samples, nowMs);
    if (this.#converted !== this.sound) this.#converter.convert(this.sound, 0, samples, this.#converted, 0);
    this.#sender.write(this.#converted, 0, this.#converted.length);
    return this.#sender.read(out, outOffset);
  }

  /** Tells the encoder what the far end loses, 0–100 %. */
  expectLoss(percent: number): void {
    this.#sender.expectLoss(percent);
  }

  statistics(): JitterStatistics {
    return this.#receiver.statistics();
  }

  /** Another stream begins at the near end (another SSRC). */
  restart(): void {
    this.#receiver.restart();
    this.#converter.reset();
  }

  close(): void {
    this.#receiver.close();
    this.#sender.close();
  }
}
