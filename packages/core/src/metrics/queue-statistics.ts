import type {
  ContactFact,
  ContactFactOf,
  ContactId,
  EntryId,
  EpochMs,
  QueueId,
  QueueSettings,
  QueueStats,
} from '@crosspoint/contracts';
import type { QueueView } from '../acd/index.ts';
import { ArrivalRate } from './arrivals.ts';
import { queueFigures } from './catalogue.ts';
import { emptyCounts, type QueueCounts } from './counts.ts';
import { DepthTrend } from './depth.ts';
import { EstimateError } from './estimate-error.ts';
import { Patience } from './patience.ts';
import { StaffingHint } from './staffing-hint.ts';

/** The settings of a queue that its figures depend on. */
export type Thresholds = Pick<QueueSettings, 'serviceLevel' | 'shortAbandonSeconds'>;

/** What the distributor adds to the figures: how the queue stands now. */
export type QueueNow = Pick<
  QueueView,
  'agentsReady' | 'agentsStaffed' | 'agentsWorking' | 'open' | 'openUntil'
> & {
  estimatedWaitMs: number | null;
  /** Of the agents who serve the queue, see `staffFigures`. */
  occupancy: number | null;
  adherence: number | null;
};

/**
 * Facts in, figures of each queue out. The live board feeds it as facts happen, a report feeds it from storage; both
 * get the same numbers.
 */
export interface QueueStatistics {
  /** Thresholds act on what leaves the queue from now on. A queue that is not configured counts with the defaults. */
  configure(queueId: QueueId, thresholds: Thresholds): void;
  remove(queueId: QueueId): void;
  /**
   * A new period of the queue begins, at midnight in its time zone say. Whoever waits is carried over as offered, so
   * that rule 17 holds at any moment.
   */
  startPeriod(queueId: QueueId, since: EpochMs): void;
  /** Facts of all contacts, in the order of their time; within a contact in their own order. */
  apply(fact: ContactFact): void;
  counts(queueId: QueueId): QueueCounts;
  stats(queueId: QueueId, now: EpochMs, queueNow: QueueNow): QueueStats;
  /** When callers of the queue give up, as the figures show it too. */
  patience(queueId: QueueId, now: EpochMs): QueueStats['patience'];
}

interface QueueTally {
  thresholds: Thresholds;
  since: EpochMs;
  counts: QueueCounts;
  depth: DepthTrend;
  arrivals: ArrivalRate;
  estimateError: EstimateError;
  staffing: StaffingHint;
  patience: Patience;
  /** Who waits since when, the first in first, and what was estimated on entering. */
  stays: Map<EntryId, { since: EpochMs; estimatedWaitMs: number | null; isCallback: boolean }>;
}

const defaultThresholds: Thresholds = {
  serviceLevel: { seconds: 20, target: 0.8 },
  shortAbandonSeconds: 5,
};

export function createQueueStatistics(): QueueStatistics {
  const tallies = new Map<QueueId, QueueTally>();
  /** The queue of each conversation of an open contact, by the number of its segment. */
  const talks = new Map<ContactId, Map<number, QueueId>>();
  const tally = (queueId: QueueId): QueueTally => {
    let known = tallies.get(queueId);
    if (known === undefined) {
      known = {
        thresholds: defaultThresholds,
        since: 0,
        counts: emptyCounts(),
        depth: new DepthTrend(),
        arrivals: new ArrivalRate(),
        estimateError: new EstimateError(),
        staffing: new StaffingHint(),
        patience: new Patience(),
        stays: new Map(),
      };
      tallies.set(queueId, known);
    }
    return known;
  };
  return {
    configure(queueId, thresholds) {
      tally(queueId).thresholds = thresholds;
    },
    remove(queueId) {
      tallies.delete(queueId);
    },
    startPeriod(queueId, since) {
      const queue = tally(queueId);
      queue.since = since;
      queue.counts = emptyCounts(queue.stays.size);
    },
    apply(fact) {
      switch (fact.type) {
        case 'contact.deflected':
          if (fact.data.queueId !== undefined) tally(fact.data.queueId).counts.deflected += 1;
          return;
        case 'queue.entered':
          return enter(tally(fact.data.queueId), fact);
        case 'queue.left':
          return leave(tally(fact.data.queueId), fact);
        case 'segment.started':
          return rememberTalk(talks, fact);
        case 'segment.ended': {
          const queueId = talks.get(fact.contactId)?.get(fact.data.segment);
          if (queueId !== undefined) handle(tally(queueId).counts, fact);
          return;
        }
        case 'wrapup.ended':
          tally(fact.data.queueId).counts.wrapUpMs += fact.data.durationMs;
          return;
        case 'contact.closed':
          talks.delete(fact.contactId);
          return;
        default:
          return;
      }
    },
    counts: (queueId) => ({ ...tally(queueId).counts }),
    patience: (queueId, now) => patienceOf(tally(queueId), now),
    stats: (queueId, now, queueNow) => statsOf(queueId, tally(queueId), now, queueNow),
  };
}

function enter(queue: QueueTally, { at, data }: ContactFactOf<'queue.entered'>): void {
  const { arrivals, counts, depth, stays } = queue;
  if (stays.has(data.entryId)) return;
  const { estimatedWaitMs = null, isCallback = false } = data;
  stays.set(data.entryId, { since: at, estimatedWaitMs, isCallback });
  arrivals.add(at);
  counts.offered += 1;
  counts.waiting += 1;
  depth.set(counts.waiting, at);
}

function leave(queue: QueueTally, { at, data }: ContactFactOf<'queue.left'>): void {
  const { counts, depth, patience, stays, thresholds } = queue;
  // Of who is called back nobody holds the line.
  if (data.isCallback !== true) {
    patience.add(data.waitMs, data.result === 'abandoned', () => waitsOf(queue, at));
  }
  // A stay that began before everything known here does not count, or the sum would not come out even.
  const stay = stays.get(data.entryId);
  if (stay === undefined) return;
  stays.delete(data.entryId);
  const { result, waitMs } = data;
  counts.waitedMs += waitMs;
  const isWithin = waitMs <= thresholds.serviceLevel.seconds * 1000;
  counts.waiting -= 1;
  depth.set(counts.waiting, at);
  if (isWithin) counts.removedWithin += 1;
  switch (result) {
    case 'answered':
      counts.answered += 1;
      counts.answeredWaitMs += waitMs;
      if (stay.estimatedWaitMs !== null) queue.estimateError.add(stay.estimatedWaitMs, waitMs);
      if (isWithin) counts.answeredWithin += 1;
      return;
    case 'abandoned':
      counts.abandoned += 1;
      if (isWithin) counts.abandonedWithin += 1;
      if (waitMs < thresholds.shortAbandonSeconds * 1000) counts.shortAbandons += 1;
      return;
    case 'overflowed':
      counts.overflowed += 1;
      return;
    case 'callback':
      counts.callbacks += 1;
  }
}

function handle(counts: QueueCounts, { data }: ContactFactOf<'segment.ended'>): void {
  counts.handled += 1;
  counts.talkMs += data.talkMs;
  counts.holdMs += data.holdMs;
}

function rememberTalk(
  talks: Map<ContactId, Map<number, QueueId>>,
  { contactId, data }: ContactFactOf<'segment.started'>,
): void {
  if (data.queueId === undefined) return;
  const known = talks.get(contactId) ?? new Map<number, QueueId>();
  known.set(data.segment, data.queueId);
  talks.set(contactId, known);
}

/** How long each caller has waited, the first in first; the same every time it is asked. */
function* waitsOf({ stays }: QueueTally, now: EpochMs): Generator<number> {
  for (const { since, isCallback } of stays.values()) if (!isCallback) yield Math.max(0, now - since);
}

function patienceOf(queue: QueueTally, now: EpochMs): QueueStats['patience'] {
  return queue.patience.figures(() => waitsOf(queue, now));
}

function statsOf(queueId: QueueId, queue: QueueTally, now: EpochMs, queueNow: QueueNow): QueueStats {
  const { counts, depth, stays, thresholds } = queue;
  const longest = stays.values().next().value?.since;
  return {
    queueId,
    ...queueFigures(counts),
    serviceLevelSeconds: thresholds.serviceLevel.seconds,
    serviceLevelTarget: thresholds.serviceLevel.target,
    longestWaitSince: longest === undefined ? null : new Date(longest).toISOString(),
    agentsReady: queueNow.agentsReady,
    agentsStaffed: queueNow.agentsStaffed,
    agentsWorking: queueNow.agentsWorking,
    estimatedWaitSeconds: queueNow.estimatedWaitMs === null ? null : queueNow.estimatedWaitMs / 1000,
    estimateErrorSecondsMedian: queue.estimateError.medianSeconds(),
    open: queueNow.open,
    openUntil: queueNow.openUntil === null ? null : new Date(queueNow.openUntil).toISOString(),
    occupancy: queueNow.occupancy,
    adherence: queueNow.adherence,
    patience: patienceOf(queue, now),
    staffing: queue.staffing.of(counts, queue.arrivals.callsPerHour(now), thresholds, now),
    since: new Date(queue.since).toISOString(),
    depth: depth.samples(now),
  };
}
