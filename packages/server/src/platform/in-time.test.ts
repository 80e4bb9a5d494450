import { expect, test } from 'vitest';
import { inTime } from './in-time.ts';

test('[OPS-03] what is in time comes through, as a value or as its own error', async () => {
  expect(await inTime(Promise.resolve(7), 10_000, 'late')).toBe(7);
  await expect(inTime(Promise.reject(new Error('own')), 10_000, 'late')).rejects.toThrow('own');
});

test('[OPS-03] what is late fails, and its later failure is nobody’s', async () => {
  const work = Promise.withResolvers<never>();
  await expect(inTime(work.promise, 1, 'it was late')).rejects.toThrow('it was late');
  work.reject(new Error('after all'));
  await expect(work.promise).rejects.toThrow('after all');
});
