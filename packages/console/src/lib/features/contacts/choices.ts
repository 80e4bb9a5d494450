import type { Agent, Queue } from '@crosspoint/contracts';
import { listAll } from '#lib/api/pages.ts';
import { session } from '#lib/session/session.svelte.ts';

export interface Choice {
  value: string;
  label: string;
}

/** Queues to filter by, as far as the person may see them. */
export async function queueChoices(signal: AbortSignal): Promise<Choice[]> {
  if (!session.can('queues.read')) return [];
  const queues = await listAll<Queue>('/queues', {}, signal);
  return queues.map((queue) => ({ value: queue.id, label: queue.name }));
}

/** Agents to filter by; whoever sees only oneself needs no such filter. */
export async function agentChoices(signal: AbortSignal): Promise<Choice[]> {
  if (session.reach('agents.read') !== 'all') return [];
  const agents = await listAll<Agent>('/agents', {}, signal);
  return agents.map((agent) => ({ value: agent.id, label: agent.name }));
}
