import type { Database, DatabaseTransaction, SecretBox } from '../../platform/index.ts';

/** What is chosen for a tenant, and the key of the service as it is stored. */
export interface StoredService<Choice> {
  settings: Choice;
  sealedKey: string | null;
}

/** The services of all tenants of one sort, in their table; the engine beside the server where nobody chose. */
export class ServiceStore<Choice> {
  readonly #table: 'speech_settings' | 'recognition_settings';
  readonly #schema: { parse: (stored: unknown) => Choice };

  constructor(
    table: 'speech_settings' | 'recognition_settings',
    schema: { parse: (stored: unknown) => Choice },
  ) {
    this.#table = table;
    this.#schema = schema;
  }

  readonly read = async (transaction: DatabaseTransaction): Promise<StoredService<Choice>> => {
    const row = await transaction
      .selectFrom(this.#table)
      .select(['settings', 'sealed_key'])
      .executeTakeFirst();
    return {
      settings: this.#schema.parse(row?.settings ?? { provider: 'offline' }),
      sealedKey: row?.sealed_key ?? null,
    };
  };

  async write(
    transaction: DatabaseTransaction,
    tenantId: string,
    { settings, sealedKey }: StoredService<Choice>,
  ): Promise<void> {
    const values = { settings: JSON.stringify(settings), sealed_key: sealedKey };
    await transaction
      .insertInto(this.#table)
      .values({ tenant_id: tenantId, ...values })
      .onConflict((conflict) => conflict.column('tenant_id').doUpdateSet(values))
      .execute();
  }

  /** Whom to ask for a tenant, with the key; one that cannot be opened is none. */
  async choice(database: Database, box: SecretBox, tenantId: string): Promise<Choice & { key: string }> {
    const { settings, sealedKey } = await database.inTenant(tenantId, this.read);
    return { ...settings, key: sealedKey === null ? '' : (box.open(sealedKey) ?? '') };
  }
}
