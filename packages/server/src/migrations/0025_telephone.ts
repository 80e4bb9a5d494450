import { type Kysely, sql } from 'kysely';
import { isolateTenants } from './row-level-security.ts';

/** Boxes that are opened by telephone with a PIN; messages that are put away and sent on; codes for recording prompts by telephone. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table voicemail_boxes add column pin_hash text`.execute(db);
  await sql`
    alter table voicemails
      add column archived_at timestamptz,
      add column note text not null default '' check (length(note) <= 500),
      add column forwarded_from text,
      add column forwarded_by uuid
  `.execute(db);
  await sql`
    create table prompt_codes (
      id uuid primary key,
      tenant_id uuid not null references tenants,
      code text not null,
      language text not null,
      name text not null,
      user_id uuid not null,
      expires_at timestamptz not null,
      used_at timestamptz,
      unique (tenant_id, code)
    )
  `.execute(db);
  await isolateTenants(db, 'prompt_codes');
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table prompt_codes`.execute(db);
  await sql`
    alter table voicemails
      drop column archived_at, drop column note, drop column forwarded_from, drop column forwarded_by
  `.execute(db);
  await sql`alter table voicemail_boxes drop column pin_hash`.execute(db);
}
