import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Beat } from './beat.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** Work that lasts until it is told to end. */
function slowWork() {
  const under: { end: (error?: Error) => void }[] = [];
  const failures: unknown[] = [];
  const beat = new Beat(
    1_000,
    () => {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      under.push({ end: (error) => (error === undefined ? resolve() : reject(error)) });
      return promise;
    },
    (error) => failures.push(error),
  );
  return { under, failures, beat };
}

test('[OPS-03] what is held up is not begun a second time, and whoever asks meanwhile waits for it', async () => {
  const { under, beat } = slowWork();
  vi.advanceTimersByTime(3_000);
  expect(under).toHaveLength(1);
  const asked = beat.now();
  under[0]?.end();
  await asked;
  vi.advanceTimersByTime(1_000);
  expect(under).toHaveLength(2);
});

test('[OPS-03] what has failed is told, and done again with the next beat', async () => {
  const { under, failures, beat } = slowWork();
  const asked = beat.now();
  under[0]?.end(new Error('the database is away'));
  await asked;
  expect(failures).toEqual([new Error('the database is away')]);
  vi.advanceTimersByTime(1_000);
  expect(under).toHaveLength(2);
});

test('[OPS-03] after the last beat nothing is begun, and what is under way is waited for', async () => {
  const { under, beat } = slowWork();
  vi.advanceTimersByTime(1_000);
  let isOver = false;
  const stopped = beat.stop().then(() => (isOver = true));
  vi.advanceTimersByTime(5_000);
  await Promise.resolve();
  expect(isOver).toBe(false);
  expect(under).toHaveLength(1);
  under[0]?.end();
  await stopped;
  expect(isOver).toBe(true);
});
