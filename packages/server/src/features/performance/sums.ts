import type { TenantId } from '@crosspoint/contracts';
import type { ApiContext } from '../../http/index.ts';
import { Beat } from '../../platform/index.ts';
import { countFacts } from './count-facts.ts';
import { dayMs } from './history.ts';
import { dayName, firstFactAt, storeDay, summedDays } from './sums-repo.ts';

/** One day at a time, so that calls are not kept waiting for the database. */
const beatMs = 5_000;
/** While there is nothing to do. */
const restMs = 10 * 60_000;
/** Facts of a day may be stored later: those of a process that died, by the next one. */
const settledAfterMs = 6 * 3_600_000;
/** Days longer ago are counted when somebody asks. */
const daysBackMax = 400;

/** Adds up what the agents of one tenant did, day by day of UTC, the latest first. */
export class AgentSums {
  readonly #context: ApiContext;
  readonly #tenantId: TenantId;
  readonly #allStored: () => Promise<boolean>;
  readonly #beat: Beat;
  #nextAt = Number.NEGATIVE_INFINITY;
  #wakes = 0;
  #isClosed = false;

  constructor(context: ApiContext, tenantId: TenantId, allStored: () => Promise<boolean>) {
    this.#context = context;
    this.#tenantId = tenantId;
    this.#allStored = allStored;
    this.#beat = new Beat(
      beatMs,
      () => this.#addUpOne(),
      // The database is away: until it is back nobody asks either.
      (error) => context.log.warn({ err: error }, 'what agents did on a day could not be added up'),
    );
  }

  /** There are days to be added up anew. */
  wake(): void {
    this.#wakes++;
    this.#nextAt = Number.NEGATIVE_INFINITY;
  }

  /** What is under way is waited for. */
  close(): Promise<void> {
    this.#isClosed = true;
    return this.#beat.stop();
  }

  /** Adds up one day when one is due; the clock calls it, and a test. */
  beat(): Promise<void> {
    return this.#beat.now();
  }

  async #addUpOne(): Promise<void> {
    const { database, now, centreOf } = this.#context;
    const at = now();
    if (this.#isClosed || at < this.#nextAt || centreOf(this.#tenantId) === undefined) return;
    const wakes = this.#wakes;
    const day = (await this.#allStored()) ? await this.#nextDay(at) : undefined;
    if (day === undefined) {
      // Who was woken in the middle of looking looks again.
      if (wakes === this.#wakes) this.#nextAt = at + restMs;
      return;
    }
    const [counts] = await countFacts(database, this.#tenantId, [{ from: day, to: day + dayMs }]);
    await database.inTenant(this.#tenantId, (transaction) =>
      storeDay(transaction, this.#tenantId, dayName(day), counts ?? new Map(), new Date(at)),
    );
  }

  /** The latest day that is over and not added up yet. */
  #nextDay(at: number): Promise<number | undefined> {
    const end = at - settledAfterMs - ((at - settledAfterMs) % dayMs);
    return this.#context.database.inTenant(this.#tenantId, async (transaction) => {
      const first = await firstFactAt(transaction);
      if (first === undefined) return undefined;
      const from = Math.max(first - (first % dayMs), end - daysBackMax * dayMs);
      const summed = await summedDays(transaction, { from: dayName(from), to: dayName(end) });
      for (let day = end - dayMs; day >= from; day -= dayMs) if (!summed.has(dayName(day))) return day;
      return undefined;
    });
  }
}
