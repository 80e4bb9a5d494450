/**
 * The door of the codecs. A `Codec` describes an encoding; encoders and decoders are made per leg and direction, work on
 * arrays that the caller owns and allocate nothing per frame. Linear sound is signed 16 bit, mono.
 */

/** Encoding names as SDP writes them (RFC 3551 §6, RFC 7587 §7). */
export type CodecName = 'PCMU' | 'PCMA' | 'G722' | 'opus';

/** Rates of linear sound that the library works at, in Hz. */
export type SampleRateHz = 8_000 | 16_000 | 48_000;

/** Packet lengths that every codec here accepts and produces, in milliseconds. */
export const packetTimesMs = [10, 20, 30, 40, 50, 60] as const;
export type PacketTimeMs = (typeof packetTimesMs)[number];

/** Longest packet that is decoded, in milliseconds: Opus carries up to 120 (RFC 6716 §2.1.4), G.711 may be cut anywhere. */
export const packetTimeMaxMs = 120;

/** Wishes for an encoder; a codec ignores what it has no use for. */
export interface EncoderOptions {
  /** Rate of the samples that will be given; one of the codec's `sampleRatesHz`. */
  readonly sampleRateHz?: SampleRateHz;
  /** Opus: target bit rate, 6,000–128,000 bit/s. */
  readonly bitrate?: number;
  /** Opus: 0 (least processor time) to 10. */
  readonly complexity?: number;
  /** Opus: send enough to restore the packet before (RFC 7587 §6.1 `useinbandfec`). */
  readonly inbandFec?: boolean;
  /** Opus: loss that the encoder prepares for, 0–100 %; without any it writes no error correction. */
  readonly expectedLossPercent?: number;
  /** Opus: send next to nothing during silence (RFC 7587 §6.1 `usedtx`). */
  readonly dtx?: boolean;
  /** Opus: highest rate that the far end plays, in Hz (RFC 7587 §6.1 `maxplaybackrate`). */
  readonly maxPlaybackRateHz?: number;
}

export interface DecoderOptions {
  /** Rate of the samples wanted; one of the codec's `sampleRatesHz`. */
  readonly sampleRateHz?: SampleRateHz;
}

/** Turns linear sound into payloads: one stream of one leg. */
export interface Encoder {
  readonly sampleRateHz: SampleRateHz;
  readonly samplesPerMs: number;
  /**
   * Encodes `pcm[offset, offset + length)` as one payload into `out` from `outOffset` and returns its bytes.
   * `length` is a whole packet time (10–60 ms). Zero bytes: nothing needs to be sent (Opus DTX).
   * The caller provides `payloadBytesMax` bytes.
   */
  encode(pcm: Int16Array, offset: number, length: number, out: Uint8Array, outOffset: number): number;
  /** The far end loses this share of the packets, 0–100 %: Opus adapts its error correction, the others do nothing. */
  expectLoss(percent: number): void;
  /** Forgets the past, as at the beginning of a stream. */
  reset(): void;
  /** Gives back what lies outside the heap of JavaScript; the encoder must not be used afterwards. */
  close(): void;
}

/** Turns payloads into linear sound: one stream of one leg. */
export interface Decoder {
  readonly sampleRateHz: SampleRateHz;
  readonly samplesPerMs: number;
  /**
   * Decodes the payload `bytes[start, end)` into `out` from `outOffset` and returns the samples written, at most
   * `packetTimeMaxMs`. A payload that cannot be decoded is replaced as if it were lost; this never throws.
   */
  decode(bytes: Uint8Array, start: number, end: number, out: Int16Array, outOffset: number): number;
  /** Writes `samples` samples in place of what was lost: the sound before goes on and fades (ITU-T G.711 Appendix I). */
  conceal(samples: number, out: Int16Array, outOffset: number): number;
  /**
   * Writes `samples` samples in place of a lost packet with the help of the payload that followed it (Opus in-band FEC,
   * RFC 6716 §2.1.7); the same as `conceal` where the codec has none. Afterwards `decode` takes that payload as usual.
   */
  recover(
    bytes: Uint8Array,
    start: number,
    end: number,
    samples: number,
    out: Int16Array,
    outOffset: number,
  ): number;
  /** Forgets the past, as at the beginning of a stream. */
  reset(): void;
  /** Gives back what lies outside the heap of JavaScript; the decoder must not be used afterwards. */
  close(): void;
}

/** One encoding, as two parties agree on it. Without state; shared by all legs. */
export interface Codec {
  readonly name: CodecName;
  /** Rate of the RTP timestamp in Hz. G.722 says 8,000 although it samples at 16,000 (RFC 3551 §4.5.2). */
  readonly clockRateHz: number;
  /** Number of channels in the rtpmap: 2 for Opus whatever is sent (RFC 7587 §7), else 1. */
  readonly rtpmapChannels: 1 | 2;
  /** Static payload type (RFC 3551 §6), or undefined where SDP must assign one. */
  readonly payloadType: number | undefined;
  /** Rates of linear sound that encoder and decoder work at without resampling; the first is the usual one. */
  readonly sampleRatesHz: readonly SampleRateHz[];
  /** Packet lengths that the encoder makes, ascending; decoders take any. See `packetTimeFor`. */
  readonly packetTimesMs: readonly PacketTimeMs[];
  /** Bytes that the longest payload produced by an encoder can have. */
  readonly payloadBytesMax: number;
  /** Length of a payload in timestamp units; 0 when it carries no sound (empty or damaged). */
  payloadUnits(bytes: Uint8Array, start: number, end: number): number;
  /** True when the sender falls silent after this payload and the decoder knows what the silence sounds like (Opus DTX). */
  pausesAfter(bytes: Uint8Array, start: number, end: number): boolean;
  /** @throws RangeError when the codec does not work at `sampleRateHz`. */
  createEncoder(options?: EncoderOptions): Encoder;
  /** @throws RangeError when the codec does not work at `sampleRateHz`. */
  createDecoder(options?: DecoderOptions): Decoder;
}

/**
 * What the Opus codec needs from an Opus library. This room knows no library: the shell passes one that it has loaded.
 * Samples and payloads are mono; results may lie in memory that the next call overwrites.
 */
export interface OpusLibrary {
  /** @throws Error when the library refuses the settings. */
  createEncoder(settings: OpusEncoderSettings): OpusLibraryEncoder;
  createDecoder(sampleRateHz: SampleRateHz): OpusLibraryDecoder;
}

export interface OpusEncoderSettings {
  readonly sampleRateHz: SampleRateHz;
  readonly bitrate: number;
  readonly complexity: number;
  readonly inbandFec: boolean;
  readonly expectedLossPercent: number;
  readonly dtx: boolean;
  /** Widest band that is coded, named by its sampling rate in Hz (RFC 6716 §2, table 1). */
  readonly maxBandwidthRateHz: 8_000 | 12_000 | 16_000 | 24_000 | 48_000;
}

export interface OpusLibraryEncoder {
  /** Encodes 2.5–60 ms of samples. @throws Error when the library fails. */
  encode(pcm: Int16Array): Uint8Array;
  /** 0–100 %; above 0 the encoder writes error correction when it was asked to. */
  setExpectedLossPercent(percent: number): void;
  close(): void;
}

export interface OpusLibraryDecoder {
  /** @throws Error when the payload is damaged. */
  decode(payload: Uint8Array): Int16Array;
  /** Restores the packet before `payload` from its error correction, or conceals it when there is none. */
  recover(payload: Uint8Array, samples: number): Int16Array;
  conceal(samples: number): Int16Array;
  close(): void;
}
