import { isDeepStrictEqual } from 'node:util';
import type { ChosenBy, PredictiveRouting, QueueId, TenantId } from '@crosspoint/contracts';
import {
  addOutcomes,
  type AgentOutcomes,
  type KindScores,
  noOutcomes,
  type Outcomes,
  scoreAgents,
} from '@crosspoint/core';
import type { ApiContext } from '../../http/index.ts';
import { Beat } from '../../platform/index.ts';
import { type MeasuredOutcomes, measureOutcomes, predictiveQueues } from './repo.ts';

/** Outcomes of weeks change slowly, and measuring them is work for the database. */
const measureEveryMs = 3_600_000;
/** How soon a queue is measured whose settings have just asked for it. */
const beatMs = 5_000;

/** What is known of one queue. */
export interface MeasuredQueue {
  measuredAt: number;
  settings: PredictiveRouting;
  kinds: KindScores[];
  predicted: Outcomes;
  control: Outcomes;
}

/** Measures what came of the contacts of one tenant, and tells its centre with whom the next ones are expected to go best. */
export class PredictionService {
  readonly #context: ApiContext;
  readonly #tenantId: TenantId;
  readonly #queues = new Map<QueueId, MeasuredQueue>();
  readonly #beat: Beat;
  /** Settings may have changed since the last look. */
  #isStale = true;
  #measuredAt = Number.NEGATIVE_INFINITY;

  constructor(context: ApiContext, tenantId: TenantId) {
    this.#context = context;
    this.#tenantId = tenantId;
    this.#beat = new Beat(
      beatMs,
      () => this.#lookOnce(),
      // Routing goes on with what was measured last.
      (error) =>
        context.log.warn({ err: error }, 'the outcomes for predictive routing could not be measured'),
    );
  }

  of(tenantId: TenantId, queueId: QueueId): MeasuredQueue | undefined {
    return tenantId === this.#tenantId ? this.#queues.get(queueId) : undefined;
  }

  configurationChanged(): void {
    this.#isStale = true;
  }

  close(): void {
    void this.#beat.stop();
  }

  /** Measures what is due; the clock calls it, and a test. A look that the database holds up is not overtaken. */
  look(): Promise<void> {
    return this.#beat.now();
  }

  async #lookOnce(): Promise<void> {
    const { database, centreOf, now } = this.#context;
    const at = now();
    const isDue = at - this.#measuredAt >= measureEveryMs;
    const centre = centreOf(this.#tenantId);
    if (centre === undefined || !(isDue || this.#isStale)) return;
    this.#isStale = false;
    if (isDue) this.#measuredAt = at;
    const wanted = await database.inTenant(this.#tenantId, predictiveQueues);
    for (const queueId of this.#queues.keys()) {
      if (wanted.has(queueId)) continue;
      this.#queues.delete(queueId);
      centre.predict(queueId, []);
    }
    const due = new Map([...wanted].filter(([id, settings]) => isDue || !this.#isMeasured(id, settings)));
    const measured = await database.inTenant(this.#tenantId, (transaction) =>
      measureOutcomes(transaction, due, at),
    );
    const byQueue = Map.groupBy(measured, ({ queueId }) => queueId);
    for (const [queueId, settings] of due) {
      const outcomes = byQueue.get(queueId) ?? [];
      const kinds = scoreAgents(outcomes satisfies AgentOutcomes[]);
      const [predicted, control] = [sumOf(outcomes, 'predicted'), sumOf(outcomes, 'control')];
      this.#queues.set(queueId, { measuredAt: at, settings, kinds, predicted, control });
      centre.predict(queueId, kinds.map(predictionOf));
    }
  }

  #isMeasured(queueId: QueueId, settings: PredictiveRouting): boolean {
    return isDeepStrictEqual(this.#queues.get(queueId)?.settings, settings);
  }
}

function predictionOf({ language, usualCostSeconds, agents }: KindScores) {
  const costs = new Map(agents.map(({ agentId, costSeconds }) => [agentId, costSeconds]));
  return { language, costs, usualCost: usualCostSeconds };
}

function sumOf(measured: readonly MeasuredOutcomes[], side: ChosenBy): Outcomes {
  const sum = noOutcomes();
  for (const { by, outcomes } of measured) if (by === side) addOutcomes(sum, outcomes);
  return sum;
}
