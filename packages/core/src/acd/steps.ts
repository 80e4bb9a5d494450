import type { AgentId, QueueSettings, Requirement } from '@crosspoint/contracts';
import { bothOf, requirementKey } from './requirement.ts';
import type { Entry, Queue, Step, Wishes } from './model.ts';
import { isBackSoon } from './readiness.ts';
import type { State } from './state.ts';

const anybody = stepOf('anybody', null, null, Infinity);

function stepOf(
  kind: Step['kind'],
  requirement: Requirement | null,
  agentIds: readonly AgentId[] | null,
  lengthMs: number,
): Step {
  const key = `${requirementKey(requirement)}|${agentIds?.join(' ') ?? ''}`;
  return { key, kind, requirement, agentIds, lengthMs };
}

/** Rule 10: the queue's steps joined with what the contact itself asks for; the last one has no end. */
export function stepsOf(settings: QueueSettings, own: Requirement | null): readonly Step[] {
  const { requirementSteps, afterLastStep } = settings;
  const steps = requirementSteps.map(({ requirement, agentIds, seconds }) =>
    stepOf('required', bothOf(own, requirement), agentIds.length === 0 ? null : agentIds, seconds * 1000),
  );
  const last = steps.at(-1);
  if (last === undefined) {
    return own === null ? [anybody] : [stepOf('required', own, null, Infinity)];
  }
  if (afterLastStep === 'keep-last') steps[steps.length - 1] = { ...last, lengthMs: Infinity };
  else steps.push(anybody);
  return steps;
}

/** The steps of a contact that enters the queue now, with the agent it should have first in front. */
export function stepsFor(state: State, queue: Queue, wishes: Wishes): readonly Step[] {
  const { settings } = queue;
  const steps = wishes.requirement === null ? queue.steps : stepsOf(settings, wishes.requirement);
  const agentId = stickyAgent(state, queue, wishes);
  if (agentId === null) return steps;
  const { waitSeconds } = settings.sticky;
  return [stepOf('sticky', null, [agentId], waitSeconds * 1000), ...steps];
}

/** Who should have the contact first: somebody of this queue who is at work, and ready if the contact may not wait. */
function stickyAgent(state: State, queue: Queue, { caller, preferredAgentId }: Wishes): AgentId | null {
  const { mode, waitSeconds } = queue.settings.sticky;
  if (mode === 'none') return null;
  const agentId = mode === 'last' ? (state.lastAgents.get(caller) ?? null) : preferredAgentId;
  const agent = agentId === null ? undefined : state.agents.get(agentId);
  if (agent === undefined || !queue.members.has(agent)) return null;
  if (agent.inReady) return agent.id;
  return isBackSoon(agent.reason) && waitSeconds > 0 ? agent.id : null;
}

/** A supervisor gives the contact to one person for a while; then the steps go on where they were. */
export function assignedStep(agentId: AgentId, lengthMs: number): Step {
  return stepOf('assigned', null, [agentId], lengthMs);
}

export function presentStep(entry: Entry): Step {
  return entry.steps[entry.step] ?? anybody;
}
