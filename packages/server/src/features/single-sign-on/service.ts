import type { SignOnFailure, SignOnSettings } from '@crosspoint/contracts';
import type { Configuration } from 'openid-client';
import type { ApiContext } from '../../http/index.ts';
import { DEFAULT_TENANT_ID, SecretBox } from '../../platform/index.ts';
import { type LoginOrigin, openSession } from '../auth/index.ts';
import { admit } from './people.ts';
import { beginSignOn, discover, finishSignOn, type SignOnAttempt, SignOnProviderError } from './provider.ts';
import { readSignOn, type StoredSignOn } from './store.ts';

/** As long may somebody take at the provider, with a second factor there. */
export const ATTEMPT_MAX_MS = 10 * 60_000;
/** A provider changes its keys and addresses; what it said of them is asked for again after this time. */
const DISCOVERY_MAX_MS = 60 * 60_000;

type Failed = { ok: false; reason: SignOnFailure };

/** Lets people in whom the tenant's provider vouches for. */
export class SingleSignOnService {
  readonly #context: ApiContext;
  #opened: SecretBox | undefined;
  readonly #discovered = new Map<string, { key: string; atMs: number; configuration: Configuration }>();

  constructor(context: ApiContext) {
    this.#context = context;
  }

  get #box(): SecretBox {
    return (this.#opened ??= SecretBox.open(this.#context.settings.dataDir));
  }

  seal(secret: string): string {
    return this.#box.seal(secret);
  }

  /** The tenant that somebody names before signing in; nobody names the default one. */
  async tenantId(name: string | undefined): Promise<string | undefined> {
    if (name === undefined || name === '') return DEFAULT_TENANT_ID;
    const row = await this.#context.database.asSystem((transaction) =>
      transaction.selectFrom('tenants').select('id').where('name', '=', name).executeTakeFirst(),
    );
    return row?.id;
  }

  /** The provider of a tenant, when it is on. */
  async provider(tenantId: string): Promise<StoredSignOn | undefined> {
    const stored = await this.#context.database.inTenant(tenantId, readSignOn);
    return stored?.settings.enabled === true ? stored : undefined;
  }

  /** Where to send somebody who wants to sign in, and what the browser keeps until the way back. */
  async begin(tenantId: string, next: string): Promise<{ ok: true; address: URL; kept: string } | Failed> {
    const stored = await this.provider(tenantId);
    if (stored === undefined) return { ok: false, reason: 'off' };
    return this.#asking(async () => {
      const configuration = await this.#configuration(tenantId, stored);
      const about = { tenantId, next, startedAtMs: this.#context.now() };
      const { address, attempt } = await beginSignOn(configuration, stored.settings, about);
      return { ok: true, address, kept: this.#box.seal(JSON.stringify(attempt)) };
    });
  }

  /** What the browser kept; undefined when there is nothing of ours, or it is too old. */
  attempt(kept: string | undefined): SignOnAttempt | undefined {
    const opened = kept === undefined ? undefined : this.#box.open(kept);
    if (opened === undefined) return undefined;
    // Only what this server has sealed itself can be opened.
    const attempt = JSON.parse(opened) as SignOnAttempt;
    const ageMs = this.#context.now() - attempt.startedAtMs;
    return ageMs >= 0 && ageMs <= ATTEMPT_MAX_MS ? attempt : undefined;
  }

  /**
   * Opens a session for who came back from the provider.
   *
   * @param query what the provider added to our address, with its question mark.
   */
  async finish(
    attempt: SignOnAttempt,
    query: string,
    origin: LoginOrigin,
  ): Promise<{ ok: true; secret: string } | Failed> {
    const { tenantId } = attempt;
    const stored = await this.provider(tenantId);
    if (stored === undefined) return { ok: false, reason: 'off' };
    return this.#asking(async () => {
      const configuration = await this.#configuration(tenantId, stored);
      const person = await finishSignOn(configuration, stored.settings, attempt, query);
      return this.#open(tenantId, stored.settings, person, origin);
    });
  }

  async #open(
    tenantId: string,
    settings: SignOnSettings,
    person: Awaited<ReturnType<typeof finishSignOn>>,
    origin: LoginOrigin,
  ): Promise<{ ok: true; secret: string } | Failed> {
    const { database, now, log, accessChanged } = this.#context;
    const admitted = await database.inTenant(tenantId, (transaction) =>
      admit(transaction, tenantId, settings, person),
    );
    if (!admitted.ok) {
      log.warn({ reason: admitted.reason, username: person.username }, 'single sign-on was refused');
      return admitted;
    }
    if (admitted.changed) accessChanged?.(({ userId }) => userId === admitted.userId);
    const account = { tenantId, userId: admitted.userId } as Parameters<typeof openSession>[2];
    const { secret } = await openSession(database, now(), account, origin, 'single-sign-on');
    return { ok: true, secret };
  }

  async #asking<Result>(ask: () => Promise<Result>): Promise<Result | Failed> {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof SignOnProviderError)) throw error;
      this.#context.log.warn({ detail: error.message }, 'the provider of single sign-on failed');
      return { ok: false, reason: 'unavailable' };
    }
  }

  async #configuration(tenantId: string, { settings, sealedSecret }: StoredSignOn): Promise<Configuration> {
    const key = JSON.stringify([settings.issuer, settings.clientId, sealedSecret]);
    const known = this.#discovered.get(tenantId);
    const nowMs = this.#context.now();
    if (known?.key === key && nowMs - known.atMs < DISCOVERY_MAX_MS) return known.configuration;
    const secret = sealedSecret === null ? '' : (this.#box.open(sealedSecret) ?? '');
    const configuration = await discover(settings, secret);
    this.#discovered.set(tenantId, { key, atMs: nowMs, configuration });
    return configuration;
  }
}
