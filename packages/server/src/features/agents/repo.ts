import type {
  AgentEndpoint,
  AgentId,
  AgentQuery,
  AgentUpdate,
  QueueId,
  QueueMembership,
  RingMode,
  TeamId,
} from '@crosspoint/contracts';
import { sql } from 'kysely';
import { jsonArrayFrom } from 'kysely/helpers/postgres';
import type { z } from 'zod';
import {
  anyHolds,
  keysetPage,
  nameTaken,
  onConstraint,
  type SortKey,
  unknownReference,
} from '../../http/index.ts';
import type { DatabaseTransaction } from '../../platform/index.ts';
import { endpointOf, replaceEndpoints } from '../endpoints/index.ts';
import { sipCredentials } from './accounts.ts';

/** What is stored of an agent. */
export interface AgentProfile {
  id: AgentId;
  username: string;
  name: string;
  extension: string | null;
  skills: Record<string, number>;
  languages: string[];
  capacity: number;
  queues: (QueueMembership & { name: string })[];
  teamIds: TeamId[];
  teams: { id: TeamId; name: string }[];
  sip: { username: string; hasPassword: boolean };
  endpoints: AgentEndpoint[];
  ringMode: RingMode;
  disabled: boolean;
  chosen: { status: 'available' | 'break' | 'offline'; reasonCode: string | null; since: Date };
}

function selectAgents(transaction: DatabaseTransaction) {
  return transaction
    .selectFrom('agents as a')
    .innerJoin('users as u', 'u.id', 'a.user_id')
    .select(['u.id', 'u.username', 'u.name', 'u.disabled_at', 'a.extension', 'a.skills', 'a.languages'])
    .select(['a.capacity', 'a.sip_username', 'a.chosen_status', 'a.reason_code', 'a.status_since'])
    .select('a.ring_mode')
    .select(sql<boolean>`a.sip_ha1_md5 is not null`.as('has_sip_password'))
    .select((where) => [
      jsonArrayFrom(
        where
          .selectFrom('queue_agents as q')
          .innerJoin('queues', 'queues.id', 'q.queue_id')
          .select(['q.queue_id as queueId', 'queues.name', 'q.priority', 'q.delay_seconds as delaySeconds'])
          .select('q.weight')
          .whereRef('q.agent_id', '=', 'a.user_id')
          .orderBy('q.priority')
          .orderBy('queues.name'),
      ).as('queues'),
      jsonArrayFrom(
        where
          .selectFrom('team_members as m')
          .innerJoin('teams as t', 't.id', 'm.team_id')
          .select(['t.id', 't.name'])
          .whereRef('m.user_id', '=', 'a.user_id')
          .orderBy('t.name'),
      ).as('teams'),
      jsonArrayFrom(
        where
          .selectFrom('endpoints as e')
          .select(['e.kind', 'e.address', 'e.enabled', 'e.ring_seconds', 'e.confirm_key', 'e.srtp'])
          .whereRef('e.agent_id', '=', 'a.user_id')
          .orderBy('e.position'),
      ).as('endpoints'),
    ]);
}
type AgentRow = Awaited<ReturnType<ReturnType<typeof selectAgents>['executeTakeFirstOrThrow']>>;

function profileOf(row: AgentRow): AgentProfile {
  return {
    id: row.id as AgentId,
    username: row.username,
    name: row.name,
    extension: row.extension,
    skills: row.skills as Record<string, number>,
    languages: row.languages,
    capacity: row.capacity,
    queues: row.queues.map((queue) => ({ ...queue, queueId: queue.queueId as QueueId })),
    teamIds: row.teams.map((team) => team.id as TeamId),
    teams: row.teams.map((team) => ({ ...team, id: team.id as TeamId })),
    sip: { username: row.sip_username ?? row.username, hasPassword: row.has_sip_password },
    endpoints: row.endpoints.map(endpointOf),
    ringMode: row.ring_mode as RingMode,
    disabled: row.disabled_at !== null,
    chosen: {
      status: row.chosen_status as AgentProfile['chosen']['status'],
      reasonCode: row.reason_code,
      since: row.status_since,
    },
  };
}

const SORT_KEYS: Readonly<Record<string, SortKey>> = {
  name: { expression: sql`lower(u.name)`, type: 'text' },
  username: { expression: sql`lower(u.username)`, type: 'text' },
  extension: { expression: sql`coalesce(a.extension, '')`, type: 'text' },
};

/** @param only the agents that may be in the list at all; undefined for every agent of the tenant. */
export async function listProfiles(
  transaction: DatabaseTransaction,
  query: z.output<typeof AgentQuery>,
  only: readonly AgentId[] | undefined,
): Promise<{ items: AgentProfile[]; nextCursor: string | null }> {
  let select = selectAgents(transaction);
  if (only !== undefined) select = select.where(sql<boolean>`a.user_id = any(${[...only]}::uuid[])`);
  if (query.disabled !== undefined) {
    select = select.where('u.disabled_at', query.disabled ? 'is not' : 'is', null);
  }
  const { queueId, teamId } = query;
  if (queueId !== undefined) {
    select = select.where('a.user_id', 'in', (where) =>
      where.selectFrom('queue_agents').select('agent_id').where('queue_id', 'in', queueId),
    );
  }
  if (teamId !== undefined) {
    select = select.where('a.user_id', 'in', (where) =>
      where.selectFrom('team_members').select('user_id').where('team_id', 'in', teamId),
    );
  }
  if (query.skill !== undefined) {
    select = select.where(sql<boolean>`jsonb_exists_any(a.skills, ${query.skill}::text[])`);
  }
  if (query.search) select = select.where(anyHolds(query.search, ['u.name', 'u.username', 'a.extension']));
  const primary = SORT_KEYS[query.sort.replace('-', '')] as SortKey;
  const page = await keysetPage(select, {
    sort: query.sort,
    keys: [primary, { expression: sql.ref('a.user_id'), type: 'uuid' }],
    limit: query.limit,
    cursor: query.cursor,
  });
  return { items: page.items.map(profileOf), nextCursor: page.nextCursor };
}

/** @param lock keeps others from changing the agent until the transaction ends. */
export async function findProfile(
  transaction: DatabaseTransaction,
  id: string,
  lock = false,
): Promise<AgentProfile | undefined> {
  if (lock) await transaction.selectFrom('users').select('id').where('id', '=', id).forUpdate().execute();
  const row = await selectAgents(transaction).where('a.user_id', '=', id).executeTakeFirst();
  return row === undefined ? undefined : profileOf(row);
}

/** Agents of these teams. */
export async function agentIdsOfTeams(
  transaction: DatabaseTransaction,
  teamIds: readonly string[],
): Promise<Set<string>> {
  const rows = await transaction
    .selectFrom('team_members as m')
    .innerJoin('agents as a', 'a.user_id', 'm.user_id')
    .select('a.user_id')
    .where('m.team_id', 'in', teamIds)
    .execute();
  return new Set(rows.map((row) => row.user_id));
}

export type ProfileFields = Omit<z.output<typeof AgentUpdate>, 'name'>;

const violations = (fields: ProfileFields, sipUsername: string) =>
  onConstraint({
    agents_tenant_id_extension_key: () => nameTaken('extension', String(fields.extension), 'agent'),
    agents_tenant_id_sip_username_key: () => nameTaken('username', sipUsername, 'SIP account'),
  });

function columnsOf(fields: ProfileFields, sipUsername: string) {
  const sip = fields.sipPassword === undefined ? undefined : sipCredentials(sipUsername, fields.sipPassword);
  return {
    extension: fields.extension,
    skills: JSON.stringify(fields.skills),
    languages: fields.languages,
    capacity: fields.capacity,
    ...(fields.ringMode === undefined ? {} : { ring_mode: fields.ringMode }),
    ...(sip === undefined
      ? {}
      : { sip_username: sip.username, sip_ha1_md5: sip.ha1Md5, sip_ha1_sha256: sip.ha1Sha256 }),
  };
}

/** A number of the house is dialled as an extension is, and would be reached in its place. */
async function requireNoNumber(
  transaction: DatabaseTransaction,
  { extension }: ProfileFields,
  userId: string,
): Promise<void> {
  if (extension === null) return;
  const select = transaction.selectFrom('numbers').select('id').where('number', '=', extension);
  const number = await select.executeTakeFirst();
  if (number === undefined) return;
  // What was so before is left as it is.
  const own = transaction.selectFrom('agents').select('user_id').where('extension', '=', extension);
  if ((await own.executeTakeFirst())?.user_id === userId) return;
  throw nameTaken('extension', extension, 'number');
}

/** Makes the profile of an existing user. */
export async function insertProfile(
  transaction: DatabaseTransaction,
  user: { id: string; tenantId: string; username: string },
  fields: ProfileFields,
): Promise<void> {
  await requireNoNumber(transaction, fields, user.id);
  await transaction
    .insertInto('agents')
    .values({
      user_id: user.id,
      tenant_id: user.tenantId,
      sip_username: user.username,
      ...columnsOf(fields, user.username),
    })
    .execute()
    .catch(violations(fields, user.username));
  await replaceMemberships(transaction, user.id, user.tenantId, fields);
}

/** A new SIP password makes the present username the one to register with; until then the old pair stays valid. */
export async function updateProfile(
  transaction: DatabaseTransaction,
  user: { id: string; tenantId: string; username: string },
  fields: ProfileFields,
): Promise<void> {
  await requireNoNumber(transaction, fields, user.id);
  await transaction
    .updateTable('agents')
    .set(columnsOf(fields, user.username))
    .where('user_id', '=', user.id)
    .execute()
    .catch(violations(fields, user.username));
  await replaceMemberships(transaction, user.id, user.tenantId, fields);
}

async function replaceMemberships(
  transaction: DatabaseTransaction,
  agentId: string,
  tenantId: string,
  fields: ProfileFields,
): Promise<void> {
  await replaceQueues(transaction, agentId, tenantId, fields.queues);
  await replaceTeams(transaction, agentId, tenantId, [...new Set(fields.teamIds)]);
  if (fields.endpoints !== undefined) {
    await replaceEndpoints(transaction, agentId, tenantId, fields.endpoints);
  }
}

async function replaceQueues(
  transaction: DatabaseTransaction,
  agentId: string,
  tenantId: string,
  memberships: readonly QueueMembership[],
): Promise<void> {
  const before = await transaction
    .deleteFrom('queue_agents')
    .where('agent_id', '=', agentId)
    .returning(['queue_id', 'priority', 'delay_seconds', 'weight'])
    .execute();
  const wanted = new Map(memberships.map((membership) => [membership.queueId as string, membership]));
  const known = await transaction
    .selectFrom('queues')
    .select('id')
    .where(sql<boolean>`id = any(${[...wanted.keys()]}::uuid[])`)
    .execute();
  const found = new Set(known.map((row) => row.id));
  const missing = memberships.findIndex((membership) => !found.has(membership.queueId));
  if (missing !== -1) {
    throw unknownReference(`queues.${missing}.queueId`, memberships[missing]?.queueId ?? '', 'queue');
  }
  const rows = [...wanted.values()].map((membership) => ({
    tenant_id: tenantId,
    agent_id: agentId,
    queue_id: membership.queueId as string,
    priority: membership.priority,
    delay_seconds: membership.delaySeconds,
    weight: membership.weight,
  }));
  if (rows.length > 0) await transaction.insertInto('queue_agents').values(rows).execute();
  const signature = (row: (typeof rows)[number] | (typeof before)[number]) =>
    `${row.queue_id}/${row.priority}/${row.delay_seconds}/${row.weight}`;
  const old = new Set(before.map(signature));
  const now = new Set(rows.map(signature));
  const touched = [...before, ...rows].filter((row) => old.has(signature(row)) !== now.has(signature(row)));
  await bumpQueueVersions(transaction, [...new Set(touched.map((row) => row.queue_id))]);
}

/** Who serves a queue belongs to its editable state, so its version counts up when that changes. */
export async function bumpQueueVersions(
  transaction: DatabaseTransaction,
  queueIds: readonly string[],
): Promise<void> {
  if (queueIds.length === 0) return;
  await transaction
    .updateTable('queues')
    .set({ version: sql`version + 1` })
    .where('id', 'in', queueIds)
    .execute();
}

async function replaceTeams(
  transaction: DatabaseTransaction,
  agentId: string,
  tenantId: string,
  teamIds: readonly string[],
): Promise<void> {
  await transaction.deleteFrom('team_members').where('user_id', '=', agentId).execute();
  if (teamIds.length === 0) return;
  const known = await transaction.selectFrom('teams').select('id').where('id', 'in', teamIds).execute();
  const found = new Set(known.map((row) => row.id));
  const missing = teamIds.findIndex((id) => !found.has(id));
  if (missing !== -1) throw unknownReference(`teamIds.${missing}`, teamIds[missing] ?? '', 'team');
  await transaction
    .insertInto('team_members')
    .values(teamIds.map((teamId) => ({ tenant_id: tenantId, team_id: teamId, user_id: agentId })))
    .execute();
}

/** The user stays; who shall go too is deleted as a user. */
export async function deleteProfile(transaction: DatabaseTransaction, agentId: string): Promise<void> {
  const queues = await transaction
    .deleteFrom('queue_agents')
    .where('agent_id', '=', agentId)
    .returning('queue_id')
    .execute();
  await bumpQueueVersions(
    transaction,
    queues.map((row) => row.queue_id),
  );
  await transaction.deleteFrom('agents').where('user_id', '=', agentId).execute();
}
