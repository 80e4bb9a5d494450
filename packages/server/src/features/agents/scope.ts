import type { QueueMembership } from '@crosspoint/contracts';
import {
  agentWithin,
  beyondTeams,
  type Bounds,
  HttpProblem,
  notFound,
  type Principal,
  queueWithin,
  teamWithin,
  unknownReference,
} from '../../http/index.ts';
import type { AgentProfile, ProfileFields } from './repo.ts';

/** @throws {HttpProblem} `not-found` for an agent who is not within the bounds. */
export function requireAgentWithin({ owner, scope }: Bounds, id: string): void {
  if ((owner === undefined || (owner as string) === id) && agentWithin(id, scope)) return;
  throw notFound('agent', id);
}

/** Tells whether an agent's place in a queue stays the same. */
export function placeKey({ priority, delaySeconds, weight }: Omit<QueueMembership, 'queueId'>): string {
  return `${priority}/${delaySeconds}/${weight}`;
}

/**
 * Who answers for some teams gives and takes only their teams and queues; what an agent has of others stays as it was. An agent
 * stays in one of the teams: in none, nobody but who reaches all teams would find the agent again, and a supervisor without
 * teams would see everything.
 *
 * @throws {HttpProblem} `reference-unknown`, `validation-failed` or `forbidden`.
 */
export function requireFieldsWithin(
  { scope }: Principal,
  before: AgentProfile | undefined,
  { teamIds, queues }: Pick<ProfileFields, 'teamIds' | 'queues'>,
): void {
  if (scope === undefined) return;
  const teams = new Set<string>(before?.teamIds);
  teamIds.forEach((id, index) => {
    if (!teams.has(id) && !teamWithin(id, scope)) throw unknownReference(`teamIds.${index}`, id, 'team');
  });
  const places = new Map<string, string>(before?.queues.map((place) => [place.queueId, placeKey(place)]));
  queues.forEach((place, index) => {
    if (places.get(place.queueId) !== placeKey(place) && !queueWithin(place.queueId, scope))
      throw unknownReference(`queues.${index}.queueId`, place.queueId, 'queue');
  });
  const kept = new Set<string>([...teamIds, ...queues.map(({ queueId }) => queueId)]);
  const taken =
    [...teams].find((id) => !kept.has(id) && !teamWithin(id, scope)) ??
    [...places.keys()].find((id) => !kept.has(id) && !queueWithin(id, scope));
  if (taken !== undefined)
    throw beyondTeams('The agent is in teams or queues that are not yours. Leave those as they are.');
  if (teamIds.some((id) => teamWithin(id, scope))) return;
  throw new HttpProblem('validation-failed', 'The agent would be in none of your teams.', {
    errors: [{ path: 'teamIds', message: 'names no team of yours', remedy: 'Choose one of your teams.' }],
  });
}
