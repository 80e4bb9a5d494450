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
  OverflowTarget,
  PromptLanguage,
  QueueId,
  QueueMembership,
  QueueSettings,
  Requirement,
} from '@crosspoint/contracts';

/**
 * The door of the distributor: who gets which contact, and when. One distributor serves one tenant.
 * It decides about queue entries, offers, agents' readiness and wrap-up; it knows nothing of legs and sound.
 * Rules 1–10 and 17 of the queue semantics are its specification, see `SPEC.md`.
 */
export interface QueueConfig {
  id: QueueId;
  settings: QueueSettings;
  /** Counts up with every change of the queue; contacts remember it with the rules they entered under. 0 by default. */
  version?: number;
}

export interface AgentConfig {
  id: AgentId;
  /** For the strategy `linear`, which goes by it within one priority. The id by default. */
  name?: string;
  /** Concurrent contacts, 1–10. */
  capacity: number;
  queues: QueueMembership[];
  /** Skill → level 1–5. */
  skills?: Readonly<Record<string, number>>;
  /** Tags of BCP 47. */
  languages?: readonly string[];
}

/** How a contact comes to a queue: transfers and due callbacks have room that new calls have not (rule 11). */
export type EntryVia = 'call' | 'transfer' | 'callback' | 'overflow';

/** Who commands, for the facts. */
export interface CommandedBy {
  by: 'supervisor' | 'system';
  byUserId: string | null;
}

/** Expected costs of one kind of contact, in any unit as long as it is the same; the least is the best. */
export interface Prediction {
  /** Null: of all contacts of the queue, for those whose language has no prediction of its own. */
  language: PromptLanguage | null;
  costs: ReadonlyMap<AgentId, number>;
  /** Of an agent who has not been measured. */
  usualCost: number;
}

/** What an unsuccessful offer says about the agent's device. */
export type OfferFailure = 'rejected' | 'busy' | 'failed';

/** Where a contact stood in its queue. */
export interface RestoredStay {
  entryId: EntryId;
  queueId: QueueId;
  enteredAt: EpochMs;
  agedSince: EpochMs;
  /** The class that held, the one that routing gave, and the one that a supervisor gave instead. */
  priority: number;
  routedPriority: number;
  overriddenPriority: number | null;
  /** How many requirement steps had passed. */
  step: number;
  via: EntryVia;
  caller: string;
  number: string;
  /** Of customers, in which the caller is; the classes of the queue's rules go by them. None when absent. */
  segments?: readonly string[];
  /** Both as the facts tell; absent as null. */
  language?: PromptLanguage | null;
  arm?: 'predicted' | 'control' | null;
  estimatedWaitMs: number | null;
}

/** What the distributor knew of a contact, as its facts tell. An offer that rang is over: the contact waits in its place. */
export interface RestoredContact {
  contactId: ContactId;
  /** Queue stays and offers so far; they number the identifiers. */
  stays: number;
  offers: number;
  stay: RestoredStay | null;
  conversations: { agentId: AgentId; queueId: QueueId; startedAt: EpochMs; held: boolean }[];
  wrapUps: {
    agentId: AgentId;
    queueId: QueueId;
    startedAt: EpochMs;
    /** How long the conversation before it was. */
    talkMs: number;
    until: EpochMs | null;
  }[];
  /** Agents taken up by it though no queue gave it. */
  engaged: { agentId: AgentId; held: boolean; isRinging: boolean; asCaller: boolean }[];
}

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
      /** The class that routing gives; a priority rule of the queue that fits decides instead. */
      priority: number;
      /** Where the routing age counts from when the contact brings one along. Queue time counts from the entry. */
      agedSince?: EpochMs;
      /** `call` by default. */
      via?: EntryVia;
      /** The number of the customer, by which an old place and the last agent are known; empty when withheld. */
      caller?: string;
      /** False: no way leads to that number, so that no callback can be promised. */
      isCallable?: boolean;
      /** The number that was dialled. */
      number?: string;
      /** The segments of customers in which the caller is. */
      segments?: readonly string[];
      /** What the contact asks for beside the queue's steps. */
      requirement?: Requirement | null;
      /** Whom routing prefers, for `sticky.mode` `preferred`. */
      preferredAgentId?: AgentId | null;
      /** In which language the caller was spoken with; with the queue it makes the kind of contact that predictions are about. */
      language?: PromptLanguage | null;
      /** Stays and offers that the contact had before, which may be forgotten here: no identifier is given twice. */
      soFar?: { stays: number; offers: number };
    }
  /** What contacts of this queue are expected to cost with each agent; it replaces what was told before. Empty: nothing is known. */
  | { type: 'prediction.told'; queueId: QueueId; predictions: readonly Prediction[] }
  /** The contact left by itself while waiting or offered: the caller hung up, or the call was lost. */
  | { type: 'contact.left'; contactId: ContactId; reason: string }
  /** The contact is promised a callback and leaves the queue for it; no effect when it does not wait (any more). */
  | { type: 'callback.accepted'; contactId: ContactId }
  /** The agent's device answered, and the caller is still there. */
  | { type: 'offer.accepted'; offerId: OfferId }
  | { type: 'offer.failed'; offerId: OfferId; result: OfferFailure; reason: string }
  /** A conversation of a connected agent is over (either side): wrap-up begins. */
  | { type: 'conversation.ended'; contactId: ContactId; agentId: AgentId }
  | { type: 'hold.changed'; contactId: ContactId; agentId: AgentId; held: boolean }
  /**
   * The agent is taken up by a call that no queue gave, or free of it again. `isRinging`: nobody has answered it yet. `asCaller`: the
   * agent calls the house, and may wait in one of its queues.
   */
  | {
      type: 'agent.engaged';
      contactId: ContactId;
      agentId: AgentId;
      engaged: boolean;
      isRinging?: true;
      asCaller?: true;
    }
  | { type: 'wrapup.finished'; agentId: AgentId; contactId: ContactId; by: 'agent' | 'supervisor' | 'system' }
  | { type: 'wrapup.extended'; agentId: AgentId; contactId: ContactId; until: EpochMs }
  // What a supervisor commands about a contact that waits. What does not wait (any more) has no effect.
  /** To another queue, whatever its limits and hours, with its age; within its own queue it takes the present rules. */
  | ({ type: 'entry.moved'; contactId: ContactId; queueId: QueueId } & CommandedBy)
  | ({ type: 'entry.reprioritised'; contactId: ContactId; priority: number } & CommandedBy)
  /** For `seconds` nobody but this agent, who need not serve the queue, may take it. */
  | ({ type: 'entry.assigned'; contactId: ContactId; agentId: AgentId; seconds: number } & CommandedBy)
  | ({ type: 'entry.removed'; contactId: ContactId } & CommandedBy)
  /** What the agent has done today, after a restart and at midnight. */
  | { type: 'agent.tallied'; agentId: AgentId; answered: number; talkMs: number }
  /** How an agent stood when a former process ended. */
  | { type: 'agent.restored'; agentId: AgentId; idleSince: EpochMs; notResponding: boolean }
  /** A contact that a former process had: nothing of it is decided, counted or recorded anew. */
  | { type: 'contact.restored'; contact: RestoredContact }
  /** Whom a caller spoke with last, after a restart. */
  | { type: 'caller.remembered'; caller: string; agentId: AgentId }
  /** A caller hung up while waiting in this queue, before a restart. */
  | { type: 'place.remembered'; queueId: QueueId; caller: string; agedSince: EpochMs; leftAt: EpochMs }
  /** A timer that was set has come due. Unknown or superseded names are ignored. */
  | { type: 'timer.due'; name: string }
  /** The reconciler's look at reality (rule 7): everything that exists outside. What differs is repaired and reported. */
  | {
      type: 'reality.seen';
      contacts: Pick<ReadonlySet<ContactId>, 'has'>;
      /** Legs that ring an agent now. */
      ringing: ReadonlySet<OfferId>;
      /** Contacts that an agent talks with now. */
      talking: ReadonlyMap<ContactId, AgentId>;
      reachable: ReadonlySet<AgentId>;
    };

export type DistributorEffect =
  | { type: 'timer.set'; name: string; at: EpochMs }
  | { type: 'timer.cleared'; name: string }
  /** The queue does not take the contact: `queue-full`, `closed`, `nobody-there`, `unknown-queue`, `duplicate`, or the name of the
   * overflow condition that led to `target`; null: there is nowhere to go. */
  | {
      type: 'entry.refused';
      contactId: ContactId;
      queueId: QueueId;
      reason: string;
      target: OverflowTarget | null;
      /** See `contact.overflowed`. */
      otherwise: readonly OverflowTarget[];
    }
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
  /** The queue gives the contact up: `max-wait`, `queue-removed`, `nobody-there`, `removed-by-supervisor`, or the name of an overflow
   * condition. It counts as overflowed. The target is for routing to resolve; null: it is hung up. */
  | {
      type: 'contact.overflowed';
      contactId: ContactId;
      queueId: QueueId;
      reason: string;
      target: OverflowTarget | null;
      /** Of a callback, which may turn out not to be promised: the targets of the later rules that hold as well, in order. */
      otherwise: readonly OverflowTarget[];
      /** For the next queue, so that nobody loses the age by being sent on. */
      agedSince: EpochMs;
    }
  /** The last wrap-up of the contact ended: it may be closed. */
  | { type: 'contact.wrapped'; contactId: ContactId; agentId: AgentId }
  /** Facts for the contact's timeline, not yet numbered. */
  | { type: 'fact'; contactId: ContactId; fact: ContactFactBody }
  | { type: 'agent.fact'; fact: AgentFact }
  /** These changed in a way the board shows; read them through the views. Coalesced: once per input and id. */
  | { type: 'agent.touched'; agentId: AgentId }
  | { type: 'queue.touched'; queueId: QueueId }
  | { type: 'repaired'; what: string; detail: string };

export type ReadinessReason =
  | 'ready'
  | 'status-offline'
  | 'status-break'
  | 'device-unreachable'
  | 'not-responding'
  | 'wrap-up'
  | 'at-capacity'
  /** A pause of the person after an unsuccessful offer. */
  | 'backing-off'
  /** The back-off of a device that failed at an offer. */
  | 'device-failing';

/** Readiness of AVL-02: one function, one answer; the reason is the first that applies. */
export interface ReadinessView {
  ready: boolean;
  reason: ReadinessReason;
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
    /** Of a wrap-up: when it ends by itself; null when it lasts until it is finished. */
    until?: EpochMs | null;
  }[];
  wrapUpUntil: EpochMs | null;
  /** Offers that ran out one after the other. */
  missedInRow: number;
}

export interface EntryView {
  entryId: EntryId;
  contactId: ContactId;
  queueId: QueueId;
  /** The class that holds now, and the one given on entry. */
  priority: number;
  givenPriority: number;
  position: number;
  /** A callback that is due: nobody is on the line. */
  isCallback: boolean;
  segments: readonly string[];
  /** What the present step asks of an agent, with what the contact itself asks for. */
  requirement: Requirement | null;
  language: PromptLanguage | null;
  /** The true wait counts from here, the routing age from `agedSince`. */
  enteredAt: EpochMs;
  agedSince: EpochMs;
  /** The agent who rings, of several the first. */
  offeredTo: AgentId | null;
  ringing: number;
  routingAttempts: number;
  /** Milliseconds from now; null without data. */
  estimatedWaitMs: number | null;
}

export interface QueueView {
  id: QueueId;
  waiting: number;
  longestWaitSince: EpochMs | null;
  agentsReady: number;
  /** Agents of the queue who are not offline. */
  agentsStaffed: number;
  /** Of these who work: available and to be reached, whatever they are busy with. */
  agentsWorking: number;
  /** What somebody who enters now with an ordinary call would wait; null without data. */
  estimatedWaitMs: number | null;
  /** The mean time an agent is taken by a contact, of late; null without data. */
  handleMs: number | null;
  /** By the business hours, and until when that holds. */
  open: boolean;
  openUntil: EpochMs | null;
}

/** What speaks first against giving the contact to this agent now. */
export type WaitReason =
  | ReadinessReason
  /** The present step is for others, or asks for what the agent lacks. */
  | 'not-named'
  | 'lacks-requirement'
  | 'delay'
  /** Rings for this very contact. */
  | 'ringing'
  /** Ready, while another agent rings for this contact. */
  | 'another-is-asked'
  | 'serves-another-first';

/** First reason against each agent of the queue, for "why does this call still wait?" (QUE-14). */
export interface WaitExplanation {
  entry: EntryView;
  ahead: number;
  /** The present requirement step, from 1; how many there are, what it asks for and until when. */
  step: {
    number: number;
    count: number;
    kind: 'anybody' | 'required' | 'sticky' | 'assigned';
    requirement: Requirement | null;
    agentIds: readonly AgentId[] | null;
    until: EpochMs | null;
  };
  rulesVersion: number;
  strategy: QueueSettings['strategy'];
  agents: {
    agentId: AgentId;
    reason: WaitReason;
    until: EpochMs | null;
    /** With `lacks-requirement`: the part that is lacking. */
    lacks: Requirement | null;
  }[];
}

/** Contract of the distributor machine; `createDistributor()` in this folder's index makes one. */
export interface Distributor {
  /**
   * Deterministic. Never throws for any input: what cannot be is a named, tested case without effect. `draw` is a random
   * 32-bit number, from which the strategy `weighted-random` draws; without it, it takes the same turns each time. The ring timer
   * of an offer comes right after it.
   */
  handle(input: DistributorInput, now: EpochMs, draw?: number): DistributorEffect[];
  agent(id: AgentId, now: EpochMs): AgentView | undefined;
  agents(now: EpochMs): AgentView[];
  queue(id: QueueId, now: EpochMs): QueueView | undefined;
  entry(contactId: ContactId): { entryId: EntryId; queueId: QueueId; enteredAt: EpochMs } | undefined;
  entries(queueId: QueueId): EntryView[];
  /** How a waiting contact stands now. */
  place(contactId: ContactId): EntryView | undefined;
  explain(contactId: ContactId, now: EpochMs): WaitExplanation | undefined;
  /** Why a transferred contact would find no place there now, nor where the queue passes it on to; null when it would. */
  transferRefusal(queueId: QueueId, now: EpochMs): string | null;
  /** Throws an error naming the broken rule; for tests and the reconciler's report. */
  checkInvariants(): void;
}
