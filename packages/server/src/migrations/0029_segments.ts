import { type Kysely, sql } from 'kysely';
import { isolateTenants } from './row-level-security.ts';

/** Segments of customers: lists of numbers, and who called often of late. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table segments (
      id uuid primary key,
      tenant_id uuid not null references tenants,
      name text not null check (length(name) between 1 and 100),
      settings jsonb not null check (jsonb_typeof(settings) = 'object'),
      unique (tenant_id, id),
      unique (tenant_id, name)
    )
  `.execute(db);
  await isolateTenants(db, 'segments');
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table segments`.execute(db);
}
