import { type Kysely, sql } from 'kysely';

/** A number opens one voicemail box. Of those that had the same the first by name keeps it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`select set_config('crosspoint.system', 'on', true)`.execute(db);
  await sql`
    update voicemail_boxes as box set settings = jsonb_set(box.settings, '{number}', 'null')
    where exists (
      select from voicemail_boxes as first
      where first.tenant_id = box.tenant_id and first.name < box.name
        and first.settings ->> 'number' = box.settings ->> 'number'
    )
  `.execute(db);
  await sql`
    create unique index voicemail_boxes_number_key on voicemail_boxes (tenant_id, (settings ->> 'number'))
  `.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop index voicemail_boxes_number_key`.execute(db);
}
