import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Timer, TimerQueue } from './index.ts';

describe('TimerQueue', () => {
  it('[TIM-01] fires in order of time, ties in order of setting, cancelled ones never', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(50), fc.boolean()), { maxLength: 80 }), (plan) => {
        const queue = new TimerQueue();
        const fired: number[] = [];
        const timers: Timer[] = plan.map(([atMs], i) =>
          queue.set({ onTimer: () => fired.push(i) }, 'x', atMs),
        );
        plan.forEach(([, isCancelled], i) => {
          if (isCancelled) queue.cancel(timers[i]);
        });
        queue.fire(25);
        const expected = plan
          .map(([atMs, isCancelled], i) => ({ atMs, isCancelled, i }))
          .filter(({ isCancelled }) => !isCancelled)
          .sort((a, b) => a.atMs - b.atMs || a.i - b.i);
        expect(fired).toEqual(expected.filter(({ atMs }) => atMs <= 25).map(({ i }) => i));
        expect(queue.size).toBe(expected.length - fired.length);
        expect(queue.nextDeadlineMs()).toBe(expected[fired.length]?.atMs);
        queue.fire(50);
        expect([fired.length, queue.size, queue.nextDeadlineMs()]).toEqual([expected.length, 0, undefined]);
      }),
    );
  });

  it('[TIM-03] fires loose timers together, never before their time and at most a quarter of a second after it', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(2_000), { minLength: 1, maxLength: 80 }), (times) => {
        const queue = new TimerQueue();
        const lateness: number[] = [];
        const owner = (atMs: number) => ({
          onTimer: (_: string, nowMs: number) => lateness.push(nowMs - atMs),
        });
        for (const atMs of times) queue.setLoose(owner(atMs), 'x', atMs);
        let wakes = 0;
        for (let atMs = queue.nextDeadlineMs(); atMs !== undefined; atMs = queue.nextDeadlineMs()) {
          queue.fire(atMs);
          wakes++;
        }
        expect(lateness).toHaveLength(times.length);
        expect(Math.min(...lateness)).toBeGreaterThanOrEqual(0);
        expect(Math.max(...lateness)).toBeLessThan(250);
        expect(wakes).toBeLessThanOrEqual(9);
      }),
    );
  });

  it('[TIM-02] fires what is set while firing, and cancelling twice or after firing does nothing', () => {
    const queue = new TimerQueue();
    const fired: string[] = [];
    const owner = {
      onTimer(name: string, nowMs: number): void {
        fired.push(`${name}${nowMs}`);
        if (name === 'a') queue.set(owner, 'b', nowMs);
      },
    };
    const timer = queue.set(owner, 'a', 10);
    queue.fire(20);
    queue.cancel(timer);
    queue.cancel(timer);
    expect(fired).toEqual(['a20', 'b20']);
    expect(queue.size).toBe(0);
  });
});
