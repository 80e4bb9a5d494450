import { type Kysely, sql } from 'kysely';
import { isolateTenants } from './row-level-security.ts';

const TENANT_TABLES = ['scorecards', 'scorecard_versions', 'evaluations'] as const;

/** Forms by which conversations are judged, every version of them, and what came of it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table scorecards (
      id uuid primary key,
      tenant_id uuid not null references tenants,
      name text not null check (length(name) between 1 and 100),
      settings jsonb not null check (jsonb_typeof(settings) = 'object'),
      unique (tenant_id, id),
      unique (tenant_id, name)
    )
  `.execute(db);
  await sql`
    create table scorecard_versions (
      tenant_id uuid not null references tenants,
      scorecard_id uuid not null,
      version integer not null check (version >= 1),
      groups jsonb not null check (jsonb_typeof(groups) = 'array'),
      created_at timestamptz not null,
      created_by uuid not null,
      primary key (scorecard_id, version),
      unique (tenant_id, scorecard_id, version),
      foreign key (tenant_id, scorecard_id) references scorecards (tenant_id, id) on delete cascade
    )
  `.execute(db);
  // Contact, recording and people are no foreign keys: what was judged outlives them.
  await sql`
    create table evaluations (
      id uuid primary key,
      tenant_id uuid not null references tenants,
      scorecard_id uuid not null,
      version integer not null,
      contact_id uuid not null,
      recording_id uuid,
      agent_id uuid not null,
      evaluator_id uuid not null,
      state text not null check (state in ('draft', 'finished')),
      answers jsonb not null default '[]' check (jsonb_typeof(answers) = 'array'),
      comment text not null default '',
      score double precision check (score between 0 and 100),
      created_at timestamptz not null,
      finished_at timestamptz check ((finished_at is null) = (state = 'draft')),
      acknowledged_at timestamptz check (acknowledged_at is null or state = 'finished'),
      agent_comment text not null default '',
      constraint evaluations_once_key unique (tenant_id, contact_id, agent_id, scorecard_id, evaluator_id),
      foreign key (tenant_id, scorecard_id, version)
        references scorecard_versions (tenant_id, scorecard_id, version)
    )
  `.execute(db);
  await sql`
    create index evaluations_by_time on evaluations (tenant_id, (coalesce(finished_at, created_at)) desc, id desc)
  `.execute(db);
  await sql`create index evaluations_agent_idx on evaluations (tenant_id, agent_id, finished_at desc)`.execute(
    db,
  );
  for (const table of TENANT_TABLES) await isolateTenants(db, table);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  for (const table of [...TENANT_TABLES].reverse()) await sql`drop table ${sql.table(table)}`.execute(db);
}
