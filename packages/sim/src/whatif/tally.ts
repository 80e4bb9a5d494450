import type { ContactFactBody, QueueSettings } from '@crosspoint/contracts';
import { emptyCounts, type QueueCounts, sumCounts } from '@crosspoint/core';
import type { IntervalResult, QueueResult } from './model.ts';

/** The counts of one queue by interval, from the facts as the distributor writes them; the figures follow as everywhere else. */
export class QueueTally {
  readonly #name: string;
  readonly #settings: QueueSettings;
  readonly #intervals: QueueCounts[];
  readonly #intervalMs: number;
  readonly #startAt: number;
  readonly #countFrom: number;

  constructor(options: {
    name: string;
    settings: QueueSettings;
    startAt: number;
    countFrom: number;
    intervalMs: number;
    intervals: number;
  }) {
    this.#name = options.name;
    this.#settings = options.settings;
    this.#startAt = options.startAt;
    this.#countFrom = options.countFrom;
    this.#intervalMs = options.intervalMs;
    this.#intervals = Array.from({ length: options.intervals }, () => emptyCounts());
  }

  entered(at: number): void {
    const counts = this.#countsOf(at);
    if (counts === undefined) return;
    counts.offered += 1;
    counts.waiting += 1;
  }

  deflected(at: number): void {
    const counts = this.#countsOf(at);
    if (counts !== undefined) counts.deflected += 1;
  }

  left(
    enteredAt: number,
    { result, waitMs }: Extract<ContactFactBody, { type: 'queue.left' }>['data'],
  ): void {
    const counts = this.#countsOf(enteredAt);
    if (counts === undefined) return;
    const isWithin = waitMs <= this.#settings.serviceLevel.seconds * 1000;
    counts.waiting -= 1;
    counts.waitedMs += waitMs;
    if (isWithin) counts.removedWithin += 1;
    if (result === 'answered') {
      counts.answered += 1;
      counts.answeredWaitMs += waitMs;
      if (isWithin) counts.answeredWithin += 1;
    } else if (result === 'abandoned') {
      counts.abandoned += 1;
      if (isWithin) counts.abandonedWithin += 1;
      if (waitMs < this.#settings.shortAbandonSeconds * 1000) counts.shortAbandons += 1;
    } else if (result === 'overflowed') counts.overflowed += 1;
    else counts.callbacks += 1;
  }

  /** In the interval in which the contact came. */
  handled(enteredAt: number, talkMs: number, wrapUpMs: number): void {
    const counts = this.#countsOf(enteredAt);
    if (counts === undefined) return;
    counts.handled += 1;
    counts.talkMs += talkMs;
    counts.wrapUpMs += wrapUpMs;
  }

  result(): QueueResult {
    const intervals = this.#intervals.map(
      (counts, index): IntervalResult => ({ fromSeconds: (index * this.#intervalMs) / 1000, counts }),
    );
    return { name: this.#name, counts: sumCounts(this.#intervals), intervals };
  }

  #countsOf(at: number): QueueCounts | undefined {
    if (at < this.#countFrom) return undefined;
    return this.#intervals[Math.floor((at - this.#startAt) / this.#intervalMs)];
  }
}
