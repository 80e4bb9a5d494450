import { type Kysely, sql } from 'kysely';
import { isolateTenants } from './row-level-security.ts';

/** The second factor of a user: the secret that the authenticator app shares, and the hashes of unused recovery codes. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table second_factors (
      user_id uuid primary key,
      tenant_id uuid not null references tenants,
      sealed_secret text not null,
      -- Null until a first code has proved that the app has the secret.
      confirmed_at timestamptz,
      -- The step of time of the last code that was taken: none is taken twice.
      last_step bigint not null default 0,
      recovery_hashes bytea[] not null default '{}',
      foreign key (tenant_id, user_id) references users (tenant_id, id) on delete cascade
    )
  `.execute(db);
  await isolateTenants(db, 'second_factors');
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table second_factors`.execute(db);
}
