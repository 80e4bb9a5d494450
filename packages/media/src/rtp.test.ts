import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isRtcp,
  rtpMarker,
  rtpPayloadEnd,
  rtpPayloadStart,
  rtpPayloadType,
  rtpSequence,
  rtpSsrc,
  rtpTimestamp,
  sequenceDifference,
  timestampDifference,
  writeRtpHeader,
} from './rtp.ts';

const uint16 = fc.integer({ min: 0, max: 0xffff });
const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });

describe('RTP header', () => {
  it('[RTP-01] never points outside the packet, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.boolean(), (bytes, isVersion2) => {
        if (isVersion2 && bytes.length > 0) bytes[0] = ((bytes[0] as number) & 0x3f) | 0x80;
        const start = rtpPayloadStart(bytes, bytes.length);
        if (start < 0) return;
        expect(start).toBeGreaterThanOrEqual(12);
        expect(start).toBeLessThanOrEqual(bytes.length);
        const end = rtpPayloadEnd(bytes, bytes.length, start);
        if (end >= 0) expect(end).toBeGreaterThanOrEqual(start);
        expect(end).toBeLessThanOrEqual(bytes.length);
      }),
    );
  });

  it('[RTP-01] skips the CSRC list and the extension, and takes off the padding', () => {
    const bytes = new Uint8Array(12 + 8 + 4 + 4 + 10);
    bytes[0] = 0x80 | 0x20 | 0x10 | 2;
    bytes[12 + 8 + 3] = 1;
    bytes[bytes.length - 1] = 3;
    expect(rtpPayloadStart(bytes, bytes.length)).toBe(28);
    expect(rtpPayloadEnd(bytes, bytes.length, 28)).toBe(bytes.length - 3);
    bytes[bytes.length - 1] = 11;
    expect(rtpPayloadEnd(bytes, bytes.length, 28)).toBe(-1);
    bytes[12 + 8 + 3] = 200;
    expect(rtpPayloadStart(bytes, bytes.length)).toBe(-1);
  });

  it('[RTP-02] reads what was written', () => {
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.integer({ min: 0, max: 127 }),
        uint16,
        uint32,
        uint32,
        (marker, type, seq, ts, ssrc) => {
          const bytes = new Uint8Array(12);
          writeRtpHeader(bytes, 0, marker, type, seq, ts, ssrc);
          expect([
            rtpMarker(bytes),
            rtpPayloadType(bytes),
            rtpSequence(bytes),
            rtpTimestamp(bytes),
            rtpSsrc(bytes),
          ]).toEqual([marker, type, seq, ts, ssrc]);
          expect(rtpPayloadStart(bytes, 12)).toBe(12);
        },
      ),
    );
  });

  it('[RTP-02] finds differences across the wrap', () => {
    fc.assert(
      fc.property(uint16, fc.integer({ min: -32_768, max: 32_767 }), (from, step) => {
        expect(sequenceDifference((from + step) & 0xffff, from)).toBe(step);
      }),
    );
    fc.assert(
      fc.property(uint32, fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), (from, step) => {
        expect(timestampDifference((from + step) >>> 0, from)).toBe(step);
      }),
    );
  });

  it('[RTP-03] tells RTCP from RTP on one port', () => {
    const packet = new Uint8Array(28);
    packet[0] = 0x80;
    for (const [second, expected] of [
      [0, false],
      [0x80, false],
      [191, false],
      [192, true],
      [200, true],
      [223, true],
      [224, false],
    ] as const) {
      packet[1] = second;
      expect(isRtcp(packet, packet.length)).toBe(expected);
    }
    packet[1] = 200;
    expect(isRtcp(packet, 7)).toBe(false);
  });
});
