import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createServerClock } from './clock.ts';

test('[SUP-01] without an observation the device clock is believed', () => {
  expect(createServerClock().serverTime(1_000)).toBe(1_000);
});

test('[SUP-01] the fastest message decides: the error is its travelling time, for any difference of the clocks', () => {
  const delays = fc.array(fc.integer({ min: 0, max: 2_000 }), { minLength: 1, maxLength: 32 });
  fc.assert(
    fc.property(fc.integer({ min: -10_000_000, max: 10_000_000 }), delays, (ahead, travel) => {
      const clock = createServerClock();
      travel.forEach((delay, index) => {
        const receivedAt = index * 1_000;
        clock.observe(receivedAt - delay + ahead, receivedAt);
      });
      const error = ahead - clock.offsetMs;
      expect(error).toBe(Math.min(...travel));
    }),
  );
});

test('[SUP-01] a device clock that is set anew is followed after 32 messages', () => {
  const clock = createServerClock();
  clock.observe(100_000, 0);
  for (let index = 0; index < 31; index += 1) clock.observe(index, index);
  expect(clock.offsetMs).toBe(100_000);
  clock.observe(31, 31);
  expect(clock.offsetMs).toBe(0);
});

test('[SUP-01] an unreadable time is ignored', () => {
  const clock = createServerClock();
  clock.observe(Date.parse('not a time'), 5);
  expect(clock.serverTime(7)).toBe(7);
});
