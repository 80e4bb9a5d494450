import { type Kysely, sql } from 'kysely';
import { isolateTenants } from './row-level-security.ts';

/** The tenant that exists from the first start; a single organisation needs no other. */
export const DEFAULT_TENANT_ID = '00000000-0000-7000-8000-000000000001';

const TENANT_TABLES = [
  'users',
  'sessions',
  'api_keys',
  'agents',
  'endpoints',
  'registrations',
  'teams',
  'team_members',
  'reason_codes',
  'audit_log',
  'settings',
] as const;

/**
 * Tenants, people and what belongs to them. Foreign keys carry the tenant, so that a row can never point into another
 * organisation; PostgreSQL checks them past row-level security.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await createIdentity(db);
  await createAgents(db);
  await createTeams(db);
  await createRecords(db);
  await isolateTenants(db, 'tenants', 'id');
  for (const table of TENANT_TABLES) await isolateTenants(db, table);
  await sql`select set_config('crosspoint.system', 'on', true)`.execute(db);
  await sql`insert into tenants (id, name) values (${DEFAULT_TENANT_ID}, 'default')`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  for (const table of [...TENANT_TABLES].reverse()) await sql`drop table ${sql.table(table)}`.execute(db);
  await sql`drop table tenants`.execute(db);
}

async function createIdentity(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table tenants (
      id uuid primary key,
      name text not null unique check (length(name) between 1 and 100),
      time_zone text not null default 'UTC',
      created_at timestamptz not null default now()
    )
  `.execute(db);
  await sql`
    create table users (
      id uuid primary key,
      tenant_id uuid not null references tenants,
      username text not null check (length(username) between 1 and 64),
      name text not null,
      role text not null check (role in ('admin', 'supervisor', 'agent', 'analyst')),
      password_hash text,
      language text not null default 'en',
      time_zone text not null default 'UTC',
      created_at timestamptz not null default now(),
      disabled_at timestamptz,
      unique (tenant_id, id)
    )
  `.execute(db);
  await sql`create unique index users_username_key on users (tenant_id, lower(username))`.execute(db);
  await sql`
    create table sessions (
      token_hash bytea primary key,
      tenant_id uuid not null references tenants,
      user_id uuid not null,
      created_at timestamptz not null default now(),
      last_seen_at timestamptz not null default now(),
      expires_at timestamptz not null,
      ip inet,
      user_agent text,
      foreign key (tenant_id, user_id) references users (tenant_id, id) on delete cascade
    )
  `.execute(db);
  await sql`create index sessions_user_id_idx on sessions (user_id)`.execute(db);
  await sql`create index sessions_expires_at_idx on sessions (expires_at)`.execute(db);
  await sql`
    create table api_keys (
      id uuid primary key,
      tenant_id uuid not null references tenants,
      user_id uuid not null,
      name text not null check (length(name) between 1 and 100),
      prefix text not null,
      hash bytea not null unique,
      scopes text[] not null default '{}',
      created_at timestamptz not null default now(),
      last_used_at timestamptz,
      expires_at timestamptz,
      revoked_at timestamptz,
      foreign key (tenant_id, user_id) references users (tenant_id, id) on delete cascade
    )
  `.execute(db);
  await sql`create index api_keys_user_id_idx on api_keys (user_id)`.execute(db);
}

async function createAgents(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table agents (
      user_id uuid primary key,
      tenant_id uuid not null references tenants,
      extension text check (length(extension) between 1 and 32),
      skills jsonb not null default '{}' check (jsonb_typeof(skills) = 'object'),
      languages text[] not null default '{}',
      capacity integer not null default 1 check (capacity between 1 and 100),
      sip_username text check (length(sip_username) between 1 and 64),
      sip_ha1_md5 text,
      sip_ha1_sha256 text,
      chosen_status text not null default 'available' check (chosen_status in ('available', 'break', 'offline')),
      reason_code text,
      status_since timestamptz not null default now(),
      unique (tenant_id, user_id),
      unique (tenant_id, extension),
      unique (tenant_id, sip_username),
      foreign key (tenant_id, user_id) references users (tenant_id, id) on delete cascade
    )
  `.execute(db);
  await sql`
    create table endpoints (
      id uuid primary key,
      tenant_id uuid not null references tenants,
      agent_id uuid not null,
      kind text not null check (kind in ('sip', 'external', 'browser')),
      address text not null,
      position integer not null default 0 check (position >= 0),
      enabled boolean not null default true,
      unique (tenant_id, agent_id, kind, address),
      foreign key (tenant_id, agent_id) references agents (tenant_id, user_id) on delete cascade
    )
  `.execute(db);
  await sql`
    create table registrations (
      tenant_id uuid not null references tenants,
      aor text not null,
      contact_uri text not null,
      data jsonb not null,
      expires_at timestamptz not null,
      primary key (tenant_id, aor, contact_uri)
    )
  `.execute(db);
  await sql`create index registrations_expires_at_idx on registrations (expires_at)`.execute(db);
}

async function createTeams(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table teams (
      id uuid primary key,
      tenant_id uuid not null references tenants,
      name text not null check (length(name) between 1 and 100),
      parent_id uuid check (parent_id <> id),
      unique (tenant_id, id),
      unique (tenant_id, name),
      foreign key (tenant_id, parent_id) references teams (tenant_id, id) on delete set null (parent_id)
    )
  `.execute(db);
  await sql`create index teams_parent_id_idx on teams (parent_id)`.execute(db);
  await sql`
    create table team_members (
      tenant_id uuid not null references tenants,
      team_id uuid not null,
      user_id uuid not null,
      primary key (team_id, user_id),
      foreign key (tenant_id, team_id) references teams (tenant_id, id) on delete cascade,
      foreign key (tenant_id, user_id) references users (tenant_id, id) on delete cascade
    )
  `.execute(db);
  await sql`create index team_members_user_id_idx on team_members (user_id)`.execute(db);
  await sql`
    create table reason_codes (
      tenant_id uuid not null references tenants,
      code text not null check (length(code) between 1 and 64),
      name jsonb not null check (jsonb_typeof(name) = 'object'),
      kind text not null default 'break',
      primary key (tenant_id, code)
    )
  `.execute(db);
}

async function createRecords(db: Kysely<unknown>): Promise<void> {
  // The actor is not a foreign key: the log must keep naming a user who has since been deleted.
  await sql`
    create table audit_log (
      id uuid primary key,
      tenant_id uuid not null references tenants,
      at timestamptz not null default now(),
      actor_user_id uuid,
      actor_kind text not null check (actor_kind in ('user', 'api-key', 'system', 'cli')),
      action text not null,
      subject_type text not null,
      subject_id text,
      before jsonb,
      after jsonb,
      ip inet
    )
  `.execute(db);
  await sql`create index audit_log_at_idx on audit_log (tenant_id, at desc, id desc)`.execute(db);
  await sql`create index audit_log_subject_idx on audit_log (tenant_id, subject_type, subject_id, at)`.execute(
    db,
  );
  await sql`
    create table settings (
      tenant_id uuid not null references tenants,
      key text not null,
      value jsonb not null,
      primary key (tenant_id, key)
    )
  `.execute(db);
}
