import type { EpochMs } from '@crosspoint/contracts';
import { blockingWrapUp } from './agent.ts';
import type { AgentView, EntryView, QueueView, WaitExplanation } from './door.ts';
import { estimateForMs, estimateWaitMs } from './estimate.ts';
import { explainAgents } from './explain.ts';
import type { Agent, Entry, Queue } from './model.ts';
import { aheadOfNewcomer, positionOf, staysInOrder } from './queue.ts';
import { readinessOf } from './readiness.ts';
import { isOpen, presentAgents } from './room.ts';
import { presentStep } from './steps.ts';

export function viewAgent(agent: Agent, now: EpochMs): AgentView {
  const wrapUp = blockingWrapUp(agent) ?? agent.wrapUps.first;
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
    missedInRow: agent.nonResponses,
  };
}

function contactsOf(agent: Agent): AgentView['contacts'] {
  const contacts: AgentView['contacts'] = [];
  for (const { entry } of agent.offers) {
    contacts.push({ contactId: entry.contact.id, queueId: entry.queue.id, state: 'offered' });
  }
  for (const { contact, queueId, held } of agent.conversations.values()) {
    contacts.push({ contactId: contact.id, queueId, state: held ? 'hold' : 'talking' });
  }
  for (const contactId of agent.engagements.keys()) {
    const { held = false, isRinging = false } = agent.engagements.get(contactId) ?? {};
    contacts.push({ contactId, queueId: null, state: isRinging ? 'offered' : held ? 'hold' : 'talking' });
  }
  for (const { contact, queueId, until } of agent.wrapUps.values()) {
    contacts.push({ contactId: contact.id, queueId, state: 'wrap-up', until });
  }
  return contacts;
}

export function queueView(queue: Queue, now: EpochMs): QueueView {
  const { flow } = queue;
  const open = isOpen(queue, now);
  return {
    id: queue.id,
    waiting: queue.stays.size,
    longestWaitSince: queue.stays.first?.enteredAt ?? null,
    agentsReady: queue.readyCount,
    agentsStaffed: queue.staffed,
    agentsWorking: presentAgents(queue, 'working'),
    estimatedWaitMs: estimateWaitMs(queue, aheadOfNewcomer(queue, 0)),
    handleMs: flow.handled > 0 ? flow.handleMs : null,
    open,
    openUntil: queue.settings.hours === null ? null : queue.hours.changesAt,
  };
}

export function entriesView(queue: Queue): EntryView[] {
  return staysInOrder(queue).map((entry, index) => entryView(entry, index + 1));
}

export function explainWait(entry: Entry, now: EpochMs): WaitExplanation {
  const { queue, demand, steps, stepUntil } = entry;
  const position = positionOf(queue, entry);
  return {
    entry: entryView(entry, position),
    ahead: position - 1,
    step: {
      number: entry.step + 1,
      count: steps.length,
      kind: presentStep(entry).kind,
      requirement: demand.requirement,
      agentIds: demand.agentIds,
      until: stepUntil === Infinity ? null : stepUntil,
    },
    rulesVersion: entry.rulesVersion,
    strategy: queue.settings.strategy,
    agents: explainAgents(entry, now),
  };
}

export function entryView(entry: Entry, position: number): EntryView {
  return {
    entryId: entry.id,
    contactId: entry.contact.id,
    queueId: entry.queue.id,
    priority: entry.priority,
    givenPriority: entry.givenPriority,
    position,
    isCallback: entry.wishes.isCallback,
    segments: entry.wishes.segments,
    requirement: entry.demand.requirement,
    language: entry.wishes.language,
    enteredAt: entry.enteredAt,
    agedSince: entry.agedSince,
    offeredTo: entry.offers[0]?.agent.id ?? null,
    ringing: entry.offers.length,
    routingAttempts: entry.routingAttempts,
    estimatedWaitMs: entry.offers.length > 0 ? 0 : estimateForMs(entry, position - 1),
  };
}
