import type { AudioSection } from './audio.ts';
import { acceptedCrypto, chooseCrypto, offeredCrypto, writeCrypto } from './crypto.ts';
import { answeredSetup, writeDtls } from './dtls.ts';
import type { LocalAudio, NegotiatedAudio, NegotiationFailure } from './negotiation-types.ts';
import type { SdpAttribute } from './types.ts';

/** How a profile protects the stream: not at all, by SRTP with keys from somewhere, or by keys from DTLS. */
const profiles = new Map<string, 'plain' | 'secure' | 'dtls'>([
  ['RTP/AVP', 'plain'],
  ['RTP/AVPF', 'plain'],
  ['RTP/SAVP', 'secure'],
  ['RTP/SAVPF', 'secure'],
  ['UDP/TLS/RTP/SAVP', 'dtls'],
  ['UDP/TLS/RTP/SAVPF', 'dtls'],
]);

/** What was agreed about encryption, and the lines that say so. */
export type Security = {
  ok: true;
  attributes: SdpAttribute[];
  agreed: Pick<NegotiatedAudio, 'srtp' | 'dtls'>;
};

export type SecurityFailure = { ok: false; reason: NegotiationFailure; detail: string };

/** Whether a profile is one of RTP that we know. */
export function isRtpProfile(protocol: string): boolean {
  return profiles.has(protocol);
}

/** How the offerer of a stream wants it protected: SDES when it names keys, even in a plain profile (RFC 8643). */
export function keyingOf(protocol: string, section: AudioSection): 'none' | 'sdes' | 'dtls' {
  if (profiles.get(protocol) === 'dtls' || (section.dtls !== undefined && !section.hasCrypto)) return 'dtls';
  return section.hasCrypto || profiles.get(protocol) === 'secure' ? 'sdes' : 'none';
}

/** The profile of a first offer. */
export function offeredProfile(local: LocalAudio): string {
  if (local.dtls !== undefined) return `UDP/TLS/RTP/${local.dtls.ice === undefined ? 'SAVP' : 'SAVPF'}`;
  return local.srtp?.use === 'required' ? 'RTP/SAVP' : 'RTP/AVP';
}

/** Our lines in an offer. */
export function offeredSecurity(local: LocalAudio): SdpAttribute[] {
  if (local.dtls !== undefined) return writeDtls(local.dtls, 'actpass');
  return local.srtp === undefined ? [] : offeredCrypto(local.srtp.keys).map(writeCrypto);
}

/** What we make of an offered stream. */
export function answerSecurity(
  section: AudioSection,
  protocol: string,
  local: LocalAudio,
): Security | SecurityFailure {
  const { srtp, dtls } = local;
  const keying = keyingOf(protocol, section);
  if (dtls !== undefined) {
    if (section.dtls === undefined) return noCrypto('the offer has no a=fingerprint');
    const setup = answeredSetup(section.dtls.setup, dtls);
    const ourRole = setup === 'active' ? 'client' : 'server';
    return agreed({ dtls: { ...section.dtls, ourRole } }, writeDtls(dtls, setup));
  }
  if (keying === 'dtls' && profiles.get(protocol) !== 'plain') return unsupported(protocol);
  if (srtp === undefined) return profiles.get(protocol) === 'plain' ? agreed({}) : unsupported(protocol);
  const chosen = chooseCrypto(section.crypto, srtp.keys);
  if (chosen !== undefined) return agreed({ srtp: chosen.srtp }, [writeCrypto(chosen.line)]);
  if (srtp.use === 'required' || profiles.get(protocol) !== 'plain')
    return noCrypto('the offer has no a=crypto line that we can use');
  return agreed({});
}

/** What the peer's answer made of our lines. */
export function acceptSecurity(section: AudioSection, local: LocalAudio): Security | SecurityFailure {
  const { srtp, dtls } = local;
  if (dtls !== undefined) {
    if (section.dtls === undefined) return noCrypto('the answer has no a=fingerprint');
    // RFC 4145 §4: who says nothing connects.
    const ourRole = section.dtls.setup === 'passive' ? 'client' : 'server';
    return agreed({ dtls: { ...section.dtls, ourRole } });
  }
  if (srtp === undefined) return agreed({});
  const accepted = acceptedCrypto(section.crypto, srtp.keys);
  if (accepted !== undefined) return agreed({ srtp: accepted });
  return srtp.use === 'required' ? noCrypto('the answer has no a=crypto line for one of ours') : agreed({});
}

function agreed(what: Security['agreed'], attributes: SdpAttribute[] = []): Security {
  return { ok: true, attributes, agreed: what };
}

function noCrypto(detail: string): SecurityFailure {
  return { ok: false, reason: 'no-crypto', detail };
}

function unsupported(protocol: string): SecurityFailure {
  return { ok: false, reason: 'no-audio', detail: `${protocol} is not enabled for this call` };
}
