import { readAudio, toDirection, type AudioSection } from './audio.ts';
import { comfortNoisePayloadType, commonFormats, hasComfortNoise, type Match } from './formats.ts';
import type { LocalAudio, NegotiatedAudio, NegotiationFailure } from './negotiation-types.ts';
import { answerSecurity, isRtpProfile, type Security } from './security.ts';
import type { Sdp, SdpMedia } from './types.ts';

/** Length of packets when nobody says another. */
export const ptimeDefaultMs = 20;
const ptimeMinMs = 10;
const ptimeMaxMs = 60;

export type Failure = { ok: false; reason: NegotiationFailure; detail: string };

export function fail(reason: NegotiationFailure, detail: string): Failure {
  return { ok: false, reason, detail };
}

type Stream = {
  index: number;
  media: SdpMedia;
  section: AudioSection;
  /** Best first. */
  matches: readonly [Match, ...Match[]];
  security: Security;
};

/**
 * The audio stream of an offer to take (§6.1): the first that has a codec of ours and can be protected as it and we
 * demand; one that is encrypted comes before plain ones.
 */
export function chooseStream(sdp: Sdp, local: LocalAudio): Stream | Failure {
  let failure = fail('no-audio', 'the offer has no audio stream over RTP');
  let plain: Stream | undefined;
  for (let index = 0; index < sdp.media.length; index++) {
    const media = sdp.media[index] as SdpMedia;
    if (media.kind !== 'audio' || media.port === 0 || !isRtpProfile(media.protocol)) continue;
    const section = readAudio(sdp, media);
    if (section === undefined) return fail('malformed', 'c= is missing');
    const security = answerSecurity(section, media.protocol, local);
    const [match, ...others] = commonFormats(section.formats, local.codecs, local.preference);
    if (!security.ok) failure = security;
    else if (match === undefined)
      failure = fail('no-codec', `none of our codecs in ${media.formats.join(' ')}`);
    else {
      const stream: Stream = { index, media, section, matches: [match, ...others], security };
      if (local.srtp === undefined || security.agreed.srtp !== undefined) return stream;
      plain ??= stream;
    }
  }
  return plain ?? failure;
}

/** What follows from a chosen codec alike in offers and answers. */
export function agreedFor(
  section: AudioSection,
  local: LocalAudio,
  { format, codec }: Match,
): Pick<
  NegotiatedAudio,
  'codec' | 'sendPayloadType' | 'remoteParameters' | 'comfortNoisePayloadType' | 'direction' | 'ptimeMs'
> {
  const wanted = local.direction ?? 'sendrecv';
  const canSend = section.canReceive && (wanted === 'sendrecv' || wanted === 'sendonly');
  const canReceive = section.canSend && (wanted === 'sendrecv' || wanted === 'recvonly');
  return {
    codec,
    sendPayloadType: format.payloadType,
    ...(format.parameters === undefined ? {} : { remoteParameters: format.parameters }),
    ...(hasComfortNoise(section.formats, codec, local) ? { comfortNoisePayloadType } : {}),
    direction: toDirection(canSend, canReceive),
    ptimeMs: agreedPtimeMs(section, local),
  };
}

/** Where the peer is. */
export function remoteSide(
  section: AudioSection,
  rtcpMux: boolean,
): Pick<NegotiatedAudio, 'remoteAddress' | 'remotePort' | 'remoteRtcpPort' | 'rtcpMux'> {
  return {
    remoteAddress: section.address,
    remotePort: section.port,
    remoteRtcpPort: rtcpMux ? section.port : section.rtcpPort,
    rtcpMux,
  };
}

function agreedPtimeMs(section: AudioSection, local: LocalAudio): number {
  const wanted = section.ptimeMs ?? local.ptimeMs ?? ptimeDefaultMs;
  const shortest = Math.min(wanted, section.maxPtimeMs ?? wanted, local.maxPtimeMs ?? wanted, ptimeMaxMs);
  return Math.max(ptimeMinMs, shortest - (shortest % ptimeMinMs));
}

/** Whether a stream is in the offer's first bundle (RFC 9143 §7.3). */
export function bundles(sdp: Sdp, mid: string | undefined): boolean {
  return sdp.attributes.some(({ name, value }) => {
    const [semantics, ...mids] = name === 'group' && value !== undefined ? value.trim().split(/ +/) : [];
    return semantics === 'BUNDLE' && mid !== undefined && mids.includes(mid);
  });
}

/** §6: a refused stream keeps its place with port 0, and its name. */
export function refusedStream(line: SdpMedia): SdpMedia {
  const { kind, protocol, formats } = line;
  return {
    kind,
    port: 0,
    protocol,
    formats: formats.length === 0 ? ['0'] : formats,
    bandwidth: [],
    attributes: line.attributes.filter(({ name, value }) => name === 'mid' && value !== undefined),
  };
}
