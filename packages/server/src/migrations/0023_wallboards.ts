import { type Kysely, sql } from 'kysely';
import { isolateTenants } from './row-level-security.ts';

/** Arrangements of wallboards, each of the user who made it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table wallboards (
      id uuid primary key,
      tenant_id uuid not null,
      user_id uuid not null,
      name text not null check (length(name) between 1 and 100),
      shared boolean not null,
      settings jsonb not null,
      foreign key (tenant_id, user_id) references users (tenant_id, id) on delete cascade
    )
  `.execute(db);
  await sql`create index wallboards_user_id_idx on wallboards (user_id)`.execute(db);
  await isolateTenants(db, 'wallboards');
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table wallboards`.execute(db);
}
