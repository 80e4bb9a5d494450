import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openSrtp, SrtpContext } from './context.ts';
import { deriveSrtpKeys, type SrtpSessionKeys } from './derivation.ts';
import { counterModeLayout, Keystream } from './keystream.ts';
import { HmacSha1 } from './sha1.ts';
import { bytesOf, hexOf, roomy, testCrypto } from '../../test/srtp.ts';

/** The master key and salt that RFC 3711 B.3 and RFC 6188 §7.2 derive from. */
const master128 = bytesOf('e1f97a0d3e018be0d64fa32c06de4139 0ec675ad498afeebb6960b3aabe6');
const master256 = bytesOf(
  'f0f04914b513f2763a1b1fa130f10e29 98f6f6e43e4309d1e622a0e332b9f1b6 3b04803de51ee7c96423ab5b78d2',
);

describe('published vectors', () => {
  it('[RFC3711 B.2] AES counter mode makes the published key stream', () => {
    const salt = bytesOf('f0f1f2f3f4f5f6f7f8f9fafbfcfd');
    const aes = testCrypto.aesBlocks(bytesOf('2b7e151628aed2a6abf7158809cf4f3c'));
    const keystream = new Keystream(aes, salt, counterModeLayout, false);
    const at = keystream.prepare(0, 0, 0xff02);
    expect(at).toBe(0);
    expect(hexOf(keystream.bytes, 0, 48)).toBe(
      'e03ead0935c95e80e166b16dd92b4eb4d23513162b02d0f72a43a2fe4a5f97ab41e95b3bb0a2e8dd477901e4fca894c0',
    );
    expect(hexOf(keystream.bytes, 0xfeff * 16, 0xff02 * 16)).toBe(
      'ec8cdf7398607cb0f2d21675ea9ea1e4362b7c3c6773516318a077d7fc5073ae6a2cc3787889374fbeb4c81b17ba6c44',
    );
  });

  it('[RFC3711 B.3] the session keys of AES-128 are derived as published', () => {
    const keys = deriveSrtpKeys('AES_CM_128_HMAC_SHA1_80', master128, testCrypto);
    expect(hexOf(keys.rtpKey)).toBe('c61e7a93744f39ee10734afe3ff7a087');
    expect(hexOf(keys.rtpSalt)).toBe('30cbbc08863d8c85d49db34a9ae1');
    expect(hexOf(keys.rtpAuthenticationKey)).toBe('cebe321f6ff7716b6fd4ab49af256a156d38baa4');
  });

  it('[RFC6188 §7.2] the session keys of AES-256 are derived as published', () => {
    const keys = deriveSrtpKeys('AES_256_CM_HMAC_SHA1_80', master256, testCrypto);
    expect(hexOf(keys.rtpKey)).toBe('5ba1064e30ec51613cad926c5a28ef731ec7fb397f70a960653caf06554cd8c4');
    expect(hexOf(keys.rtpSalt)).toBe('fa31791685ca444a9e07c6c64e93');
    expect(hexOf(keys.rtpAuthenticationKey)).toBe('fd9c32d39ed5fbb5a9dc96b30818454d1313dc05');
  });

  it('[RFC7714 §11] a salt of 12 bytes is filled up with zeros behind it', () => {
    const master = bytesOf('000102030405060708090a0b0c0d0e0f a0a1a2a3a4a5a6a7a8a9aaab');
    const keys = deriveSrtpKeys('AEAD_AES_128_GCM', master, testCrypto);
    expect(hexOf(keys.rtpKey)).toBe('077c6143cb221bc355ff23d5f984a16e');
    expect(hexOf(keys.rtpSalt)).toBe('9af3e95364ebac9c99c5a7c4');
    expect(hexOf(keys.rtcpKey)).toBe('615dcd9042600666f6fd4d9e4fe4519f');
    expect(hexOf(keys.rtcpSalt)).toBe('fcca937b9112a500dac72269');
    expect(keys.rtpAuthenticationKey).toHaveLength(0);
  });

  it.each([
    ['AES_CM_128_HMAC_SHA1_80', master128, '4e55dc4ce79978d88ca4d215949d2402b78d6acc99ea179b8dbb'],
    ['AES_256_CM_HMAC_SHA1_80', master256, 'f1d9de17ff251ff1aa007774b0b4b40da08d9d9a5b3a55d8873b'],
  ] as const)(
    '[RFC3711 §3.1] a whole packet under %s is as other implementations make it',
    (profile, master, expected) => {
      const plain = bytesOf(`800f1234decafbadcafebabe${'ab'.repeat(16)}`);
      const bytes = roomy(plain);
      const length = openSrtp(profile, master, testCrypto).protectRtp(bytes, plain.length);
      expect(hexOf(bytes, 0, length)).toBe(`800f1234decafbadcafebabe${expected}`);
      const receiver = openSrtp(profile, master, testCrypto);
      expect(receiver.unprotectRtp(bytes, length)).toBe(plain.length);
      expect(hexOf(bytes, 0, plain.length)).toBe(hexOf(plain));
    },
  );
});

const gcmSalt = bytesOf('517569642070726f2071756f');
const key128 = '000102030405060708090a0b0c0d0e0f';
const key256 = `${key128}101112131415161718191a1b1c1d1e1f`;
const rtp = bytesOf(
  '8040f17b 8041f8d3 5501a0b2 47616c6c 69612065 7374206f 6d6e6973 20646976 69736120 696e2070 61727465 73207472 6573',
);
const rtcp = bytesOf(
  '81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930 4c756e61 deadbeef deadbeef deadbeef deadbeef deadbeef',
);

/** RFC 7714 gives session keys and no master key. */
function gcmContext(profile: 'AEAD_AES_128_GCM' | 'AEAD_AES_256_GCM'): SrtpContext {
  const key = bytesOf(profile === 'AEAD_AES_128_GCM' ? key128 : key256);
  const none = new Uint8Array(0);
  const keys: SrtpSessionKeys = {
    rtpKey: key,
    rtpSalt: gcmSalt,
    rtpAuthenticationKey: none,
    rtcpKey: key,
    rtcpSalt: gcmSalt,
    rtcpAuthenticationKey: none,
  };
  return new SrtpContext(profile, keys, testCrypto);
}

describe('published vectors of AES-GCM', () => {
  it.each([
    [
      'AEAD_AES_128_GCM',
      'f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833899d7f27beb16a9152cf765ee4390cce',
    ],
    [
      'AEAD_AES_256_GCM',
      '32b1de78a822fe12ef9f78fa332e33aab18012389a58e2f3b50b2a0276ffae0f1ba63799b87b7aa3db36dfffd6b0f9bb7878d7a76c13',
    ],
  ] as const)('[RFC7714 §16] RTP under %s', (profile, expected) => {
    const bytes = roomy(rtp);
    const length = gcmContext(profile).protectRtp(bytes, rtp.length);
    expect(hexOf(bytes, 0, length)).toBe(`8040f17b8041f8d35501a0b2${expected}`);
    expect(gcmContext(profile).unprotectRtp(bytes, length)).toBe(rtp.length);
    expect(hexOf(bytes, 0, rtp.length)).toBe(hexOf(rtp));
  });

  it('[RFC7714 §17.1] RTCP number 0x5d4 under AEAD_AES_128_GCM', () => {
    const context = gcmContext('AEAD_AES_128_GCM');
    for (let index = 0; index < 0x5d4; index++) context.protectRtcp(roomy(rtcp), rtcp.length);
    const bytes = roomy(rtcp);
    const length = context.protectRtcp(bytes, rtcp.length);
    expect(hexOf(bytes, 0, length)).toBe(
      '81c8000d4d61727363e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda4ce09b4686303ded' +
        '0bb9275bc84aa45896cf4d2fc5abf87245d9eade800005d4',
    );
  });

  it.each([
    [
      '§17.2, encrypted',
      'AEAD_AES_256_GCM',
      '81c8000d 4d617273 d50ae4d1 f5ce5d30 4ba297e4 7d470c28 2c3ece5d bffe0a50 a2eaa5c1 110555be 8415f658 c61de047 6f1b6fad 1d1eb30c 4446839f 57ff6f6c b26ac3be 800005d4',
    ],
    [
      '§17.3, only authenticated',
      'AEAD_AES_128_GCM',
      '81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930 4c756e61 deadbeef deadbeef deadbeef deadbeef deadbeef 841dd968 3dd78ec9 2ae58790 125f62b3 000005d4',
    ],
    [
      '§17.4, only authenticated',
      'AEAD_AES_256_GCM',
      '81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930 4c756e61 deadbeef deadbeef deadbeef deadbeef deadbeef 91db4afb feee5a97 8fab4393 ed2615fe 000005d4',
    ],
  ] as const)('[RFC7714 §17] received RTCP: %s', (_, profile, packet) => {
    const bytes = bytesOf(packet);
    const length = gcmContext(profile).unprotectRtcp(bytes, bytes.length);
    expect(length).toBe(rtcp.length);
    expect(hexOf(bytes, 0, length)).toBe(hexOf(rtcp));
  });
});

describe('HMAC-SHA1', () => {
  it('[RFC2202 §3] makes the published codes', () => {
    const cases = [
      ['0b'.repeat(20), '4869205468657265', 'b617318655057264e28bc0b6fb378c8ef146be00'],
      [
        hexOf(Buffer.from('Jefe')),
        hexOf(Buffer.from('what do ya want for nothing?')),
        'effcdf6ae5eb2fa2d27416d5f184df9c259a7c79',
      ],
      ['aa'.repeat(20), 'dd'.repeat(50), '125d7342b9ac11cd91a39af48aa17b4f63f175d3'],
    ] as const;
    for (const [key, text, expected] of cases) {
      const hmac = new HmacSha1(bytesOf(key));
      hmac.compute(bytesOf(text), 0, text.length / 2);
      expect(hexOf(hmac.digest)).toBe(expected);
    }
  });

  it('[RFC2104 §2] agrees with OpenSSL for every length, start and key', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 64 }),
        fc.uint8Array({ maxLength: 300 }),
        fc.nat({ max: 20 }),
        (key, text, skip) => {
          const start = Math.min(skip, text.length);
          const hmac = new HmacSha1(key);
          hmac.compute(text, start, text.length);
          const expected = createHmac('sha1', key).update(text.subarray(start)).digest('hex');
          expect(hexOf(hmac.digest)).toBe(expected);
        },
      ),
    );
    expect(() => new HmacSha1(new Uint8Array(65))).toThrow(/key: at most 64 bytes, not 65/);
  });
});
