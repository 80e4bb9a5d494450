import { readDigits } from '../message/index.ts';
import { parseCrypto, type CryptoLine } from './crypto.ts';
import { readDtls, type DtlsDescription } from './dtls.ts';
import { comfortNoisePayloadType, readFormats, type AudioFormat } from './formats.ts';
import type { AudioCodec, TelephoneEventFormat } from './negotiation-types.ts';
import type { Direction, Sdp, SdpAttribute, SdpConnection, SdpMedia } from './types.ts';

/** What an audio section says, with session-level defaults applied. */
export type AudioSection = {
  formats: AudioFormat[];
  address: string;
  port: number;
  rtcpPort: number;
  rtcpMux: boolean;
  canSend: boolean;
  canReceive: boolean;
  ptimeMs: number | undefined;
  maxPtimeMs: number | undefined;
  /** The `a=crypto` lines that we can use, in their order. */
  crypto: CryptoLine[];
  /** Whether there were `a=crypto` lines at all. */
  hasCrypto: boolean;
  dtls: DtlsDescription | undefined;
  /** `a=mid` (RFC 5888), which names the stream in groups. */
  mid: string | undefined;
};

/** Most `a=crypto` lines that are looked at. */
const cryptoLinesMax = 32;

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
  const dtls = readDtls(sdp, media);
  const isOldHold = isUnspecified(connection) && dtls?.iceUfrag === undefined;
  const rtcp = readDigits((attribute(media.attributes, 'rtcp') ?? '').split(' ')[0] ?? '');
  const cryptoLines = media.attributes.filter((line) => line.name === 'crypto').slice(0, cryptoLinesMax);
  return {
    formats: readFormats(media),
    address: connection.address,
    port: media.port,
    // A peer on the last port has none above it for RTCP: its reports are lost, its sound is not.
    rtcpPort: rtcp > 0 && rtcp <= 65_535 ? rtcp : Math.min(media.port + 1, 65_535),
    rtcpMux: attribute(media.attributes, 'rtcp-mux') !== undefined,
    canSend: direction === 'sendrecv' || direction === 'sendonly',
    // RFC 3264 §8.4: the address 0.0.0.0 is the old way to say "do not send to me"; with ICE it says that no candidate is
    // known yet (RFC 8840 §4.1.1), as a browser does whose ICE has been restarted.
    canReceive: !isOldHold && (direction === 'sendrecv' || direction === 'recvonly'),
    ptimeMs: readMilliseconds(media, 'ptime'),
    maxPtimeMs: readMilliseconds(media, 'maxptime'),
    crypto: cryptoLines.flatMap((line) => parseCrypto(line.value ?? '') ?? []),
    hasCrypto: cryptoLines.length > 0,
    dtls,
    mid: attribute(media.attributes, 'mid'),
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

export function toDirection(canSend: boolean, canReceive: boolean): Direction {
  if (canSend) return canReceive ? 'sendrecv' : 'sendonly';
  return canReceive ? 'recvonly' : 'inactive';
}

/** What is written of an audio stream of ours. */
export type WrittenAudio = {
  port: number;
  protocol: string;
  codecs: readonly AudioCodec[];
  events: readonly TelephoneEventFormat[];
  comfortNoise: boolean;
  direction: Direction;
  ptimeMs: number;
  maxPtimeMs: number | undefined;
  rtcpMux: boolean;
  /** Lines that follow: keys, DTLS, mid. */
  security: readonly SdpAttribute[];
};

/** Writes an audio section. */
export function writeAudio(audio: WrittenAudio): SdpMedia {
  const { port, protocol, codecs, events } = audio;
  const attributes: SdpAttribute[] = [];
  const formats: number[] = [];
  for (const { payloadType, name, clockRateHz, channels = 1, parameters } of codecs) {
    const suffix = channels === 1 ? '' : `/${channels}`;
    formats.push(payloadType);
    attributes.push({ name: 'rtpmap', value: `${payloadType} ${name}/${clockRateHz}${suffix}` });
    if (parameters !== undefined) attributes.push({ name: 'fmtp', value: `${payloadType} ${parameters}` });
  }
  if (audio.comfortNoise) {
    formats.push(comfortNoisePayloadType);
    attributes.push({ name: 'rtpmap', value: `${comfortNoisePayloadType} CN/8000` });
  }
  for (const { payloadType, clockRateHz } of events) {
    formats.push(payloadType);
    attributes.push({ name: 'rtpmap', value: `${payloadType} telephone-event/${clockRateHz}` });
    attributes.push({ name: 'fmtp', value: `${payloadType} 0-16` });
  }
  attributes.push({ name: 'ptime', value: String(audio.ptimeMs) });
  if (audio.maxPtimeMs !== undefined) attributes.push({ name: 'maxptime', value: String(audio.maxPtimeMs) });
  attributes.push({ name: audio.direction });
  if (audio.rtcpMux) attributes.push({ name: 'rtcp-mux' });
  attributes.push(...audio.security);
  return { kind: 'audio', port, protocol, formats: formats.map(String), bandwidth: [], attributes };
}
