import { isIPv4 } from 'node:net';
import type { LocalAudio, NegotiatedAudio } from '@crosspoint/sip';
import type { RemoteSound } from '../door.ts';

/** G.711 A first: the European trunk's own codec, so that most calls need no transcoding. */
const codecs = [
  { name: 'PCMA', payloadType: 8, clockRateHz: 8000 },
  { name: 'PCMU', payloadType: 0, clockRateHz: 8000 },
] as const;

const telephoneEventPayloadType = 101;

/** What we offer and accept for one leg whose socket is at `address`:`port`. */
export function localAudio(address: string, port: number): LocalAudio {
  return { address, port, codecs, telephoneEventPayloadType, ptimeMs: 20 };
}

/**
 * The Warning (RFC 3261 §20.43) to a peer that wants its sound where the media processes cannot send it; undefined when
 * they can.
 */
export function addressWarning({ remoteAddress }: NegotiatedAudio): string | undefined {
  if (isIPv4(remoteAddress)) return undefined;
  return '301 crosspoint "Sound goes to IPv4 addresses only: offer c=IN IP4"';
}

/** The negotiated description in the words of the media process. */
export function remoteSound(audio: NegotiatedAudio): RemoteSound {
  return {
    address: audio.remoteAddress,
    port: audio.remotePort,
    rtcpPort: audio.remoteRtcpPort,
    codec: audio.codec.name.toUpperCase() === 'PCMU' ? 'PCMU' : 'PCMA',
    payloadType: audio.sendPayloadType,
    telephoneEventPayloadType: audio.sendEventPayloadType,
    direction: audio.direction,
    ptimeMs: audio.ptimeMs,
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
