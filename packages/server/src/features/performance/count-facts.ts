import type {
  AgentFactType,
  AgentId,
  ContactFact,
  ContactFactType,
  ContactId,
  TenantId,
} from '@crosspoint/contracts';
import { type AgentCounts, createAgentStatistics } from '@crosspoint/core';
import { sql } from 'kysely';
import { type Database, ofTenant } from '../../platform/index.ts';
import { lastActivities, replayFacts } from '../calls/index.ts';

/** A conversation that runs into a period began at most so long before it. */
const conversationMs = 24 * 3_600_000;
/** Small pages, because calls go on between them. */
const pageRows = 1_000;

/** What the counts of agents are made from. */
const contactTypes: readonly ContactFactType[] = [
  'segment.started',
  'segment.ended',
  'wrapup.ended',
  'offer.ended',
  'transfer.started',
  'contact.closed',
];
const agentTypes: readonly AgentFactType[] = ['activity.changed'];

/** Of everybody who did anything. */
export type Counts = ReadonlyMap<AgentId, AgentCounts>;

/** From the first millisecond until before the last one, in epoch milliseconds. */
export interface Period {
  readonly from: number;
  readonly to: number;
}

/**
 * What all agents did in periods that follow each other, counted from the facts in one pass, by the same fold as the live
 * board (MET-7). Counts of periods add up to those of the whole.
 */
export async function countFacts(
  database: Database,
  tenantId: TenantId,
  periods: readonly Period[],
): Promise<Counts[]> {
  const [from, to] = [periods[0]?.from ?? 0, periods.at(-1)?.to ?? 0];
  const statistics = createAgentStatistics();
  const ids = await allAgents(database, tenantId, { from, to });
  const take = { contactFact: statistics.applyContactFact, agentFact: statistics.applyAgentFact };
  // What each agent was doing when the first period began.
  const doing = await lastActivities(database, tenantId, { before: from }, ids);
  for (const fact of doing) statistics.applyAgentFact(fact);
  for (const fact of await openConversations(database, tenantId, { from, to }))
    statistics.applyContactFact(fact);
  const counted: Counts[] = [];
  for (const period of periods) {
    for (const id of ids) statistics.startPeriod(id, period.from);
    const window = { since: period.from, until: period.to, pageRows };
    await replayFacts(database, tenantId, { ...window, contactTypes, agentTypes }, take);
    const all = ids.map((id) => [id, statistics.counts(id, period.to)] as const);
    counted.push(new Map(all.filter(([, counts]) => didAnything(counts))));
  }
  return counted;
}

const didAnything = ({ activityMs, ...counts }: AgentCounts): boolean =>
  Object.values(counts).some((value) => value > 0) || Object.values(activityMs).some((value) => value > 0);

/** Also those whose profile is gone, by their activities. */
async function allAgents(database: Database, tenantId: TenantId, { from, to }: Period): Promise<AgentId[]> {
  const { rows } = await database.inTenant(tenantId, (transaction) =>
    sql<{ id: AgentId }>`
      select user_id as id from agents
      union select agent_id from agent_events where ${ofTenant('agent_events')} and at >= ${new Date(from)} and at < ${new Date(to)}
    `.execute(transaction),
  );
  return rows.map(({ id }) => id);
}

/** How conversations began that end in the period and are older: which are calls of one's own is told only there. */
async function openConversations(
  database: Database,
  tenantId: TenantId,
  { from, to }: Period,
): Promise<ContactFact[]> {
  const endsBefore = new Date(Math.min(to, from + conversationMs));
  const { rows } = await database.inTenant(tenantId, (transaction) =>
    sql<{ contact_id: ContactId; seq: number; at: Date; data: ContactFact['data'] }>`
      select s.contact_id, s.seq, s.at, s.data
      from contact_events e
      join contact_events s on s.contact_id = e.contact_id and s.seq < e.seq
        and s.at >= ${new Date(from - conversationMs)} and s.at < ${new Date(from)}
        and s.type = 'segment.started' and s.data -> 'segment' = e.data -> 'segment'
      where ${ofTenant('e')} and e.type = 'segment.ended' and e.at >= ${new Date(from)} and e.at < ${endsBefore}
    `.execute(transaction),
  );
  return rows.map(
    ({ contact_id, seq, at, data }) =>
      ({ contactId: contact_id, seq, at: at.getTime(), type: 'segment.started', data }) as ContactFact,
  );
}
