import { createCipheriv } from 'node:crypto';
import type { SrtpCrypto } from '../src/srtp/index.ts';

/** The platform's AES, as a test has it at hand. */
export const testCrypto: SrtpCrypto = {
  aesBlocks(key) {
    const cipher = createCipheriv(`aes-${key.length * 8}-ecb`, key, null).setAutoPadding(false);
    return (blocks) => cipher.update(blocks);
  },
};

export function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replace(/\s+/g, ''), 'hex'));
}

export function hexOf(bytes: Uint8Array, start = 0, end = bytes.length): string {
  return Buffer.from(bytes.subarray(start, end)).toString('hex');
}

/** A copy with room behind it for tag and trailer. */
export function roomy(packet: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(packet.length + 20);
  bytes.set(packet);
  return bytes;
}

/** A G.711 packet of 20 ms whose payload tells its sequence number. */
export function rtpPacket(sequence: number, ssrc = 0x1234_5678, payloadBytes = 160): Uint8Array {
  const packet = new Uint8Array(12 + payloadBytes);
  packet.set([0x80, 0, sequence >>> 8, sequence & 0xff]);
  new DataView(packet.buffer).setUint32(8, ssrc);
  for (let i = 12; i < packet.length; i++) packet[i] = (i * 7 + sequence) & 0xff;
  return packet;
}
