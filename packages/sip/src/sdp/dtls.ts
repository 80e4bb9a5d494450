import type { Sdp, SdpAttribute, SdpMedia } from './types.ts';

/** Hash of a certificate (RFC 8122 §5): `sha-256` and `AB:CD:…`. */
export type Fingerprint = { algorithm: string; value: string };

/** Who opens the DTLS connection (RFC 4145 §4, RFC 5763 §5). */
export type DtlsSetup = 'active' | 'passive' | 'actpass';

/** The DTLS and ICE lines of one description (RFC 5763, RFC 8839), carried through for whoever speaks those protocols. */
export type DtlsDescription = {
  fingerprints: Fingerprint[];
  setup: DtlsSetup;
  iceUfrag?: string;
  icePwd?: string;
  /** The other side does ICE in its short form (RFC 8839 §5.3). */
  isIceLite: boolean;
  /** Values of the `a=candidate` lines. */
  candidates: string[];
};

/** Our certificate, and the ICE parameters when ICE is spoken. */
export type LocalDtls = {
  fingerprint: Fingerprint;
  /** Whether we connect or wait in an answer when the offer leaves it to us (`actpass`); `active` when missing. */
  answerSetup?: 'active' | 'passive' | undefined;
  ice?:
    | { ufrag: string; pwd: string; candidates: readonly string[]; isLite?: boolean | undefined }
    | undefined;
};

/** Most lines of one kind that are read. */
const linesMax = 64;

/** Reads the DTLS lines that hold for a stream; undefined when it has no fingerprint. Session lines are defaults. */
export function readDtls(sdp: Sdp, media: SdpMedia): DtlsDescription | undefined {
  const value = (name: string): string | undefined =>
    first(media.attributes, name)?.value ?? first(sdp.attributes, name)?.value;
  const lines = (attributes: readonly SdpAttribute[]): Fingerprint[] =>
    attributes.flatMap((line) => readFingerprint(line)).slice(0, linesMax);
  const own = lines(media.attributes);
  const fingerprints = own.length > 0 ? own : lines(sdp.attributes);
  if (fingerprints.length === 0) return undefined;
  const setup = value('setup')?.trim().toLowerCase();
  const description: DtlsDescription = {
    fingerprints,
    // RFC 4145 §4: without the line the offerer connects.
    setup: setup === 'passive' || setup === 'actpass' ? setup : 'active',
    isIceLite: first(sdp.attributes, 'ice-lite') !== undefined,
    candidates: media.attributes
      .filter((line) => line.name === 'candidate' && line.value !== undefined)
      .slice(0, linesMax)
      .map((line) => line.value as string),
  };
  const iceUfrag = value('ice-ufrag');
  const icePwd = value('ice-pwd');
  if (iceUfrag !== undefined) description.iceUfrag = iceUfrag.trim();
  if (icePwd !== undefined) description.icePwd = icePwd.trim();
  return description;
}

function first(attributes: readonly SdpAttribute[], name: string): SdpAttribute | undefined {
  return attributes.find((candidate) => candidate.name === name);
}

function readFingerprint({ name, value }: SdpAttribute): Fingerprint[] {
  if (name !== 'fingerprint' || value === undefined) return [];
  const match = /^\s*([\w-]+)\s+([0-9a-f]{2}(?::[0-9a-f]{2})+)\s*$/i.exec(value);
  if (match === null) return [];
  return [{ algorithm: (match[1] as string).toLowerCase(), value: (match[2] as string).toUpperCase() }];
}

/** What we say in an answer to `offered` (RFC 5763 §5): never `actpass`, and the other part of theirs. */
export function answeredSetup(offered: DtlsSetup, local: LocalDtls): 'active' | 'passive' {
  if (offered === 'actpass') return local.answerSetup ?? 'active';
  return offered === 'active' ? 'passive' : 'active';
}

/** Our lines of a stream. */
export function writeDtls(local: LocalDtls, setup: DtlsSetup): SdpAttribute[] {
  const { algorithm, value } = local.fingerprint;
  const lines: SdpAttribute[] = [
    { name: 'fingerprint', value: `${algorithm} ${value}` },
    { name: 'setup', value: setup },
  ];
  if (local.ice === undefined) return lines;
  lines.push({ name: 'ice-ufrag', value: local.ice.ufrag }, { name: 'ice-pwd', value: local.ice.pwd });
  for (const candidate of local.ice.candidates) lines.push({ name: 'candidate', value: candidate });
  return lines;
}
