import type { Alert, AlertId, TenantId } from '@crosspoint/contracts';
import { type AlertEffect, type AlertWatch, createAlertWatch } from '@crosspoint/core';
import type { ApiContext } from '../../http/index.ts';
import { newId } from '../../platform/index.ts';
import { insertAlert, lastingAlerts, queueThresholds, updateAlert } from './repo.ts';

const lookEveryMs = 1_000;
/** The configuration may also change by a way of which nobody told. */
const thresholdsMaxAgeMs = 30_000;

type Thresholds = Awaited<ReturnType<typeof queueThresholds>>;
type Listener = (alert: Alert) => void;

/** Watches the queues of one tenant, and keeps what was wrong with them. */
export class AlertService {
  readonly #context: ApiContext;
  readonly #tenantId: TenantId;
  readonly #listeners = new Set<Listener>();
  /** Alerts that last, by queue and kind. */
  readonly #lasting = new Map<string, Alert>();
  readonly #timer: NodeJS.Timeout;
  #watch: AlertWatch | undefined;
  #thresholds: Thresholds = new Map();
  #thresholdsAt = Number.NEGATIVE_INFINITY;
  #looking: Promise<void> | undefined;

  constructor(context: ApiContext, tenantId: TenantId) {
    this.#context = context;
    this.#tenantId = tenantId;
    this.#timer = setInterval(() => void this.look(), lookEveryMs);
    this.#timer.unref();
  }

  /** What lasts now, for a stream that begins. */
  lasting(tenantId: TenantId): Alert[] {
    return tenantId === this.#tenantId ? [...this.#lasting.values()] : [];
  }

  /** Hears of each alert that begins, is acknowledged or ends. Returns the function that stops listening. */
  listen(tenantId: TenantId, listener: Listener): () => void {
    if (tenantId !== this.#tenantId) return () => undefined;
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Somebody has seen it. */
  acknowledged(alert: Alert): void {
    const key = keyOf(alert);
    if (this.#lasting.get(key)?.id === alert.id) this.#lasting.set(key, alert);
    this.#tell(alert);
  }

  /** The thresholds are read anew with the next look. */
  configurationChanged(): void {
    this.#thresholdsAt = Number.NEGATIVE_INFINITY;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** One look at all queues; the clock calls it, and a test. A look that the database holds up is not overtaken. */
  look(): Promise<void> {
    this.#looking ??= this.#lookOnce()
      .catch((error: unknown) => {
        // The database is away: the next look finds what is wrong then.
        this.#watch = undefined;
        this.#context.log.warn({ err: error }, 'the queues could not be watched for alerts');
      })
      .finally(() => (this.#looking = undefined));
    return this.#looking;
  }

  async #lookOnce(): Promise<void> {
    const { database, centreOf, now } = this.#context;
    const centre = centreOf(this.#tenantId);
    if (centre === undefined) return;
    const at = now();
    if (at - this.#thresholdsAt > thresholdsMaxAgeMs) {
      this.#thresholds = await database.inTenant(this.#tenantId, queueThresholds);
      this.#thresholdsAt = at;
    }
    this.#watch ??= await this.#resume();
    const queues = [...this.#thresholds].flatMap(([queueId, { thresholds }]) => {
      const stats = centre.queueStats(queueId);
      return stats === undefined ? [] : [{ thresholds, stats }];
    });
    for (const effect of this.#watch.look(queues, at)) await this.#apply(effect, at);
  }

  async #resume(): Promise<AlertWatch> {
    const lasting = await this.#context.database.inTenant(this.#tenantId, lastingAlerts);
    this.#lasting.clear();
    for (const alert of lasting) this.#lasting.set(keyOf(alert), alert);
    return createAlertWatch(lasting);
  }

  async #apply(effect: AlertEffect, at: number): Promise<void> {
    const { database } = this.#context;
    const instant = new Date(at).toISOString();
    if (effect.type === 'raised') {
      const { queueId, kind, value, threshold } = effect;
      const queueName = this.#thresholds.get(queueId)?.name ?? '';
      const alert: Alert = {
        ...{ id: newId() as AlertId, queueId, queueName, kind, value, worst: value, threshold },
        ...{ raisedAt: instant, clearedAt: null, acknowledgedAt: null, acknowledgedBy: null, note: '' },
      };
      await database.inTenant(this.#tenantId, (transaction) =>
        insertAlert(transaction, this.#tenantId, alert),
      );
      this.#lasting.set(keyOf(alert), alert);
      this.#tell(alert);
      return;
    }
    const lasting = this.#lasting.get(keyOf(effect));
    if (lasting === undefined) return;
    const clearedAt = effect.type === 'cleared' ? instant : null;
    const alert = { ...lasting, worst: effect.worst, clearedAt };
    await database.inTenant(this.#tenantId, (transaction) => updateAlert(transaction, alert));
    if (clearedAt === null) this.#lasting.set(keyOf(effect), alert);
    else this.#lasting.delete(keyOf(effect));
    this.#tell(alert);
  }

  #tell(alert: Alert): void {
    for (const listener of this.#listeners) listener(alert);
  }
}

const keyOf = ({ queueId, kind }: Pick<Alert, 'queueId' | 'kind'>): string => `${queueId}/${kind}`;
