import type {
  AgentLive,
  ContactFact,
  LiveCall,
  QueueStats,
  StreamEvent,
  StreamTopic,
  UserId,
} from '@crosspoint/contracts';
import type { Centre, LiveChange } from '../calls/index.ts';
import { timelineFact } from '../contacts/index.ts';

/** What moved, numbered. It is serialised when the first client gets it, and then once for all. */
export class HubEvent {
  readonly seq: number;
  readonly topic: StreamTopic;
  /** Names the thing whose newest state this is; null for what happened once and must not be skipped. */
  readonly stateKey: string | null;
  readonly #at: number;
  readonly #change: LiveChange;
  /** Of an event about a contact: the agents who had a part in it by then. */
  readonly #agentIds: ReadonlySet<string>;
  #text: string | undefined;

  constructor(seq: number, at: number, change: LiveChange, agentIds: ReadonlySet<string>) {
    this.seq = seq;
    this.topic = change.topic;
    this.stateKey = stateKeyOf(change);
    this.#at = at;
    this.#change = change;
    this.#agentIds = agentIds;
  }

  get text(): string {
    this.#text ??= JSON.stringify(this.#message());
    return this.#text;
  }

  #message(): StreamEvent {
    const { topic, type, data } = this.#change;
    const content = topic === 'contacts' ? { contactId: data.contactId, ...timelineFact(data) } : data;
    return { seq: this.seq, at: new Date(this.#at).toISOString(), topic, type, data: content } as StreamEvent;
  }

  /** Whether it is about this agent, a queue of the agent, or a contact that the agent had a part in. */
  concerns(agentId: string, servedQueueIds: ReadonlySet<string> | undefined): boolean {
    switch (this.#change.topic) {
      case 'agents':
        return this.#change.data.id === agentId;
      case 'queues':
        return servedQueueIds?.has(this.#change.data.queueId) === true;
      case 'contacts':
      case 'calls':
        return this.#agentIds.has(agentId);
    }
  }
}

const NOBODY: ReadonlySet<string> = new Set();
/** About a minute of a busy centre. */
const RING_EVENTS_MAX = 10_000;
/** Contacts whose agents are remembered after they are over, for the facts that still follow. */
const CONTACTS_REMEMBERED_MAX = 20_000;

type Listener = (event: HubEvent) => void;

/**
 * Numbers what moves in one tenant's centre, keeps the last of it for clients that come back, and hands it to those
 * that are connected. One per tenant.
 */
export class StreamHub {
  readonly #centre: Centre;
  readonly #ring: HubEvent[] = [];
  #ringStart = 0;
  #seq: number;
  readonly #listeners = new Set<Listener>();
  readonly #agentsOfContact = new Map<string, Set<string>>();
  readonly #queuesOfAgent = new Map<string, ReadonlySet<string>>();
  readonly #stop: () => void;

  /**
   * @param firstSeq where counting begins; a start time in milliseconds keeps numbers of an earlier process of the
   * server smaller than all of this one, so that its clients are told to start afresh.
   */
  constructor(centre: Centre, firstSeq: number) {
    this.#centre = centre;
    this.#seq = firstSeq;
    for (const agent of centre.agents()) this.#queuesOfAgent.set(agent.id, new Set<string>(agent.queueIds));
    for (const call of centre.calls()) this.#noteAgent(call.contactId, call.agentId);
    this.#stop = centre.listen((change, at) => this.#take(change, at));
  }

  /** Of the newest event; clients resume after it. */
  get seq(): number {
    return this.#seq;
  }

  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** The events after `since`, oldest first; undefined when some of them are no longer kept, or never were. */
  after(since: number): HubEvent[] | undefined {
    if (since > this.#seq) return undefined;
    const oldest = this.#ring[this.#ringStart]?.seq ?? this.#seq + 1;
    if (since < oldest - 1) return undefined;
    return this.#ring.slice(this.#ringStart + (since - oldest + 1));
  }

  close(): void {
    this.#stop();
    this.#listeners.clear();
  }

  #take(change: LiveChange, at: number): void {
    if (change.topic === 'contacts') this.#noteFact(change.data);
    if (change.type === 'call.changed') this.#noteAgent(change.data.contactId, change.data.agentId);
    if (change.topic === 'agents') {
      this.#queuesOfAgent.set(change.data.id, new Set<string>(change.data.queueIds));
    }
    const event = new HubEvent(++this.#seq, at, change, this.#agentsIn(change));
    this.#keep(event);
    for (const listener of this.#listeners) listener(event);
  }

  /** A copy, because an agent who joins a contact later has no part in what happened before. */
  #agentsIn(change: LiveChange): ReadonlySet<string> {
    if (change.topic !== 'contacts' && change.topic !== 'calls') return NOBODY;
    return new Set(this.#agentsOfContact.get(change.data.contactId));
  }

  /** Whether an agent who sees only the own may see an event. */
  concerns(event: HubEvent, agentId: string): boolean {
    return event.concerns(agentId, this.#queuesOfAgent.get(agentId));
  }

  #keep(event: HubEvent): void {
    this.#ring.push(event);
    if (this.#ring.length - this.#ringStart > RING_EVENTS_MAX) this.#ringStart++;
    // Moving the rest to the front now and then costs less than doing it for every event.
    if (this.#ringStart > RING_EVENTS_MAX) {
      this.#ring.splice(0, this.#ringStart);
      this.#ringStart = 0;
    }
  }

  #noteFact(fact: ContactFact): void {
    const { contactId } = fact;
    if (fact.type === 'offer.made' || fact.type === 'segment.started')
      this.#noteAgent(contactId, fact.data.agentId);
    if (fact.type === 'contact.started') this.#agentsOf(contactId);
  }

  #noteAgent(contactId: string, agentId: string | null): void {
    if (agentId !== null) this.#agentsOf(contactId).add(agentId);
  }

  #agentsOf(contactId: string): Set<string> {
    let agents = this.#agentsOfContact.get(contactId);
    if (agents === undefined) {
      agents = new Set();
      this.#agentsOfContact.set(contactId, agents);
      const oldest = this.#agentsOfContact.keys().next().value;
      if (this.#agentsOfContact.size > CONTACTS_REMEMBERED_MAX && oldest !== undefined) {
        this.#agentsOfContact.delete(oldest);
      }
    }
    return agents;
  }

  /** What is, for a client that subscribes: everything, or what the agent may see. */
  snapshot(
    topic: StreamTopic,
    agentId: UserId | undefined,
  ): (QueueStats | AgentLive | LiveCall)[] | undefined {
    const own = agentId as string | undefined;
    switch (topic) {
      case 'agents':
        return this.#centre.agents().filter((agent) => own === undefined || agent.id === own);
      case 'queues': {
        const served = own === undefined ? undefined : (this.#queuesOfAgent.get(own) ?? NOBODY);
        return this.#centre.allQueueStats().filter((queue) => served?.has(queue.queueId) !== false);
      }
      case 'calls':
        return this.#centre
          .calls()
          .filter((call) => own === undefined || this.#agentsOfContact.get(call.contactId)?.has(own));
      case 'contacts':
        return undefined;
    }
  }
}

function stateKeyOf(change: LiveChange): string | null {
  switch (change.type) {
    case 'queue.changed':
      return `queue/${change.data.queueId}`;
    case 'agent.changed':
      return `agent/${change.data.id}`;
    case 'call.changed':
    case 'call.ended':
      return `call/${change.data.id}`;
    case 'contact.fact':
      return null;
  }
}
