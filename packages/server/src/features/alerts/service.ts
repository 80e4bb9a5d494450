import type { AgentAlertKind, Alert, AlertId, QueueAlertKind, TenantId } from '@crosspoint/contracts';
import {
  type AlertEffect,
  alertKey,
  type AlertSubject,
  type AlertWatch,
  createAlertWatch,
  type WatchedQueue,
} from '@crosspoint/core';
import type { ApiContext } from '../../http/index.ts';
import { Beat, newId } from '../../platform/index.ts';
import type { Centre } from '../calls/index.ts';
import { AgentRules } from './agent-rules.ts';
import { insertAlert, lastingAlerts, queueThresholds, updateAlert } from './repo.ts';

const lookEveryMs = 1_000;
/** The configuration may also change by a way of which nobody told. */
const thresholdsMaxAgeMs = 30_000;

type Thresholds = Awaited<ReturnType<typeof queueThresholds>>;
type Listener = (alert: Alert) => void;

/** Watches the queues and agents of one tenant, and keeps what was wrong with them. */
export class AlertService {
  readonly #context: ApiContext;
  readonly #tenantId: TenantId;
  readonly #listeners = new Set<Listener>();
  /** Alerts that last, by the key of their subject. */
  readonly #lasting = new Map<string, Alert>();
  readonly #beat: Beat;
  #watch: AlertWatch | undefined;
  #thresholds: Thresholds = new Map();
  readonly #rules = new AgentRules();
  #thresholdsAt = Number.NEGATIVE_INFINITY;

  constructor(context: ApiContext, tenantId: TenantId) {
    this.#context = context;
    this.#tenantId = tenantId;
    this.#beat = new Beat(
      lookEveryMs,
      () => this.#lookOnce(),
      (error) => {
        // The database is away: the next look finds what is wrong then.
        this.#watch = undefined;
        context.log.warn({ err: error }, 'queues and agents could not be watched for alerts');
      },
    );
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

  /** Thresholds and rules are read anew with the next look. */
  configurationChanged(): void {
    this.#thresholdsAt = Number.NEGATIVE_INFINITY;
  }

  close(): void {
    void this.#beat.stop();
  }

  /** One look at everything; the clock calls it, and a test. A look that the database holds up is not overtaken. */
  look(): Promise<void> {
    return this.#beat.now();
  }

  async #lookOnce(): Promise<void> {
    const { database, centreOf, now } = this.#context;
    const centre = centreOf(this.#tenantId);
    if (centre === undefined) return;
    const at = now();
    if (at - this.#thresholdsAt > thresholdsMaxAgeMs) {
      await database.inTenant(this.#tenantId, async (transaction) => {
        this.#thresholds = await queueThresholds(transaction);
        await this.#rules.read(transaction);
      });
      this.#thresholdsAt = at;
    }
    this.#watch ??= await this.#resume();
    const seen = { queues: this.#queues(centre), agents: this.#rules.watched(centre, at) };
    for (const effect of this.#watch.look(seen, at)) await this.#apply(effect, at);
  }

  #queues(centre: Centre): WatchedQueue[] {
    return [...this.#thresholds].flatMap(([queueId, { thresholds }]) => {
      const stats = centre.queueStats(queueId);
      return stats === undefined ? [] : [{ thresholds, stats }];
    });
  }

  async #resume(): Promise<AlertWatch> {
    const lasting = await this.#context.database.inTenant(this.#tenantId, lastingAlerts);
    this.#lasting.clear();
    for (const alert of lasting) this.#lasting.set(keyOf(alert), alert);
    return createAlertWatch(lasting.map((alert) => ({ subject: subjectOf(alert), worst: alert.worst })));
  }

  async #apply(effect: AlertEffect, at: number): Promise<void> {
    const { database } = this.#context;
    const instant = new Date(at).toISOString();
    if (effect.type === 'raised') {
      const { subject, value, threshold } = effect;
      const alert: Alert = {
        ...{ id: newId() as AlertId, ...this.#names(subject), kind: subject.kind, value, worst: value },
        ...{ threshold, raisedAt: instant, clearedAt: null },
        ...{ acknowledgedAt: null, acknowledgedBy: null, note: '' },
      };
      await database.inTenant(this.#tenantId, (transaction) =>
        insertAlert(transaction, this.#tenantId, alert),
      );
      this.#lasting.set(keyOf(alert), alert);
      this.#tell(alert);
      return;
    }
    const key = alertKey(effect.subject);
    const lasting = this.#lasting.get(key);
    if (lasting === undefined) return;
    const clearedAt = effect.type === 'cleared' ? instant : null;
    const alert = { ...lasting, worst: effect.worst, clearedAt };
    await database.inTenant(this.#tenantId, (transaction) => updateAlert(transaction, alert));
    if (clearedAt === null) this.#lasting.set(key, alert);
    else this.#lasting.delete(key);
    this.#tell(alert);
  }

  #names(
    subject: AlertSubject,
  ): Pick<Alert, 'queueId' | 'queueName' | 'agentId' | 'agentName' | 'ruleId' | 'ruleName'> {
    if ('queueId' in subject) {
      const { queueId } = subject;
      const none = { agentId: null, agentName: null, ruleId: null, ruleName: null };
      return { queueId, queueName: this.#thresholds.get(queueId)?.name ?? '', ...none };
    }
    const { agentId, ruleId } = subject;
    const agentName = this.#context.centreOf(this.#tenantId)?.agent(agentId)?.name ?? '';
    const ruleName = this.#rules.nameOf(ruleId);
    return { queueId: null, queueName: null, agentId, agentName, ruleId, ruleName };
  }

  #tell(alert: Alert): void {
    for (const listener of this.#listeners) listener(alert);
  }
}

/** A stored alert is about a queue, or about an agent by a rule; the database holds it to that. */
function subjectOf({ queueId, agentId, ruleId, kind }: Alert): AlertSubject {
  if (queueId !== null) return { queueId, kind: kind as QueueAlertKind };
  if (agentId === null || ruleId === null) throw new Error(`an alert of kind ${kind} is about nobody`);
  return { agentId, ruleId, kind: kind as AgentAlertKind };
}

const keyOf = (alert: Alert): string => alertKey(subjectOf(alert));
