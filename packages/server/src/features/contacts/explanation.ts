import type { ContactExplanation, Requirement } from '@crosspoint/contracts';
import type { WaitExplanation, WaitReason } from '@crosspoint/core';

/** What speaks against an offer, after "is not offered it: ". The console has the same in its languages. */
const reasonWords: Readonly<Record<WaitReason, string>> = {
  ready: 'ready',
  'status-offline': 'is offline',
  'status-break': 'is on a break',
  'device-unreachable': 'has no phone that can be reached',
  'not-responding': 'did not answer several offers and is Not Responding',
  'wrap-up': 'is in wrap-up',
  'at-capacity': 'has as many contacts as the capacity allows',
  'backing-off': 'pauses after an unsuccessful offer',
  'device-failing': 'has a phone that failed at an offer and is tried again later',
  'not-named': 'is not named by the requirement step in force',
  'lacks-requirement': 'lacks what the requirement step asks for',
  delay: 'takes contacts of this queue only after a delay',
  ringing: 'is being offered it now',
  'another-is-asked': 'is ready, while another agent is being offered it',
  'serves-another-first': 'serves another contact or queue first',
};

const iso = (at: number): string => new Date(at).toISOString();

/** Why a contact waits (QUE-14), by codes and in words; `now` is an epoch instant in milliseconds. */
export function explanationOf(
  { entry, ahead, agents, step, strategy, rulesVersion }: WaitExplanation,
  names: ReadonlyMap<string, string>,
  now: number,
): ContactExplanation {
  const nameOf = (id: string): string => names.get(id) ?? '';
  const queue = nameOf(entry.queueId);
  const stepAgents = (step.agentIds ?? []).map((id) => ({ id, name: nameOf(id) }));
  const explained = agents.map(({ agentId, reason, until, lacks }) => ({
    id: agentId,
    name: nameOf(agentId),
    reason,
    text: agentText(nameOf(agentId), reason, until, lacks),
    until: until === null ? null : iso(until),
    lacks,
  }));
  return {
    ...{ contactId: entry.contactId, entryId: entry.entryId, queueId: entry.queueId, queue },
    summary: summaryOf(queue, { entry, ahead, agents }, now),
    position: entry.position,
    priority: entry.priority,
    givenPriority: entry.givenPriority,
    ahead,
    enteredAt: iso(entry.enteredAt),
    agedSince: iso(entry.agedSince),
    estimatedWaitSeconds: entry.estimatedWaitMs === null ? null : entry.estimatedWaitMs / 1000,
    offeredTo: entry.offeredTo,
    routingAttempts: entry.routingAttempts,
    strategy,
    rulesVersion,
    step: {
      ...{ number: step.number, count: step.count, kind: step.kind, requirement: step.requirement },
      agents: stepAgents,
      until: step.until === null ? null : iso(step.until),
    },
    agents: explained,
    at: iso(now),
  };
}

function summaryOf(
  queue: string,
  { entry, ahead, agents }: Pick<WaitExplanation, 'entry' | 'ahead' | 'agents'>,
  now: number,
): string {
  const place = ahead === 0 ? `First in line in ${queue}` : `${ahead} ahead in ${queue}`;
  const waited = `waits for ${Math.round((now - entry.enteredAt) / 1000)} s`;
  if (agents.length === 0) return `${place}, ${waited}: no agent serves this queue.`;
  const counts = new Map<WaitReason, number>();
  for (const { reason } of agents) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const reasons = [...counts].map(([reason, count]) => `${count} ${reasonWords[reason]}`);
  return `${place}, ${waited}. Of ${agents.length} agents: ${reasons.join('; ')}.`;
}

function agentText(
  name: string,
  reason: WaitReason,
  until: number | null,
  lacks: Requirement | null,
): string {
  const words = lacks === null ? reasonWords[reason] : `lacks ${requirementWords(lacks)}`;
  return `${name} ${words}${until === null ? '' : `, until ${iso(until)}`}.`;
}

function requirementWords(requirement: Requirement): string {
  if ('skill' in requirement) return `the skill ${requirement.skill} at level ${requirement.level}`;
  if ('language' in requirement) return `the language ${requirement.language}`;
  if ('not' in requirement) return `freedom from ${requirementWords(requirement.not)}`;
  const isAll = 'all' in requirement;
  const parts = (isAll ? requirement.all : requirement.any).map(requirementWords);
  return `${isAll ? 'all of' : 'one of'} (${parts.join(', ')})`;
}
