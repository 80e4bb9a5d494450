import { encodeUtf8 } from '../message/index.ts';
import { md5 } from './md5.ts';
import { sha256 } from './sha256.ts';
import { sha512t256 } from './sha512.ts';

/** Hash algorithms of digest authentication (RFC 7616 §6.1, RFC 8760). */
export type DigestAlgorithm = 'MD5' | 'SHA-256' | 'SHA-512-256';

const hashes: Record<DigestAlgorithm, (bytes: Uint8Array) => Uint8Array> = {
  'SHA-512-256': sha512t256,
  'SHA-256': sha256,
  MD5: md5,
};

/** All algorithms, the strongest first. */
export const algorithmsByStrength: readonly DigestAlgorithm[] = ['SHA-512-256', 'SHA-256', 'MD5'];

/** An `algorithm` value: the hash, and whether it is the variant whose HA1 depends on the nonce (RFC 7616 §3.4.2). */
export type NamedAlgorithm = { algorithm: DigestAlgorithm; isSession: boolean };

/** Reads an `algorithm` value; MD5 when it is missing, undefined when we do not have it. */
export function readAlgorithm(name: string | undefined): NamedAlgorithm | undefined {
  const upper = (name ?? 'MD5').toUpperCase();
  const isSession = upper.endsWith('-SESS');
  const base = isSession ? upper.slice(0, -5) : upper;
  const algorithm = algorithmsByStrength.find((candidate) => candidate === base);
  return algorithm && { algorithm, isSession };
}

/** Bytes as lower-case hexadecimal. */
export function toHex(bytes: Uint8Array): string {
  let result = '';
  for (const byte of bytes) result += (byte < 16 ? '0' : '') + byte.toString(16);
  return result;
}

/** `H(data)` of RFC 7616 §3.3 in lower-case hexadecimal; text counts in UTF-8. */
export function hashHex(algorithm: DigestAlgorithm, data: string | Uint8Array): string {
  return toHex(hashes[algorithm](typeof data === 'string' ? encodeUtf8(data) : data));
}

/** HA1 in lower-case hex: `H(username ":" realm ":" password)` (RFC 7616 §3.4.2). Store this, not the password. */
export function computeHa1(
  username: string,
  realm: string,
  password: string,
  algorithm: DigestAlgorithm,
): string {
  return hashHex(algorithm, `${username}:${realm}:${password}`);
}

/** What the response value is computed from (RFC 7616 §3.4.1); without qop it is the rule of RFC 2069. */
export type DigestInput = {
  algorithm: DigestAlgorithm;
  /** The `-sess` variant of the algorithm; it needs a `cnonce`. */
  isSession?: boolean;
  ha1: string;
  method: string;
  uri: string;
  nonce: string;
  qop?: { value: 'auth' | 'auth-int'; nonceCount: string; cnonce: string };
  /** For the `-sess` variant without qop. */
  cnonce?: string | undefined;
  /** The body of the message, which `auth-int` covers. */
  body?: Uint8Array;
};

/** The `response` value in lower-case hexadecimal. */
export function computeResponse(input: DigestInput): string {
  const { algorithm, nonce, qop } = input;
  const cnonce = qop?.cnonce ?? input.cnonce ?? '';
  const ha1 = input.isSession === true ? hashHex(algorithm, `${input.ha1}:${nonce}:${cnonce}`) : input.ha1;
  const covered = qop?.value === 'auth-int' ? `:${hashHex(algorithm, input.body ?? new Uint8Array(0))}` : '';
  const ha2 = hashHex(algorithm, `${input.method}:${input.uri}${covered}`);
  const middle = qop === undefined ? nonce : `${nonce}:${qop.nonceCount}:${qop.cnonce}:${qop.value}`;
  return hashHex(algorithm, `${ha1}:${middle}:${ha2}`);
}

/** Compares two strings in a time that depends on their lengths only. */
export function equalInConstantTime(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ (b.charCodeAt(i % (b.length || 1)) || 0);
  return difference === 0;
}
