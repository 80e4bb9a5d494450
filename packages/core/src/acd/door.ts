import type {
  AgentActivity,
  AgentFact,
  AgentId,
  AgentStatus,
  ContactFactBody,
  ContactId,
  EntryId,
  EpochMs,
  OfferId,
  QueueId,
  QueueMembership,
  QueueSettings,
} from '@crosspoint/contracts';

/**
 * The door of the distributor: who gets which contact, and when. One distributor serves one tenant.
 * It decides about queue entries, offers, agents' readiness and wrap-up; it knows nothing of legs and sound.
 * Rules 1–10 and 17 of the queue semantics are its specification, see `SPEC.md`.
 */
export interface QueueConfig {
  id: QueueId;
  settings: QueueSettings;
}

export interface AgentConfig {
  id: AgentId;
  /** Concurrent contacts, 1–10. */
  capacity: number;
  queues: QueueMembership[];
}

/** What an unsuccessful offer says about the agent's device. */
export type OfferFailure = 'rejected' | 'busy' | 'failed';

export type DistributorInput =
  | { type: 'queue.configured'; queue: QueueConfig }
  | { type: 'queue.removed'; queueId: QueueId }
  | { type: 'agent.configured'; agent: AgentConfig }
  | { type: 'agent.removed'; agentId: AgentId }
  /** The agent, a supervisor or the system chose a status. Clears Not Responding when it is `available`. */
  | {
      type: 'status.chosen';
      agentId: AgentId;
      status: AgentStatus;
      reasonCode: string | null;
      by: 'agent' | 'supervisor' | 'system';
      byUserId: string | null;
    }
  /** At least one endpoint of the agent can be reached, or none any more. */
  | { type: 'device.changed'; agentId: AgentId; reachable: boolean; reason: string }
  | {
      type: 'contact.entered';
      contactId: ContactId;
      queueId: QueueId;
      priority: number;
      /** Differs from now when an earlier place is resumed. Queue time counts from here. */
      enteredAt: EpochMs;
    }
  /** The contact left by itself while waiting or offered: the caller hung up, or the call was lost. */
  | { type: 'contact.left'; contactId: ContactId; reason: string }
  /** The agent's device answered, and the caller is still there. */
  | { type: 'offer.accepted'; offerId: OfferId }
  | { type: 'offer.failed'; offerId: OfferId; result: OfferFailure; reason: string }
  /** A conversation of a connected agent is over (either side): wrap-up begins. */
  | { type: 'conversation.ended'; contactId: ContactId; agentId: AgentId }
  | { type: 'hold.changed'; contactId: ContactId; agentId: AgentId; held: boolean }
  /** The agent is taken up by a call that no queue gave, or free of it again. */
  | { type: 'agent.engaged'; contactId: ContactId; agentId: AgentId; engaged: boolean }
  | { type: 'wrapup.finished'; agentId: AgentId; contactId: ContactId; by: 'agent' | 'supervisor' | 'system' }
  | { type: 'wrapup.extended'; agentId: AgentId; contactId: ContactId; until: EpochMs }
  /** A timer that was set has come due. Unknown or superseded names are ignored. */
  | { type: 'timer.due'; name: string }
  /** The reconciler's look at reality (rule 7): everything that exists outside. What differs is repaired and reported. */
  | {
      type: 'reality.seen';
      contacts: ReadonlySet<ContactId>;
      /** Legs that ring an agent now. */
      ringing: ReadonlySet<OfferId>;
      /** Contacts that an agent talks with now. */
      talking: ReadonlyMap<ContactId, AgentId>;
      reachable: ReadonlySet<AgentId>;
    };

export type DistributorEffect =
  | { type: 'timer.set'; name: string; at: EpochMs }
  | { type: 'timer.cleared'; name: string }
  /** The queue does not take the contact: `queue-full`, `unknown-queue`, `duplicate`. */
  | { type: 'entry.refused'; contactId: ContactId; queueId: QueueId; reason: string }
  | { type: 'entry.accepted'; contactId: ContactId; queueId: QueueId; entryId: EntryId; position: number }
  /** Ring this agent for this contact. The claim on both sides is already made. */
  | {
      type: 'offer.make';
      offerId: OfferId;
      contactId: ContactId;
      agentId: AgentId;
      queueId: QueueId;
      ringTimeoutMs: number;
    }
  /** Stop ringing: `timed-out`, `cancelled` (the contact is gone), `rescinded` (somebody else took it). */
  | {
      type: 'offer.withdraw';
      offerId: OfferId;
      contactId: ContactId;
      agentId: AgentId;
      reason: 'timed-out' | 'cancelled' | 'rescinded';
    }
  /** `offer.accepted` was in time: connect them. */
  | { type: 'contact.assigned'; contactId: ContactId; agentId: AgentId; offerId: OfferId; queueId: QueueId }
  /** `offer.accepted` came too late (withdrawn or unknown offer): release the agent's leg at once (rule 6). */
  | { type: 'offer.stale'; offerId: OfferId }
  /** The queue gives the contact up: `max-wait`, `queue-removed`. It counts as overflowed. */
  | { type: 'contact.overflowed'; contactId: ContactId; queueId: QueueId; reason: string }
  /** The last wrap-up of the contact ended: it may be closed. */
  | { type: 'contact.wrapped'; contactId: ContactId; agentId: AgentId }
  /** Facts for the contact's timeline, not yet numbered. */
  | { type: 'fact'; contactId: ContactId; fact: ContactFactBody }
  | { type: 'agent.fact'; fact: AgentFact }
  /** These changed in a way the board shows; read them through the views. Coalesced: once per input and id. */
  | { type: 'agent.touched'; agentId: AgentId }
  | { type: 'queue.touched'; queueId: QueueId }
  | { type: 'repaired'; what: string; detail: string };

/** Readiness of AVL-02: one function, one answer; the reason is the first that applies. */
export interface ReadinessView {
  ready: boolean;
  reason:
    | 'ready'
    | 'status-offline'
    | 'status-break'
    | 'device-unreachable'
    | 'not-responding'
    | 'wrap-up'
    | 'at-capacity'
    | 'backing-off';
  until: EpochMs | null;
}

export interface AgentView {
  id: AgentId;
  status: AgentStatus;
  reasonCode: string | null;
  /** When the chosen status began to apply. */
  statusSince: EpochMs;
  nextStatus: AgentStatus | null;
  activity: AgentActivity;
  activitySince: EpochMs;
  readiness: ReadinessView;
  /** The queue is null for a conversation that the reconciler found and whose queue is not known. */
  contacts: {
    contactId: ContactId;
    queueId: QueueId | null;
    state: 'offered' | 'talking' | 'hold' | 'wrap-up';
  }[];
  wrapUpUntil: EpochMs | null;
}

export interface EntryView {
  entryId: EntryId;
  contactId: ContactId;
  queueId: QueueId;
  priority: number;
  position: number;
  enteredAt: EpochMs;
  offeredTo: AgentId | null;
  routingAttempts: number;
}

export interface QueueView {
  id: QueueId;
  waiting: number;
  longestWaitSince: EpochMs | null;
  agentsReady: number;
  /** Agents of the queue who are not offline. */
  agentsStaffed: number;
}

/** First reason against each agent of the queue, for "why does this call still wait?" (QUE-14). */
export interface WaitExplanation {
  entry: EntryView;
  ahead: number;
  agents: {
    agentId: AgentId;
    reason: ReadinessView['reason'] | 'delay' | 'serves-another-first';
    until: EpochMs | null;
  }[];
}

/** Contract of the distributor machine; `createDistributor()` in this folder's index makes one. */
export interface Distributor {
  /** Deterministic. Never throws for any input: what cannot be is a named, tested case without effect. */
  handle(input: DistributorInput, now: EpochMs): DistributorEffect[];
  agent(id: AgentId, now: EpochMs): AgentView | undefined;
  agents(now: EpochMs): AgentView[];
  queue(id: QueueId): QueueView | undefined;
  entries(queueId: QueueId): EntryView[];
  explain(contactId: ContactId, now: EpochMs): WaitExplanation | undefined;
  /** Throws an error naming the broken rule; for tests and the reconciler's report. */
  checkInvariants(): void;
}
