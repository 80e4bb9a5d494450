import type { DatabaseTransaction } from '../../platform/index.ts';
import type { CallerHistory } from './caller-history.ts';

/** Contacts that began so long before may still end within. */
const contactMaxMs = 6 * 3_600_000;

interface Ended {
  atMs: number;
  caller: string;
  queue: string;
  outcome: string;
}

/** Tells a caller history of the past, contact by contact, as they ended. */
export class PastCallers {
  readonly #history: CallerHistory;
  readonly #fromMs: number;
  #readUntilMs: number;
  /** The earliest last. */
  #ended: Ended[] = [];

  constructor(history: CallerHistory, fromMs: number) {
    this.#history = history;
    this.#fromMs = fromMs;
    this.#readUntilMs = fromMs - contactMaxMs;
  }

  /** Contacts that began until then. */
  async read(transaction: DatabaseTransaction, untilMs: number): Promise<void> {
    const rows = await transaction
      .selectFrom('contacts as c')
      .leftJoin('queues as q', 'q.id', 'c.queue_id')
      .select(['c.caller_phone', 'c.ended_at', 'c.outcome', 'q.name'])
      .where('c.started_at', '>=', new Date(this.#readUntilMs))
      .where('c.started_at', '<', new Date(untilMs))
      .where('c.ended_at', '>', new Date(this.#fromMs))
      .where('c.direction', '=', 'inbound')
      .execute();
    this.#readUntilMs = untilMs;
    for (const { caller_phone: caller, ended_at, outcome, name } of rows) {
      if (ended_at === null) continue;
      this.#ended.push({ atMs: ended_at.getTime(), caller, queue: name ?? '', outcome: outcome ?? '' });
    }
    this.#ended.sort((a, b) => b.atMs - a.atMs);
  }

  /** Everything that ended before that instant is known. */
  goTo(nowMs: number): void {
    for (let last = this.#ended.at(-1); last !== undefined && last.atMs < nowMs; last = this.#ended.at(-1)) {
      this.#history.remember(last.caller, last.atMs, last.queue, last.outcome);
      this.#ended.pop();
    }
  }
}
