import type { ContactFact, EpochMs, QueueId } from '@crosspoint/contracts';
import { emptyCounts, type QueueCounts, sumCounts } from './counts.ts';
import { createQueueStatistics, type Thresholds } from './queue-statistics.ts';

export interface Interval {
  readonly from: EpochMs;
  readonly to: EpochMs;
}

/** What was counted in an interval; who waited already when it began is in `counts.offered` too (rule 17). */
export interface IntervalCounts extends Interval {
  readonly waitingBefore: number;
  readonly counts: QueueCounts;
}

export interface QueueIntervals {
  /** In the order of time, from a while before the first interval: who entered then may still wait. */
  apply(fact: ContactFact): void;
  /** Nothing follows. */
  finish(): IntervalCounts[];
}

/**
 * The past of one queue in intervals that follow each other without a gap: the fold of the live board, begun anew with each of them.
 */
export function createQueueIntervals(
  queueId: QueueId,
  thresholds: Thresholds,
  intervals: readonly Interval[],
): QueueIntervals {
  const statistics = createQueueStatistics();
  statistics.configure(queueId, thresholds);
  const counted: IntervalCounts[] = [];
  /** That of the interval which runs; -1 before the first. */
  let index = -1;
  let waitingBefore = 0;
  const close = () => {
    const running = intervals[index];
    if (running !== undefined)
      counted.push({ ...running, waitingBefore, counts: statistics.counts(queueId) });
  };
  const open = (at: EpochMs) => {
    for (
      let next = intervals[index + 1];
      next !== undefined && next.from <= at;
      next = intervals[index + 1]
    ) {
      close();
      index += 1;
      statistics.startPeriod(queueId, next.from);
      waitingBefore = statistics.counts(queueId).waiting;
    }
  };
  return {
    apply(fact) {
      open(fact.at);
      if (fact.at < (intervals.at(-1)?.to ?? 0)) statistics.apply(fact);
    },
    finish() {
      open(Number.POSITIVE_INFINITY);
      close();
      return counted;
    },
  };
}

/** Intervals that follow each other as one. */
export function totalOf(all: readonly IntervalCounts[]): IntervalCounts {
  const first = all[0];
  const last = all.at(-1);
  if (first === undefined || last === undefined) {
    return { from: 0, to: 0, waitingBefore: 0, counts: emptyCounts() };
  }
  const counts = sumCounts(all.map((each) => each.counts));
  // Whoever waits from one into the next was offered once.
  for (const { waitingBefore } of all.slice(1)) counts.offered -= waitingBefore;
  counts.waiting = last.counts.waiting;
  return { from: first.from, to: last.to, waitingBefore: first.waitingBefore, counts };
}
