/**
 * WAV files: writing the recordings (stereo, 16-bit PCM, 8,000 Hz), reading prompts, repairing what a crash left.
 * Why PCM and not G.711 inside: every browser, telephone, editor and transcription service reads it without a
 * codec, and expanding a byte by table while interleaving costs the same as copying it (SPEC.md, WAV-01).
 */

/** Bytes before the first sample in the files that we write. */
export const wavHeaderBytes = 44;

/** Largest data size that a RIFF header can state, in bytes, a whole number of frames of any format here. */
export const wavDataBytesMax = 0xffff_ff00;

export interface WavFormat {
  /** `pcm16`: signed little-endian. */
  encoding: 'pcm16' | 'ulaw' | 'alaw';
  channels: number;
  rateHz: number;
}

export interface WavInfo extends WavFormat {
  /** Offset of the first sample. */
  dataStart: number;
  /** As the header states it; may exceed what is there in a file cut off by a crash. */
  dataBytes: number;
}

const formatPcm = 1;
const formatAlaw = 6;
const formatUlaw = 7;
const formatExtensible = 0xfffe;

function littleEndian(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function writeTag(bytes: Uint8Array, offset: number, tag: string): void {
  for (let i = 0; i < 4; i++) bytes[offset + i] = tag.charCodeAt(i);
}

function hasTag(bytes: Uint8Array, offset: number, tag: string): boolean {
  for (let i = 0; i < 4; i++) if (bytes[offset + i] !== tag.charCodeAt(i)) return false;
  return true;
}

/** Bytes of one frame (one sample of every channel). */
export function wavFrameBytes(format: WavFormat): number {
  return format.channels * (format.encoding === 'pcm16' ? 2 : 1);
}

/**
 * Writes the 44-byte header of a PCM or G.711 file that holds `dataBytes` of sound, 0 … `wavDataBytesMax`.
 * Throws RangeError when the size does not fit.
 */
export function writeWavHeader(bytes: Uint8Array, format: WavFormat, dataBytes: number): void {
  if (!(dataBytes >= 0 && dataBytes <= wavDataBytesMax)) {
    throw new RangeError(`dataBytes: 0–${wavDataBytesMax}, not ${dataBytes}; begin another file`);
  }
  const view = littleEndian(bytes);
  const frameBytes = wavFrameBytes(format);
  const tag = format.encoding === 'pcm16' ? formatPcm : format.encoding === 'ulaw' ? formatUlaw : formatAlaw;
  writeTag(bytes, 0, 'RIFF');
  view.setUint32(4, wavHeaderBytes - 8 + dataBytes, true);
  writeTag(bytes, 8, 'WAVE');
  writeTag(bytes, 12, 'fmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, tag, true);
  view.setUint16(22, format.channels, true);
  view.setUint32(24, format.rateHz, true);
  view.setUint32(28, format.rateHz * frameBytes, true);
  view.setUint16(32, frameBytes, true);
  view.setUint16(34, format.encoding === 'pcm16' ? 16 : 8, true);
  writeTag(bytes, 36, 'data');
  view.setUint32(40, dataBytes, true);
}

/** Why a file is no sound that we can read: names field, value and remedy. */
export interface WavProblem {
  problem: string;
}

/**
 * Reads the header of a WAV file from its first bytes (a few kilobytes are enough unless it carries large
 * chunks before its data). Formats: PCM 16 bit, G.711 µ and A; 1–2 channels, 8,000–48,000 Hz.
 */
export function parseWavHeader(bytes: Uint8Array): WavInfo | WavProblem {
  if (bytes.length < 12 || !hasTag(bytes, 0, 'RIFF') || !hasTag(bytes, 8, 'WAVE')) {
    return { problem: 'the file does not begin with RIFF … WAVE; convert it to WAV' };
  }
  const view = littleEndian(bytes);
  let format: WavFormat | undefined;
  let at = 12;
  while (at + 8 <= bytes.length) {
    const size = view.getUint32(at + 4, true);
    if (hasTag(bytes, at, 'fmt ')) {
      const parsed =
        at + 24 <= bytes.length && size >= 16 ? parseFormat(bytes, view, at + 8, size) : undefined;
      if (parsed === undefined) return { problem: 'the fmt chunk is cut off; write the file again' };
      if ('problem' in parsed) return parsed;
      format = parsed;
    } else if (hasTag(bytes, at, 'data')) {
      if (format === undefined)
        return { problem: 'the data chunk precedes the fmt chunk; write the file again' };
      return { ...format, dataStart: at + 8, dataBytes: size };
    }
    at += 8 + size + (size & 1);
  }
  return {
    problem: 'there is no data chunk in the part that was read; write the file again without extra chunks',
  };
}

function parseFormat(bytes: Uint8Array, view: DataView, at: number, size: number): WavFormat | WavProblem {
  let tag = view.getUint16(at, true);
  const channels = view.getUint16(at + 2, true);
  const rateHz = view.getUint32(at + 4, true);
  const bits = view.getUint16(at + 14, true);
  if (tag === formatExtensible && size >= 26 && at + 26 <= bytes.length) tag = view.getUint16(at + 24, true);
  if (channels < 1 || channels > 2)
    return { problem: `channels: 1 or 2, not ${channels}; mix the file down` };
  if (rateHz < 8_000 || rateHz > 48_000) {
    return { problem: `sample rate: 8,000–48,000 Hz, not ${rateHz}; resample the file to 8,000 Hz` };
  }
  if (tag === formatPcm && bits === 16) return { encoding: 'pcm16', channels, rateHz };
  if (tag === formatUlaw && bits === 8) return { encoding: 'ulaw', channels, rateHz };
  if (tag === formatAlaw && bits === 8) return { encoding: 'alaw', channels, rateHz };
  return { problem: `format ${tag} with ${bits} bits is not supported; convert the file to PCM 16 bit` };
}

export interface WavRepair {
  /** False when the header was right already. */
  repaired: boolean;
  /** Sound that the header states after the repair, whole frames. */
  dataBytes: number;
  durationSeconds: number;
  /** Size that the file should be cut to: whole frames. */
  fileBytes: number;
}

/**
 * Makes the header of a file written by us state what is really there. `header` holds the first 44 bytes and is
 * changed in place. A file shorter than its header, or with a foreign one, is a problem and stays unchanged.
 */
export function repairWavHeader(header: Uint8Array, fileBytes: number): WavRepair | WavProblem {
  if (fileBytes < wavHeaderBytes || header.length < wavHeaderBytes) {
    return { problem: `the file has ${fileBytes} bytes, fewer than a header; there is no sound in it` };
  }
  const info = parseWavHeader(header.subarray(0, wavHeaderBytes));
  if ('problem' in info) return info;
  if (info.dataStart !== wavHeaderBytes) return { problem: 'the header is not one that this product wrote' };
  const frameBytes = wavFrameBytes(info);
  const present = Math.min(fileBytes - wavHeaderBytes, wavDataBytesMax);
  const dataBytes = present - (present % frameBytes);
  const repaired = dataBytes !== info.dataBytes;
  if (repaired) writeWavHeader(header, info, dataBytes);
  return {
    repaired,
    dataBytes,
    durationSeconds: dataBytes / frameBytes / info.rateHz,
    fileBytes: wavHeaderBytes + dataBytes,
  };
}
