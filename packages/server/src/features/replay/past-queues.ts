import type { RoutingWorld } from '@crosspoint/core';
import { sql } from 'kysely';
import { type DatabaseTransaction, ofTenant } from '../../platform/index.ts';

/** Nobody waits longer than this; whoever entered before is not looked for. */
export const waitMaxMs = 4 * 3_600_000;

interface QueueEvent {
  at: Date;
  type: string;
  queueId: string;
  entryId: string;
  estimatedWaitMs: number | null;
}

/** Who waited in which queue at an instant of the past, told from the facts in their order. */
export class PastQueues {
  readonly #names: ReadonlyMap<string, string>;
  /** By queue name, since when each entry waits, the longest first. */
  readonly #waiting = new Map<string, Map<string, number>>();
  readonly #estimates = new Map<string, number>();
  #readUntilMs: number;
  /** Ready agents were asked for, and nobody knows them. */
  askedForReady = false;

  /** @param names of queues by id. */
  constructor(names: ReadonlyMap<string, string>, fromMs: number) {
    this.#names = names;
    this.#readUntilMs = fromMs - waitMaxMs;
  }

  /** Reads on to that instant; `apply` says when each event happens. */
  async read(transaction: DatabaseTransaction, untilMs: number): Promise<QueueEvent[]> {
    const [from, until] = [new Date(this.#readUntilMs), new Date(untilMs)];
    this.#readUntilMs = untilMs;
    const { rows } = await sql<QueueEvent>`
      select at, type, data ->> 'queueId' as "queueId", data ->> 'entryId' as "entryId",
        (data ->> 'estimatedWaitMs')::float8 as "estimatedWaitMs"
      from contact_events
      where ${ofTenant('contact_events')} and at >= ${from} and at < ${until} and type in ('queue.entered', 'queue.left')
      order by at, seq
    `.execute(transaction);
    return rows;
  }

  apply({ at, type, queueId, entryId, estimatedWaitMs }: QueueEvent): void {
    const name = this.#names.get(queueId);
    if (name === undefined) return;
    const waiting = this.#waiting.get(name) ?? new Map<string, number>();
    this.#waiting.set(name, waiting);
    if (type === 'queue.left') waiting.delete(entryId);
    else waiting.set(entryId, at.getTime());
    if (type === 'queue.entered' && estimatedWaitMs !== null) this.#estimates.set(name, estimatedWaitMs);
  }

  world(known: Pick<RoutingWorld, 'hours' | 'names'>, nowMs: number): RoutingWorld {
    return {
      ...known,
      queue: (name, figure) => {
        const waiting = this.#waiting.get(name);
        switch (figure) {
          case 'waiting':
            return waiting?.size ?? 0;
          case 'longest-wait-seconds': {
            const since = waiting?.values().next();
            return since === undefined || since.done ? 0 : Math.max(0, (nowMs - since.value) / 1_000);
          }
          case 'estimated-wait-seconds': {
            const estimate = this.#estimates.get(name);
            return estimate === undefined ? undefined : estimate / 1_000;
          }
          case 'ready':
            this.askedForReady = true;
            return undefined;
        }
      },
    };
  }
}
