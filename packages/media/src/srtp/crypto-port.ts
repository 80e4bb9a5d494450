/**
 * What SRTP needs of a platform: AES with a fixed key over independent blocks (ECB without padding). Everything
 * else (counter mode, HMAC-SHA1, GHASH) is made here, so that no cipher object is born per packet.
 */

/**
 * Encrypts whole blocks of 16 bytes, each by itself, and returns as many bytes. The input is not kept and not
 * changed; the result belongs to the caller, who keeps it for several packets.
 */
export type AesBlocks = (blocks: Uint8Array) => Uint8Array;

export interface SrtpCrypto {
  /** @param key 16 or 32 bytes; may be overwritten by the caller afterwards */
  aesBlocks(key: Uint8Array): AesBlocks;
}
