import { createCipheriv } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openSrtp, srtpRefusal, srtpRefusalName } from './context.ts';
import { deriveSrtpKeys } from './derivation.ts';
import {
  isSrtpProfileName,
  type SrtpProfileName,
  srtpMasterBytes,
  srtpMasterFromBase64,
  srtpMasterToBase64,
  srtpProfiles,
} from './profile.ts';
import { hexOf, roomy, rtpPacket, testCrypto } from '../../test/srtp.ts';

const profiles = Object.keys(srtpProfiles) as SrtpProfileName[];
const masterOf = (profile: SrtpProfileName, seed = 1) =>
  Uint8Array.from({ length: srtpMasterBytes(profile) }, (_, i) => (i * 31 + seed) & 0xff);

function pair(profile: SrtpProfileName) {
  const master = masterOf(profile);
  return {
    sender: openSrtp(profile, master, testCrypto),
    receiver: openSrtp(profile, master, testCrypto),
  };
}

/** Protects a packet; returns what goes over the line. */
function protect(sender: ReturnType<typeof openSrtp>, packet: Uint8Array): Uint8Array {
  const bytes = roomy(packet);
  const length = sender.protectRtp(bytes, packet.length);
  expect(length).toBeGreaterThan(packet.length);
  return bytes.slice(0, length);
}

describe.each(profiles)('%s', (profile) => {
  it('[SRTP-01] what is protected comes out the same, whatever header and length it has', () => {
    const { sender, receiver } = pair(profile);
    let sequence = 0;
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 1400 }),
        fc.nat({ max: 15 }),
        fc.option(fc.nat({ max: 9 })),
        (payload, csrcCount, extensionWords) => {
          sequence++;
          const extension =
            extensionWords === null
              ? []
              : [0xbe, 0xde, 0, extensionWords, ...new Array(extensionWords * 4).fill(5)];
          const packet = Uint8Array.from([
            0x80 | csrcCount | (extensionWords === null ? 0 : 0x10),
            0x80,
            sequence >>> 8,
            sequence & 0xff,
            ...[1, 2, 3, 4, 9, 8, 7, 6],
            ...new Array(csrcCount * 4).fill(3),
            ...extension,
            ...payload,
          ]);
          const wire = protect(sender, packet);
          const headerBytes = packet.length - payload.length;
          expect(hexOf(wire, 0, headerBytes)).toBe(hexOf(packet, 0, headerBytes));
          expect(receiver.unprotectRtp(wire, wire.length)).toBe(packet.length);
          expect(hexOf(wire, 0, packet.length)).toBe(hexOf(packet));
        },
      ),
    );
  });

  it('[SRTP-02] a change of any bit is refused, and the genuine packet is still taken', () => {
    const { sender, receiver } = pair(profile);
    const wire = protect(sender, rtpPacket(7));
    for (let bit = 0; bit < wire.length * 8; bit += 5) {
      const forged = wire.slice();
      forged[bit >>> 3]! ^= 1 << (bit & 7);
      expect(receiver.unprotectRtp(forged, forged.length)).toBeLessThan(0);
    }
    expect(receiver.unprotectRtp(wire, wire.length)).toBe(172);
  });

  it('[SRTP-03] each packet is taken once, in any order within the window', () => {
    const { sender, receiver } = pair(profile);
    const wires = Array.from({ length: 100 }, (_, i) => protect(sender, rtpPacket((65_500 + i) & 0xffff)));
    fc.assert(
      fc.property(fc.shuffledSubarray(wires.map((_, i) => i)), (order) => {
        const fresh = openSrtp(profile, masterOf(profile), testCrypto);
        // The first packet settles the rollover counter, as in life.
        expect(fresh.unprotectRtp((wires[0] as Uint8Array).slice(), 172 + tagBytes(profile))).toBe(172);
        for (const i of order.filter((place) => place > 0)) {
          const wire = (wires[i] as Uint8Array).slice();
          expect(fresh.unprotectRtp(wire, wire.length)).toBe(172);
          expect(hexOf(wire, 0, 172)).toBe(hexOf(rtpPacket((65_500 + i) & 0xffff)));
          const again = (wires[i] as Uint8Array).slice();
          expect(fresh.unprotectRtp(again, again.length)).toBe(srtpRefusal.replayed);
        }
      }),
      { numRuns: 10 },
    );
    for (const wire of wires) expect(receiver.unprotectRtp(wire, wire.length)).toBe(172);
  });

  it('[SRTP-04] the rollover counter follows over many wraps, and over gaps of less than half a turn', () => {
    const { sender, receiver } = pair(profile);
    for (let index = 0; index < 400_000; index += 20_011) {
      const packet = rtpPacket(index & 0xffff);
      const wire = protect(sender, packet);
      expect(receiver.unprotectRtp(wire, wire.length)).toBe(172);
      expect(hexOf(wire, 0, 172)).toBe(hexOf(packet));
    }
  });

  it('[SRTP-05] a sender does not use an index twice', () => {
    const { sender } = pair(profile);
    const second = rtpPacket(2);
    expect(sender.protectRtp(roomy(rtpPacket(1)), 172)).toBeGreaterThan(0);
    expect(sender.protectRtp(roomy(rtpPacket(200)), 172)).toBeGreaterThan(0);
    expect(sender.protectRtp(roomy(rtpPacket(199)), 172)).toBeGreaterThan(0);
    const bytes = roomy(rtpPacket(199));
    expect(sender.protectRtp(bytes, 172)).toBe(srtpRefusal.replayed);
    expect(hexOf(bytes)).toBe(hexOf(roomy(rtpPacket(199))));
    expect(sender.protectRtp(roomy(second), 172)).toBe(srtpRefusal.replayed);
  });

  it('[SRTP-06] RTCP is numbered, encrypted, taken once, and refused when changed', () => {
    const { sender, receiver } = pair(profile);
    const report = Uint8Array.from({ length: 52 }, (_, i) => (i === 0 ? 0x81 : i === 1 ? 200 : i));
    for (let number = 0; number < 70; number++) {
      const bytes = roomy(report);
      const length = sender.protectRtcp(bytes, report.length);
      expect(length).toBe(report.length + 4 + srtpProfiles[profile].rtcpTagBytes);
      expect(hexOf(bytes, 8, 52)).not.toBe(hexOf(report, 8, 52));
      for (const place of [0, 5, 9, 51, 53, length - 1]) {
        const forged = bytes.slice();
        forged[place]! ^= 1;
        expect(receiver.unprotectRtcp(forged, length)).toBeLessThan(0);
      }
      const copy = bytes.slice();
      expect(receiver.unprotectRtcp(bytes, length)).toBe(report.length);
      expect(hexOf(bytes, 0, 52)).toBe(hexOf(report));
      expect(receiver.unprotectRtcp(copy, length)).toBe(srtpRefusal.replayed);
    }
  });

  it('[SRTP-07] bytes of any kind are refused without an exception and open no stream', () => {
    const { receiver } = pair(profile);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (noise) => {
        expect(receiver.unprotectRtp(noise.slice(), noise.length)).toBeLessThan(0);
        expect(receiver.unprotectRtcp(noise.slice(), noise.length)).toBeLessThan(0);
      }),
    );
    const genuine = protect(pair(profile).sender, rtpPacket(1, 0x500));
    for (let ssrc = 0; ssrc < 200; ssrc++) {
      const forged = genuine.slice();
      forged[11] = ssrc + 1;
      expect(receiver.unprotectRtp(forged, forged.length)).toBe(srtpRefusal.authentication);
    }
    expect(receiver.unprotectRtp(genuine, genuine.length)).toBe(172);
  });
});

function tagBytes(profile: SrtpProfileName): number {
  return srtpProfiles[profile].rtpTagBytes;
}

describe('SRTP', () => {
  it('[SRTP-01] AES-GCM agrees with OpenSSL packet by packet, with sizes that change', () => {
    const master = masterOf('AEAD_AES_256_GCM');
    const keys = deriveSrtpKeys('AEAD_AES_256_GCM', master, testCrypto);
    const sender = openSrtp('AEAD_AES_256_GCM', master, testCrypto);
    for (let sequence = 0; sequence < 200; sequence++) {
      const packet = rtpPacket(sequence, 0xcafe_f00d, (sequence * 37) % 333);
      const nonce = new Uint8Array(12);
      new DataView(nonce.buffer).setUint32(2, 0xcafe_f00d);
      new DataView(nonce.buffer).setUint16(10, sequence);
      for (let i = 0; i < 12; i++) nonce[i]! ^= keys.rtpSalt[i] as number;
      const cipher = createCipheriv('aes-256-gcm', keys.rtpKey, nonce).setAAD(packet.subarray(0, 12));
      const body = Buffer.concat([cipher.update(packet.subarray(12)), cipher.final(), cipher.getAuthTag()]);
      expect(hexOf(protect(sender, packet), 12)).toBe(body.toString('hex'));
    }
  });

  it('[SRTP-01] AES-CM agrees with OpenSSL whatever the order, the sizes and the streams are', () => {
    const master = masterOf('AES_CM_128_HMAC_SHA1_80');
    const keys = deriveSrtpKeys('AES_CM_128_HMAC_SHA1_80', master, testCrypto);
    const packets = fc.array(
      fc.record({
        skip: fc.integer({ min: -3, max: 20 }),
        ssrc: fc.nat({ max: 2 }),
        size: fc.nat({ max: 400 }),
      }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(packets, (sent) => {
        const sender = openSrtp('AES_CM_128_HMAC_SHA1_80', master, testCrypto);
        const receiver = openSrtp('AES_CM_128_HMAC_SHA1_80', master, testCrypto);
        const highest = [65_500, 65_530, 0];
        const used = new Set<string>();
        // The first packet of a stream settles that its rollover counter is zero.
        const first = highest.map((_, ssrc) => ({ skip: 0, ssrc, size: 160 }));
        for (const { skip, ssrc, size } of [...first, ...sent]) {
          const index = Math.max(0, (highest[ssrc] as number) + skip);
          if (used.has(`${ssrc} ${index}`)) continue;
          used.add(`${ssrc} ${index}`);
          highest[ssrc] = Math.max(highest[ssrc] as number, index);
          const packet = rtpPacket(index & 0xffff, ssrc, size);
          const wire = protect(sender, packet);
          const counter = new Uint8Array(16);
          counter.set(keys.rtpSalt);
          counter[7]! ^= ssrc;
          const view = new DataView(counter.buffer);
          view.setUint32(10, view.getUint32(10) ^ index);
          const cipher = createCipheriv('aes-128-ctr', keys.rtpKey, counter);
          const expected = cipher.update(packet.subarray(12)).toString('hex');
          expect(hexOf(wire, 12, packet.length)).toBe(expected);
          expect(receiver.unprotectRtp(wire, wire.length)).toBe(packet.length);
          expect(hexOf(wire, 0, packet.length)).toBe(hexOf(packet));
        }
      }),
    );
  });

  it('[SRTP-08] a key carries 64 streams and no more', () => {
    const { sender, receiver } = pair('AES_CM_128_HMAC_SHA1_80');
    for (let ssrc = 0; ssrc < 64; ssrc++) {
      const wire = protect(sender, rtpPacket(1, ssrc));
      expect(receiver.unprotectRtp(wire, wire.length)).toBe(172);
    }
    expect(sender.protectRtp(roomy(rtpPacket(1, 64)), 172)).toBe(srtpRefusal.exhausted);
    const other = protect(pair('AES_CM_128_HMAC_SHA1_80').sender, rtpPacket(1, 64));
    expect(receiver.unprotectRtp(other, other.length)).toBe(srtpRefusal.exhausted);
    const known = protect(sender, rtpPacket(2, 5));
    expect(receiver.unprotectRtp(known, known.length)).toBe(172);
  });

  it('[SRTP-08] a buffer without room, and no packet at all, are refused', () => {
    const { sender } = pair('AES_CM_128_HMAC_SHA1_80');
    expect(sender.protectRtp(rtpPacket(1), 172)).toBe(srtpRefusal.noRoom);
    expect(sender.protectRtp(roomy(rtpPacket(1)), 11)).toBe(srtpRefusal.malformed);
    expect(sender.protectRtcp(roomy(rtpPacket(1)), 7)).toBe(srtpRefusal.malformed);
    expect(sender.protectRtcp(new Uint8Array(20).fill(0x80), 8)).toBe(srtpRefusal.noRoom);
    expect(srtpRefusalName(srtpRefusal.noRoom)).toBe('noRoom');
    expect(srtpRefusalName(12)).toBeUndefined();
  });

  it('[SRTP-09] master keys go to base64 and back, and a wrong length or letter is refused', () => {
    for (const profile of profiles) {
      const master = masterOf(profile);
      const text = srtpMasterToBase64(master);
      expect(text).toBe(Buffer.from(master).toString('base64'));
      expect(srtpMasterFromBase64(profile, text)).toEqual(master);
      expect(srtpMasterFromBase64(profile, text.replace(/=+$/, ''))).toEqual(master);
      expect(srtpMasterFromBase64(profile, `${text}AAAA`)).toBeUndefined();
      expect(srtpMasterFromBase64(profile, `-${text.slice(1)}`)).toBeUndefined();
      expect(isSrtpProfileName(profile)).toBe(true);
    }
    expect(isSrtpProfileName('toString')).toBe(false);
    expect(() => openSrtp('AEAD_AES_128_GCM', new Uint8Array(30), testCrypto)).toThrow(/28 bytes/);
  });
});
