import type { AgentId, ContactId, EpochMs, QueueId } from '@crosspoint/contracts';
import { noteHandled } from './estimate.ts';
import type { Agent, Conversation, WrapUp } from './model.ts';
import type { State } from './state.ts';

/** An extension moves the deadline at most this far from now. */
export const wrapUpExtensionMaxMs = 3_600_000;

type WrapUpEnder = 'agent' | 'timer' | 'supervisor' | 'system';

/** A conversation is over: its wrap-up begins, or the contact is wrapped at once when the queue has none. */
export function startWrapUp(state: State, agent: Agent, conversation: Conversation): void {
  const { contact, queueId } = conversation;
  const { mode, seconds } = conversation.wrapUp;
  const talkMs = state.now - conversation.startedAt;
  if (queueId === null || mode === 'none' || (mode === 'timed' && seconds === 0)) {
    noteTaken(state, queueId, talkMs);
    announceWrapped(state, agent.id, contact.id);
    return;
  }
  const limited = mode !== 'mandatory' && seconds > 0;
  const until = limited ? state.now + seconds * 1000 : null;
  state.fact(contact.id, { type: 'wrapup.started', data: { agentId: agent.id, queueId, until } });
  const blocking = mode !== 'optional';
  addWrapUp(state, agent, { contact, queueId, startedAt: state.now, talkMs, blocking, until });
}

export function addWrapUp(state: State, agent: Agent, begun: Omit<WrapUp, 'timer'>): void {
  const { contact, queueId, startedAt, talkMs, blocking, until } = begun;
  const timer = `wrap-up:${agent.id}:${contact.id}`;
  const wrapUp: WrapUp = { contact, queueId, startedAt, talkMs, blocking, until, timer };
  agent.wrapUps.set(contact.id, wrapUp);
  contact.wrapUps += 1;
  if (wrapUp.until !== null) setDeadline(state, agent, wrapUp, wrapUp.until);
}

export function endWrapUp(state: State, agent: Agent, wrapUp: WrapUp, by: WrapUpEnder): void {
  const { contact, queueId, startedAt } = wrapUp;
  agent.wrapUps.delete(contact.id);
  // A server that was stopped meanwhile saw the deadline pass only at its start.
  const endedAt = by === 'timer' ? Math.min(state.now, wrapUp.until ?? state.now) : state.now;
  const durationMs = Math.max(0, endedAt - startedAt);
  noteTaken(state, queueId, wrapUp.talkMs + (wrapUp.blocking ? durationMs : 0));
  contact.wrapUps -= 1;
  state.clearTimer(wrapUp.timer);
  if (wrapUp.blocking) agent.idleSince = state.now;
  state.fact(contact.id, {
    type: 'wrapup.ended',
    data: { agentId: agent.id, queueId, durationMs, by },
  });
  announceWrapped(state, agent.id, contact.id);
}

/** An optional wrap-up ends by itself with the agent's next contact or when the agent goes away. */
export function endOptionalWrapUps(state: State, agent: Agent): void {
  if (agent.wrapUps.size === 0) return;
  for (const wrapUp of agent.wrapUps.values()) {
    if (!wrapUp.blocking) endWrapUp(state, agent, wrapUp, 'system');
  }
}

/** Moves the deadline of a wrap-up that has one; instants already past are ignored, far ones are cut. */
export function extendWrapUp(state: State, agent: Agent, wrapUp: WrapUp, until: EpochMs): void {
  if (wrapUp.until === null || !(until > state.now)) return;
  wrapUp.until = Math.min(until, state.now + wrapUpExtensionMaxMs);
  setDeadline(state, agent, wrapUp, wrapUp.until);
  const { contact, queueId } = wrapUp;
  // Whoever takes the contact up after a crash knows by it until when.
  state.fact(contact.id, {
    type: 'wrapup.extended',
    data: { agentId: agent.id, queueId, until: wrapUp.until },
  });
}

/** Tells that nothing of the contact is left here, unless another agent still talks with it or wraps it up. */
export function announceWrapped(state: State, agentId: AgentId, contactId: ContactId): void {
  const contact = state.contacts.get(contactId);
  if (contact !== undefined) {
    if (contact.conversations > 0 || contact.wrapUps > 0) return;
    state.release(contact);
  }
  state.emit({ type: 'contact.wrapped', contactId, agentId });
}

function noteTaken(state: State, queueId: QueueId | null, handleMs: number): void {
  const queue = queueId === null ? undefined : state.queues.get(queueId);
  if (queue !== undefined) noteHandled(queue, handleMs);
}

function setDeadline(state: State, agent: Agent, { timer, contact }: WrapUp, at: EpochMs): void {
  state.setTimer(timer, at, { kind: 'wrap-up', agentId: agent.id, contactId: contact.id });
}
