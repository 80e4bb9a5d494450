import { afterEach, expect, test, vi } from 'vitest';
import type { MediaEventBody } from '../protocol.ts';
import { LegTable } from './legs.ts';
import type { Outlet } from './outlet.ts';
import type { PacketPath } from './packets.ts';
import { Reports } from './reports.ts';

afterEach(() => void vi.restoreAllMocks());

/** Figures of one leg, second by second; its reports are sent in seconds that five divides. */
function world() {
  let nowMs = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => nowMs);
  const legs = new LegTable(1);
  const outlet = { buffer: { bytes: new Uint8Array(512) }, sendRtcp: () => undefined } as unknown as Outlet;
  const events: MediaEventBody[] = [];
  const reports = new Reports(legs, {} as PacketPath, outlet, 'name', (event) => void events.push(event));
  const leg = legs.reserve(nowMs, 1, 1, 1);
  legs.publish(leg, 'leg');
  reports.start(leg);
  /** How often figures were raised in these seconds. */
  const run = (from: number, to: number): number => {
    const before = events.length;
    for (let second = from; second <= to; second++) {
      nowMs = second * 1_000;
      reports.run(second);
    }
    return events.length - before;
  };
  return { legs, leg, run };
}

test('[MED-11] a short call has figures though its socket was opened long before, and though it rang for long', () => {
  const { legs, leg, run } = world();
  expect(run(1, 61)).toBe(0);
  legs.hasRemote[leg] = 1;
  expect(run(62, 66)).toBe(5);
  // Later every fifth second is enough.
  expect(run(81, 90)).toBe(2);
});

test('[MED-11] the figures of many legs leave in steps, each leg once', () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    const legs = new LegTable(1_200);
    const outlet = { buffer: { bytes: new Uint8Array(512) }, sendRtcp: () => undefined } as unknown as Outlet;
    const events: MediaEventBody[] = [];
    const reports = new Reports(legs, {} as PacketPath, outlet, 'name', (event) => void events.push(event));
    for (let index = 0; index < 1_200; index++) {
      const leg = legs.reserve(0, 1, 1, 1);
      legs.publish(leg, `leg-${index}`);
      legs.hasRemote[leg] = 1;
      reports.start(leg);
    }
    reports.run(1);
    const told = () => events.flatMap((event) => (event.event === 'leg-stats' ? [event.legs] : []));
    expect(told().map(({ length }) => length)).toEqual([120]);
    vi.advanceTimersByTime(900);
    expect(told().map(({ length }) => length)).toEqual(Array.from({ length: 10 }, () => 120));
    expect(new Set(told().flatMap((each) => each.map(({ legId }) => legId))).size).toBe(1_200);
  } finally {
    vi.useRealTimers();
  }
});
