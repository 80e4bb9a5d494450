import type { Alert, AlertEvent, AlertTarget, AlertTargetId, TenantId } from '@crosspoint/contracts';
import type { ApiContext } from '../../http/index.ts';
import { Beat, SecretBox } from '../../platform/index.ts';
import type { AlertService } from '../alerts/index.ts';
import { AllowedNetworks } from '../flows/index.ts';
import { sendMail } from './mail.ts';
import {
  allTargets,
  type DueDelivery,
  dueDeliveries,
  mailRoute,
  nextDueAt,
  queueNews,
  recordAttempt,
  sealedSecretOf,
  storeSecret,
} from './repo.ts';
import { alertText } from './texts.ts';
import { newWebhookSecret, postWebhook, type SendResult } from './webhook.ts';

/** How long after each failed attempt the next one is made; after the last one nothing is tried any more. */
const PAUSES_SECONDS = [10, 30, 120, 300, 900, 1800, 3600] as const;
const BEAT_MS = 1000;
/** An alert of which nobody told, and a target that was changed elsewhere. */
const SWEEP_MS = 30_000;
const AT_ONCE_MAX = 4;

/**
 * Sends alerts out. What is to be told is derived from the stored alerts, so that a server that dies in between tells it
 * after the next start; a message may therefore come twice, with the same id.
 */
export class NotificationService {
  readonly #context: ApiContext;
  readonly #tenantId: TenantId;
  readonly #allowed: AllowedNetworks;
  readonly #stopListening: () => void;
  readonly #beat: Beat;
  #box: SecretBox | undefined;
  #targets = new Map<AlertTargetId, AlertTarget>();
  /** Something may have happened that some target has not been put down for. */
  #newsAt = Number.NEGATIVE_INFINITY;
  #dueAt = Number.NEGATIVE_INFINITY;

  constructor(context: ApiContext, tenantId: TenantId, alerts: AlertService) {
    this.#context = context;
    this.#tenantId = tenantId;
    this.#allowed = new AllowedNetworks(context.settings.flows.lookupNetworks);
    this.#stopListening = alerts.listen(tenantId, () => this.wake());
    this.#beat = new Beat(
      BEAT_MS,
      () => this.#workOnce(),
      // The database is away: what is due then is found with the next beat.
      (error) => context.log.warn({ err: error }, 'alerts could not be sent out'),
    );
  }

  get box(): SecretBox {
    return (this.#box ??= SecretBox.open(this.#context.settings.dataDir));
  }

  /** There is something new: an alert, a target, a message to be tried again. */
  wake(): void {
    this.#newsAt = Number.NEGATIVE_INFINITY;
  }

  /** What is under way is waited for; its messages end within their time-outs. */
  close(): Promise<void> {
    this.#stopListening();
    return this.#beat.stop();
  }

  /** Sends what is due; the clock calls it, and a test. */
  work(): Promise<void> {
    return this.#beat.now();
  }

  async #workOnce(): Promise<void> {
    const { database, now } = this.#context;
    const at = now();
    const hasNews = at - this.#newsAt >= SWEEP_MS;
    if (!hasNews && at < this.#dueAt) return;
    if (hasNews) {
      this.#newsAt = at;
      await this.#takeNews(at);
    }
    const due = await database.inTenant(this.#tenantId, (transaction) =>
      dueDeliveries(transaction, new Date(at), AT_ONCE_MAX),
    );
    await Promise.all(due.map((delivery) => this.#deliver(delivery)));
    const next = await database.inTenant(this.#tenantId, nextDueAt);
    this.#dueAt = next?.getTime() ?? Number.POSITIVE_INFINITY;
  }

  async #takeNews(at: number): Promise<void> {
    await this.#context.database.inTenant(this.#tenantId, async (transaction) => {
      const targets = await allTargets(transaction);
      this.#targets = new Map(targets.map((target) => [target.id, target]));
      for (const target of targets) {
        if (target.enabled) await queueNews(transaction, this.#tenantId, target, new Date(at));
      }
    });
  }

  async #deliver({ id, targetId, event, attempts, alert }: DueDelivery): Promise<void> {
    const { database, now } = this.#context;
    const target = this.#targets.get(targetId);
    const sent: SendResult =
      target === undefined || !target.enabled
        ? { ok: false, error: 'the target is switched off', final: true }
        : await this.send(target, { id, event, alert });
    const made = attempts + 1;
    const pause = sent.ok || sent.final ? undefined : PAUSES_SECONDS[attempts];
    const at = new Date(now());
    await database.inTenant(this.#tenantId, (transaction) =>
      recordAttempt(transaction, id, {
        state: sent.ok ? 'delivered' : pause === undefined ? 'failed' : 'waiting',
        attempts: made,
        at,
        nextAt: pause === undefined ? null : new Date(at.getTime() + pause * 1000),
        error: sent.ok ? null : sent.error,
      }),
    );
  }

  /** Sends one message at once. Never rejects for what lies at the receiver. */
  async send(
    { id: targetId, to }: AlertTarget,
    { id, event, alert }: { id: string; event: AlertEvent; alert: Alert },
  ): Promise<SendResult> {
    const { database, now } = this.#context;
    if (to.kind === 'mail') {
      const route = await database.inTenant(this.#tenantId, (transaction) =>
        mailRoute(transaction, this.box),
      );
      if (route === undefined) return { ok: false, error: 'no mail server is set up', final: false };
      const error = await sendMail(route, to.addresses, alertText(alert, event, to));
      return error === null ? { ok: true } : { ok: false, error, final: false };
    }
    const secret = await this.#secretOf(targetId);
    const at = now();
    const content = { type: `alert.${event}`, timestamp: new Date(at).toISOString(), data: alert };
    const message = { id, body: JSON.stringify(content), now: at };
    return postWebhook(this.#allowed, { url: to.url, secret }, message);
  }

  /** One that has none yet, or whose key is gone, gets a new one. */
  async #secretOf(targetId: AlertTargetId): Promise<string> {
    const { database } = this.#context;
    const sealed = await database.inTenant(this.#tenantId, (transaction) =>
      sealedSecretOf(transaction, targetId),
    );
    return (sealed === null ? undefined : this.box.open(sealed)) ?? this.renewSecret(targetId);
  }

  async renewSecret(targetId: AlertTargetId): Promise<string> {
    const secret = newWebhookSecret();
    await this.#context.database.inTenant(this.#tenantId, (transaction) =>
      storeSecret(transaction, targetId, this.box.seal(secret)),
    );
    return secret;
  }
}
