import { type Kysely, sql } from 'kysely';
import { isolateTenants } from './row-level-security.ts';

/** Calls that were promised to customers, by key from a queue or for a time. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table callbacks (
      id uuid primary key,
      tenant_id uuid not null references tenants (id) on delete cascade,
      queue_id uuid not null references queues (id) on delete cascade,
      number text not null,
      caller_name text not null,
      note text not null,
      origin text not null check (origin in ('queue', 'scheduled')),
      state text not null
        check (state in ('scheduled', 'waiting', 'resting', 'done', 'failed', 'cancelled')),
      created_at timestamptz not null,
      aged_since timestamptz not null,
      promised_at timestamptz not null,
      due_at timestamptz,
      attempts integer not null,
      attempts_max integer not null check (attempts_max between 1 and 10),
      gap_seconds integer not null check (gap_seconds between 60 and 86400),
      contact_id uuid,
      from_contact_id uuid,
      reason text not null,
      ended_at timestamptz
    )
  `.execute(db);
  await sql`create index callbacks_created on callbacks (tenant_id, created_at, id)`.execute(db);
  await sql`create index callbacks_open on callbacks (tenant_id) where ended_at is null`.execute(db);
  await isolateTenants(db, 'callbacks');
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table callbacks`.execute(db);
}
