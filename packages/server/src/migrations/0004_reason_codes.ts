import { type Kysely, sql } from 'kysely';

/** What agents choose from before anybody has set anything up; all of it can be changed or deleted. */
const DEFAULT_CODES = [
  { code: 'break', kind: 'break', name: { en: 'Break', es: 'Descanso', cs: 'Přestávka' } },
  { code: 'lunch', kind: 'break', name: { en: 'Lunch', es: 'Comida', cs: 'Oběd' } },
  { code: 'meeting', kind: 'break', name: { en: 'Meeting', es: 'Reunión', cs: 'Porada' } },
  { code: 'training', kind: 'break', name: { en: 'Training', es: 'Formación', cs: 'Školení' } },
  {
    code: 'end-of-shift',
    kind: 'offline',
    name: { en: 'End of shift', es: 'Fin de turno', cs: 'Konec směny' },
  },
] as const;

/** Gives every organisation that has no reason codes yet the usual ones. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`select set_config('crosspoint.system', 'on', true)`.execute(db);
  const codes = JSON.stringify(DEFAULT_CODES);
  await sql`
    insert into reason_codes (tenant_id, code, kind, name)
    select t.id, c.code, c.kind, c.name
    from tenants t, jsonb_to_recordset(${codes}::jsonb) as c (code text, kind text, name jsonb)
    where not exists (select 1 from reason_codes r where r.tenant_id = t.id)
  `.execute(db);
}

/** Codes cannot be told from those that people made since, and an agent's history names them: they stay. */
export async function down(_db: Kysely<unknown>): Promise<void> {}
