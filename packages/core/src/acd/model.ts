import type {
  AgentActivity,
  AgentId,
  AgentStatus,
  ContactId,
  EntryId,
  EpochMs,
  OfferId,
  PromptLanguage,
  QueueId,
  QueueMembership,
  QueueSettings,
  Requirement,
} from '@crosspoint/contracts';
import type { Chain, ChainNode, FewMap, HeapNode, IndexedHeap, RankedList } from '../collections/index.ts';
import type { OpenState } from '../hours/index.ts';
import type { EntryVia, Prediction, ReadinessReason } from './door.ts';

/** How many members of a queue have each reason. A plain list, as it changes with every step of every agent. */
export type ReasonCounts = number[];

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

/** Who may take a contact during one part of its wait. */
export interface Step {
  /** The same for steps that ask for the same. */
  readonly key: string;
  readonly kind: 'anybody' | 'required' | 'sticky' | 'assigned';
  readonly requirement: Requirement | null;
  /** If not null, only these agents. */
  readonly agentIds: readonly AgentId[] | null;
  /** Infinity: until the contact leaves. */
  readonly lengthMs: number;
}

/** What a contact brings with it into each queue it enters. */
export interface Wishes {
  readonly caller: string;
  /** As far as is known a callback could be made. */
  readonly isCallable: boolean;
  readonly number: string;
  /** Of customers, in which the caller is. */
  readonly segments: readonly string[];
  readonly requirement: Requirement | null;
  readonly preferredAgentId: AgentId | null;
  readonly language: PromptLanguage | null;
  /** Nobody is on the line: it waits for an agent who calls the customer back. */
  readonly isCallback: boolean;
}

/** One contact's stay in one queue, from its entry until it is answered, abandoned or overflowed. */
export interface Entry extends HeapNode, ChainNode<Entry> {
  readonly id: EntryId;
  readonly contact: ContactRecord;
  readonly queue: Queue;
  readonly wishes: Wishes;
  readonly via: EntryVia;
  /** The true wait counts from here and is never altered. */
  readonly enteredAt: EpochMs;
  /** The routing age counts from here; earlier than the entry when a former place was taken along. */
  readonly agedSince: EpochMs;
  /** Order of arrival, the last tie-break. */
  readonly arrival: number;
  /** The class that was given, and the one that ageing has made of it: the higher number goes first. */
  givenPriority: number;
  priority: number;
  /** The queue's requirement steps as they stood at the entry, under the version of its settings (rule 10). */
  steps: readonly Step[];
  rulesVersion: number;
  step: number;
  stepUntil: EpochMs;
  /** Those whom the present step allows. */
  demand: Demand;
  /** Live offers: one at most, or those of a ring-all. */
  offers: readonly Offer[];
  routingAttempts: number;
  /** Which side of the comparison it is on, once it could be routed by prediction; it stays there. */
  arm: 'predicted' | 'control' | null;
  /** Its place in the queue's heap of what is due, once it stands there. */
  due: DueNode | null;
  /** What the caller would have been told on entering; null without data. */
  estimatedWaitMs: number | null;
}

/** A stay's node in the queue's heap of those for whom the passing of time alone changes something. */
export interface DueNode extends HeapNode {
  readonly entry: Entry;
  at: EpochMs;
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
  /** One of several that ring together. */
  readonly isShared: boolean;
  /** The name of its timer, kept so that it is made once. */
  readonly timer: string;
}

/** The contacts of one strict class within one demand. */
export interface PriorityClass {
  readonly priority: number;
  /** Stays of this class, waiting and offered. */
  stays: number;
  /** Only those that wait for an agent. */
  readonly waiting: IndexedHeap<Entry>;
}

/**
 * The contacts of a queue that ask for the same, and the agents who can take them. Contacts and agents meet only here, so that
 * neither side is ever searched.
 */
export interface Demand {
  readonly key: string;
  readonly queue: Queue;
  readonly requirement: Requirement | null;
  readonly agentIds: readonly AgentId[] | null;
  readonly candidates: Map<Agent, Candidate>;
  /** The class that goes first stands first. */
  classes: PriorityClass[];
  /** Ordered by priority, then delay. */
  tiers: Tier[];
  /** Stays that ask for this now. */
  stays: number;
  /** How far the exponential clocks of a weighted draw have run. */
  clock: number;
}

/** The agents of a demand with the same priority and delay. */
export interface Tier {
  readonly priority: number;
  readonly delayMs: number;
  members: number;
  readonly ready: IndexedHeap<Candidate>;
}

/** An agent as one who can take what a demand asks; a node of the heap of its tier while the agent is ready. */
export interface Candidate extends HeapNode {
  readonly agent: Agent;
  readonly demand: Demand;
  readonly tier: Tier;
  /** Null for an agent who is named but does not serve the queue. */
  readonly membership: Membership | null;
  readonly score: number;
  /** The order among ready candidates of one tier; set when the agent becomes ready. */
  load: number;
  rank: number;
  tieRank: number;
}

/** One agent's place in one queue. */
export interface Membership {
  readonly agent: Agent;
  readonly queue: Queue;
  readonly priority: number;
  readonly delayMs: number;
  readonly weight: number;
  /** The round of the queue in which the agent's turn comes next. */
  round: number;
}

/** How fast the queue has moved of late, for the estimated wait. */
export interface Flow {
  /** Since when somebody waits for whom no agent is ready, or the last such departure. */
  busySince: EpochMs | null;
  headwayMs: number;
  headways: number;
  handleMs: number;
  handled: number;
  /** Abandons and the time that all waited, both fading with each departure. */
  abandons: number;
  waitedMs: number;
}

/** One of a queue's own timers: its name, made once, and when it is due. */
export interface QueueTimer {
  readonly name: string;
  at: EpochMs | undefined;
}

export interface Queue {
  readonly id: QueueId;
  settings: QueueSettings;
  version: number;
  /** The steps of a contact without wishes of its own, compiled from the settings. */
  steps: readonly Step[];
  readonly members: Map<Agent, Membership>;
  /** Members who are not offline. */
  staffed: number;
  readyCount: number;
  /** How many members have each reason against an offer first. */
  readonly reasons: ReasonCounts;
  /** Working members by the share of their capacity that falls to this queue. */
  workforce: number;
  /** Stays that wait for an agent, or for more of them. */
  waiting: number;
  /** Rule 17, per queue and to the unit; checked by the invariants. */
  readonly counts: {
    entered: number;
    answered: number;
    abandoned: number;
    overflowed: number;
    callback: number;
  };
  /** What nobody in particular is asked for; it is there as long as the queue. */
  readonly anybody: Demand;
  /** All of them by key. Those without stays are kept for a while, the longest unused first. */
  readonly demands: Map<string, Demand>;
  /** Stays of each class, the one that goes first first. */
  classes: { priority: number; stays: number }[];
  /** Every stay, the longest first. */
  readonly stays: Chain<Entry>;
  /** The same in the order of rule 8. */
  readonly places: RankedList<Entry>;
  readonly due: IndexedHeap<DueNode>;
  /** Its timers that are set. */
  readonly timers: Record<'due' | 'delay' | 'empty', QueueTimer>;
  /** Whose turn it was last: the round, and the agent's place in it. */
  readonly turn: { round: number; place: number };
  readonly flow: Flow;
  /** What outcomes are expected, by language; null is for all others. */
  predictions: ReadonlyMap<PromptLanguage | null, Prediction>;
  /** Since when nobody is there who counts for `leaveWhenEmpty`. */
  emptySince: EpochMs | null;
  /** What the business hours say, and until when. */
  hours: OpenState;
  /** True while the present input has changed it. */
  isTouched: boolean;
  isRemoved: boolean;
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
  readonly startedAt: EpochMs;
  held: boolean;
}

export interface WrapUp {
  readonly contact: ContactRecord;
  readonly queueId: QueueId;
  readonly startedAt: EpochMs;
  /** How long the conversation before it was. */
  readonly talkMs: number;
  /** False for the optional mode: it is visible, but the agent takes offers. */
  readonly blocking: boolean;
  until: EpochMs | null;
  /** The name of its timer. */
  readonly timer: string;
}

export interface Engagement {
  held: boolean;
  /** The agent has not answered it yet. */
  isRinging: boolean;
  /** The agent is a caller of the house, and takes nothing meanwhile: it could be the own call. */
  asCaller: boolean;
}

export interface Agent {
  readonly id: AgentId;
  /** Order in which the agents became known, the last tie-break. */
  readonly arrival: number;
  name: string;
  capacity: number;
  skills: Readonly<Record<string, number>>;
  languages: readonly string[];
  /** As configured; a queue that is not known yet is joined when it appears. */
  configured: QueueMembership[];
  memberships: Membership[];
  /** The agent in every demand that he can take. */
  candidates: Candidate[];
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
  /** Conversations of today and the time spent in them, for the strategies that spread the work. */
  answered: number;
  talkMs: number;
  readonly offers: Offer[];
  /** Those of them that ring others too: they take the agent wholly. */
  sharedOffers: number;
  readonly conversations: FewMap<ContactId, Conversation>;
  readonly wrapUps: FewMap<ContactId, WrapUp>;
  /** Calls that no queue gave. */
  readonly engagements: FewMap<ContactId, Engagement>;
  activity: AgentActivity;
  activitySince: EpochMs;
  /** The first reason against an offer as the queues count it. */
  reason: ReadinessReason;
  /** True while the agent stands in the ready heaps of all his demands, with `readyKey` as his order there. */
  inReady: boolean;
  /** True while the timer of a pause or back-off is set. */
  isPaused: boolean;
  /** The name of that timer. */
  readonly pauseTimer: string;
  readyKey: { load: number; idleSince: EpochMs };
}
