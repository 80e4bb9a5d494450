import { readDigits } from '../message/index.ts';
import type { AudioCodec, Direction, Sdp, SdpAttribute, SdpConnection, SdpMedia } from './types.ts';

/** One format of an audio stream as its description defines it. */
export type AudioFormat = { payloadType: number; name: string; clockRateHz: number; channels: number };

/** What an audio section says, with session-level defaults applied. */
export type AudioSection = {
  formats: AudioFormat[];
  address: string;
  port: number;
  rtcpPort: number;
  canSend: boolean;
  canReceive: boolean;
  ptimeMs: number | undefined;
  maxPtimeMs: number | undefined;
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

/** The value of the first attribute of that name; '' for a flag, undefined when absent. */
function attribute(attributes: readonly SdpAttribute[], name: string): string | undefined {
  const found = attributes.find((candidate) => candidate.name === name);
  return found === undefined ? undefined : (found.value ?? '');
}

/** Reads an audio section; undefined when it has no address. */
export function readAudio(sdp: Sdp, media: SdpMedia): AudioSection | undefined {
  const connection = media.connection ?? sdp.connection;
  if (connection === undefined) return undefined;
  const direction = readDirection(media.attributes) ?? readDirection(sdp.attributes) ?? 'sendrecv';
  const isOldHold = isUnspecified(connection);
  const rtcp = readDigits((attribute(media.attributes, 'rtcp') ?? '').split(' ')[0] ?? '');
  return {
    formats: readFormats(media),
    address: connection.address,
    port: media.port,
    // A peer on the last port has none above it for RTCP: its reports are lost, its sound is not.
    rtcpPort: rtcp > 0 && rtcp <= 65_535 ? rtcp : Math.min(media.port + 1, 65_535),
    canSend: direction === 'sendrecv' || direction === 'sendonly',
    // RFC 3264 §8.4: the address 0.0.0.0 is the old way to say "do not send to me".
    canReceive: !isOldHold && (direction === 'sendrecv' || direction === 'recvonly'),
    ptimeMs: readMilliseconds(media, 'ptime'),
    maxPtimeMs: readMilliseconds(media, 'maxptime'),
  };
}

function readDirection(attributes: readonly SdpAttribute[]): Direction | undefined {
  for (const { name } of attributes) {
    if (name === 'sendrecv' || name === 'sendonly' || name === 'recvonly' || name === 'inactive') return name;
  }
  return undefined;
}

function isUnspecified(connection: SdpConnection): boolean {
  return connection.address === '0.0.0.0' || connection.address === '::';
}

function readMilliseconds(media: SdpMedia, name: string): number | undefined {
  const value = Number(attribute(media.attributes, name));
  return Number.isFinite(value) && value >= 1 && value <= 200 ? Math.round(value) : undefined;
}

function readFormats(media: SdpMedia): AudioFormat[] {
  const maps = new Map<number, AudioFormat>();
  for (const { name, value } of media.attributes) {
    if (name !== 'rtpmap' || value === undefined) continue;
    const space = value.indexOf(' ');
    const payloadType = readDigits(value, 0, space);
    const [encoding, rate, channels] = value
      .slice(space + 1)
      .trim()
      .split('/');
    const clockRateHz = readDigits(rate ?? '');
    if (payloadType < 0 || encoding === undefined || clockRateHz <= 0) continue;
    maps.set(payloadType, { payloadType, name: encoding, clockRateHz, channels: Number(channels ?? 1) || 1 });
  }
  const formats: AudioFormat[] = [];
  for (const text of media.formats) {
    const payloadType = readDigits(text);
    if (payloadType < 0 || payloadType > 127) continue;
    const known = maps.get(payloadType);
    const fixed = staticFormats.get(payloadType);
    if (known !== undefined) formats.push(known);
    else if (fixed !== undefined)
      formats.push({ payloadType, name: fixed[0], clockRateHz: fixed[1], channels: 1 });
  }
  return formats;
}

/** Whether a format is that codec: same name, clock rate and channels (RFC 8866 §6.6). */
export function isCodec(format: AudioFormat, codec: AudioCodec): boolean {
  return (
    format.name.toLowerCase() === codec.name.toLowerCase() &&
    format.clockRateHz === codec.clockRateHz &&
    format.channels === (codec.channels ?? 1)
  );
}

/** The RFC 4733 format that goes with a codec: same clock rate, else 8 kHz. */
export function findTelephoneEvent(
  formats: readonly AudioFormat[],
  codec: AudioCodec,
): AudioFormat | undefined {
  const events = formats.filter((format) => format.name.toLowerCase() === 'telephone-event');
  return (
    events.find((format) => format.clockRateHz === codec.clockRateHz) ??
    events.find((format) => format.clockRateHz === 8_000)
  );
}

export function toDirection(canSend: boolean, canReceive: boolean): Direction {
  if (canSend) return canReceive ? 'sendrecv' : 'sendonly';
  return canReceive ? 'recvonly' : 'inactive';
}

/** Writes an audio section. `events` are RFC 4733 formats as payload type and clock rate. */
export function writeAudio(
  port: number,
  protocol: string,
  codecs: readonly AudioCodec[],
  events: readonly AudioFormat[],
  direction: Direction,
  ptimeMs: number,
): SdpMedia {
  const attributes: SdpAttribute[] = [];
  for (const codec of codecs) {
    const channels = codec.channels === undefined || codec.channels === 1 ? '' : `/${codec.channels}`;
    attributes.push({
      name: 'rtpmap',
      value: `${codec.payloadType} ${codec.name}/${codec.clockRateHz}${channels}`,
    });
    if (codec.parameters !== undefined)
      attributes.push({ name: 'fmtp', value: `${codec.payloadType} ${codec.parameters}` });
  }
  for (const event of events) {
    attributes.push({ name: 'rtpmap', value: `${event.payloadType} telephone-event/${event.clockRateHz}` });
    attributes.push({ name: 'fmtp', value: `${event.payloadType} 0-16` });
  }
  attributes.push({ name: 'ptime', value: String(ptimeMs) }, { name: direction });
  const formats = [...codecs, ...events].map((format) => String(format.payloadType));
  return { kind: 'audio', port, protocol, formats, bandwidth: [], attributes };
}
