import { type Kysely, sql } from 'kysely';
import { isolateTenants } from './row-level-security.ts';

const TABLES = ['mail_servers', 'alert_targets', 'alert_deliveries'] as const;

/** Where alerts are sent to, and what became of each message. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table mail_servers (
      tenant_id uuid primary key references tenants (id) on delete cascade,
      settings jsonb not null
    )
  `.execute(db);
  await sql`
    create table alert_targets (
      id uuid primary key,
      tenant_id uuid not null references tenants (id) on delete cascade,
      name text not null check (length(name) between 1 and 100),
      settings jsonb not null,
      sealed_secret text,
      unique (tenant_id, id),
      unique (tenant_id, name)
    )
  `.execute(db);
  await sql`
    create table alert_deliveries (
      id uuid primary key,
      tenant_id uuid not null references tenants (id) on delete cascade,
      target_id uuid not null,
      alert_id uuid not null references alerts (id) on delete cascade,
      event text not null check (event in ('raised', 'cleared')),
      state text not null default 'waiting' check (state in ('waiting', 'delivered', 'failed')),
      attempts integer not null default 0,
      created_at timestamptz not null,
      next_attempt_at timestamptz,
      delivered_at timestamptz,
      last_error text,
      unique (target_id, alert_id, event),
      foreign key (tenant_id, target_id) references alert_targets (tenant_id, id) on delete cascade
    )
  `.execute(db);
  await sql`create index alert_deliveries_created_idx on alert_deliveries (tenant_id, created_at desc, id desc)`.execute(
    db,
  );
  await sql`create index alert_deliveries_due_idx on alert_deliveries (next_attempt_at) where state = 'waiting'`.execute(
    db,
  );
  await sql`create index alert_deliveries_alert_idx on alert_deliveries (alert_id)`.execute(db);
  for (const table of TABLES) await isolateTenants(db, table);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  for (const table of [...TABLES].reverse()) await sql`drop table ${sql.table(table)}`.execute(db);
}
