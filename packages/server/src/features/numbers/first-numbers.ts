import type { NumberTarget } from '@crosspoint/contracts';
import { type Database, newId } from '../../platform/index.ts';

/** By which registered telephones reach what the product itself answers. */
const FIRST_NUMBERS: readonly { number: string; target: NumberTarget }[] = [
  { number: '*97', target: { kind: 'voicemail-menu', language: 'en' } },
  { number: '*98', target: { kind: 'prompt-menu', language: 'en' } },
];

/** Gives a new centre, which nobody can sign in to yet, the numbers of the menus by telephone. */
export async function addFirstNumbers(database: Database, tenantId: string): Promise<void> {
  await database.inTenant(tenantId, async (transaction) => {
    const user = await transaction.selectFrom('users').select('id').limit(1).executeTakeFirst();
    if (user !== undefined) return;
    const rows = FIRST_NUMBERS.map(({ number, target }) => ({
      ...{ id: newId(), tenant_id: tenantId, number, target: JSON.stringify(target) },
    }));
    await transaction
      .insertInto('numbers')
      .values(rows)
      .onConflict((conflict) => conflict.columns(['tenant_id', 'number']).doNothing())
      .execute();
  });
}
