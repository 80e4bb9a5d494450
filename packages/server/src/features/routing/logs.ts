import type {
  AnalyticsQuery,
  ContactId,
  RoutingAnalytics,
  RoutingCondition,
  RoutingLogPage,
  RoutingLogQuery,
  RoutingRuleId,
  RoutingScriptFailure,
  RoutingTarget,
} from '@crosspoint/contracts';
import { sql } from 'kysely';
import type { z } from 'zod';
import { contactIdWithin, keysetPage, type Scope } from '../../http/index.ts';
import { type DatabaseTransaction, ofTenant } from '../../platform/index.ts';

const dayMs = 86_400_000;

/** The span that a query means: the last seven days unless it says otherwise. */
export function spanOf(query: z.output<typeof AnalyticsQuery>, nowMs: number): { from: Date; to: Date } {
  const to = query.to === undefined ? new Date(nowMs) : new Date(query.to);
  return { from: query.from === undefined ? new Date(to.getTime() - 7 * dayMs) : new Date(query.from), to };
}

/** Every decision of the rules, the latest first. */
export async function listDecisions(
  transaction: DatabaseTransaction,
  query: z.output<typeof RoutingLogQuery>,
  scope: Scope,
): Promise<z.output<typeof RoutingLogPage>> {
  let select = transaction
    .selectFrom('contact_events as e')
    .leftJoin('contacts as c', 'c.id', 'e.contact_id')
    .select(['e.contact_id', 'e.at', 'c.caller_phone', 'c.number'])
    .select(sql<Record<string, unknown>>`e.data`.as('data'))
    .where(ofTenant('e'))
    .where('e.type', '=', 'routing.decided')
    .where(contactIdWithin('e.contact_id', scope));
  if (query.from !== undefined) select = select.where('e.at', '>=', new Date(query.from));
  if (query.to !== undefined) select = select.where('e.at', '<', new Date(query.to));
  if (query.ruleId !== undefined) {
    select = select.where(sql<boolean>`e.data ->> 'ruleId' = ${query.ruleId}`);
  }
  const page = await keysetPage(select, {
    sort: '-at',
    keys: [
      { expression: sql.ref('e.at'), type: 'timestamptz' },
      { expression: sql.ref('e.contact_id'), type: 'uuid' },
    ],
    limit: query.limit,
    cursor: query.cursor,
  });
  return {
    items: page.items.map(({ contact_id, at, caller_phone, number, data }) => ({
      contactId: contact_id as ContactId,
      at: at.toISOString(),
      caller: caller_phone ?? '',
      dialled: number ?? '',
      ruleId: (data['ruleId'] as RoutingRuleId | undefined) ?? null,
      ruleName: (data['rule'] as string | undefined) ?? null,
      version: Number(data['version']),
      target: String(data['target']),
      reason: String(data['reason']),
      to: (data['to'] as RoutingTarget | undefined) ?? null,
      when: (data['when'] as RoutingCondition | undefined) ?? null,
      failures: (data['failures'] as RoutingScriptFailure[] | undefined) ?? [],
    })),
    nextCursor: page.nextCursor,
  };
}

/** How often each rule took a contact in scope, and how many of those were answered. */
export async function analyseDecisions(
  transaction: DatabaseTransaction,
  query: z.output<typeof AnalyticsQuery>,
  { nowMs, scope }: { nowMs: number; scope: Scope },
): Promise<RoutingAnalytics> {
  const { from, to } = spanOf(query, nowMs);
  const { rows } = await sql<{ rule_id: string | null; rule: string | null; hits: string; answered: string }>`
    select e.data ->> 'ruleId' as rule_id, max(e.data ->> 'rule') as rule,
      count(*)::text as hits, count(*) filter (where c.outcome = 'answered')::text as answered
    from contact_events e left join contacts c on c.id = e.contact_id
    where ${ofTenant('e')} and e.type = 'routing.decided' and e.at >= ${from} and e.at < ${to}
      and ${contactIdWithin('e.contact_id', scope)}
    group by 1 order by count(*) desc, 2 limit 1000
  `.execute(transaction);
  const decisions = rows.reduce((sum, { hits }) => sum + Number(hits), 0);
  return {
    from: from.toISOString(),
    to: to.toISOString(),
    decisions,
    rules: rows.map(({ rule_id, rule, hits, answered }) => ({
      ruleId: rule_id as RoutingRuleId | null,
      ruleName: rule,
      hits: Number(hits),
      share: decisions === 0 ? 0 : Number(hits) / decisions,
      answered: Number(answered),
    })),
  };
}
