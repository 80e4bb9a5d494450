import {
  type Codec,
  type Encoder,
  type EncoderOptions,
  type PacketTimeMs,
  packetTimeFor,
  type SampleRateHz,
} from '../codec/index.ts';

export interface StreamSenderOptions extends EncoderOptions {
  readonly codec: Codec;
  /** Packet length wanted in ms (SDP ptime); the codec's next shorter one is taken. Default 20. */
  readonly packetTimeMs?: number;
}

/** Longest piece that may be written before packets are read. */
const writeMaxMs = 60;

/** The sending end of one stream: sound in, in pieces of any length; payloads of the packet time out. */
export class StreamSender {
  readonly codec: Codec;
  readonly sampleRateHz: SampleRateHz;
  readonly packetTimeMs: PacketTimeMs;
  /** By how much the RTP timestamp advances with each packet, sent or not. */
  readonly unitsPerPacket: number;
  readonly #encoder: Encoder;
  readonly #samplesPerPacket: number;
  readonly #sound: Int16Array;
  #waiting = 0;

  constructor(options: StreamSenderOptions) {
    this.codec = options.codec;
    this.packetTimeMs = packetTimeFor(options.codec, options.packetTimeMs ?? 20);
    this.unitsPerPacket = (this.packetTimeMs * options.codec.clockRateHz) / 1000;
    this.#encoder = options.codec.createEncoder(options);
    this.sampleRateHz = this.#encoder.sampleRateHz;
    this.#samplesPerPacket = this.packetTimeMs * this.#encoder.samplesPerMs;
    this.#sound = new Int16Array(this.#samplesPerPacket + writeMaxMs * this.#encoder.samplesPerMs);
  }

  /**
   * Takes samples; afterwards `read` until it has no more.
   * @throws RangeError when more than 60 ms are given or packets were left unread.
   */
  write(pcm: Int16Array, offset: number, length: number): void {
    if (this.#waiting + length > this.#sound.length)
      throw new RangeError(
        `length: ${length} samples on ${this.#waiting} that wait; read the packets before writing`,
      );
    this.#sound.set(pcm.subarray(offset, offset + length), this.#waiting);
    this.#waiting += length;
  }

  /**
   * Encodes the next packet into `out` and returns the bytes of its payload: −1 when there is not enough sound yet, 0 when
   * time passes without a packet (Opus DTX): then the timestamp advances and the sequence number does not.
   */
  read(out: Uint8Array, outOffset: number): number {
    if (this.#waiting < this.#samplesPerPacket) return -1;
    const bytes = this.#encoder.encode(this.#sound, 0, this.#samplesPerPacket, out, outOffset);
    this.#waiting -= this.#samplesPerPacket;
    this.#sound.copyWithin(0, this.#samplesPerPacket, this.#samplesPerPacket + this.#waiting);
    return bytes;
  }

  /** Tells the encoder what the far end loses, from its receiver reports, 0–100 %. */
  expectLoss(percent: number): void {
    this.#encoder.expectLoss(percent);
  }

  close(): void {
    this.#encoder.close();
  }
}
