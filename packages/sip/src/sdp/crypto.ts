import { readDigits } from '../message/index.ts';
import { readBase64, writeBase64 } from './base64.ts';
import type { SdpAttribute } from './types.ts';

/** Master key and master salt of each crypto suite together, in bytes (RFC 4568 §6.2, RFC 6188 §4, RFC 7714 §14.2). */
const suiteKeyBytes = {
  AEAD_AES_256_GCM: 44,
  AEAD_AES_128_GCM: 28,
  AES_256_CM_HMAC_SHA1_80: 46,
  AES_256_CM_HMAC_SHA1_32: 46,
  AES_CM_128_HMAC_SHA1_80: 30,
  AES_CM_128_HMAC_SHA1_32: 30,
} as const;

/** The crypto suites of SRTP that can be negotiated by SDES. */
export type CryptoSuite = keyof typeof suiteKeyBytes;

/** A master key followed by its master salt, for packets of one side. */
export type CryptoKey = { suite: CryptoSuite; keyAndSalt: Uint8Array };

/** What two sides agreed on by SDES: one suite, and the key of each side for the packets it sends. */
export type NegotiatedSrtp = {
  suite: CryptoSuite;
  sendKeyAndSalt: Uint8Array;
  receiveKeyAndSalt: Uint8Array;
};

/** One `a=crypto` line that we can use. */
export type CryptoLine = CryptoKey & { tag: number };

/** Bytes of master key and salt together that `suite` takes: so many random ones make a `CryptoKey`. */
export function keyBytes(suite: CryptoSuite): number {
  return suiteKeyBytes[suite];
}

/**
 * Reads the value of an `a=crypto` line (RFC 4568 §9.1): `1 AES_CM_128_HMAC_SHA1_80 inline:<base64>|2^31`. Undefined
 * when it is malformed, or asks for what we do not have: another suite, several keys, a master key identifier, or a
 * session parameter that changes the packets. Such a line must be passed over (§5.1.2).
 */
export function parseCrypto(value: string): CryptoLine | undefined {
  const [tagText = '', suiteText = '', keyText = '', ...sessionParameters] = value.trim().split(/ +/);
  const tag = readDigits(tagText);
  const suite = suiteText.toUpperCase();
  if (tag < 0 || tagText.length > 9 || !isSuite(suite)) return undefined;
  // A window size hint changes nothing on the wire; every other parameter does (§6.3).
  if (sessionParameters.some((parameter) => !/^WSH=\d+$/i.test(parameter))) return undefined;
  if (keyText.slice(0, 7).toLowerCase() !== 'inline:' || keyText.includes(';')) return undefined;
  const [encoded = '', ...rest] = keyText.slice(7).split('|');
  // A lifetime has no colon, a master key identifier has one (§6.1).
  if (rest.length > 1 || rest.some((part) => part.includes(':'))) return undefined;
  const keyAndSalt = readBase64(encoded);
  if (keyAndSalt?.length !== keyBytes(suite)) return undefined;
  return { tag, suite, keyAndSalt };
}

function isSuite(name: string): name is CryptoSuite {
  return Object.hasOwn(suiteKeyBytes, name);
}

/** Writes an `a=crypto` line. */
export function writeCrypto({ tag, suite, keyAndSalt }: CryptoLine): SdpAttribute {
  return { name: 'crypto', value: `${tag} ${suite} inline:${writeBase64(keyAndSalt)}` };
}

/** The lines of an offer: one per key, tags from 1 in their order (RFC 4568 §5.1.1). */
export function offeredCrypto(keys: readonly CryptoKey[]): CryptoLine[] {
  return keys.map((key, i) => ({ ...key, tag: i + 1 }));
}

/** The first line of an offer whose suite we have, and our key for it (RFC 4568 §5.1.2: the offer's order decides). */
export function chooseCrypto(
  offered: readonly CryptoLine[],
  keys: readonly CryptoKey[],
): { line: CryptoLine; srtp: NegotiatedSrtp } | undefined {
  for (const theirs of offered) {
    const ours = keys.find((key) => key.suite === theirs.suite);
    if (ours === undefined) continue;
    const { tag, suite } = theirs;
    const { keyAndSalt } = ours;
    return {
      line: { tag, suite, keyAndSalt },
      srtp: { suite, sendKeyAndSalt: keyAndSalt, receiveKeyAndSalt: theirs.keyAndSalt },
    };
  }
  return undefined;
}

/** What an answer made of our offer: the line with the tag of one of ours and its suite (RFC 4568 §5.1.3). */
export function acceptedCrypto(
  answered: readonly CryptoLine[],
  keys: readonly CryptoKey[],
): NegotiatedSrtp | undefined {
  for (const ours of offeredCrypto(keys)) {
    const theirs = answered.find((line) => line.tag === ours.tag && line.suite === ours.suite);
    if (theirs === undefined) continue;
    return { suite: ours.suite, sendKeyAndSalt: ours.keyAndSalt, receiveKeyAndSalt: theirs.keyAndSalt };
  }
  return undefined;
}
