/**
 * What a recording needs to know about MP3 (ISO 11172-3, 13818-3 and MPEG 2.5 for 8,000 Hz): frames of a constant
 * size stand one behind the other without a header of the file, so that a file is valid after each of them, its
 * length tells its duration, and silence of any length can be put in. The encoding itself is done elsewhere.
 */

/** Samples per channel in one frame of layer III at up to 24,000 Hz: 72 ms at 8,000 Hz. */
export const mp3FrameSamples = 576;
export const mp3RateHz = 8000;
/** Constant, for both channels together: 16 kbit/s for each voice, as much as telephone sound can use. */
export const mp3BitrateKbps = 32;
/** Bytes of each frame of our recordings. */
export const mp3FrameBytes = (mp3FrameSamples / 8) * ((mp3BitrateKbps * 1000) / mp3RateHz);

const headerBytes = 4;

/** kbit/s of layer III by index (ISO 13818-3 table B.1): MPEG 1, then MPEG 2 and 2.5. */
const bitrates = [
  [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
] as const;
/** Hz by index for MPEG 1; halved for 2, quartered for 2.5. */
const rates = [44_100, 48_000, 32_000] as const;

export interface Mp3Frame {
  /** Whole length with its header. */
  bytes: number;
  samples: number;
  rateHz: number;
  channels: 1 | 2;
}

/** Reads the header of a layer III frame at `offset`; undefined when there is none. Free format is not read. */
export function parseMp3Frame(bytes: Uint8Array, offset = 0): Mp3Frame | undefined {
  if (offset + headerBytes > bytes.length) return undefined;
  const second = bytes[offset + 1] as number;
  const third = bytes[offset + 2] as number;
  const version = (second >>> 3) & 3;
  const isLayer3 = ((second >>> 1) & 3) === 1;
  if (bytes[offset] !== 0xff || second >>> 5 !== 7 || version === 1 || !isLayer3) return undefined;
  const isMpeg1 = version === 3;
  const kbps = bitrates[isMpeg1 ? 0 : 1][third >>> 4] ?? 0;
  const rate = rates[(third >>> 2) & 3];
  if (kbps === 0 || rate === undefined) return undefined;
  const rateHz = isMpeg1 ? rate : version === 2 ? rate / 2 : rate / 4;
  const samples = isMpeg1 ? 2 * mp3FrameSamples : mp3FrameSamples;
  const padding = (third >>> 1) & 1;
  return {
    bytes: Math.floor(((samples / 8) * kbps * 1000) / rateHz) + padding,
    samples,
    rateHz,
    channels: (bytes[offset + 3] as number) >>> 6 === 3 ? 1 : 2,
  };
}

/** `count` frames of exact silence, stereo, in the format of our recordings: no coefficients, and no memory of others. */
export function mp3Silence(count: number): Uint8Array {
  const bytes = new Uint8Array(count * mp3FrameBytes);
  for (let at = 0; at < bytes.length; at += mp3FrameBytes) {
    // MPEG 2.5, layer III, no CRC; 32 kbit/s, 8,000 Hz; joint stereo, original.
    bytes.set([0xff, 0xe3, 0x48, 0x44], at);
  }
  return bytes;
}
