import type { TenantId } from '@crosspoint/contracts';
import { type Binding, flowKey } from '@crosspoint/sip';
import type { Database } from '../../platform/index.ts';
import type { SipAccounts } from './accounts.ts';

/** Registrations are written this long after the first change, all changed phones in one statement. */
const writeDelayMs = 500;
const retryDelayMs = 5_000;

/**
 * Keeps registrations in the database, so that phones need not register again after a restart. The stack in memory is
 * the truth; what is stored follows it within half a second and is best effort: a phone registers again anyway.
 */
export class StoredRegistrations {
  readonly #database: Database;
  readonly #accounts: SipAccounts;
  readonly #fault: (detail: string) => void;
  readonly #changed = new Map<string, { tenantId: TenantId; bindings: Binding[] }>();
  #timer: NodeJS.Timeout | undefined;

  constructor(database: Database, accounts: SipAccounts, fault: (detail: string) => void) {
    this.#database = database;
    this.#accounts = accounts;
    this.#fault = fault;
  }

  /** What is still valid. A stream connection does not survive the process, so those phones must come back. */
  async load(nowMs: number): Promise<Binding[]> {
    const rows = await this.#database.asSystem((transaction) =>
      transaction
        .selectFrom('registrations')
        .select('data')
        .where('expires_at', '>', new Date(nowMs))
        .limit(50_000)
        .execute(),
    );
    return rows
      .map((row) => row.data as unknown as Binding)
      .filter((binding) => binding.flow.protocol === 'udp');
  }

  changed(aor: string, user: string, bindings: Binding[]): void {
    const account = this.#accounts.byUsername(user);
    if (account === undefined) return;
    this.#changed.set(aor, { tenantId: account.tenantId, bindings });
    this.#timer ??= setTimeout(() => this.#write(), writeDelayMs);
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.flush();
  }

  #write(): void {
    this.#timer = undefined;
    this.flush().catch((error: Error) => {
      this.#fault(`registrations are not stored: ${error.message}`);
      this.#timer ??= setTimeout(() => this.#write(), retryDelayMs);
    });
  }

  async flush(): Promise<void> {
    if (this.#changed.size === 0) return;
    const batch = [...this.#changed];
    this.#changed.clear();
    const rows = batch.flatMap(([aor, { tenantId, bindings }]) =>
      bindings.map((binding) => ({
        tenant_id: tenantId,
        aor,
        contact_uri: keyOf(binding),
        data: JSON.stringify(binding),
        expires_at: new Date(binding.expiresAtMs),
      })),
    );
    try {
      await this.#database.asSystem(async (transaction) => {
        await transaction
          .deleteFrom('registrations')
          .where(
            'aor',
            'in',
            batch.map(([aor]) => aor),
          )
          .execute();
        if (rows.length > 0) await transaction.insertInto('registrations').values(rows).execute();
      });
    } catch (error) {
      for (const [aor, entry] of batch) if (!this.#changed.has(aor)) this.#changed.set(aor, entry);
      throw error;
    }
  }
}

/** Telephones behind two NATs, and the two flows of one (RFC 5626), can have equal Contacts: this tells them apart. */
function keyOf({ contact, instanceId, registrationId, flow }: Binding): string {
  return [contact, instanceId ?? '', registrationId ?? '', flowKey(flow)].join(' ');
}
