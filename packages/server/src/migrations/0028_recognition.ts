import { type Kysely, sql } from 'kysely';
import { isolateTenants } from './row-level-security.ts';

/** Who understands the callers of a tenant; the key of the service is sealed. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table recognition_settings (
      tenant_id uuid primary key references tenants,
      settings jsonb not null check (jsonb_typeof(settings) = 'object'),
      sealed_key text
    )
  `.execute(db);
  await isolateTenants(db, 'recognition_settings');
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table recognition_settings`.execute(db);
}
