import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { NewPath } from './new-path.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function world() {
  const began = Date.now();
  const asked: number[] = [];
  const path = new NewPath(() => asked.push((Date.now() - began) / 1_000));
  path.becomes('connected');
  return { asked, path };
}

test('[CAR-03] a desk whose sound is cut asks for another path at once, then ever less often, and four times at most', () => {
  const { asked, path } = world();
  path.becomes('disconnected');
  path.becomes('checking');
  path.becomes('disconnected');
  vi.advanceTimersByTime(600_000);
  expect(asked).toEqual([0, 2, 6, 14]);
  expect(vi.getTimerCount()).toBe(0);
});

test('[CAR-03] a path that carries again is left alone, and the next cut is answered as fast as the first', () => {
  const { asked, path } = world();
  path.becomes('disconnected');
  vi.advanceTimersByTime(3_000);
  path.becomes('connected');
  expect(vi.getTimerCount()).toBe(0);
  vi.advanceTimersByTime(7_000);
  path.becomes('disconnected');
  vi.advanceTimersByTime(2_000);
  expect(asked).toEqual([0, 2, 10, 12]);
});

test('[CAR-03] a network that is there again is asked once while sound comes through, and from the beginning while it does not', () => {
  const { asked, path } = world();
  path.networkIsBack();
  vi.advanceTimersByTime(60_000);
  expect(asked).toEqual([0]);
  path.becomes('disconnected');
  vi.advanceTimersByTime(60_000);
  path.networkIsBack();
  vi.advanceTimersByTime(3_000);
  expect(asked).toEqual([0, 60, 62, 66, 74, 120, 122]);
});

test('[CAR-03] a call that is over asks for nothing', () => {
  const { asked, path } = world();
  path.becomes('disconnected');
  path.end();
  path.networkIsBack();
  path.becomes('disconnected');
  vi.advanceTimersByTime(60_000);
  expect(asked).toEqual([0]);
  expect(vi.getTimerCount()).toBe(0);
});
