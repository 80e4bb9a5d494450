import type { QueueAssignInput, QueueInput, TenantId } from '@crosspoint/contracts';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import {
  type ApiContext,
  applyToCentre,
  boundsOf,
  HttpProblem,
  notFound,
  principalOf,
  requireMatch,
} from '../../http/index.ts';
import { type DatabaseTransaction, newId } from '../../platform/index.ts';
import { agentIdsOfTeams, bumpQueueVersions } from '../agents/index.ts';
import { recordChange } from '../audit/index.ts';
import { countOpenCallbacks } from '../callbacks/index.ts';
import { requireUnused } from '../references/index.ts';
import {
  addQueueAgents,
  deleteQueue,
  findQueue,
  insertQueue,
  type QueueAgent,
  removeQueueAgents,
  type StoredQueue,
  updateQueue,
} from './repo.ts';
import { requireConsistent } from './review.ts';
import { requireAssignmentWithin, requireQueueWithin } from './scope.ts';

export const etagOfQueue = (queue: StoredQueue): string => `"v${queue.version}"`;

export async function createQueue(
  context: ApiContext,
  request: FastifyRequest,
  input: z.output<typeof QueueInput>,
): Promise<StoredQueue> {
  const principal = principalOf(request);
  const { tenantId } = principal;
  const id = newId();
  const queue = await context.database.inTenant(tenantId, async (transaction) => {
    requireQueueWithin(principal, undefined, input);
    await requireConsistent(transaction, id, input);
    await insertQueue(transaction, id, tenantId, input);
    const created = (await findQueue(transaction, id)) as StoredQueue;
    await recordChange(transaction, request, 'queue.created', id, { after: created });
    return created;
  });
  await applyToCentre(context, tenantId);
  return queue;
}

export async function replaceQueue(
  context: ApiContext,
  request: FastifyRequest,
  id: string,
  input: z.output<typeof QueueInput>,
): Promise<StoredQueue> {
  const principal = principalOf(request);
  const { tenantId } = principal;
  const bounds = boundsOf(principal, 'queues.write');
  const queue = await context.database.inTenant(tenantId, async (transaction) => {
    const before = await findQueue(transaction, id, { bounds, lock: true });
    if (before === undefined) throw notFound('queue', id);
    requireMatch(request, etagOfQueue(before));
    requireQueueWithin(principal, before, input);
    await requireConsistent(transaction, id, input);
    if (input.name !== before.name) {
      await requireUnused(transaction, { kind: 'queue', name: before.name }, { renamed: true });
    }
    await updateQueue(transaction, id, tenantId, input);
    const after = (await findQueue(transaction, id)) as StoredQueue;
    await recordChange(transaction, request, 'queue.updated', id, { before, after });
    return after;
  });
  await applyToCentre(context, tenantId);
  return queue;
}

/** Puts agents and teams into a queue and takes others out, in one step. */
export async function assignAgents(
  context: ApiContext,
  request: FastifyRequest,
  id: string,
  input: z.output<typeof QueueAssignInput>,
): Promise<StoredQueue> {
  const principal = principalOf(request);
  const { tenantId } = principal;
  const bounds = boundsOf(principal, 'queues.write');
  const queue = await context.database.inTenant(tenantId, async (transaction) => {
    const before = await findQueue(transaction, id, { bounds, lock: true });
    if (before === undefined) throw notFound('queue', id);
    requireMatch(request, etagOfQueue(before));
    requireAssignmentWithin(principal, input);
    const serving = new Set<string>([
      ...before.agents.map((agent) => agent.id),
      ...input.add.map((agent) => agent.agentId),
    ]);
    const ofTeams =
      input.addTeamIds.length === 0 ? [] : [...(await agentIdsOfTeams(transaction, input.addTeamIds))];
    // A member of a team who serves the queue already keeps the own place in it.
    const members = ofTeams
      .filter((agentId) => !serving.has(agentId))
      .map(
        (agentId): QueueAgent => ({
          agentId: agentId as QueueAgent['agentId'],
          priority: 1,
          delaySeconds: 0,
          weight: 1,
        }),
      );
    await removeQueueAgents(transaction, id, input.remove);
    await addQueueAgents(transaction, id, tenantId, [...input.add, ...members], 'add');
    await bumpQueueVersions(transaction, [id]);
    const after = (await findQueue(transaction, id)) as StoredQueue;
    await recordChange(transaction, request, 'queue.assigned', id, {
      before: { agents: before.agents },
      after: { agents: after.agents },
    });
    return after;
  });
  await applyToCentre(context, tenantId);
  return queue;
}

/** Nobody loses a place by it: neither who waits nor who was promised a callback. */
export async function removeQueue(context: ApiContext, request: FastifyRequest, id: string): Promise<void> {
  const principal = principalOf(request);
  const { tenantId } = principal;
  const bounds = boundsOf(principal, 'queues.write');
  await context.database.inTenant(tenantId, async (transaction) => {
    const before = await findQueue(transaction, id, { bounds, lock: true });
    if (before === undefined) throw notFound('queue', id);
    requireMatch(request, etagOfQueue(before));
    await requireUnused(transaction, { kind: 'queue', name: before.name });
    await requireEmpty(context, transaction, tenantId, before);
    await deleteQueue(transaction, id);
    await recordChange(transaction, request, 'queue.deleted', id, { before });
  });
  await applyToCentre(context, tenantId);
}

async function requireEmpty(
  { centreOf }: ApiContext,
  transaction: DatabaseTransaction,
  tenantId: TenantId,
  { id, name }: StoredQueue,
): Promise<void> {
  const waiting = centreOf(tenantId)?.queueEntries(id).length ?? 0;
  if (waiting > 0) {
    const detail = `Contacts that still wait in the queue "${name}": ${waiting}. Move them to another queue, or wait until they are served.`;
    throw new HttpProblem('command-refused', detail, { reason: 'contacts-wait' });
  }
  const promised = await countOpenCallbacks(transaction, id);
  if (promised === 0) return;
  const detail = `Callbacks promised from the queue "${name}": ${promised}. Make them or cancel them first.`;
  throw new HttpProblem('command-refused', detail, { reason: 'callbacks-promised' });
}
