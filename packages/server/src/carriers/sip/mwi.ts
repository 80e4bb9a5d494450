import type { AgentId } from '@crosspoint/contracts';
import type { MessageSummary } from '@crosspoint/sip';
import type { AgentLampsContext, SubscribeRequest } from './lamps.ts';

/** Messages in the boxes of an agent: those that nobody has heard, and the others. */
export interface WaitingCount {
  unheard: number;
  heard: number;
}

const nothing: WaitingCount = { unheard: 0, heard: 0 };

const summaryOf = ({ unheard, heard }: WaitingCount): MessageSummary => ({
  isWaiting: unheard > 0,
  counts: [{ messageClass: 'voice-message', newCount: unheard, oldCount: heard }],
});

/** The lamps of telephones that say whether messages wait for their own agent (RFC 3842); nobody sees another's mailbox. */
export class MessageLamps {
  readonly #context: AgentLampsContext;
  #waiting: ReadonlyMap<AgentId, WaitingCount> = new Map();
  readonly #watches = new Map<string, { username: string; agentId: AgentId }>();

  constructor(context: AgentLampsContext) {
    this.#context = context;
  }

  subscribed({ subscriptionId, authenticatedUser, resource, expiresSeconds }: SubscribeRequest): void {
    const { notifier, accountOf, colleagueOf } = this.#context;
    const account = authenticatedUser === undefined ? undefined : accountOf(authenticatedUser);
    if (account === undefined || colleagueOf(account, resource.user ?? '') !== account.agentId) {
      notifier.refuse(subscriptionId, 403, 'Not Your Mailbox');
      return;
    }
    const { username, agentId } = account;
    // Asked for once, it is told once, and over.
    if (expiresSeconds > 0) this.#watches.set(subscriptionId, { username, agentId });
    notifier.accept(subscriptionId, { messages: summaryOf(this.#countOf(agentId)) });
  }

  /** The subscription is over; fine when it is none of these. */
  ended(subscriptionId: string): void {
    this.#watches.delete(subscriptionId);
  }

  /** That account is gone: it hears nothing more. */
  forget(username: string): void {
    for (const [subscriptionId, watch] of this.#watches) {
      if (watch.username !== username) continue;
      this.#watches.delete(subscriptionId);
      this.#context.notifier.end(subscriptionId);
    }
  }

  /** What waits now, for each agent who has a box; telephones are told where it differs. */
  show(waiting: ReadonlyMap<AgentId, WaitingCount>): void {
    const before = this.#waiting;
    this.#waiting = waiting;
    for (const [subscriptionId, { agentId }] of this.#watches) {
      const { unheard, heard } = this.#countOf(agentId);
      const former = before.get(agentId) ?? nothing;
      if (former.unheard === unheard && former.heard === heard) continue;
      this.#context.notifier.notify(subscriptionId, { messages: summaryOf({ unheard, heard }) });
    }
  }

  #countOf(agentId: AgentId): WaitingCount {
    return this.#waiting.get(agentId) ?? nothing;
  }
}
