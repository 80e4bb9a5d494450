import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { MediaClient } from '../../media/index.ts';
import { SpareSockets } from './spare-sockets.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A media process that has opened so many legs, and a shelf of spares in front of it. */
function shelf() {
  const open = new Set<string>();
  const client = {
    allocateLeg: async ({ legId }: { legId: string }) => {
      open.add(legId);
      return { port: open.size };
    },
    releaseLeg: async (legId: string) => void open.delete(legId),
  } as unknown as MediaClient;
  let count = 0;
  const spares = new SpareSockets(client, () => `leg-${++count}`);
  const taken = new Set<string>();
  const take = async (times: number) => {
    const got = await Promise.all(Array.from({ length: times }, () => spares.take('127.0.0.1')));
    for (const { mediaId } of got) taken.add(mediaId);
    // What is opened in advance is there a moment later.
    await vi.advanceTimersByTimeAsync(1);
  };
  return { open, taken, take, spareCount: () => [...open].filter((id) => !taken.has(id)).length };
}

test('[CAR-06] sockets are opened in advance, more of them when many are wanted at once, and never without limit', async () => {
  const { taken, take, spareCount } = shelf();
  await take(1);
  expect(spareCount()).toBe(8);
  await take(1_000);
  expect(spareCount()).toBe(64);
  expect(taken.size).toBe(1_001);
});

test('[CAR-06] what nobody has used for a while is given back, but for the few that stand there at first', async () => {
  const { open, taken, take, spareCount } = shelf();
  await take(1_000);
  await vi.advanceTimersByTimeAsync(20_000);
  await take(1);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(spareCount()).toBeGreaterThan(32);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(spareCount()).toBe(4);
  expect([...taken].every((id) => open.has(id))).toBe(true);
  await take(200);
  expect(spareCount()).toBe(64);
});
