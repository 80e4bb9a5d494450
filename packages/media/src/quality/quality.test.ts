import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CodecImpairment,
  codecImpairments,
  delayImpairment,
  effectiveEquipmentImpairment,
  legQuality,
  mosOfRating,
  ratingMax,
  streamQuality,
} from './index.ts';

const g711 = codecImpairments['PCMU'] as CodecImpairment;

describe('the E-model', () => {
  it('[G.107 §7.7] default values give R = 93.2 and MOS 4.41', () => {
    expect(ratingMax).toBeCloseTo(93.2, 1);
    expect(mosOfRating(93.2)).toBeCloseTo(4.41, 2);
  });

  it.each([
    [100, 4.5],
    [94.3, 4.43],
    [90, 4.34],
    [80, 4.02],
    [70, 3.6],
    [60, 3.1],
    [50, 2.58],
    [0, 1],
    [-5, 1],
    [120, 4.5],
  ])('[G.107 annex B] R = %d is MOS %d', (rating, mos) => {
    expect(Math.abs(mosOfRating(rating) - mos)).toBeLessThan(0.0051);
  });

  it('[G.107 §7.5] losses weigh as the robustness of the codec says', () => {
    // G.711 with concealment at 1 % and 5 %, without at 1 %; G.729A + VAD (Ie 11, Bpl 19) at 2 %.
    expect(effectiveEquipmentImpairment(0, 25.1, 1, 1)).toBeCloseTo(95 / 26.1, 6);
    expect(effectiveEquipmentImpairment(0, 25.1, 5, 1)).toBeCloseTo((95 * 5) / 30.1, 6);
    expect(effectiveEquipmentImpairment(0, 4.3, 1, 1)).toBeCloseTo(17.92, 2);
    expect(effectiveEquipmentImpairment(11, 19, 2, 1)).toBeCloseTo(19, 6);
    expect(effectiveEquipmentImpairment(0, 4.3, 2, 2)).toBeCloseTo(190 / 5.3, 6);
  });

  it('[G.107 §7.4] delay costs little below 150 ms and much above 300 ms', () => {
    expect(delayImpairment(0)).toBeCloseTo(0.15, 2);
    // The straight lines of Cole and Rosenbluth follow this curve closely as far as they were drawn.
    for (const oneWayMs of [25, 50, 100, 150, 200, 250, 300]) {
      const line = 0.024 * oneWayMs + (oneWayMs > 177.3 ? 0.11 * (oneWayMs - 177.3) : 0);
      expect(Math.abs(delayImpairment(oneWayMs) - delayImpairment(0) - line)).toBeLessThan(0.4);
    }
  });

  it('[MOS-01] more delay or more loss never sounds better', () => {
    const delay = fc.integer({ min: 0, max: 2_000 });
    const loss = fc.integer({ min: 0, max: 1_000 });
    fc.assert(
      fc.property(
        delay,
        delay,
        loss,
        loss,
        fc.constantFrom(...Object.keys(codecImpairments)),
        (a, b, c, d, name) => {
          const codec = codecImpairments[name] as CodecImpairment;
          const at = (roundTripMs: number, lostPackets: number) =>
            streamQuality({ expectedPackets: 1_000, lostPackets, jitterMs: 2 }, codec, 20, roundTripMs);
          const better = at(Math.min(a, b), Math.min(c, d));
          const worse = at(Math.max(a, b), Math.max(c, d));
          expect(worse.rFactor).toBeLessThanOrEqual(better.rFactor);
          expect(worse.mos).toBeLessThanOrEqual(better.mos);
          expect(worse.mos).toBeGreaterThanOrEqual(1);
          expect(better.mos).toBeLessThanOrEqual(4.5);
        },
      ),
    );
  });
});

describe('the quality of a leg', () => {
  const clean = { expectedPackets: 5_000, lostPackets: 0, jitterMs: 0.4 };

  it('[MOS-02] a clean call on the local network is as good as G.711 gets', () => {
    const quality = legQuality({ codec: 'PCMA', packetMs: 20, roundTripMs: 1, received: clean, sent: clean });
    expect(quality).toMatchObject({ lossPercent: 0, jitterMs: 0.4, roundTripMs: 1 });
    expect(quality?.mos).toBeGreaterThanOrEqual(4.36);
    expect(quality?.rFactor).toBeGreaterThan(91);
  });

  it('[MOS-02] the worse direction is the quality of the leg', () => {
    const lossy = { expectedPackets: 5_000, lostPackets: 250, jitterMs: 9 };
    const quality = legQuality({
      codec: 'PCMU',
      packetMs: 20,
      roundTripMs: 80,
      received: clean,
      sent: lossy,
    });
    expect(quality?.lossPercent).toBe(5);
    expect(quality?.mos).toBe(quality?.sent?.mos);
    expect(quality?.received?.mos).toBeGreaterThan(quality?.mos as number);
    const reversed = legQuality({
      codec: 'PCMU',
      packetMs: 20,
      roundTripMs: 80,
      received: lossy,
      sent: clean,
    });
    expect(reversed?.rFactor).toBe(quality?.rFactor);
    expect(reversed?.received?.lossPercent).toBe(5);
  });

  it('[MOS-02] what comes too late counts as lost; repeated packets do not make it better than none lost', () => {
    const at = (extra: object) => streamQuality({ ...clean, ...extra }, g711, 20, 40);
    expect(at({ discardedPackets: 100 }).lossPercent).toBe(2);
    expect(at({ lostPackets: -40 })).toEqual(at({}));
    expect(at({ lostPackets: 9_000 })).toMatchObject({ lossPercent: 100 });
    expect(at({ lostPackets: 9_000 }).mos).toBeLessThan(1.3);
  });

  it('[MOS-03] the same loss in bursts sounds worse than at random', () => {
    const lost = { ...clean, lostPackets: 150 };
    const atRandom = streamQuality({ ...lost, lossEvents: 150 }, g711, 20, 40);
    const inBursts = streamQuality({ ...lost, lossEvents: 30 }, g711, 20, 40);
    expect(atRandom).toEqual(streamQuality(lost, g711, 20, 40));
    expect(inBursts.rFactor).toBeLessThan(atRandom.rFactor - 0.5);
  });

  it('[MOS-04] wideband codecs are judged on their own scale, unknown ones as G.711', () => {
    const of = (codec: string) => legQuality({ codec, packetMs: 20, roundTripMs: 10, received: clean });
    expect(of('opus')?.mos).toBeGreaterThan(of('G722')?.mos as number);
    expect(of('G722')?.mos).toBeGreaterThan(4.2);
    expect(of('speex')).toEqual(of('PCMU'));
  });

  it('[MOS-02] without a packet there is no figure', () => {
    expect(legQuality({ codec: 'PCMU', packetMs: 20, roundTripMs: null })).toBeUndefined();
    const silent = { expectedPackets: 0, lostPackets: 0, jitterMs: 0 };
    expect(legQuality({ codec: 'PCMU', packetMs: 20, roundTripMs: null, received: silent })).toBeUndefined();
    const oneWay = legQuality({ codec: 'PCMU', packetMs: 20, roundTripMs: null, sent: clean });
    expect(oneWay).toMatchObject({ roundTripMs: null, received: null });
  });
});
