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
