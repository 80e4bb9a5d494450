import type { AgentId, ContactId } from '@crosspoint/contracts';
import { matchAgent } from './matching.ts';
import type { Queue } from './model.ts';
import { refreshAgent } from './presence.ts';
import type { State } from './state.ts';
import { announceWrapped, endOptionalWrapUps, startWrapUp } from './wrap-up.ts';

/**
 * A conversation is over. One that is not known here (its agent was removed, or it was repaired) is wrapped at once, so
 * that no contact waits for an answer that never comes.
 */
export function endConversation(state: State, contactId: ContactId, agentId: AgentId): void {
  const agent = state.agents.get(agentId);
  const conversation = agent?.conversations.get(contactId);
  if (agent === undefined || conversation === undefined) {
    announceWrapped(state, agentId, contactId);
    return;
  }
  agent.conversations.delete(contactId);
  conversation.contact.conversations -= 1;
  agent.idleSince = state.now;
  agent.talkMs += state.now - conversation.startedAt;
  startWrapUp(state, agent, conversation);
  refreshAgent(state, agent);
  matchAgent(state, agent);
}

export function changeHold(state: State, contactId: ContactId, agentId: AgentId, held: boolean): void {
  const agent = state.agents.get(agentId);
  const conversation = agent?.conversations.get(contactId) ?? agent?.engagements.get(contactId);
  if (agent === undefined || conversation === undefined || conversation.held === held) return;
  conversation.held = held;
  refreshAgent(state, agent);
}

/**
 * The reconciler found an agent talking whom we thought free: he is busy from now on. Without the contact's queue nothing
 * is known of a wrap-up either, and none follows.
 */
export function adoptConversation(
  state: State,
  contactId: ContactId,
  agentId: AgentId,
  queue: Queue | null,
): void {
  const agent = state.agents.get(agentId);
  if (agent === undefined || agent.conversations.has(contactId)) return;
  const contact = state.contact(contactId);
  endOptionalWrapUps(state, agent);
  const wrapUp = queue?.settings.wrapUp ?? { mode: 'none', seconds: 0 };
  agent.conversations.set(contactId, {
    contact,
    queueId: queue?.id ?? null,
    wrapUp,
    startedAt: state.now,
    held: false,
  });
  contact.conversations += 1;
  refreshAgent(state, agent);
}
