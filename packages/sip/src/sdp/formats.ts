import { readDigits } from '../message/index.ts';
import type { AudioCodec, LocalAudio, TelephoneEventFormat } from './negotiation-types.ts';
import type { SdpMedia } from './types.ts';

/** One format of an audio stream as its description defines it. */
export type AudioFormat = {
  payloadType: number;
  name: string;
  clockRateHz: number;
  channels: number;
  /** The `a=fmtp` parameters. */
  parameters?: string;
};

// RFC 3551 §6: formats that need no rtpmap.
const staticFormats = new Map<number, readonly [name: string, clockRateHz: number]>([
  [0, ['PCMU', 8_000]],
  [3, ['GSM', 8_000]],
  [4, ['G723', 8_000]],
  [8, ['PCMA', 8_000]],
  [9, ['G722', 8_000]],
  [13, ['CN', 8_000]],
  [15, ['G728', 8_000]],
  [18, ['G729', 8_000]],
]);

/** The payload type of comfort noise at 8 kHz (RFC 3389 §5.1). */
export const comfortNoisePayloadType = 13;

/** The formats of an `m=` line in its order; those without a readable definition are left out. */
export function readFormats(media: SdpMedia): AudioFormat[] {
  const maps = new Map<number, AudioFormat>();
  const parameters = new Map<number, string>();
  for (const { name, value } of media.attributes) {
    if (value === undefined) continue;
    if (name === 'rtpmap') {
      const format = readMap(value);
      if (format !== undefined) maps.set(format.payloadType, format);
    } else if (name === 'fmtp') {
      const space = value.indexOf(' ');
      const payloadType = readDigits(value, 0, space);
      if (payloadType >= 0) parameters.set(payloadType, value.slice(space + 1).trim());
    }
  }
  const formats: AudioFormat[] = [];
  for (const text of media.formats) {
    const payloadType = readDigits(text);
    if (payloadType < 0 || payloadType > 127) continue;
    const format = maps.get(payloadType) ?? staticFormat(payloadType);
    const fmtp = parameters.get(payloadType);
    if (format !== undefined) formats.push(fmtp === undefined ? format : { ...format, parameters: fmtp });
  }
  return formats;
}

function readMap(value: string): AudioFormat | undefined {
  const space = value.indexOf(' ');
  const payloadType = readDigits(value, 0, space);
  const [encoding, rate, channels] = value
    .slice(space + 1)
    .trim()
    .split('/');
  const clockRateHz = readDigits(rate ?? '');
  if (payloadType < 0 || encoding === undefined || clockRateHz <= 0) return undefined;
  return { payloadType, name: encoding, clockRateHz, channels: Number(channels ?? 1) || 1 };
}

function staticFormat(payloadType: number): AudioFormat | undefined {
  const fixed = staticFormats.get(payloadType);
  return fixed && { payloadType, name: fixed[0], clockRateHz: fixed[1], channels: 1 };
}

/** Whether a format is that codec: same name, clock rate and channels (RFC 8866 §6.6). */
export function isCodec(format: AudioFormat, codec: AudioCodec): boolean {
  const name = format.name.toLowerCase();
  // RFC 3551 §4.5.2 fixes 8,000 for G.722 by mistake, and some senders name its true sampling rate.
  const clockRateHz = name === 'g722' && format.clockRateHz === 16_000 ? 8_000 : format.clockRateHz;
  return (
    name === codec.name.toLowerCase() &&
    clockRateHz === codec.clockRateHz &&
    format.channels === (codec.channels ?? 1)
  );
}

/** A format of the peer that is a codec of ours. */
export type Match = { format: AudioFormat; codec: AudioCodec };

/** The formats that are codecs of ours, in the order of the formats, or of our codecs when `preference` is `ours`. */
export function commonFormats(
  formats: readonly AudioFormat[],
  codecs: readonly AudioCodec[],
  preference: 'theirs' | 'ours' = 'theirs',
): Match[] {
  const matches: Match[] = [];
  for (const format of formats) {
    const codec = codecs.find((candidate) => isCodec(format, candidate));
    if (codec !== undefined) matches.push({ format, codec });
  }
  if (preference === 'ours') matches.sort((a, b) => codecs.indexOf(a.codec) - codecs.indexOf(b.codec));
  return matches;
}

/** Our RFC 4733 formats. */
export function ourTelephoneEvents(local: LocalAudio): TelephoneEventFormat[] {
  const payloadType = local.telephoneEventPayloadType;
  const short = payloadType === undefined ? [] : [{ payloadType, clockRateHz: 8_000 }];
  return [...short, ...(local.telephoneEvents ?? [])];
}

/** Those that go with the codecs we offer, at least 8 kHz (RFC 4733 §2.1: the clock rate of the codec). */
export function offeredTelephoneEvents(local: LocalAudio): TelephoneEventFormat[] {
  const rates = new Set(local.codecs.map((codec) => codec.clockRateHz));
  const events = ourTelephoneEvents(local);
  const fitting = events.filter((event) => rates.has(event.clockRateHz));
  return fitting.length > 0 ? fitting : events;
}

/**
 * The RFC 4733 format of the peer, and ours, that go with a codec: at its clock rate, else at 8 kHz, which many phones
 * offer beside wide-band codecs. Undefined when one side has none.
 */
export function matchTelephoneEvent(
  formats: readonly AudioFormat[],
  codec: AudioCodec,
  local: LocalAudio,
): { theirs: AudioFormat; ours: TelephoneEventFormat } | undefined {
  const ours = ourTelephoneEvents(local);
  const [any] = ours;
  if (any === undefined) return undefined;
  const events = formats.filter((format) => format.name.toLowerCase() === 'telephone-event');
  const theirs =
    events.find((format) => format.clockRateHz === codec.clockRateHz) ??
    events.find((format) => format.clockRateHz === 8_000);
  if (theirs === undefined) return undefined;
  return { theirs, ours: ours.find((event) => event.clockRateHz === theirs.clockRateHz) ?? any };
}

/** Whether comfort noise goes with a codec: both sides have it, and the clock rate is its own (RFC 3389 §4). */
export function hasComfortNoise(
  formats: readonly AudioFormat[],
  codec: AudioCodec,
  local: LocalAudio,
): boolean {
  if (local.comfortNoise !== true || codec.clockRateHz !== 8_000) return false;
  return formats.some((format) => format.payloadType === comfortNoisePayloadType);
}
