import {
  type AgentId,
  type AgentLive,
  type DirectoryEntry,
  DirectoryPage,
  DirectoryQuery,
  type Presence,
  type QueueId,
  type QueueStats,
} from '@crosspoint/contracts';
import { sql } from 'kysely';
import { type ApiContext, escapeLike, pageOfArray, principalOf, type Routes } from '../../http/index.ts';
import type { DatabaseTransaction } from '../../platform/index.ts';
import type { Centre } from '../calls/index.ts';

/** Nobody looks through more names than these; whoever wants somebody else searches. */
const ENTRIES_MAX = 1000;

/** Colleagues and queues with their presence, for everybody who calls and transfers. */
export function directoryRoutes({ database, centreOf }: ApiContext): Routes {
  return (api) => {
    api.get(
      '/directory',
      {
        config: { permission: 'directory.read' },
        schema: {
          summary: 'Find a colleague or a queue to call or to transfer to',
          description: 'Colleagues first, those who are free before the others; then queues.',
          tags: ['directory'],
          querystring: DirectoryQuery,
          response: { 200: DirectoryPage },
        },
      },
      async (request) => {
        const { tenantId, agentId } = principalOf(request);
        const { search = '', kind, ...page } = request.query;
        const centre = centreOf(tenantId);
        const entries = await database.inTenant(tenantId, async (transaction) => [
          ...(kind === 'queue' ? [] : await agents(transaction, search, centre)),
          ...(kind === 'agent' ? [] : await queues(transaction, search, centre)),
        ]);
        const others = entries.filter(({ id }) => id !== (agentId as string | null));
        return pageOfArray(others, ({ kind: of, id }) => `${of}/${id}`, page);
      },
    );
  };
}

const presenceOrder: readonly Presence[] = ['free', 'busy', 'break', 'unreachable', 'offline'];

async function agents(
  transaction: DatabaseTransaction,
  search: string,
  centre: Centre | undefined,
): Promise<DirectoryEntry[]> {
  const text = escapeLike(search);
  const rows = await transaction
    .selectFrom('agents as a')
    .innerJoin('users as u', 'u.id', 'a.user_id')
    .select(['u.id', 'u.name', 'a.extension'])
    .where('u.disabled_at', 'is', null)
    .where((where) =>
      where.or([
        where('u.name', 'ilike', `%${text}%`),
        where('u.username', 'ilike', `%${text}%`),
        where('a.extension', 'like', `${text}%`),
      ]),
    )
    .orderBy(sql`lower(u.name)`)
    .orderBy('u.id')
    .limit(ENTRIES_MAX)
    .execute();
  const found = rows.map(({ id, name, extension }) => agentEntry(id as AgentId, name, extension, centre));
  return found.toSorted((a, b) => presenceOrder.indexOf(a.presence) - presenceOrder.indexOf(b.presence));
}

function agentEntry(id: AgentId, name: string, extension: string | null, centre: Centre | undefined) {
  const live = centre?.agent(id);
  return {
    kind: 'agent' as const,
    ...{ id, name, extension },
    presence: live === undefined ? ('offline' as const) : presenceOf(live),
    activity: live?.activity ?? ('offline' as const),
    since: live?.activitySince ?? null,
  };
}

/** One word for a colleague, of what stands in the way most. */
function presenceOf({ status, activity, devices }: AgentLive): Presence {
  if (status === 'offline' && activity === 'offline') return 'offline';
  if (!devices.some(({ reachable }) => reachable)) return 'unreachable';
  if (['offered', 'on-contact', 'hold', 'wrap-up'].includes(activity)) return 'busy';
  return activity === 'break' ? 'break' : activity === 'idle' ? 'free' : 'unreachable';
}

async function queues(
  transaction: DatabaseTransaction,
  search: string,
  centre: Centre | undefined,
): Promise<DirectoryEntry[]> {
  const rows = await transaction
    .selectFrom('queues')
    .select(['id', 'name'])
    .where('name', 'ilike', `%${escapeLike(search)}%`)
    .orderBy(sql`lower(name)`)
    .orderBy('id')
    .limit(ENTRIES_MAX)
    .execute();
  return rows.map(({ id, name }) => queueEntry(id as QueueId, name, centre?.queueStats(id as QueueId)));
}

function queueEntry(id: QueueId, name: string, stats: QueueStats | undefined): DirectoryEntry {
  return {
    kind: 'queue',
    ...{ id, name },
    waiting: stats?.waiting ?? 0,
    agentsReady: stats?.agentsReady ?? 0,
    open: stats?.open ?? false,
    estimatedWaitSeconds: stats?.estimatedWaitSeconds ?? null,
  };
}
