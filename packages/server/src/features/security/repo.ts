import type {
  AccessRule,
  AccessRuleInput,
  AccessRulePage,
  AccessRuleQuery,
  SecuritySettings,
} from '@crosspoint/contracts';
import { sql } from 'kysely';
import type { z } from 'zod';
import { anyHolds, keysetPage, nameTaken, onConstraint } from '../../http/index.ts';
import type { DatabaseTransaction } from '../../platform/index.ts';

function selectRules(transaction: DatabaseTransaction) {
  return transaction
    .selectFrom('access_rules as r')
    .select(['r.id', 'r.action', 'r.network', 'r.note', 'r.created_at']);
}
type RuleRow = Awaited<ReturnType<ReturnType<typeof selectRules>['executeTakeFirstOrThrow']>>;

function ruleOf(row: RuleRow): AccessRule {
  return {
    id: row.id,
    action: row.action === 'deny' ? 'deny' : 'allow',
    network: row.network,
    note: row.note,
    createdAt: row.created_at.toISOString(),
  };
}

export async function listRules(
  transaction: DatabaseTransaction,
  query: z.output<typeof AccessRuleQuery>,
): Promise<z.output<typeof AccessRulePage>> {
  let select = selectRules(transaction);
  if (query.search) select = select.where(anyHolds(query.search, ['r.network', 'r.note']));
  const page = await keysetPage(select, {
    sort: 'network',
    keys: [{ expression: sql.ref('r.network'), type: 'text' }],
    limit: query.limit,
    cursor: query.cursor,
  });
  return { items: page.items.map(ruleOf), nextCursor: page.nextCursor };
}

/** @param lock keeps others from changing the rule until the transaction ends. */
export async function findRule(
  transaction: DatabaseTransaction,
  id: string,
  lock = false,
): Promise<AccessRule | undefined> {
  const select = selectRules(transaction).where('r.id', '=', id);
  const row = await (lock ? select.forUpdate() : select).executeTakeFirst();
  return row === undefined ? undefined : ruleOf(row);
}

const violations = (network: string) =>
  onConstraint({ access_rules_tenant_id_network_key: () => nameTaken('network', network, 'rule') });

export async function insertRule(
  transaction: DatabaseTransaction,
  id: string,
  tenantId: string,
  rule: AccessRuleInput,
): Promise<void> {
  await transaction
    .insertInto('access_rules')
    .values({ id, tenant_id: tenantId, ...rule, created_at: new Date() })
    .execute()
    .catch(violations(rule.network));
}

export async function updateRule(
  transaction: DatabaseTransaction,
  id: string,
  rule: AccessRuleInput,
): Promise<void> {
  await transaction
    .updateTable('access_rules')
    .set(rule)
    .where('id', '=', id)
    .execute()
    .catch(violations(rule.network));
}

export async function deleteRule(transaction: DatabaseTransaction, id: string): Promise<void> {
  await transaction.deleteFrom('access_rules').where('id', '=', id).execute();
}

export async function storeSettings(
  transaction: DatabaseTransaction,
  tenantId: string,
  settings: SecuritySettings,
): Promise<void> {
  const json = JSON.stringify(settings);
  await transaction
    .insertInto('security_settings')
    .values({ tenant_id: tenantId, settings: json })
    .onConflict((conflict) => conflict.column('tenant_id').doUpdateSet({ settings: json }))
    .execute();
}

/** The names of the trunks and agents with these ids. */
export async function namesOf(
  transaction: DatabaseTransaction,
  ids: readonly string[],
): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const trunks = await transaction
    .selectFrom('trunks')
    .select(['id', 'name'])
    .where('id', 'in', ids)
    .execute();
  const users = await transaction.selectFrom('users').select(['id', 'name']).where('id', 'in', ids).execute();
  return new Map([...trunks, ...users].map(({ id, name }) => [id, name]));
}
