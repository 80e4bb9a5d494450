import type { LegId, LegQuality } from '@crosspoint/contracts';
import { expect, test } from 'vitest';
import { LegQualities } from './leg-qualities.ts';

const leg = 'leg' as LegId;
const figure = (mos: number): LegQuality => ({
  ...{ codec: 'PCMA', mos, rFactor: 90, lossPercent: 0, jitterMs: 1, roundTripMs: null },
});

test('[SUP-01] who looks on is told the first figure of a leg and what a listener would notice, however slowly it comes', () => {
  const qualities = new LegQualities(() => true);
  const told = [4.3, 4.35, 4.25, 4.05, 3.95, 3.8, 4.3].map((mos) => qualities.set(leg, figure(mos)));
  expect(told).toEqual([true, false, false, true, false, true, true]);
  expect(qualities.get(leg)?.mos).toBe(4.3);
  expect(qualities.take(leg)?.mos).toBe(4.3);
  expect(qualities.set(leg, figure(4.3))).toBe(true);
});
