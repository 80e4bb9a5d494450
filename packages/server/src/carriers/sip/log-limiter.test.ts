import { expect, test } from 'vitest';
import { LogLimiter } from './log-limiter.ts';

test('[OPS-05] a flood of one kind writes ten lines in ten seconds, and the next one says what was left out', () => {
  let now = 0;
  const limiter = new LogLimiter(() => now);
  const admitted = Array.from({ length: 1_000 }, () => limiter.admit('malformed')).filter(
    (dropped) => dropped !== undefined,
  );
  expect(admitted).toEqual(Array.from({ length: 10 }, () => 0));
  expect(limiter.admit('authentication failed')).toBe(0);
  now = 10_000;
  expect(limiter.admit('malformed')).toBe(990);
  expect(limiter.admit('malformed')).toBe(0);
});
