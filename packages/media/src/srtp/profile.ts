/**
 * The protection profiles, under the names that SDP gives them (RFC 4568 §6.2, RFC 6188 §2, RFC 7714 §14.2), and the
 * master keys that travel in `a=crypto` lines.
 */

export interface SrtpProfile {
  /** Bytes of the master key and of the session encryption key. */
  readonly keyBytes: 16 | 32;
  /** Bytes of the master salt and of the session salt. */
  readonly saltBytes: 12 | 14;
  /** Bytes behind the payload of an RTP packet. */
  readonly rtpTagBytes: 4 | 10 | 16;
  /** Bytes of the tag of an RTCP packet; the 32-bit suites keep 80 bits here (RFC 4568 §6.2.2). */
  readonly rtcpTagBytes: 10 | 16;
  /** AES-GCM instead of AES-CM with HMAC-SHA1. */
  readonly isAead: boolean;
}

export const srtpProfiles = {
  AEAD_AES_256_GCM: { keyBytes: 32, saltBytes: 12, rtpTagBytes: 16, rtcpTagBytes: 16, isAead: true },
  AEAD_AES_128_GCM: { keyBytes: 16, saltBytes: 12, rtpTagBytes: 16, rtcpTagBytes: 16, isAead: true },
  AES_256_CM_HMAC_SHA1_80: {
    keyBytes: 32,
    saltBytes: 14,
    rtpTagBytes: 10,
    rtcpTagBytes: 10,
    isAead: false,
  },
  AES_256_CM_HMAC_SHA1_32: { keyBytes: 32, saltBytes: 14, rtpTagBytes: 4, rtcpTagBytes: 10, isAead: false },
  AES_CM_128_HMAC_SHA1_80: {
    keyBytes: 16,
    saltBytes: 14,
    rtpTagBytes: 10,
    rtcpTagBytes: 10,
    isAead: false,
  },
  AES_CM_128_HMAC_SHA1_32: { keyBytes: 16, saltBytes: 14, rtpTagBytes: 4, rtcpTagBytes: 10, isAead: false },
} as const satisfies Record<string, SrtpProfile>;

export type SrtpProfileName = keyof typeof srtpProfiles;

/** True for a name that can be negotiated here; SDP compares crypto suites by case (RFC 4568 §9.2). */
export function isSrtpProfileName(name: string): name is SrtpProfileName {
  return Object.hasOwn(srtpProfiles, name);
}

/** Bytes of master key and master salt together, as an SDES line carries them and DTLS exports them. */
export function srtpMasterBytes(profile: SrtpProfileName): number {
  const { keyBytes, saltBytes } = srtpProfiles[profile];
  return keyBytes + saltBytes;
}

const base64Digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/**
 * The master key and salt of an SDES line (`inline:` stripped, RFC 4568 §6.1).
 * Returns undefined when the text is no base64 or has not exactly the bytes that the profile needs.
 */
export function srtpMasterFromBase64(profile: SrtpProfileName, text: string): Uint8Array | undefined {
  const wanted = srtpMasterBytes(profile);
  const digits = text.replace(/={1,2}$/, '');
  if (Math.floor((digits.length * 6) / 8) !== wanted) return undefined;
  const master = new Uint8Array(wanted);
  let bits = 0;
  let held = 0;
  let at = 0;
  for (const digit of digits) {
    const value = base64Digits.indexOf(digit);
    if (value < 0) return undefined;
    held = ((held << 6) | value) & 0xfff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      master[at++] = held >>> bits;
    }
  }
  return master;
}

/** Base64 with padding of a master key and salt, for an SDES line. */
export function srtpMasterToBase64(master: Uint8Array): string {
  let text = '';
  for (let at = 0; at < master.length; at += 3) {
    const group = ((master[at] as number) << 16) | ((master[at + 1] ?? 0) << 8) | (master[at + 2] ?? 0);
    const digits = Math.min(3, master.length - at) + 1;
    for (let i = 0; i < 4; i++) {
      text += i < digits ? (base64Digits[(group >>> (18 - 6 * i)) & 63] as string) : '=';
    }
  }
  return text;
}
