import type { QueueAssignInput, TeamId } from '@crosspoint/contracts';
import type { z } from 'zod';
import {
  agentWithin,
  beyondTeams,
  type Principal,
  type Scope,
  teamWithin,
  unknownReference,
} from '../../http/index.ts';
import { placeKey } from '../agents/index.ts';
import type { QueueAgent, StoredQueue } from './repo.ts';

interface Wanted {
  teamId: TeamId | null;
  agents?: readonly QueueAgent[] | undefined;
}

/**
 * Who answers for some teams gives a queue to them or leaves it to everybody, and puts in and takes out only their own people; who
 * else serves it stays as before.
 *
 * @throws {HttpProblem} `reference-unknown` or `forbidden`.
 */
export function requireQueueWithin(
  { scope }: Principal,
  before: StoredQueue | undefined,
  { teamId, agents }: Wanted,
): void {
  if (scope === undefined) return;
  if (teamId !== null && !teamWithin(teamId, scope)) throw unknownReference('teamId', teamId, 'team');
  if (before?.teamId === null && teamId !== null)
    throw beyondTeams('The queue is everybody’s. Let somebody give it to a team who reaches all teams.');
  if (agents === undefined) return;
  const places = new Map<string, string>(before?.agents.map((agent) => [agent.id, placeKey(agent)]));
  agents.forEach((agent, index) => {
    if (places.get(agent.agentId) !== placeKey(agent)) requireAgent(agent.agentId, scope, `agents.${index}`);
  });
  const kept = new Set<string>(agents.map(({ agentId }) => agentId));
  requireOwn(
    [...places.keys()].filter((id) => !kept.has(id)),
    scope,
  );
}

/** The same for who is put in and taken out. @throws {HttpProblem} `reference-unknown` or `forbidden`. */
export function requireAssignmentWithin(
  { scope }: Principal,
  { add, addTeamIds, remove }: z.output<typeof QueueAssignInput>,
): void {
  if (scope === undefined) return;
  add.forEach(({ agentId }, index) => requireAgent(agentId, scope, `add.${index}`));
  addTeamIds.forEach((id, index) => {
    if (!teamWithin(id, scope)) throw unknownReference(`addTeamIds.${index}`, id, 'team');
  });
  requireOwn(remove, scope);
}

function requireAgent(id: string, scope: Scope, path: string): void {
  if (!agentWithin(id, scope)) throw unknownReference(`${path}.agentId`, id, 'agent');
}

function requireOwn(taken: readonly string[], scope: Scope): void {
  if (taken.every((id) => agentWithin(id, scope))) return;
  throw beyondTeams('Agents of other teams serve this queue, too. Leave them in it as they are.');
}
