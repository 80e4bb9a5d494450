import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ntpMiddle,
  ntpTime,
  parseRtcp,
  type ReportBlock,
  reportedJitterMs,
  type RtcpToSend,
  roundTripMs,
  rtcpBytesMax,
  writeRtcp,
} from './rtcp.ts';

const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });
const text = fc.string({ unit: fc.constantFrom(...'abcXYZ019@.-'), minLength: 1, maxLength: 255 });
const report: fc.Arbitrary<ReportBlock> = fc.record({
  ssrc: uint32,
  fractionLost: fc.integer({ min: 0, max: 255 }),
  cumulativeLost: fc.integer({ min: -0x80_0000, max: 0x7f_ffff }),
  extendedHighestSequence: uint32,
  jitter: uint32,
  lastSenderReport: uint32,
  delaySinceLastSenderReport: uint32,
});
const sender = fc.record({
  ntpSeconds: uint32,
  ntpFraction: uint32,
  rtpTimestamp: uint32,
  packetCount: uint32,
  octetCount: uint32,
});
const toSend = fc.record(
  { ssrc: uint32, sender, report, cname: text, byeReason: text },
  { requiredKeys: ['ssrc', 'cname'] },
);

describe('RTCP', () => {
  it('[RTCP-01] reads what it has written', () => {
    fc.assert(
      fc.property(toSend, (packet: RtcpToSend) => {
        const bytes = new Uint8Array(rtcpBytesMax);
        const length = writeRtcp(bytes, packet);
        expect(length % 4).toBe(0);
        expect(length).toBeLessThanOrEqual(rtcpBytesMax);
        const parsed = parseRtcp(bytes, length);
        expect(parsed?.senderSsrc).toBe(packet.ssrc);
        expect(parsed?.sender).toEqual(packet.sender);
        expect(parsed?.reports).toEqual(packet.report === undefined ? [] : [packet.report]);
        expect(parsed?.cname).toBe(packet.cname);
        expect(parsed?.bye).toBe(packet.byeReason !== undefined);
        expect(parsed?.byeReason).toBe(packet.byeReason);
      }),
    );
  });

  it('[RTCP-02] survives any bytes, also when a valid packet is damaged', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void parseRtcp(bytes, bytes.length)));
    fc.assert(
      fc.property(toSend, fc.nat(), fc.nat(255), fc.nat(), (packet: RtcpToSend, at, value, cut) => {
        const bytes = new Uint8Array(rtcpBytesMax);
        const length = writeRtcp(bytes, packet);
        bytes[at % length] = value;
        const parsed = parseRtcp(bytes, cut % (length + 1));
        if (parsed !== undefined) expect(parsed.reports.length).toBeLessThanOrEqual(31 * 4);
      }),
    );
  });

  it('[RTCP-02] refuses what does not begin with a report or is cut off', () => {
    const bytes = new Uint8Array(rtcpBytesMax);
    const length = writeRtcp(bytes, { ssrc: 1, cname: 'abc' });
    expect(parseRtcp(bytes, length)).toBeDefined();
    expect(parseRtcp(bytes, length - 1)).toBeUndefined();
    expect(parseRtcp(bytes.subarray(8), length - 8)).toBeUndefined();
    expect(parseRtcp(bytes, 0)).toBeUndefined();
  });

  it('[RTCP-03] finds the round trip that really passed', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 ** 41 }),
        fc.integer({ min: 0, max: 5_000 }),
        fc.integer({ min: 0, max: 8_000 }),
        (sentAt, trip, hold) => {
          const ntp = ntpTime(sentAt);
          const block: ReportBlock = {
            ssrc: 1,
            fractionLost: 0,
            cumulativeLost: 0,
            extendedHighestSequence: 0,
            jitter: 0,
            lastSenderReport: ntpMiddle(ntp.seconds, ntp.fraction) || 1,
            delaySinceLastSenderReport: Math.floor(hold * 65.536),
          };
          const found = roundTripMs(block, sentAt + hold + trip);
          expect(found).toBeDefined();
          expect(Math.abs((found as number) - trip)).toBeLessThan(0.1);
        },
      ),
    );
  });

  it('[RTCP-03] has no result without a sender report or with clocks that disagree', () => {
    const block = { ssrc: 1, fractionLost: 0, cumulativeLost: 0, extendedHighestSequence: 0, jitter: 0 };
    expect(roundTripMs({ ...block, lastSenderReport: 0, delaySinceLastSenderReport: 0 }, 5)).toBeUndefined();
    const ntp = ntpTime(10_000);
    const later = ntpMiddle(ntp.seconds, ntp.fraction);
    expect(
      roundTripMs({ ...block, lastSenderReport: later, delaySinceLastSenderReport: 0 }, 9_000),
    ).toBeUndefined();
  });

  it('[RTCP-04] does not believe a jitter of hours, as Twinkle 1.10.2 reports it after a hold', () => {
    const block = { ssrc: 1, fractionLost: 0, cumulativeLost: 0, extendedHighestSequence: 0 };
    const clocks = { lastSenderReport: 0, delaySinceLastSenderReport: 0 };
    expect(reportedJitterMs({ ...block, ...clocks, jitter: 168_359_376 }, 8)).toBeUndefined();
    expect(reportedJitterMs({ ...block, ...clocks, jitter: 0xffff_ffff }, 48)).toBeUndefined();
    expect(reportedJitterMs({ ...block, ...clocks, jitter: 8_000 }, 8)).toBe(1_000);
    expect(reportedJitterMs({ ...block, ...clocks, jitter: 8_008 }, 8)).toBeUndefined();
  });
});
