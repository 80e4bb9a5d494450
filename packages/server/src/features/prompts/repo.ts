import type { Prompt, PromptId } from '@crosspoint/contracts';
import type { DatabaseTransaction } from '../../platform/index.ts';

/** What is known of an own recording beside its sound. */
export type PromptDetails = Pick<Prompt, 'text' | 'pacePercent' | 'gainDb'> & {
  source: Exclude<Prompt['source'], 'shipped'>;
  changedAt: number;
};

export function promptParts(id: PromptId): { language: Prompt['language']; name: string } {
  const dot = id.indexOf('.');
  return { language: id.slice(0, dot) as Prompt['language'], name: id.slice(dot + 1) };
}

/** Of all own recordings of the transaction's tenant that somebody changed by the API, by id. */
export async function readDetails(transaction: DatabaseTransaction): Promise<Map<PromptId, PromptDetails>> {
  const rows = await transaction.selectFrom('prompt_sounds').selectAll().execute();
  return new Map(
    rows.map((row) => [
      `${row.language}.${row.name}`,
      {
        source: row.source as PromptDetails['source'],
        text: row.text,
        pacePercent: row.pace_percent,
        gainDb: row.gain_db,
        changedAt: row.changed_at.getTime(),
      },
    ]),
  );
}

export async function writeDetails(
  transaction: DatabaseTransaction,
  tenantId: string,
  id: PromptId,
  details: PromptDetails,
): Promise<void> {
  const values = {
    source: details.source,
    text: details.text,
    pace_percent: details.pacePercent,
    gain_db: details.gainDb,
    changed_at: new Date(details.changedAt),
  };
  await transaction
    .insertInto('prompt_sounds')
    .values({ tenant_id: tenantId, ...promptParts(id), ...values })
    .onConflict((conflict) => conflict.columns(['tenant_id', 'language', 'name']).doUpdateSet(values))
    .execute();
}

export async function deleteDetails(transaction: DatabaseTransaction, id: PromptId): Promise<void> {
  const { language, name } = promptParts(id);
  await transaction
    .deleteFrom('prompt_sounds')
    .where('language', '=', language)
    .where('name', '=', name)
    .execute();
}
