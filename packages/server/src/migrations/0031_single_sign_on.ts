import { type Kysely, sql } from 'kysely';
import { isolateTenants } from './row-level-security.ts';

/** The provider by which the people of a tenant sign in, with its sealed secret, and who of them is who there. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table sign_on_settings (
      tenant_id uuid primary key references tenants,
      settings jsonb not null check (jsonb_typeof(settings) = 'object'),
      sealed_secret text
    )
  `.execute(db);
  await isolateTenants(db, 'sign_on_settings');
  await sql`alter table users add column sign_on_subject text`.execute(db);
  await sql`create unique index users_sign_on_subject_key on users (tenant_id, sign_on_subject)`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`alter table users drop column sign_on_subject`.execute(db);
  await sql`drop table sign_on_settings`.execute(db);
}
