import { isDeepStrictEqual } from 'node:util';
import {
  RoutingRule,
  type RoutingDiff,
  type RoutingDraft,
  type RoutingRuleInput,
  type RoutingVersion,
} from '@crosspoint/contracts';
import { checkRules, hintsOf } from '@crosspoint/core';
import { sql } from 'kysely';
import type { DatabaseTransaction } from '../../platform/index.ts';
import { surroundingsOf } from '../flows/index.ts';

/** The rules that contacts meet. */
export interface PublishedRules {
  version: number;
  rules: RoutingRule[];
}

const versionsListed = 100;

export async function readRules(transaction: DatabaseTransaction): Promise<RoutingRule[]> {
  const rows = await transaction
    .selectFrom('routing_rules')
    .select(['id', 'rule'])
    .orderBy('position')
    .orderBy('id')
    .execute();
  return rows.map(({ id, rule }) => RoutingRule.parse({ ...(rule as object), id }));
}

export async function readPublishedRules(
  transaction: DatabaseTransaction,
): Promise<PublishedRules | undefined> {
  const row = await transaction
    .selectFrom('routing_versions')
    .select(['version', 'rules'])
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row && { version: row.version, rules: RoutingRule.array().parse(row.rules) };
}

export async function readDraft(transaction: DatabaseTransaction, nowMs: number): Promise<RoutingDraft> {
  const items = await readRules(transaction);
  const published = await readPublishedRules(transaction);
  const faults = checkRules(items, await surroundingsOf(transaction));
  return {
    items,
    nextCursor: null,
    version: published?.version ?? null,
    hasChanges: !isDeepStrictEqual(items, published?.rules ?? []),
    faults: faults.map(({ path, ...fault }) => ({ path: path === '' ? 'items' : `items.${path}`, ...fault })),
    hints: hintsOf(items, nowMs),
  };
}

/** Nobody else changes the draft until the transaction ends. */
export async function lockDraft(transaction: DatabaseTransaction): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('routing_rules'))`.execute(transaction);
}

export async function insertRule(
  transaction: DatabaseTransaction,
  id: string,
  tenantId: string,
  rule: RoutingRuleInput,
): Promise<void> {
  const last = await transaction
    .selectFrom('routing_rules')
    .select((query) => query.fn.max('position').as('position'))
    .executeTakeFirst();
  await transaction
    .insertInto('routing_rules')
    .values({ id, tenant_id: tenantId, position: (last?.position ?? -1) + 1, rule: JSON.stringify(rule) })
    .execute();
}

export async function updateRule(
  transaction: DatabaseTransaction,
  id: string,
  rule: RoutingRuleInput,
): Promise<void> {
  await transaction
    .updateTable('routing_rules')
    .set({ rule: JSON.stringify(rule) })
    .where('id', '=', id)
    .execute();
}

export async function deleteRule(transaction: DatabaseTransaction, id: string): Promise<void> {
  await transaction.deleteFrom('routing_rules').where('id', '=', id).execute();
}

export async function reorderRules(transaction: DatabaseTransaction, ids: readonly string[]): Promise<void> {
  await sql`
    update routing_rules set position = wanted.position - 1
    from unnest(${[...ids]}::uuid[]) with ordinality as wanted (id, position)
    where routing_rules.id = wanted.id
  `.execute(transaction);
}

/** The draft becomes what it was in a former version. */
export async function replaceDraft(
  transaction: DatabaseTransaction,
  tenantId: string,
  rules: readonly RoutingRule[],
): Promise<void> {
  await transaction.deleteFrom('routing_rules').execute();
  if (rules.length === 0) return;
  const rows = rules.map(({ id, ...rule }, position) => ({
    ...{ id, tenant_id: tenantId, position },
    rule: JSON.stringify(rule),
  }));
  await transaction.insertInto('routing_rules').values(rows).execute();
}

/** Whoever calls has checked the draft. */
export async function publishDraft(
  transaction: DatabaseTransaction,
  tenantId: string,
  rules: readonly RoutingRule[],
): Promise<number> {
  const version = ((await readPublishedRules(transaction))?.version ?? 0) + 1;
  await transaction
    .insertInto('routing_versions')
    .values({ tenant_id: tenantId, version, rules: JSON.stringify(rules), published_at: sql`now()` })
    .execute();
  return version;
}

export async function listVersions(transaction: DatabaseTransaction): Promise<RoutingVersion[]> {
  const rows = await transaction
    .selectFrom('routing_versions')
    .selectAll()
    .orderBy('version', 'desc')
    .limit(versionsListed)
    .execute();
  return rows.map(({ version, published_at, rules }) => ({
    version,
    publishedAt: published_at.toISOString(),
    rules: RoutingRule.array().parse(rules),
  }));
}

export async function findVersion(
  transaction: DatabaseTransaction,
  version: number,
): Promise<RoutingRule[] | undefined> {
  const row = await transaction
    .selectFrom('routing_versions')
    .select('rules')
    .where('version', '=', version)
    .executeTakeFirst();
  return row && RoutingRule.array().parse(row.rules);
}

/** What has to change for the one list to become the other. A rule whose neighbours stay the same has not moved. */
export function diffOf(from: readonly RoutingRule[], to: readonly RoutingRule[]): RoutingDiff {
  const before = new Map(from.map((rule) => [rule.id, rule]));
  const after = new Set(to.map(({ id }) => id));
  const kept = from.filter(({ id }) => after.has(id)).map(({ id }) => id);
  const items: RoutingDiff['items'] = [];
  for (const rule of from) {
    if (!after.has(rule.id)) items.push({ ruleId: rule.id, name: rule.name, change: 'removed', fields: [] });
  }
  let place = 0;
  for (const rule of to) {
    const former = before.get(rule.id);
    const { id: ruleId, name } = rule;
    if (former === undefined) {
      items.push({ ruleId, name, change: 'added', fields: [] });
      continue;
    }
    const fields = (Object.keys(rule) as (keyof RoutingRule)[]).filter(
      (field) => !isDeepStrictEqual(rule[field], former[field]),
    );
    if (fields.length > 0) items.push({ ruleId, name, change: 'changed', fields });
    if (kept[place] !== ruleId) items.push({ ruleId, name, change: 'moved', fields: [] });
    place += 1;
  }
  return { items };
}
