import { LeastRecentMap, type RoutingHistory } from '@crosspoint/core';
import { sql } from 'kysely';
import type { DatabaseTransaction } from '../../platform/index.ts';

const dayMs = 86_400_000;
/** So far back rules look. */
const spanMs = 30 * dayMs;
/** Callers remembered, those who called last; nobody who called before them is known. */
const callersMax = 50_000;

interface Known {
  /** Instants of the contacts within the span, oldest first; only so many are counted. */
  at: number[];
  lastQueue: string;
  lastOutcome: string;
}
const countedMax = 100;

/** What is known of callers from their contacts of the last 30 days: in memory, because no call waits for the database. */
export class CallerHistory {
  readonly #callers = new LeastRecentMap<string, Known>(callersMax);

  of(caller: string, nowMs: number): RoutingHistory | undefined {
    const known = this.#callers.get(caller);
    if (known === undefined) return undefined;
    const contacts = known.at.filter((at) => at > nowMs - spanMs).length;
    if (contacts === 0) return undefined;
    const daysSinceLast = Math.max(0, Math.floor((nowMs - (known.at.at(-1) as number)) / dayMs));
    const { lastQueue, lastOutcome } = known;
    return { contacts, daysSinceLast, lastQueue, lastOutcome };
  }

  /** How many contacts the caller had in so many days, 30 at most; a hundred at most are counted. */
  countWithin(caller: string, days: number, nowMs: number): number {
    return this.#callers.get(caller)?.at.filter((at) => at > nowMs - days * dayMs).length ?? 0;
  }

  /** A contact of that caller has ended. */
  remember(caller: string, atMs: number, lastQueue: string, lastOutcome: string): void {
    if (caller === '') return;
    const at = this.#callers.get(caller)?.at ?? [];
    at.push(atMs);
    if (at.length > countedMax) at.shift();
    this.#callers.set(caller, { at, lastQueue, lastOutcome });
  }

  /** Reads the contacts of the 30 days before that instant. */
  async load(transaction: DatabaseTransaction, nowMs: number): Promise<void> {
    const rows = await transaction
      .selectFrom('contacts as c')
      .leftJoin('queues as q', 'q.id', 'c.queue_id')
      .select(['c.caller_phone', 'c.ended_at', 'c.outcome', 'q.name'])
      .where('c.started_at', '>', new Date(nowMs - spanMs))
      .where('c.ended_at', '<=', new Date(nowMs))
      .where('c.direction', '=', 'inbound')
      .where(sql<boolean>`c.caller_phone <> ''`)
      .orderBy('c.started_at', 'desc')
      .limit(callersMax)
      .execute();
    for (const { caller_phone, ended_at, outcome, name } of rows.reverse()) {
      if (ended_at !== null) this.remember(caller_phone, ended_at.getTime(), name ?? '', outcome ?? '');
    }
  }
}
