import type { AgentFact, AgentFactType, AgentId, ContactFactType, TenantId } from '@crosspoint/contracts';
import { type AgentCounts, createAgentStatistics, sumAgentCounts } from '@crosspoint/core';
import { sql } from 'kysely';
import type { Database } from '../../platform/index.ts';
import { replayFacts } from '../calls/index.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** A conversation that runs into the period began at most so long before it. */
const conversationMs = 4 * hourMs;
/** Facts of a time that is over may still wait on disk for the database; days after this are taken as complete. */
const settledAfterMs = 6 * hourMs;
const daysKeptMax = 400;
/** Small pages, because calls go on between them. */
const pageRows = 1_000;

/** What the counts of agents are made from. */
const contactTypes: readonly ContactFactType[] = [
  'segment.started',
  'segment.ended',
  'wrapup.ended',
  'offer.ended',
  'transfer.started',
  'contact.closed',
];
const agentTypes: readonly AgentFactType[] = ['activity.changed'];

type Counts = ReadonlyMap<AgentId, AgentCounts>;
interface Period {
  from: number;
  to: number;
}

/**
 * Counts of agents in any period, from the facts by the same fold as the live board (MET-7). Days that are over are
 * remembered, and one period is counted at a time, so that reports do not stand in the way of calls.
 */
export class AgentHistory {
  readonly #database: Database;
  readonly #now: () => number;
  readonly #days = new Map<string, Counts>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(database: Database, now: () => number) {
    this.#database = database;
    this.#now = now;
  }

  /** @param period up to now at most; epoch milliseconds. */
  counts(tenantId: TenantId, period: Period, agentIds: readonly AgentId[]): Promise<Counts> {
    const counted = this.#last.then(() => this.#count(tenantId, period, agentIds));
    this.#last = counted.catch(() => undefined);
    return counted;
  }

  async #count(tenantId: TenantId, period: Period, agentIds: readonly AgentId[]): Promise<Counts> {
    const days: Counts[] = [];
    let run: Period[] = [];
    const countRun = async () => {
      const counted = await this.#fold(tenantId, run, agentIds);
      for (const [index, day] of run.entries()) this.#remember(tenantId, day, counted[index] ?? new Map());
      days.push(...counted);
      run = [];
    };
    for (const day of daysOf(period)) {
      const known = this.#days.get(keyOf(tenantId, day));
      if (known === undefined || agentIds.some((id) => !known.has(id))) {
        run.push(day);
        continue;
      }
      days.push(known);
      if (run.length > 0) await countRun();
    }
    if (run.length > 0) await countRun();
    return new Map(
      agentIds.map((id) => [id, sumAgentCounts(days.flatMap((day) => day.get(id) ?? []))] as const),
    );
  }

  #remember(tenantId: TenantId, day: Period, counts: Counts): void {
    if (day.to - day.from < dayMs || day.to + settledAfterMs > this.#now()) return;
    this.#days.set(keyOf(tenantId, day), counts);
    const oldest = this.#days.keys().next().value;
    if (this.#days.size > daysKeptMax && oldest !== undefined) this.#days.delete(oldest);
  }

  /** Days that follow each other, in one pass. */
  async #fold(tenantId: TenantId, days: readonly Period[], agentIds: readonly AgentId[]): Promise<Counts[]> {
    const from = days[0]?.from ?? 0;
    const statistics = createAgentStatistics();
    const take = {
      contactFact: statistics.applyContactFact,
      agentFact: statistics.applyAgentFact,
    };
    for (const fact of await this.#lastActivities(tenantId, from, agentIds)) statistics.applyAgentFact(fact);
    // Which conversations are calls of one's own is told when they begin.
    const before = { since: from - conversationMs, until: from, agentTypes: [], pageRows };
    await replayFacts(
      this.#database,
      tenantId,
      { ...before, contactTypes: ['segment.started', 'contact.closed'] },
      take,
    );
    const counted: Counts[] = [];
    for (const day of days) {
      for (const id of agentIds) statistics.startPeriod(id, day.from);
      const window = { since: day.from, until: day.to, pageRows };
      await replayFacts(this.#database, tenantId, { ...window, contactTypes, agentTypes }, take);
      counted.push(new Map(agentIds.map((id) => [id, statistics.counts(id, day.to)])));
    }
    return counted;
  }

  /** What each agent was doing when the period began. */
  #lastActivities(tenantId: TenantId, before: number, agentIds: readonly AgentId[]): Promise<AgentFact[]> {
    return this.#database.inTenant(tenantId, async (transaction) => {
      const { rows } = await sql<{ agent_id: string; at: Date; data: AgentFact['data'] }>`
        select a.id as agent_id, e.at, e.data
        from unnest(${[...agentIds]}::uuid[]) as a (id)
        cross join lateral (
          select at, data from agent_events
          where agent_id = a.id and at < ${new Date(before)} and type = 'activity.changed'
          order by at desc, id desc limit 1
        ) e
      `.execute(transaction);
      return rows.map(
        ({ agent_id, at, data }) =>
          ({ agentId: agent_id, at: at.getTime(), type: 'activity.changed', data }) as AgentFact,
      );
    });
  }
}

/** The period in pieces of a day, the last one shorter. */
function daysOf({ from, to }: Period): Period[] {
  const days: Period[] = [];
  for (let start = from; start < to; start += dayMs)
    days.push({ from: start, to: Math.min(to, start + dayMs) });
  return days;
}

const keyOf = (tenantId: TenantId, { from }: Period): string => `${tenantId}/${from}`;
