import { type Kysely, sql } from 'kysely';

/** An agent's share of the draws of a queue that chooses by weighted chance. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table queue_agents add column weight integer not null default 1 check (weight between 1 and 100)
  `.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`alter table queue_agents drop column weight`.execute(db);
}
