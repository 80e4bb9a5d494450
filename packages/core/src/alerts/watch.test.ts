import type { QueueAlerts, QueueId } from '@crosspoint/contracts';
import { expect, test } from 'vitest';
import type { WatchedQueue } from './queue-causes.ts';
import { createAlertWatch as createWatch } from './watch.ts';

const queueId = 'q' as QueueId;
const start = Date.parse('2026-11-21T08:00:00.000Z');
const none: QueueAlerts = {
  longestWaitSeconds: null,
  waitingCount: null,
  serviceLevel: null,
  noAgents: false,
};

function queue(thresholds: Partial<QueueAlerts>, stats: Partial<WatchedQueue['stats']> = {}): WatchedQueue {
  return {
    thresholds: { ...none, ...thresholds },
    stats: {
      queueId,
      longestWaitSince: null,
      waiting: 0,
      serviceLevel: null,
      answered: 0,
      abandoned: 0,
      shortAbandons: 0,
      agentsWorking: 1,
      open: true,
      ...stats,
    },
  };
}
/** A watch of queues alone; what it says of a queue without its nesting. */
function createAlertWatch(open: { queueId: QueueId; kind: 'waiting'; worst: number }[]) {
  const watch = createWatch(open.map(({ worst, ...subject }) => ({ subject, worst })));
  return {
    look: (queues: WatchedQueue[], now: number) =>
      watch.look({ queues, agents: [] }, now).map(({ subject, ...effect }) => ({ ...effect, ...subject })),
  };
}
const waitingSince = new Date(start).toISOString();

test('[ALR-01] each threshold raises at its limit and not one below', () => {
  const watch = createAlertWatch([]);
  const longest = queue({ longestWaitSeconds: 60 }, { longestWaitSince: waitingSince });
  expect(watch.look([longest], start + 59_999)).toEqual([]);
  expect(watch.look([longest], start + 60_000)).toEqual([
    { type: 'raised', queueId, kind: 'longest-wait', value: 60, threshold: 60 },
  ]);
  const many = createAlertWatch([]);
  expect(many.look([queue({ waitingCount: 5 }, { waiting: 4 })], start)).toEqual([]);
  expect(many.look([queue({ waitingCount: 5 }, { waiting: 5 })], start)).toHaveLength(1);
});

test('[ALR-01] a service level is judged from the tenth contact on, short abandons aside', () => {
  const watch = createAlertWatch([]);
  const few = { serviceLevel: 0.5, answered: 8, abandoned: 4, shortAbandons: 3 };
  expect(watch.look([queue({ serviceLevel: 0.8 }, few)], start)).toEqual([]);
  const enough = { ...few, answered: 9 };
  expect(watch.look([queue({ serviceLevel: 0.5 }, enough)], start)).toEqual([]);
  expect(watch.look([queue({ serviceLevel: 0.8 }, enough)], start)).toEqual([
    { type: 'raised', queueId, kind: 'service-level', value: 0.5, threshold: 0.8 },
  ]);
});

test('[ALR-02] nobody there is an alert after ten seconds, while the queue is open', () => {
  const watch = createAlertWatch([]);
  const empty = queue({ noAgents: true }, { agentsWorking: 0 });
  expect(watch.look([empty], start)).toEqual([]);
  expect(watch.look([queue({ noAgents: true })], start + 5_000)).toEqual([]);
  expect(watch.look([empty], start + 6_000)).toEqual([]);
  expect(watch.look([empty], start + 15_999)).toEqual([]);
  expect(watch.look([empty], start + 16_000)).toMatchObject([{ type: 'raised', kind: 'no-agents' }]);
  const closed = createAlertWatch([]);
  const shut = queue({ noAgents: true }, { agentsWorking: 0, open: false });
  expect([closed.look([shut], start), closed.look([shut], start + 60_000)]).toEqual([[], []]);
});

test('[ALR-03] [ALR-04] a figure at the edge makes one alert, which is over ten seconds after its cause, with its worst value', () => {
  const watch = createAlertWatch([]);
  const look = (waiting: number, afterMs: number) =>
    watch
      .look([queue({ waitingCount: 5 }, { waiting })], start + afterMs)
      .filter(({ type }) => type !== 'worsened');
  expect(look(5, 0)).toHaveLength(1);
  expect([look(9, 1_000), look(4, 2_000), look(5, 11_000), look(4, 12_000), look(3, 21_999)].flat()).toEqual(
    [],
  );
  expect(look(3, 22_000)).toEqual([{ type: 'cleared', queueId, kind: 'waiting', worst: 9 }]);
  expect(look(5, 23_000)).toHaveLength(1);
});

test('[ALR-04] an alert whose threshold or queue is gone is over at once, also one of a former watch', () => {
  const kind = 'waiting' as const;
  const open = [{ queueId, kind, worst: 7 }];
  const cleared = { type: 'cleared', queueId, kind, worst: 7 };
  expect(createAlertWatch(open).look([], start)).toEqual([cleared]);
  expect(createAlertWatch(open).look([queue({}, { waiting: 9 })], start)).toEqual([cleared]);
  expect(createAlertWatch(open).look([queue({ waitingCount: 5 }, { waiting: 5 })], start)).toEqual([]);
});

test('[ALR-05] that it has become worse is told every ten seconds at most', () => {
  const watch = createAlertWatch([]);
  const look = (waiting: number, afterMs: number) =>
    watch.look([queue({ waitingCount: 5 }, { waiting })], start + afterMs);
  expect(look(5, 0)).toHaveLength(1);
  expect([look(8, 1_000), look(9, 9_999)].flat()).toEqual([]);
  expect(look(7, 10_000)).toEqual([{ type: 'worsened', queueId, kind: 'waiting', worst: 9 }]);
  expect([look(9, 19_000), look(10, 19_999)].flat()).toEqual([]);
  expect(look(6, 20_000)).toEqual([{ type: 'worsened', queueId, kind: 'waiting', worst: 10 }]);
});
