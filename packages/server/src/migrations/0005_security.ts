import { type Kysely, sql } from 'kysely';
import { isolateTenants } from './row-level-security.ts';

const TENANT_TABLES = ['security_settings', 'access_rules', 'bans', 'toll_counters'] as const;

/** How the SIP line defends itself, who is banned, and what outgoing calls have used of their limits. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table security_settings (
      tenant_id uuid primary key references tenants,
      settings jsonb not null check (jsonb_typeof(settings) = 'object')
    )
  `.execute(db);
  await sql`
    create table access_rules (
      id uuid primary key,
      tenant_id uuid not null references tenants,
      action text not null check (action in ('allow', 'deny')),
      network text not null check (length(network) between 2 and 49),
      note text not null default '' check (length(note) <= 200),
      created_at timestamptz not null,
      unique (tenant_id, network)
    )
  `.execute(db);
  await sql`
    create table bans (
      id uuid primary key,
      tenant_id uuid not null references tenants,
      source text not null check (length(source) between 2 and 49),
      username text check (length(username) between 1 and 200),
      reason text not null,
      note text not null default '' check (length(note) <= 200),
      created_at timestamptz not null,
      until timestamptz,
      offences integer not null default 1 check (offences >= 1)
    )
  `.execute(db);
  await sql`create index bans_tenant_id_idx on bans (tenant_id)`.execute(db);
  await sql`
    create table toll_counters (
      tenant_id uuid not null references tenants,
      account text not null check (length(account) between 1 and 100),
      counters jsonb not null check (jsonb_typeof(counters) = 'object'),
      updated_at timestamptz not null,
      primary key (tenant_id, account)
    )
  `.execute(db);
  for (const table of TENANT_TABLES) await isolateTenants(db, table);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  for (const table of TENANT_TABLES.toReversed()) await sql`drop table ${sql.table(table)}`.execute(db);
}
