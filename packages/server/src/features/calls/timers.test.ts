import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Deadlines, MachineTimers } from './timers.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A clock with fractions of milliseconds, as the server's is. */
function world() {
  const begunMs = Date.now();
  const now = () => Date.now() - begunMs + 0.25;
  return { now, deadlines: new Deadlines(now) };
}

test('[QUE-07] whatever is set, set again and cleared: each deadline is met once, in order, and never before its time', () => {
  const step = fc.oneof(
    fc.record({ name: fc.integer({ max: 5, min: 0 }), inMs: fc.integer({ max: 50, min: -5 }) }),
    fc.record({ clear: fc.integer({ max: 5, min: 0 }) }),
    fc.record({ passMs: fc.integer({ max: 30, min: 0 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      vi.setSystemTime(0);
      const { now, deadlines } = world();
      const wanted = new Map<string, number>();
      const met: { dueAt: number; metAt: number }[] = [];
      const timers = new MachineTimers(deadlines, (name) => {
        met.push({ dueAt: wanted.get(name) ?? Number.NaN, metAt: now() });
        wanted.delete(name);
      });
      for (const one of steps) {
        if ('passMs' in one) vi.advanceTimersByTime(one.passMs);
        else if ('clear' in one) {
          timers.clear(String(one.clear));
          wanted.delete(String(one.clear));
        } else {
          const at = now() + one.inMs;
          timers.set(String(one.name), at);
          wanted.set(String(one.name), Math.max(at, now()));
        }
        expect(timers.size).toBe(wanted.size);
      }
      vi.advanceTimersByTime(100);
      expect(timers.size).toBe(0);
      for (const { dueAt, metAt } of met) {
        expect(metAt).toBeGreaterThanOrEqual(dueAt);
        expect(metAt - dueAt).toBeLessThan(2);
      }
      expect(met).toEqual(met.toSorted((a, b) => a.metAt - b.metAt));
      expect(vi.getTimerCount()).toBe(0);
    }),
  );
});

test('[QUE-07] a deadline beyond what one timer of Node takes is met all the same', () => {
  const { now, deadlines } = world();
  const due = vi.fn();
  const dayMs = 86_400_000;
  new MachineTimers(deadlines, due).set('far', now() + 40 * dayMs);
  vi.advanceTimersByTime(39 * dayMs);
  expect(due).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1.01 * dayMs);
  expect(due).toHaveBeenCalledExactlyOnceWith('far');
});

test('[QUE-07] what one deadline throws keeps no other from being met, and one that is set again and again lets others run', () => {
  const { now, deadlines } = world();
  const met: string[] = [];
  deadlines.set(now(), () => {
    throw new Error('a defect');
  });
  deadlines.set(now(), () => met.push('the next'));
  const again = () => {
    met.push('again');
    if (met.length < 5) deadlines.set(now() - 1, again);
  };
  deadlines.set(now(), again);
  expect(() => vi.advanceTimersToNextTimer()).toThrow('a defect');
  vi.advanceTimersToNextTimer();
  expect(met).toEqual(['the next', 'again']);
  vi.advanceTimersByTime(10);
  expect(met).toEqual(['the next', 'again', 'again', 'again', 'again']);
});
