import { isIPv4, isIPv6 } from 'node:net';
import type { AudioCodec, NegotiatedAudio } from '@crosspoint/sip';
import type { RemoteSound, SoundCodec, SoundTransport } from '../door.ts';
import { isPrivate } from './addressing.ts';

/**
 * What we can do. G.711 A first: the European trunk's own codec, so that most calls need no transcoding. The wide-band
 * codecs come behind: they are taken when the peer has nothing else, or when the other party of the call speaks them.
 */
const codecs: readonly (AudioCodec & { name: SoundCodec })[] = [
  { name: 'PCMA', payloadType: 8, clockRateHz: 8_000 },
  { name: 'PCMU', payloadType: 0, clockRateHz: 8_000 },
  { name: 'G722', payloadType: 9, clockRateHz: 8_000 },
  {
    name: 'opus',
    payloadType: 111,
    clockRateHz: 48_000,
    channels: 2,
    parameters: 'minptime=10;useinbandfec=1;maxplaybackrate=16000;stereo=0;sprop-stereo=0',
  },
];

/**
 * A codec of ours as it is kept for another process: its name, of which a codec keeps its payload type from release to release;
 * any other one whole.
 */
export type KeptCodec = SoundCodec | AudioCodec;

export function keptCodec(codec: AudioCodec): KeptCodec {
  return codecs.find((each) => each === codec)?.name ?? codec;
}

export function codecOf(kept: KeptCodec): AudioCodec {
  if (typeof kept !== 'string') return kept;
  const codec = codecs.find(({ name }) => name === kept);
  if (codec === undefined) throw new Error(`codec: ${kept} is none of ours.`);
  return codec;
}

/** Our codecs in the order of preference, that of the other party before all others. */
export function codecsFor(otherParty: SoundCodec | undefined, known: readonly SoundCodec[]): AudioCodec[] {
  const usable = codecs.filter(({ name }) => known.includes(name));
  const rank = ({ name }: AudioCodec): number => (name === otherParty ? 0 : 1);
  return usable.toSorted((a, b) => rank(a) - rank(b));
}

/** RFC 4733 events at the clock rate of each codec. */
export const telephoneEvents = [
  { payloadType: 101, clockRateHz: 8_000 },
  { payloadType: 110, clockRateHz: 48_000 },
] as const;

/** What an offer wants before it is negotiated: these lines decide which socket is opened. */
export interface OfferHints {
  family: 4 | 6;
  transport: SoundTransport;
  hasKeys: boolean;
}

/** Looks for three words, because parsing every description twice would cost more than all else about it. */
export function hintsOf(offer: Uint8Array): OfferHints {
  const text = Buffer.from(offer.buffer, offer.byteOffset, offer.byteLength);
  const hasDtls = text.includes('UDP/TLS/RTP/SAVP');
  const isWebRtc = hasDtls && text.includes('a=ice-ufrag:');
  return {
    // A browser names the family of one of its addresses there; ICE looks at all of them.
    family: !isWebRtc && text.includes('c=IN IP6') && !text.includes('c=IN IP4') ? 6 : 4,
    transport: isWebRtc ? 'webrtc' : hasDtls ? 'dtls' : 'rtp',
    hasKeys: text.includes('a=crypto:'),
  };
}

const multicastWarning = '330 crosspoint "Sound goes to one machine: offer a unicast address"';

/** Multicast, broadcast and reserved addresses, at which one call would send its sound to everybody near. */
function isManyMachines(address: string): boolean {
  return isIPv4(address) ? Number.parseInt(address, 10) >= 224 : /^ff/i.test(address);
}

/** A name in place of an address (RFC 8866 §5.7), its last label with a letter so that a misspelt address is none. */
function isHostName(text: string): boolean {
  return /^(?:[a-z\d](?:[a-z\d-]*[a-z\d])?\.)*[a-z](?:[a-z\d-]*[a-z\d])?\.?$/i.test(text);
}

/**
 * Where sound is sent until some has come. A name is looked up by nobody, since a call does not wait for name servers: most
 * name the machine that signals, and as soon as others send, theirs goes to where it comes from.
 */
function soundAddress(described: string, signallingAddress: string | undefined): string {
  return isHostName(described) ? (signallingAddress ?? described) : described;
}

/**
 * The Warning (RFC 3261 §20.43) to a peer that wants its sound where a socket at `ownAddress` cannot send it; undefined
 * when it can. With ICE the address in the description means nothing.
 */
export function addressWarning(
  { remoteAddress: described, dtls }: NegotiatedAudio,
  ownAddress: string,
  signallingAddress: string | undefined,
): string | undefined {
  if (dtls?.iceUfrag !== undefined) return undefined;
  const remoteAddress = soundAddress(described, signallingAddress);
  const isMapped = /^::ffff:/i.test(remoteAddress);
  const wanted = isIPv6(ownAddress) ? isIPv6(remoteAddress) && !isMapped : isIPv4(remoteAddress);
  if (wanted) return isManyMachines(remoteAddress) ? multicastWarning : undefined;
  const family = isIPv6(ownAddress) ? 'IP6' : 'IP4';
  return `301 crosspoint "Sound of this call goes to ${family} addresses only: offer c=IN ${family}"`;
}

/**
 * Where sound may come from besides the address in the description, so that no stranger is taken for a far end that is
 * silent: from where its signalling comes. Undefined, from anywhere: what is encrypted proves itself, a name may be that of any
 * machine, and a private address in the description of a public peer says that a NAT stands between, which may send sound from
 * yet another one.
 */
function alternativeSource(
  { remoteAddress, srtp, dtls }: NegotiatedAudio,
  signallingAddress: string | undefined,
): string | undefined {
  if (signallingAddress === undefined || srtp !== undefined || dtls !== undefined) return undefined;
  if (isHostName(remoteAddress)) return undefined;
  if (isPrivate(remoteAddress) && !isPrivate(signallingAddress)) return undefined;
  return signallingAddress;
}

/** The negotiated description in the words of the media process. */
export function remoteSound(audio: NegotiatedAudio, signallingAddress: string | undefined): RemoteSound {
  const { srtp, dtls } = audio;
  return {
    address: soundAddress(audio.remoteAddress, signallingAddress),
    port: audio.remotePort,
    signallingAddress: alternativeSource(audio, signallingAddress),
    rtcpPort: audio.remoteRtcpPort,
    rtcpMux: audio.rtcpMux,
    codec: codecs.find(({ name }) => name.toLowerCase() === audio.codec.name.toLowerCase())?.name ?? 'PCMA',
    payloadType: audio.sendPayloadType,
    receivePayloadType: audio.receivePayloadType,
    telephoneEventPayloadType: audio.sendEventPayloadType,
    receiveTelephoneEventPayloadType: audio.receiveEventPayloadType,
    direction: audio.direction,
    ptimeMs: audio.ptimeMs,
    srtp: srtp && {
      suite: srtp.suite,
      sendKey: Buffer.from(srtp.sendKeyAndSalt).toString('base64'),
      receiveKey: Buffer.from(srtp.receiveKeyAndSalt).toString('base64'),
    },
    dtls: dtls && {
      fingerprint: dtls.fingerprints[0] ?? { algorithm: 'sha-256', value: '' },
      iceUfrag: dtls.iceUfrag ?? '',
      icePwd: dtls.icePwd ?? '',
      candidates: dtls.candidates,
      setup: dtls.ourRole === 'server' ? 'active' : 'passive',
    },
  };
}

/** Reads one digit from the two bodies in use for SIP INFO: `application/dtmf-relay` and `application/dtmf`. */
export function digitOfInfo(contentType: string, body: Uint8Array): string | undefined {
  const text = new TextDecoder().decode(body.subarray(0, 256));
  const type = contentType.toLowerCase().split(';')[0]?.trim();
  const match =
    type === 'application/dtmf-relay'
      ? /^\s*Signal\s*=\s*([0-9A-D*#]|1[01])\s*$/im.exec(text)
      : type === 'application/dtmf'
        ? /^\s*([0-9A-D*#]|1[01])\s*$/i.exec(text)
        : null;
  const signal = match?.[1]?.toUpperCase();
  // Some phones send the RFC 4733 event number instead of the key.
  if (signal === '10') return '*';
  if (signal === '11') return '#';
  return signal;
}
