import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { loadLibC, PinnedBytes } from '../../platform/kernel/index.ts';
import { Pacer } from './pacer.ts';

const SYS_WRITE = process.arch === 'x64' ? 1 : 64;
const c = loadLibC();
const one = new PinnedBytes(8);
one.bytes[0] = 1;
let descriptor: number;
let pacer: Pacer;
let served: () => void;

beforeEach(() => {
  // The clock stands still unless it is told to go on; what is readable is seen by Node's own loop.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  descriptor = c.eventfd(0, 0);
  const count = new PinnedBytes(8);
  pacer = new Pacer(descriptor, {
    serve: () => {
      c.read(descriptor, count.address, 8);
      served();
      return 1;
    },
  });
});
afterEach(() => {
  pacer.stop();
  c.close(descriptor);
  vi.useRealTimers();
});

/** A packet comes so long after the former one, and is served. */
async function packetAfter(ms: number): Promise<void> {
  vi.advanceTimersByTime(ms);
  const { promise, resolve } = Promise.withResolvers<void>();
  served = resolve;
  c.syscall(SYS_WRITE, descriptor, one.address, 8, 0, 0, 0);
  await promise;
}

it('[MED-01] both sides of a single call are served at once, packet by packet, in whatever phase they speak', async () => {
  for (let times = 0; times < 5; times++) {
    await packetAfter(18);
    await packetAfter(2);
    expect(vi.getTimerCount()).toBe(0);
  }
});

it('[MED-01] packets that keep coming are collected', async () => {
  await packetAfter(20);
  for (let times = 0; times < 3; times++) await packetAfter(2);
  expect(vi.getTimerCount()).toBe(1);
});
