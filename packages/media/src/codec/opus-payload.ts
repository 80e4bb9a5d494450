import { packetTimeMaxMs } from './port.ts';

/** What the first byte of an Opus payload tells, and what SDP says about Opus. No decoding happens here. */

/** Length of a frame in ms by the lowest bits of its configuration (RFC 6716 §3.1, table 2). */
const silkFrameMs = [10, 20, 40, 60] as const;
const hybridFrameMs = [10, 20] as const;
const celtFrameMs = [2.5, 5, 10, 20] as const;

/**
 * Milliseconds of sound in the payload `bytes[start, end)`, 0 when it is empty or breaks a rule that can be seen without
 * decoding (RFC 6716 §3.4: R1, R5, at most 120 ms).
 */
export function opusPayloadMs(bytes: Uint8Array, start: number, end: number): number {
  if (end <= start) return 0;
  const first = bytes[start] as number;
  const configuration = first >> 3;
  let frames = 1;
  if ((first & 3) === 3) {
    if (end - start < 2) return 0;
    frames = (bytes[start + 1] as number) & 0x3f;
  } else if ((first & 3) !== 0) frames = 2;
  const lengthMs = frames * frameMs(configuration);
  return lengthMs <= packetTimeMaxMs ? lengthMs : 0;
}

function frameMs(configuration: number): number {
  if (configuration < 12) return silkFrameMs[(configuration & 3) as 0 | 1 | 2 | 3];
  if (configuration < 16) return hybridFrameMs[(configuration & 1) as 0 | 1];
  return celtFrameMs[(configuration & 3) as 0 | 1 | 2 | 3];
}

/** What an `a=fmtp` line says about the Opus that its author wants to receive (RFC 7587 §6.1), with the RFC's defaults. */
export interface OpusFormat {
  readonly maxPlaybackRateHz: number;
  /** Highest mean bit rate wanted in bit/s; undefined leaves it to the sender. */
  readonly maxAverageBitrate: number | undefined;
  readonly stereo: boolean;
  readonly inbandFec: boolean;
  readonly dtx: boolean;
  readonly constantBitrate: boolean;
}

/** Reads the parameters of an fmtp line, without its payload type. Unknown and impossible ones are passed over. */
export function parseOpusFormat(parameters: string): OpusFormat {
  const values = new Map<string, string>();
  for (const part of parameters.slice(0, 1_000).split(';')) {
    const [name, value] = part.split('=', 2);
    if (name !== undefined && value !== undefined) values.set(name.trim().toLowerCase(), value.trim());
  }
  const numberIn = (name: string, low: number, high: number): number | undefined => {
    const value = Number(values.get(name) ?? Number.NaN);
    return value >= low && value <= high ? value : undefined;
  };
  return {
    maxPlaybackRateHz: numberIn('maxplaybackrate', 8_000, 48_000) ?? 48_000,
    maxAverageBitrate: numberIn('maxaveragebitrate', 6_000, 510_000),
    stereo: values.get('stereo') === '1',
    inbandFec: values.get('useinbandfec') === '1',
    dtx: values.get('usedtx') === '1',
    constantBitrate: values.get('cbr') === '1',
  };
}

/** Writes the parameters of an fmtp line; what equals the RFC's default is left out. */
export function formatOpusFormat(format: Partial<OpusFormat>): string {
  const parts: string[] = [];
  if (format.maxPlaybackRateHz !== undefined && format.maxPlaybackRateHz < 48_000)
    parts.push(`maxplaybackrate=${format.maxPlaybackRateHz}`);
  if (format.maxAverageBitrate !== undefined) parts.push(`maxaveragebitrate=${format.maxAverageBitrate}`);
  parts.push(`stereo=${format.stereo === true ? 1 : 0}`);
  if (format.inbandFec === true) parts.push('useinbandfec=1');
  if (format.dtx === true) parts.push('usedtx=1');
  if (format.constantBitrate === true) parts.push('cbr=1');
  return parts.join(';');
}
