import type { LegId } from '@crosspoint/contracts';
import { expect, test } from 'vitest';
import { journaledInput } from './journaled-input.ts';

const digit = { type: 'leg.digit', legId: 'leg' as LegId, digit: '7' } as const;

test('[OPS-03] keys are kept on disk in a queue alone: elsewhere they may be a secret', () => {
  for (const state of ['arriving', 'dialling', 'connected', 'wrap-up', 'ended', undefined] as const) {
    expect(journaledInput(digit, state)).toEqual({ ...digit, digit: '' });
  }
  for (const state of ['waiting', 'offered'] as const) expect(journaledInput(digit, state)).toBe(digit);
  const ringing = { type: 'leg.ringing', legId: digit.legId } as const;
  expect(journaledInput(ringing, 'connected')).toBe(ringing);
});
