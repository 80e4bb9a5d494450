import type {
  AgentFact,
  AgentId,
  ContactFactBody,
  ContactId,
  EpochMs,
  OfferId,
  QueueId,
} from '@crosspoint/contracts';
import { LeastRecentMap } from '../collections/index.ts';
import type { DistributorEffect } from './door.ts';
import type { Agent, ContactRecord, Offer, Queue } from './model.ts';

/** What a timer does when it comes due. */
export type TimerTask =
  | { kind: 'ring'; offerId: OfferId }
  | { kind: 'wrap-up'; agentId: AgentId; contactId: ContactId }
  | { kind: 'pause'; agentId: AgentId }
  | { kind: 'delay'; queueId: QueueId }
  | { kind: 'due'; queueId: QueueId }
  | { kind: 'empty'; queueId: QueueId };

export interface PendingTimer {
  readonly at: EpochMs;
  readonly task: TimerTask;
}

/** Callers whose last agent is remembered, and callers who may come back to their place. */
const callersMax = 50_000;

/** Everything one distributor knows, and the effects of the input it handles at present. */
export class State {
  /** Time of the latest input; it never runs backwards. */
  now: EpochMs;
  readonly queues = new Map<QueueId, Queue>();
  readonly agents = new Map<AgentId, Agent>();
  readonly contacts = new Map<ContactId, ContactRecord>();
  readonly offers = new Map<OfferId, Offer>();
  readonly timers = new Map<string, PendingTimer>();
  /** Differences from reality that the last look of the reconciler saw, with the instant of their first sight. */
  differences = new Map<string, EpochMs>();
  /** Who talked with a caller last, and the places of callers who hung up while they waited, by queue and caller. */
  readonly lastAgents = new LeastRecentMap<string, AgentId>(callersMax);
  readonly places = new LeastRecentMap<string, { agedSince: EpochMs; leftAt: EpochMs }>(callersMax);
  agentArrivals = 0;
  entryArrivals = 0;
  #draw = 0;
  #effects: DistributorEffect[] = [];
  readonly #touchedAgents = new Set<AgentId>();
  /** As many as this input has touched stand in front; the list is kept, as every input needs one. */
  readonly #touchedQueues: Queue[] = [];
  #touchedQueueCount = 0;

  /** False in simulations that only ask for results: nothing is explained, and nobody watches. */
  readonly isWatched: boolean;

  constructor(now: EpochMs, isWatched = true) {
    this.now = now;
    this.isWatched = isWatched;
  }

  /** What chance gave with this input; everything that is drawn within it follows from this. */
  seed(draw: number): void {
    this.#draw = draw | 0;
  }

  /** Uniform in [0, 1): splitmix32 (public domain) over the draw that came with the input. */
  draw(): number {
    this.#draw = (this.#draw + 0x9e3779b9) | 0;
    let word = this.#draw ^ (this.#draw >>> 16);
    word = Math.imul(word, 0x21f0aaad);
    word ^= word >>> 15;
    word = Math.imul(word, 0x735a2d97);
    word ^= word >>> 15;
    return (word >>> 0) / 0x1_0000_0000;
  }

  emit(effect: DistributorEffect): void {
    this.#effects.push(effect);
  }

  fact(contactId: ContactId, fact: ContactFactBody): void {
    this.#effects.push({ type: 'fact', contactId, fact });
  }

  agentFact(fact: AgentFact): void {
    if (this.isWatched) this.#effects.push({ type: 'agent.fact', fact });
  }

  touchAgent(agent: Agent): void {
    if (this.isWatched) this.#touchedAgents.add(agent.id);
  }

  /** The queue's waiting contacts or ready agents changed: the board shows it, and its timers are set anew. */
  touchQueue(queue: Queue): void {
    if (queue.isTouched) return;
    queue.isTouched = true;
    this.#touchedQueues[this.#touchedQueueCount] = queue;
    this.#touchedQueueCount += 1;
  }

  /** The queues that this input has touched, in turn from 0; undefined behind the last one. */
  touchedQueue(index: number): Queue | undefined {
    return index < this.#touchedQueueCount ? this.#touchedQueues[index] : undefined;
  }

  /** Sets or moves a timer; without effect when it already stands at that instant. */
  setTimer(name: string, at: EpochMs, task: TimerTask): void {
    const timer = this.timers.get(name);
    if (timer === undefined || timer.at !== at) this.startTimer(name, at, task);
  }

  /** A timer whose name was never used before. */
  startTimer(name: string, at: EpochMs, task: TimerTask): void {
    this.timers.set(name, { at, task });
    this.emit({ type: 'timer.set', name, at });
  }

  clearTimer(name: string): void {
    if (this.timers.delete(name)) this.emit({ type: 'timer.cleared', name });
  }

  contact(id: ContactId): ContactRecord {
    let contact = this.contacts.get(id);
    if (contact === undefined) {
      contact = { id, entry: null, conversations: 0, wrapUps: 0, stays: 0, offers: 0 };
      this.contacts.set(id, contact);
    }
    return contact;
  }

  /** Holds on to a contact that leaves one queue for another. */
  keep(contact: ContactRecord): ContactRecord {
    this.contacts.set(contact.id, contact);
    return contact;
  }

  /** Forgets a contact that has no stay, conversation or wrap-up any more. */
  release(contact: ContactRecord): void {
    if (contact.entry === null && contact.conversations === 0 && contact.wrapUps === 0) {
      this.contacts.delete(contact.id);
    }
  }

  /** Hands over the effects of this input, the coalesced touches last. */
  takeEffects(): DistributorEffect[] {
    if (this.#touchedAgents.size > 0) {
      for (const agentId of this.#touchedAgents) this.emit({ type: 'agent.touched', agentId });
      this.#touchedAgents.clear();
    }
    for (let index = 0; index < this.#touchedQueueCount; index++) {
      const queue = this.#touchedQueues[index];
      if (queue === undefined) continue;
      queue.isTouched = false;
      if (this.isWatched) this.emit({ type: 'queue.touched', queueId: queue.id });
    }
    this.#touchedQueueCount = 0;
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }
}
