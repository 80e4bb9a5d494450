import { type Kysely, sql } from 'kysely';

/** How long each endpoint of an agent rings, the key that takes a call there, and whether they ring together. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table endpoints
      add column ring_seconds integer not null default 20 check (ring_seconds between 5 and 120),
      add column confirm_key text check (confirm_key ~ '^[0-9*#]$')
  `.execute(db);
  await sql`
    alter table agents
      add column ring_mode text not null default 'together' check (ring_mode in ('together', 'in-order'))
  `.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`alter table agents drop column ring_mode`.execute(db);
  await sql`alter table endpoints drop column ring_seconds, drop column confirm_key`.execute(db);
}
