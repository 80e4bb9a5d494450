import { createCipheriv } from 'node:crypto';
import type { SrtpCrypto } from '@crosspoint/media';

/**
 * AES for SRTP by Node's OpenSSL: one cipher object per key for the life of the session. In ECB without padding it
 * has no state from block to block, so that it is never renewed and never finished.
 */
export const srtpCrypto: SrtpCrypto = {
  aesBlocks(key) {
    const cipher = createCipheriv(`aes-${key.length * 8}-ecb`, key, null).setAutoPadding(false);
    return (blocks) => cipher.update(blocks);
  },
};
