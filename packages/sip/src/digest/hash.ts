import { encodeUtf8 } from '../message/index.ts';
import { md5 } from './md5.ts';
import { sha256 } from './sha256.ts';

/** Hash algorithms of digest authentication (RFC 7616 §6.1, RFC 8760). */
export type DigestAlgorithm = 'MD5' | 'SHA-256';

/** Bytes as lower-case hexadecimal. */
export function toHex(bytes: Uint8Array): string {
  let result = '';
  for (const byte of bytes) result += (byte < 16 ? '0' : '') + byte.toString(16);
  return result;
}

/** `H(text)` of RFC 7616 §3.3 in lower-case hexadecimal. */
export function hashHex(algorithm: DigestAlgorithm, text: string): string {
  const bytes = encodeUtf8(text);
  return toHex(algorithm === 'MD5' ? md5(bytes) : sha256(bytes));
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
  ha1: string;
  method: string;
  uri: string;
  nonce: string;
  qop?: { value: string; nonceCount: string; cnonce: string };
};

/** The `response` value in lower-case hexadecimal. */
export function computeResponse(input: DigestInput): string {
  const ha2 = hashHex(input.algorithm, `${input.method}:${input.uri}`);
  const { qop } = input;
  const middle =
    qop === undefined ? input.nonce : `${input.nonce}:${qop.nonceCount}:${qop.cnonce}:${qop.value}`;
  return hashHex(input.algorithm, `${input.ha1}:${middle}:${ha2}`);
}

/** Compares two strings in a time that depends on their lengths only. */
export function equalInConstantTime(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ (b.charCodeAt(i % (b.length || 1)) || 0);
  return difference === 0;
}
