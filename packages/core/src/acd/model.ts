import type {
  AgentActivity,
  AgentId,
  AgentStatus,
  ContactId,
  EntryId,
  EpochMs,
  OfferId,
  QueueId,
  QueueMembership,
  QueueSettings,
} from '@crosspoint/contracts';
import type { HeapNode, IndexedHeap } from '../collections/index.ts';

/** The nouns of the distributor and what each owns. The file of each noun says how it changes. */

/** What the distributor remembers of a contact while it has anything to do with it. */
export interface ContactRecord {
  readonly id: ContactId;
  entry: Entry | null;
  /** Conversations and wrap-ups that still run; the contact is wrapped when both are zero. */
  conversations: number;
  wrapUps: number;
  /** Queue stays and offers so far; they number the identifiers. */
  stays: number;
  offers: number;
}

/** One contact's stay in one queue, from its entry until it is answered, abandoned or overflowed. */
export interface Entry extends HeapNode {
  readonly id: EntryId;
  readonly contact: ContactRecord;
  readonly queue: Queue;
  /** Strict class: the higher number goes first. */
  readonly priority: number;
  /** Routing age and true wait both count from here. */
  readonly enteredAt: EpochMs;
  /** Order of arrival, the last tie-break. */
  readonly arrival: number;
  /** The one live offer, or null while the contact waits for an agent. */
  offer: Offer | null;
  routingAttempts: number;
}

/** A stay's node in the queue's heap of every stay, waiting or offered. */
export interface StayNode extends HeapNode {
  readonly entry: Entry;
}

/** The exclusive proposal of one contact to one agent; it is claimed on both sides as long as it exists. */
export interface Offer {
  readonly id: OfferId;
  readonly entry: Entry;
  readonly agent: Agent;
  readonly madeAt: EpochMs;
  readonly ringUntil: EpochMs;
  /** Which of the agent's slots it took, counted from 1, and how many there were. */
  readonly slot: number;
  readonly slots: number;
}

/** The contacts of one strict class in one queue. */
export interface PriorityClass {
  readonly priority: number;
  /** Stays of this class, waiting and offered. */
  stays: number;
  /** Only those that wait for an agent. */
  readonly waiting: IndexedHeap<Entry>;
}

/** The agents of a queue with the same priority and delay. */
export interface Tier {
  readonly priority: number;
  readonly delayMs: number;
  members: number;
  readonly ready: IndexedHeap<Membership>;
}

/** One agent's place in one queue; a node of that queue's heap of ready agents. */
export interface Membership extends HeapNode {
  readonly agent: Agent;
  readonly queue: Queue;
  readonly tier: Tier;
}

export interface Queue {
  readonly id: QueueId;
  settings: QueueSettings;
  /** Every agent of the queue, ready or not. */
  readonly members: Set<Membership>;
  /** Members who are not offline. */
  staffed: number;
  readyCount: number;
  /** Rule 17, per queue and to the unit; checked by the invariants. */
  readonly counts: { entered: number; answered: number; abandoned: number; overflowed: number };
  /** The class that goes first stands first. */
  classes: PriorityClass[];
  /** Ordered by priority, then delay. */
  tiers: Tier[];
  /** Every stay, the longest first. */
  readonly stays: IndexedHeap<StayNode>;
  readonly stayNodes: Map<Entry, StayNode>;
}

/** A status that waits for the end of the present contact (rule 5). */
export interface ChosenStatus {
  status: AgentStatus;
  reasonCode: string | null;
}

export interface Conversation {
  readonly contact: ContactRecord;
  /** Null when the conversation was found by the reconciler and its queue is not known. */
  readonly queueId: QueueId | null;
  /** As it stood when the contact was assigned; later changes of the queue do not touch this contact. */
  readonly wrapUp: QueueSettings['wrapUp'];
  held: boolean;
}

export interface WrapUp {
  readonly contact: ContactRecord;
  readonly queueId: QueueId;
  readonly startedAt: EpochMs;
  /** False for the optional mode: it is visible, but the agent takes offers. */
  readonly blocking: boolean;
  until: EpochMs | null;
}

export interface Agent {
  readonly id: AgentId;
  /** Order in which the agents became known, the last tie-break. */
  readonly arrival: number;
  capacity: number;
  /** As configured; a queue that is not known yet is joined when it appears. */
  configured: QueueMembership[];
  memberships: Membership[];
  status: AgentStatus;
  reasonCode: string | null;
  statusSince: EpochMs;
  nextStatus: ChosenStatus | null;
  reachable: boolean;
  notResponding: boolean;
  /** Offers timed out in a row. */
  nonResponses: number;
  /** Failures of the device in a row, which set the exponential back-off. */
  deviceFailures: number;
  /** After an unsuccessful offer no new one before these instants: the person's pause and the device's back-off. */
  pausedUntil: EpochMs;
  deviceBackOffUntil: EpochMs;
  /** For the order of rule 9: idle since then, or put behind then by an unsuccessful offer. */
  idleSince: EpochMs;
  readonly offers: Map<OfferId, Offer>;
  readonly conversations: Map<ContactId, Conversation>;
  readonly wrapUps: Map<ContactId, WrapUp>;
  /** Calls that no queue gave. */
  readonly engagements: Map<ContactId, { held: boolean }>;
  activity: AgentActivity;
  activitySince: EpochMs;
  /** True while the agent stands in the ready heaps of all its queues, with `readyKey` as its order there. */
  inReady: boolean;
  readyKey: { load: number; idleSince: EpochMs };
}
