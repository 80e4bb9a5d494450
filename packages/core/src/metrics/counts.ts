/** What is counted of a queue in one period; the whole of its figures follows from these. Times are milliseconds. */
export interface QueueCounts {
  offered: number;
  answered: number;
  abandoned: number;
  overflowed: number;
  callbacks: number;
  /** In the queue now, waiting or being offered. */
  waiting: number;
  deflected: number;
  shortAbandons: number;
  answeredWithin: number;
  abandonedWithin: number;
  /** Left for any reason within the threshold. */
  removedWithin: number;
  answeredWaitMs: number;
  /** Queue time of everybody who left. */
  waitedMs: number;
  /** Conversations that are over. */
  handled: number;
  talkMs: number;
  holdMs: number;
  wrapUpMs: number;
}

/** The counts of a period that begins with so many contacts in the queue: they are its first offered ones (rule 17). */
export function emptyCounts(waiting = 0): QueueCounts {
  return {
    offered: waiting,
    answered: 0,
    abandoned: 0,
    overflowed: 0,
    callbacks: 0,
    waiting,
    deflected: 0,
    shortAbandons: 0,
    answeredWithin: 0,
    abandonedWithin: 0,
    removedWithin: 0,
    answeredWaitMs: 0,
    waitedMs: 0,
    handled: 0,
    talkMs: 0,
    holdMs: 0,
    wrapUpMs: 0,
  };
}

/** Adds up the counts of several queues or periods; the figures of the sum follow by the same formulas. */
export function sumCounts(all: Iterable<QueueCounts>): QueueCounts {
  const sum = emptyCounts();
  for (const counts of all) {
    for (const key of Object.keys(sum) as (keyof QueueCounts)[]) sum[key] += counts[key];
  }
  return sum;
}

/** Rule 17, to the unit. */
export function addsUp(counts: QueueCounts): boolean {
  const { offered, answered, abandoned, overflowed, callbacks, waiting } = counts;
  return offered === answered + abandoned + overflowed + callbacks + waiting;
}
