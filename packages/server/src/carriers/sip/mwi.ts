import type { AgentId } from '@crosspoint/contracts';
import type { MessageSummary } from '@crosspoint/sip';
import type { AgentLampsContext, SubscribeRequest } from './lamps.ts';

export interface MessageLampsContext extends AgentLampsContext {
  /** What waits in that agent's mailbox. */
  messagesOf: (agentId: AgentId) => MessageSummary;
}

/** No voice message can be left yet, so that none waits; phones that ask are told so, and ask no more often than they must. */
export const noMessages: MessageSummary = {
  isWaiting: false,
  counts: [{ messageClass: 'voice-message', newCount: 0, oldCount: 0 }],
};

/** Answers a telephone that wants to know whether messages wait for its own agent (RFC 3842); nobody sees another's mailbox. */
export function answerMessageSubscription(
  { notifier, accountOf, colleagueOf, messagesOf }: MessageLampsContext,
  { subscriptionId, authenticatedUser, resource }: SubscribeRequest,
): void {
  const account = authenticatedUser === undefined ? undefined : accountOf(authenticatedUser);
  if (account === undefined || colleagueOf(account, resource.user ?? '') !== account.agentId)
    notifier.refuse(subscriptionId, 403, 'Not Your Mailbox');
  else notifier.accept(subscriptionId, { messages: messagesOf(account.agentId) });
}
