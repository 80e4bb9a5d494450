import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CentreClock } from './clock.ts';
import { KeptClock } from './kept-clock.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** A machine whose clock can be set, and which can sleep. */
function machine() {
  const at = { elapsedMs: 5_000, wallMs: 1_800_000_000_000, uptimeMs: 90_000 };
  const clock = new CentreClock({
    elapsedMs: () => at.elapsedMs,
    wallMs: () => at.wallMs,
    uptimeMs: () => at.uptimeMs,
  });
  const pass = (ms: number) => {
    for (const key of ['elapsedMs', 'wallMs', 'uptimeMs'] as const) at[key] += ms;
  };
  return { at, clock, pass };
}

describe('the clock by which calls go', () => {
  test('[OPS-03] does not jump while calls are up when somebody sets the machine’s clock, and makes up for it', () => {
    for (const setByMs of [hourMs, -hourMs]) {
      const { at, clock, pass } = machine();
      const before = clock.now();
      at.wallMs += setByMs;
      expect(clock.now()).toBe(before);
      expect(clock.behindMs).toBeCloseTo(setByMs);
      let last = before;
      for (let minutes = 0; minutes < 60; minutes++) {
        pass(minuteMs);
        const now = clock.now();
        expect(Math.abs(now - last - minuteMs)).toBeLessThanOrEqual(minuteMs / 12 + 1);
        last = now;
      }
      pass(11 * hourMs);
      clock.now();
      expect(clock.now()).toBe(at.wallMs);
      expect(clock.behindMs).toBeCloseTo(0);
    }
  });

  test('[OPS-03] jumps forward when it is told to, and where the machine has slept', () => {
    const quiet = machine();
    quiet.at.wallMs += hourMs;
    quiet.clock.now();
    quiet.pass(1_000);
    expect(quiet.clock.now()).toBeLessThan(quiet.at.wallMs - hourMs + 1_000);
    quiet.clock.jump();
    expect(quiet.clock.now()).toBe(quiet.at.wallMs);
    quiet.at.wallMs -= hourMs;
    const before = quiet.clock.now();
    quiet.clock.jump();
    expect(quiet.clock.now()).toBe(before);

    const asleep = machine();
    asleep.clock.now();
    asleep.at.wallMs += hourMs;
    asleep.at.uptimeMs += hourMs;
    expect(asleep.clock.now()).toBe(asleep.at.wallMs);
    // It was set ahead besides, some time later: that is not followed.
    asleep.pass(minuteMs);
    asleep.at.wallMs += hourMs;
    expect(asleep.clock.now()).toBe(asleep.at.wallMs - hourMs);
  });

  test('[OPS-03] goes on in the time of the process before, until the machine is started again', () => {
    const folder = mkdtempSync(join(tmpdir(), 'clock-'));
    const former = machine();
    former.at.wallMs += hourMs;
    former.clock.now();
    new KeptClock(folder, former.clock).keep(true);
    const next = machine();
    next.at.wallMs += hourMs;
    const kept = new KeptClock(folder, next.clock);
    kept.resume();
    expect(Math.abs(next.clock.behindMs - hourMs)).toBeLessThan(2_000);
    kept.keep(false);
    const later = machine();
    new KeptClock(folder, later.clock).resume();
    expect(later.clock.behindMs).toBe(0);
    writeFileSync(join(folder, 'clock.json'), JSON.stringify({ boot: 'another', offsetMs: 1 }));
    new KeptClock(folder, later.clock).resume();
    expect(later.clock.behindMs).toBe(0);
    rmSync(folder, { recursive: true });
  });

  test('[OPS-03] never runs backwards, and leaves small differences alone', () => {
    const { at, clock, pass } = machine();
    at.wallMs += 900;
    const before = clock.now();
    expect(before).toBe(at.wallMs - 900);
    at.wallMs -= 3 * hourMs;
    let last = before;
    for (let step = 0; step < 1_000; step++) {
      pass(7);
      expect(clock.now()).toBeGreaterThanOrEqual(last);
      last = clock.now();
    }
  });
});
