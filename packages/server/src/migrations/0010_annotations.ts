import { type Kysely, sql } from 'kysely';

/** What people note about contacts is found without reading every fact; the other facts pay nothing for it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create index contact_events_dispositions_idx on contact_events (tenant_id, (data ->> 'code'))
    where type = 'disposition.set'
  `.execute(db);
  await sql`
    create index contact_events_notes_idx on contact_events (tenant_id, contact_id) where type = 'note.added'
  `.execute(db);
  // What was before with this customer.
  await sql`create index contacts_caller_idx on contacts (tenant_id, caller_phone, started_at desc)`.execute(
    db,
  );
  await sql`
    create index contacts_called_idx on contacts (tenant_id, number, started_at desc) where direction = 'outbound'
  `.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop index contacts_called_idx`.execute(db);
  await sql`drop index contacts_caller_idx`.execute(db);
  await sql`drop index contact_events_notes_idx`.execute(db);
  await sql`drop index contact_events_dispositions_idx`.execute(db);
}
