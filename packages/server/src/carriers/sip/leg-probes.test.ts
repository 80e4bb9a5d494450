import type { LegId } from '@crosspoint/contracts';
import type { SipStack } from '@crosspoint/sip';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LegProbes } from './leg-probes.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function world() {
  const asked: string[] = [];
  const vanished: LegId[] = [];
  const gone = new Set<LegId>();
  const refused = new Set<string>();
  const pages = new Set<string>();
  const stack = {
    exportSession: (sessionId: string) => ({
      remoteTarget: `sip:${sessionId}@device`,
      flow: { protocol: pages.has(sessionId) ? 'ws' : 'udp' },
    }),
    options: ({ key }: { key: string }) => {
      asked.push(key);
      return { ok: !refused.has(key) };
    },
  } as unknown as SipStack;
  const probes = new LegProbes({
    sessionOf: (legId) => (gone.has(legId) ? undefined : `session of ${legId}`),
    run: (action) => action(stack, 0),
    vanish: (legId) => vanished.push(legId),
  });
  const answer = (key: LegId, status: number) =>
    probes.answered({ type: 'options-result', key, status, reason: '', roundTripMs: 0 });
  return { probes, asked, vanished, gone, refused, pages, answer };
}

const legs = (count: number) => Array.from({ length: count }, (_, index) => `leg-${index}` as LegId);

test('[CAR-06] legs that fall silent together are asked a few at a time, each of them once', () => {
  const { probes, asked } = world();
  const all = legs(35);
  for (const leg of [...all, ...all]) probes.probe(leg);
  expect(asked).toEqual(all.slice(0, 10));
  vi.advanceTimersByTime(20);
  expect(asked).toEqual(all.slice(0, 20));
  vi.advanceTimersByTime(40);
  expect(asked).toEqual(all);
  vi.advanceTimersByTime(1_000);
  expect(asked).toHaveLength(35);
  expect(vi.getTimerCount()).toBe(0);
});

test('[CAR-06] a leg that ends while it waits is not asked, and takes no place of another', () => {
  const { probes, asked, gone } = world();
  const all = legs(30);
  for (const leg of all) probes.probe(leg);
  for (const leg of all.slice(10, 20)) gone.add(leg);
  vi.advanceTimersByTime(20);
  expect(asked).toEqual([...all.slice(0, 10), ...all.slice(20)]);
});

test('[CAR-06] a device that answers is there, one that does not has vanished, and either can be asked again', () => {
  const { probes, asked, vanished, answer } = world();
  const [there, away] = legs(2) as [LegId, LegId];
  probes.probe(there);
  probes.probe(away);
  answer(there, 481);
  answer(away, 408);
  expect(vanished).toEqual([away]);
  // A second answer to the same question says nothing.
  answer(away, 503);
  expect(vanished).toEqual([away]);
  probes.probe(there);
  expect(asked).toEqual([there, away, there]);
});

test('[CAR-06] a question that could not be sent is no open one', () => {
  const { probes, asked, refused } = world();
  const [leg] = legs(1) as [LegId];
  refused.add(leg);
  probes.probe(leg);
  refused.clear();
  probes.probe(leg);
  expect(asked).toEqual([leg, leg]);
});

test('[CAR-06] after the end nothing is asked any more', () => {
  const { probes, asked } = world();
  for (const leg of legs(20)) probes.probe(leg);
  probes.close();
  vi.advanceTimersByTime(1_000);
  expect(asked).toHaveLength(10);
  expect(vi.getTimerCount()).toBe(0);
});

test('[CAR-03] a page that does not answer within 5 s has vanished, and what it says later is not heard', () => {
  const { probes, vanished, pages, answer } = world();
  const [page, other, telephone] = legs(3) as [LegId, LegId, LegId];
  for (const leg of [page, other]) pages.add(`session of ${leg}`);
  for (const leg of [page, other, telephone]) probes.probe(leg);
  vi.advanceTimersByTime(4_999);
  answer(other, 200);
  expect(vanished).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(vanished).toEqual([page]);
  answer(page, 408);
  vi.advanceTimersByTime(60_000);
  expect(vanished).toEqual([page]);
  probes.close();
});
