import type { SrtpCrypto } from './crypto-port.ts';
import { type SrtpProfileName, srtpProfiles } from './profile.ts';

/** Session keys of one direction (RFC 3711 §4.3). */
export interface SrtpSessionKeys {
  rtpKey: Uint8Array;
  /** Empty for AES-GCM. */
  rtpAuthenticationKey: Uint8Array;
  rtpSalt: Uint8Array;
  rtcpKey: Uint8Array;
  rtcpAuthenticationKey: Uint8Array;
  rtcpSalt: Uint8Array;
}

const authenticationKeyBytes = 20;
/** RFC 3711 §4.3.1, §4.3.2. */
const label = { rtpKey: 0, rtpAuthentication: 1, rtpSalt: 2, rtcpKey: 3, rtcpAuthentication: 4, rtcpSalt: 5 };

/**
 * Derives the session keys from a master key and salt, with a key derivation rate of 0: once for the whole session
 * (RFC 3711 §4.3.1; AES-256: RFC 6188 §3; AES-GCM, whose 12 bytes of salt are filled up with zeros: RFC 7714 §11).
 * @param master key and salt one behind the other, `srtpMasterBytes(profile)` bytes; throws RangeError otherwise
 */
export function deriveSrtpKeys(
  profile: SrtpProfileName,
  master: Uint8Array,
  crypto: SrtpCrypto,
): SrtpSessionKeys {
  const { keyBytes, saltBytes, isAead } = srtpProfiles[profile];
  if (master.length !== keyBytes + saltBytes) {
    throw new RangeError(`master: ${keyBytes + saltBytes} bytes for ${profile}, not ${master.length}`);
  }
  const aes = crypto.aesBlocks(master.subarray(0, keyBytes));
  const salt = master.subarray(keyBytes);
  const derive = (keyLabel: number, length: number) => {
    const blocks = new Uint8Array(Math.ceil(length / 16) * 16);
    for (let at = 0; at < blocks.length; at += 16) {
      blocks.set(salt, at);
      blocks[at + 7]! ^= keyLabel;
      blocks[at + 15] = at / 16;
    }
    return length === 0 ? blocks : aes(blocks).slice(0, length);
  };
  const authentication = isAead ? 0 : authenticationKeyBytes;
  return {
    rtpKey: derive(label.rtpKey, keyBytes),
    rtpAuthenticationKey: derive(label.rtpAuthentication, authentication),
    rtpSalt: derive(label.rtpSalt, saltBytes),
    rtcpKey: derive(label.rtcpKey, keyBytes),
    rtcpAuthenticationKey: derive(label.rtcpAuthentication, authentication),
    rtcpSalt: derive(label.rtcpSalt, saltBytes),
  };
}
