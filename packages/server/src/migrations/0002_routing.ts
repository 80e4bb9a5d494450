import { type Kysely, sql } from 'kysely';
import { isolateTenants } from './row-level-security.ts';

const TENANT_TABLES = ['queues', 'queue_agents', 'numbers', 'trunks'] as const;

/** Queues, who serves them, the numbers that lead to them and the trunks that calls arrive on. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table queues (
      id uuid primary key,
      tenant_id uuid not null references tenants,
      name text not null check (length(name) between 1 and 100),
      settings jsonb not null default '{}' check (jsonb_typeof(settings) = 'object'),
      version integer not null default 1 check (version >= 1),
      unique (tenant_id, id),
      unique (tenant_id, name)
    )
  `.execute(db);
  await sql`
    create table queue_agents (
      tenant_id uuid not null references tenants,
      queue_id uuid not null,
      agent_id uuid not null,
      priority integer not null default 1 check (priority between 1 and 99),
      delay_seconds integer not null default 0 check (delay_seconds >= 0),
      primary key (queue_id, agent_id),
      foreign key (tenant_id, queue_id) references queues (tenant_id, id) on delete cascade,
      foreign key (tenant_id, agent_id) references agents (tenant_id, user_id) on delete cascade
    )
  `.execute(db);
  await sql`create index queue_agents_agent_id_idx on queue_agents (agent_id)`.execute(db);
  await sql`
    create table numbers (
      id uuid primary key,
      tenant_id uuid not null references tenants,
      number text not null check (length(number) between 1 and 64),
      target jsonb not null check (jsonb_typeof(target) = 'object'),
      unique (tenant_id, number)
    )
  `.execute(db);
  await sql`
    create table trunks (
      id uuid primary key,
      tenant_id uuid not null references tenants,
      name text not null check (length(name) between 1 and 100),
      settings jsonb not null default '{}' check (jsonb_typeof(settings) = 'object'),
      unique (tenant_id, name)
    )
  `.execute(db);
  for (const table of TENANT_TABLES) await isolateTenants(db, table);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  for (const table of ['trunks', 'numbers', 'queue_agents', 'queues']) {
    await sql`drop table ${sql.table(table)}`.execute(db);
  }
}
