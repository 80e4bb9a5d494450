import type { EpochMs } from '@crosspoint/contracts';
import { blockingWrapUp } from './agent.ts';
import type { AgentView, EntryView, QueueView, WaitExplanation } from './door.ts';
import type { Agent, Entry, Membership, Queue } from './model.ts';
import { positionOf, staysInOrder } from './queue.ts';
import { readinessOf } from './readiness.ts';

export function viewAgent(agent: Agent, now: EpochMs): AgentView {
  const wrapUp = blockingWrapUp(agent) ?? agent.wrapUps.values().next().value;
  return {
    id: agent.id,
    status: agent.status,
    reasonCode: agent.reasonCode,
    statusSince: agent.statusSince,
    nextStatus: agent.nextStatus?.status ?? null,
    activity: agent.activity,
    activitySince: agent.activitySince,
    readiness: readinessOf(agent, now),
    contacts: contactsOf(agent),
    wrapUpUntil: wrapUp?.until ?? null,
  };
}

function contactsOf(agent: Agent): AgentView['contacts'] {
  const contacts: AgentView['contacts'] = [];
  for (const { entry } of agent.offers.values()) {
    contacts.push({ contactId: entry.contact.id, queueId: entry.queue.id, state: 'offered' });
  }
  for (const { contact, queueId, held } of agent.conversations.values()) {
    contacts.push({ contactId: contact.id, queueId, state: held ? 'hold' : 'talking' });
  }
  for (const [contactId, { held }] of agent.engagements) {
    contacts.push({ contactId, queueId: null, state: held ? 'hold' : 'talking' });
  }
  for (const { contact, queueId } of agent.wrapUps.values()) {
    contacts.push({ contactId: contact.id, queueId, state: 'wrap-up' });
  }
  return contacts;
}

export function queueView(queue: Queue): QueueView {
  return {
    id: queue.id,
    waiting: queue.stays.size,
    longestWaitSince: queue.stays.peek()?.entry.enteredAt ?? null,
    agentsReady: queue.readyCount,
    agentsStaffed: queue.staffed,
  };
}

export function entriesView(queue: Queue): EntryView[] {
  return staysInOrder(queue).map((entry, index) => entryView(entry, index + 1));
}

export function explainWait(entry: Entry, now: EpochMs): WaitExplanation {
  const position = positionOf(entry.queue, entry);
  return {
    entry: entryView(entry, position),
    ahead: position - 1,
    agents: [...entry.queue.members].map((membership) => explainAgent(entry, membership, now)),
  };
}

function explainAgent(entry: Entry, membership: Membership, now: EpochMs): WaitExplanation['agents'][number] {
  const { agent, tier } = membership;
  const { ready, reason, until } = readinessOf(agent, now);
  if (!ready || entry.offer?.agent === agent) return { agentId: agent.id, reason, until };
  const delayUntil = entry.enteredAt + tier.delayMs;
  if (delayUntil > now) return { agentId: agent.id, reason: 'delay', until: delayUntil };
  return { agentId: agent.id, reason: 'serves-another-first', until: null };
}

function entryView(entry: Entry, position: number): EntryView {
  return {
    entryId: entry.id,
    contactId: entry.contact.id,
    queueId: entry.queue.id,
    priority: entry.priority,
    position,
    enteredAt: entry.enteredAt,
    offeredTo: entry.offer?.agent.id ?? null,
    routingAttempts: entry.routingAttempts,
  };
}
