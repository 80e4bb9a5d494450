import {
  type AnalyticsQuery,
  type ContactId,
  type FlowAnalytics,
  type FlowLogPage,
  type FlowLogQuery,
  SpokenAnswer,
} from '@crosspoint/contracts';
import { sql } from 'kysely';
import type { z } from 'zod';
import { contactIdWithin, keysetPage, type Scope } from '../../http/index.ts';
import { type DatabaseTransaction, ofTenant } from '../../platform/index.ts';

const dayMs = 86_400_000;

/** Every node gone through, the latest first. */
export async function listPassed(
  transaction: DatabaseTransaction,
  query: z.output<typeof FlowLogQuery>,
  scope: Scope,
): Promise<z.output<typeof FlowLogPage>> {
  let select = transaction
    .selectFrom('contact_events as e')
    .select(['e.contact_id', 'e.at'])
    .select(sql<Record<string, unknown>>`e.data`.as('data'))
    .where(ofTenant('e'))
    .where('e.type', '=', 'flow.passed')
    .where(contactIdWithin('e.contact_id', scope));
  if (query.from !== undefined) select = select.where('e.at', '>=', new Date(query.from));
  if (query.to !== undefined) select = select.where('e.at', '<', new Date(query.to));
  if (query.contactId !== undefined) select = select.where('e.contact_id', '=', query.contactId);
  for (const field of ['flow', 'node', 'exit'] as const) {
    const value = query[field];
    if (value !== undefined) select = select.where(sql<boolean>`e.data ->> ${field} = ${value}`);
  }
  const page = await keysetPage(select, {
    sort: '-at',
    keys: [
      { expression: sql.ref('e.at'), type: 'timestamptz' },
      { expression: sql.ref('e.contact_id'), type: 'uuid' },
      { expression: sql.ref('e.seq'), type: 'bigint' },
    ],
    limit: query.limit,
    cursor: query.cursor,
  });
  return {
    items: page.items.map(({ contact_id, at, data }) => ({
      contactId: contact_id as ContactId,
      at: at.toISOString(),
      flow: String(data['flow']),
      node: String(data['node']),
      kind: String(data['kind']),
      exit: String(data['exit']),
      input: String(data['input']),
      reason: String(data['reason'] ?? ''),
      spoken: SpokenAnswer.array()
        .catch([])
        .parse(data['spoken'] ?? []),
      durationMs: Number(data['durationMs']),
    })),
    nextCursor: page.nextCursor,
  };
}

interface ExitRow {
  node: string;
  kind: string;
  exit: string;
  count: string;
  total_ms: number;
}

/** Exits by which a caller is gone rather than led on. */
const goneExits = ['customer-hung-up', 'customer-lost', 'abandoned'];

/**
 * How the callers in scope went through a flow: per node and exit, and the scores of its surveys. Seven days unless the query says
 * otherwise.
 */
export async function analyseFlow(
  transaction: DatabaseTransaction,
  flow: string,
  query: z.output<typeof AnalyticsQuery>,
  { nowMs, scope }: { nowMs: number; scope: Scope },
): Promise<FlowAnalytics> {
  const to = query.to === undefined ? new Date(nowMs) : new Date(query.to);
  const from = query.from === undefined ? new Date(to.getTime() - 7 * dayMs) : new Date(query.from);
  const inSpan = sql`${ofTenant('e')} and e.at >= ${from} and e.at < ${to} and ${contactIdWithin('e.contact_id', scope)}`;
  const within = sql`${inSpan} and e.data ->> 'flow' = ${flow}`;
  const exits = await sql<ExitRow>`
    select e.data ->> 'node' as node, max(e.data ->> 'kind') as kind, e.data ->> 'exit' as exit,
      count(*)::text as count, sum((e.data ->> 'durationMs')::double precision) as total_ms
    from contact_events e where e.type = 'flow.passed' and ${within}
    group by 1, 3 order by 1, 3 limit 10000
  `.execute(transaction);
  const started = await sql<{ count: string }>`
    select count(*)::text as count from contact_events e where e.type = 'flow.started' and ${within}
  `.execute(transaction);
  // Whoever hangs up in a sub-flow has hung up in the flow that answered the call.
  const gone = await sql<{ count: string }>`
    select count(*)::text as count from contact_events e
    where e.type = 'flow.passed' and ${inSpan} and e.data ->> 'exit' in (${sql.join(goneExits)})
      and ${flow} = (
        select s.data ->> 'flow' from contact_events s
        where s.contact_id = e.contact_id and s.type = 'flow.started' and s.seq < e.seq order by s.seq desc limit 1
      )
  `.execute(transaction);
  const scores = await sql<{ question: string; score: number; count: string }>`
    select e.data ->> 'question' as question, (e.data ->> 'score')::int as score, count(*)::text as count
    from contact_events e where e.type = 'survey.answered' and ${within}
    group by 1, 2 order by 1, 2 limit 1000
  `.execute(transaction);
  const nodes = [...Map.groupBy(exits.rows, ({ node }) => node)].map(([node, rows]) => nodeOf(node, rows));
  const startedCount = Number(started.rows[0]?.count ?? 0);
  const dropped = Number(gone.rows[0]?.count ?? 0);
  return {
    from: from.toISOString(),
    to: to.toISOString(),
    flow,
    started: startedCount,
    completionRate: startedCount === 0 ? null : Math.max(0, 1 - dropped / startedCount),
    nodes,
    surveys: [...Map.groupBy(scores.rows, ({ question }) => question)].map(([question, rows]) => {
      const answers = rows.reduce((sum, { count }) => sum + Number(count), 0);
      const total = rows.reduce((sum, { score, count }) => sum + score * Number(count), 0);
      return {
        ...{ question, answers, average: answers === 0 ? 0 : total / answers },
        scores: Object.fromEntries(rows.map(({ score, count }) => [String(score), Number(count)])),
      };
    }),
  };
}

function nodeOf(node: string, rows: readonly ExitRow[]): FlowAnalytics['nodes'][number] {
  const countOf = (wanted: readonly string[]) =>
    rows.reduce((sum, { exit, count }) => sum + (wanted.includes(exit) ? Number(count) : 0), 0);
  const entries = rows.reduce((sum, { count }) => sum + Number(count), 0);
  const totalMs = rows.reduce((sum, { total_ms }) => sum + total_ms, 0);
  return {
    ...{ node, kind: rows[0]?.kind ?? '', entries },
    dropOffs: countOf(goneExits),
    givenUp: countOf(['otherwise']),
    averageMs: entries === 0 ? 0 : totalMs / entries,
    exits: rows.map(({ exit, count }) => ({ exit, count: Number(count) })),
  };
}
