import { type Kysely, sql } from 'kysely';
import { isolateTenants } from './row-level-security.ts';

/** What was wrong with queues, for how long, and who has seen it. History outlives the queue, whose name is kept. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table alerts (
      id uuid primary key,
      tenant_id uuid not null references tenants (id) on delete cascade,
      queue_id uuid not null,
      queue_name text not null,
      kind text not null check (kind in ('longest-wait', 'waiting', 'service-level', 'no-agents')),
      value double precision not null,
      worst double precision not null,
      threshold double precision not null,
      raised_at timestamptz not null,
      cleared_at timestamptz,
      acknowledged_at timestamptz,
      acknowledged_by uuid,
      note text not null default ''
    )
  `.execute(db);
  await sql`create index alerts_raised_idx on alerts (tenant_id, raised_at desc, id desc)`.execute(db);
  await sql`create unique index alerts_open_key on alerts (tenant_id, queue_id, kind) where cleared_at is null`.execute(
    db,
  );
  await isolateTenants(db, 'alerts');
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table alerts`.execute(db);
}
