import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ArrivalDelay } from './arrival-delay.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A socket whose queue holds what arrives for `delayMs`. */
function socketOf(delayMs: () => number | undefined) {
  let sent = 0;
  const delay: ArrivalDelay = new ArrivalDelay({
    now: () => Date.now(),
    send: (probe) => {
      sent++;
      const waits = delayMs();
      if (waits !== undefined) setTimeout(() => expect(delay.heard(probe)).toBe(true), waits);
    },
  });
  const message = Buffer.from('OPTIONS sip:a SIP/2.0');
  const traffic = (perSecond: number, milliseconds: number): void => {
    for (let at = 0; at < milliseconds; at += 100) {
      for (let i = 0; i < perSecond / 10; i++) expect(delay.heard(message)).toBe(false);
      vi.advanceTimersByTime(100);
    }
  };
  return { delay, traffic, sent: () => sent };
}

test('[OPS-05] a line that is not busy is not asked how late it is, and no timer stays', () => {
  const { delay, traffic, sent } = socketOf(() => 0);
  traffic(50, 3_000);
  expect(sent()).toBe(0);
  vi.advanceTimersByTime(1_000);
  expect(vi.getTimerCount()).toBe(0);
  expect(delay.isOverloaded).toBe(false);
});

test('[OPS-05] a line is overloaded from a second of delay until hardly any is left', () => {
  let queueMs = 900;
  const { delay, traffic } = socketOf(() => queueMs);
  traffic(1_000, 5_000);
  expect(delay.isOverloaded).toBe(false);
  queueMs = 1_400;
  traffic(1_000, 5_000);
  expect(delay.isOverloaded).toBe(true);
  queueMs = 700;
  traffic(1_000, 5_000);
  expect(delay.isOverloaded).toBe(true);
  queueMs = 200;
  traffic(1_000, 3_000);
  expect(delay.isOverloaded).toBe(false);
});

test('[OPS-05] a probe that was dropped counts as late, and quiet ends the overload', () => {
  const queue: { ms?: number } = {};
  const { delay, traffic } = socketOf(() => queue.ms);
  traffic(1_000, 2_000);
  expect(delay.isOverloaded).toBe(true);
  queue.ms = 1;
  vi.advanceTimersByTime(10_000);
  expect(delay.isOverloaded).toBe(false);
  expect(vi.getTimerCount()).toBe(0);
});
