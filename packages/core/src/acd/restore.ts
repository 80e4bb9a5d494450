import type { AgentId, ContactId, EpochMs } from '@crosspoint/contracts';
import { addWaiting, demandFor } from './demand.ts';
import type { RestoredContact, RestoredStay } from './door.ts';
import { noteWaiting } from './estimate.ts';
import { matchEntry } from './matching.ts';
import type { ContactRecord, Engagement } from './model.ts';
import { noTargets } from './placement.ts';
import { refreshAgent } from './presence.ts';
import { addStay } from './queue.ts';
import { scheduleDue } from './relax.ts';
import type { State } from './state.ts';
import { createEntry } from './stay.ts';
import { presentStep } from './steps.ts';
import { addWrapUp, announceWrapped } from './wrap-up.ts';

/**
 * Takes up a contact that a former process had. What was decided stays decided: nothing is counted or recorded again, places and
 * ages are kept. Offers do not outlive a process: the contact waits in its place.
 */
export function restoreContact(state: State, restored: RestoredContact): void {
  const { contactId, offers, stay, conversations, wrapUps, engaged } = restored;
  const known = state.contacts.get(contactId);
  if (known !== undefined && (known.entry !== null || known.conversations > 0 || known.wrapUps > 0)) return;
  const contact = state.contact(contactId);
  contact.offers = offers;
  contact.stays = restored.stays;
  for (const { agentId, queueId, startedAt, held } of conversations) {
    talkAgain(state, contact, { agentId, queueId, startedAt, held });
  }
  for (const wrapUp of wrapUps) wrapUpAgain(state, contact, wrapUp);
  for (const { agentId, ...engagement } of engaged) engageAgain(state, agentId, contactId, engagement);
  if (stay !== null) waitAgain(state, contact, stay);
  else state.release(contact);
}

function waitAgain(state: State, contact: ContactRecord, stay: RestoredStay): void {
  const { queueId, enteredAt, agedSince, priority, routedPriority, via, caller, number } = stay;
  const queue = state.queues.get(queueId);
  const ids = { contactId: contact.id, queueId };
  if (queue === undefined) {
    const waitMs = Math.max(0, state.now - enteredAt);
    const { entryId } = stay;
    state.fact(contact.id, {
      type: 'queue.left',
      data: { entryId, queueId, result: 'overflowed', reason: 'queue-removed', waitMs },
    });
    const nowhere = { target: null, otherwise: noTargets };
    state.emit({ type: 'contact.overflowed', ...ids, reason: 'queue-removed', ...nowhere, agedSince });
    state.release(contact);
    return;
  }
  const { language = null, segments = [] } = stay;
  const asked = { requirement: null, preferredAgentId: null, language };
  const wishes = {
    caller,
    isCallable: caller !== '',
    number,
    segments,
    ...asked,
    isCallback: via === 'callback',
  };
  // The entry is numbered by the stays before it.
  contact.stays -= 1;
  const entry = createEntry(state, queue, {
    ...{ contact, wishes, via, priority: routedPriority, agedSince, enteredAt },
  });
  entry.givenPriority = stay.overriddenPriority ?? entry.givenPriority;
  entry.priority = priority;
  entry.routingAttempts = contact.offers;
  entry.arm = stay.arm ?? null;
  entry.estimatedWaitMs = stay.estimatedWaitMs;
  while (entry.step < stay.step && entry.step < entry.steps.length - 1) {
    entry.step += 1;
    entry.stepUntil += presentStep(entry).lengthMs;
  }
  entry.demand = demandFor(state, queue, presentStep(entry));
  addStay(queue, entry);
  addWaiting(entry);
  queue.counts.entered += 1;
  state.touchQueue(queue);
  matchEntry(state, entry);
  if (entry.offers.length === 0) noteWaiting(queue, state.now);
  scheduleDue(state, entry);
}

function talkAgain(
  state: State,
  contact: ContactRecord,
  { agentId, queueId, startedAt, held }: RestoredContact['conversations'][number],
): void {
  const agent = state.agents.get(agentId);
  // The end of a conversation that is not known here is answered all the same.
  if (agent === undefined) return;
  const queue = state.queues.get(queueId);
  const wrapUp = queue?.settings.wrapUp ?? ({ mode: 'none', seconds: 0 } as const);
  agent.conversations.set(contact.id, { contact, queueId, wrapUp, startedAt, held });
  contact.conversations += 1;
  refreshAgent(state, agent);
}

function wrapUpAgain(
  state: State,
  contact: ContactRecord,
  { agentId, queueId, startedAt, talkMs, until }: RestoredContact['wrapUps'][number],
): void {
  const agent = state.agents.get(agentId);
  const queue = state.queues.get(queueId);
  if (agent === undefined || queue === undefined) {
    const durationMs = Math.max(0, state.now - startedAt);
    state.fact(contact.id, { type: 'wrapup.ended', data: { agentId, queueId, durationMs, by: 'system' } });
    announceWrapped(state, agentId, contact.id);
    return;
  }
  const blocking = queue.settings.wrapUp.mode !== 'optional';
  addWrapUp(state, agent, { contact, queueId, startedAt, talkMs, blocking, until });
  refreshAgent(state, agent);
}

function engageAgain(state: State, agentId: AgentId, contactId: ContactId, engagement: Engagement): void {
  const agent = state.agents.get(agentId);
  if (agent === undefined) return;
  agent.engagements.set(contactId, engagement);
  refreshAgent(state, agent);
}

/** How an agent stood when a former process ended: since when idle, and whether offers had remained without response. */
export function restoreAgent(
  state: State,
  { agentId, idleSince, notResponding }: { agentId: AgentId; idleSince: EpochMs; notResponding: boolean },
): void {
  const agent = state.agents.get(agentId);
  if (agent === undefined) return;
  agent.idleSince = Math.min(idleSince, state.now);
  agent.notResponding = notResponding;
  refreshAgent(state, agent);
}
