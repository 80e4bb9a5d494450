import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Liveness } from './liveness.ts';

describe('liveness of a media process', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] }));
  afterEach(() => void vi.useRealTimers());

  /** A process that answers when it is told to. */
  function create() {
    const hung: number[] = [];
    const asked: PromiseWithResolvers<unknown>[] = [];
    const process = {
      isConnected: true,
      stats: () => {
        asked.push(Promise.withResolvers());
        return asked.at(-1)!.promise;
      },
    };
    const liveness = new Liveness(process, (silentForMs) => void hung.push(silentForMs));
    liveness.watch();
    return { process, liveness, hung, asked };
  }

  it('[SUP-03] one that misses four turns is found out, once', () => {
    const { hung } = create();
    vi.advanceTimersByTime(4_900);
    expect(hung).toEqual([]);
    vi.advanceTimersByTime(100);
    expect(hung).toEqual([4_000]);
    vi.advanceTimersByTime(60_000);
    expect(hung).toEqual([4_000]);
  });

  it('[SUP-03] whoever answers in time, be it with a refusal, is asked again and left alone', async () => {
    const { asked, hung } = create();
    for (let second = 1; second <= 20; second++) {
      vi.advanceTimersByTime(3_000);
      const last = asked.at(-1)!;
      if (second % 2 === 0) last.resolve({});
      else last.reject(new Error('shutting down'));
      await last.promise.catch(() => undefined);
      await Promise.resolve();
    }
    expect(asked.length).toBeGreaterThanOrEqual(20);
    expect(hung).toEqual([]);
  });

  it('[SUP-03] turns that come late count nothing: the reply waits where it could not be read', () => {
    const { hung } = create();
    vi.advanceTimersByTime(4_000);
    const now = performance.now();
    const clock = vi.spyOn(performance, 'now');
    for (let turn = 1; turn <= 20; turn++) {
      clock.mockReturnValue(now + turn * 1_600);
      vi.advanceTimersByTime(1_000);
    }
    expect(hung).toEqual([]);
    clock.mockRestore();
  });

  it('[SUP-03] without a connection nobody is asked', () => {
    const { process, asked, hung } = create();
    process.isConnected = false;
    vi.advanceTimersByTime(60_000);
    expect([asked.length, hung]).toEqual([0, []]);
  });
});
