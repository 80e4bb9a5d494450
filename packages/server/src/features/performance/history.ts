import type { AgentId, TenantId } from '@crosspoint/contracts';
import { type AgentCounts, LeastRecentMap, sumAgentCounts } from '@crosspoint/core';
import type { Database } from '../../platform/index.ts';
import { type Counts, countFacts, type Period } from './count-facts.ts';
import { dayName, summedDays, sumsOf } from './sums-repo.ts';

const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;
/** Facts of a time that is over need a moment to be stored. */
const storedAfterMs = 2 * 60_000;
const keptMax = 300;

interface HistoryContext {
  readonly database: Database;
  readonly now: () => number;
  /** Whether nothing of what happened still waits for the database. */
  readonly allStored: () => Promise<boolean>;
}

/**
 * Counts of agents in any period: what is stored of whole days of UTC, and the rest from the facts. Hours and days that are
 * over are remembered, and one period is counted at a time, so that reports do not stand in the way of calls.
 */
export class AgentHistory {
  readonly #context: HistoryContext;
  readonly #kept = new LeastRecentMap<string, Counts>(keptMax);
  #last: Promise<unknown> = Promise.resolve();

  constructor(context: HistoryContext) {
    this.#context = context;
  }

  /** @param period up to now at most; epoch milliseconds. */
  counts(tenantId: TenantId, period: Period, agentIds: readonly AgentId[]): Promise<Counts> {
    const counted = this.#last.then(() => this.#count(tenantId, period, agentIds));
    this.#last = counted.catch(() => undefined);
    return counted;
  }

  async #count(tenantId: TenantId, period: Period, agentIds: readonly AgentId[]): Promise<Counts> {
    const { database } = this.#context;
    const pieces = piecesOf(period, this.#context.now());
    const { summed, sums } = await database.inTenant(tenantId, async (transaction) => {
      const days = await summedDays(transaction, { from: dayName(period.from), to: dayName(period.to) });
      const stored = pieces.filter((piece) => isDay(piece) && days.has(dayName(piece.from)));
      const names = stored.map(({ from }) => dayName(from));
      return { summed: new Set(stored), sums: await sumsOf(transaction, names, agentIds) };
    });
    const counted = [
      sums,
      ...(await this.#fromFacts(
        tenantId,
        pieces.filter((piece) => !summed.has(piece)),
      )),
    ];
    return new Map<AgentId, AgentCounts>(
      agentIds.map((id) => [id, sumAgentCounts(counted.flatMap((counts) => counts.get(id) ?? []))] as const),
    );
  }

  async #fromFacts(tenantId: TenantId, pieces: readonly Period[]): Promise<Counts[]> {
    const known = pieces.flatMap((piece) => this.#kept.get(keyOf(tenantId, piece)) ?? []);
    const unknown = pieces.filter((piece) => this.#kept.get(keyOf(tenantId, piece)) === undefined);
    const counted: Counts[] = [];
    for (const run of runsOf(unknown)) {
      const wasStored = await this.#context.allStored();
      const counts = await countFacts(this.#context.database, tenantId, run);
      if (wasStored) for (const [index, piece] of run.entries()) this.#keep(tenantId, piece, counts[index]);
      counted.push(...counts);
    }
    return [...known, ...counted];
  }

  #keep(tenantId: TenantId, piece: Period, counts: Counts | undefined): void {
    const isWhole = piece.from % hourMs === 0 && piece.to % hourMs === 0;
    if (counts === undefined || !isWhole || piece.to + storedAfterMs > this.#context.now()) return;
    this.#kept.set(keyOf(tenantId, piece), counts);
  }
}

const keyOf = (tenantId: TenantId, { from, to }: Period): string => `${tenantId}/${from}/${to}`;
const isDay = ({ from, to }: Period): boolean => to - from === dayMs && from % dayMs === 0;

/** A period in pieces: whole days of UTC that are over, and around them whole hours and what is left of one. */
function piecesOf({ from, to }: Period, now: number): Period[] {
  const pieces: Period[] = [];
  for (let start = from; start < to; ) {
    const nextDay = start + dayMs;
    const isWholeDay = start % dayMs === 0 && nextDay <= to && nextDay + storedAfterMs <= now;
    const nextHour = start - (start % hourMs) + hourMs;
    const end = isWholeDay ? nextDay : Math.min(to, nextHour);
    pieces.push({ from: start, to: end });
    start = end;
  }
  return pieces;
}

/** Pieces that follow each other, together: one pass counts them. */
function runsOf(pieces: readonly Period[]): Period[][] {
  const runs: Period[][] = [];
  for (const piece of pieces) {
    const run = runs.at(-1);
    if (run !== undefined && run.at(-1)?.to === piece.from) run.push(piece);
    else runs.push([piece]);
  }
  return runs;
}
