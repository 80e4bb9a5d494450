import type {
  Alert,
  AgentLive,
  LiveCall,
  LiveConference,
  QueueStats,
  StreamEvent,
  StreamTopic,
  TrunkId,
  TrunkLive,
} from '@crosspoint/contracts';
import { LeastRecentMap } from '@crosspoint/core';
import type { Centre, LiveChange } from '../calls/index.ts';
import { agentWithin, type Bounds, partsWithin, queueWithin, type Scope } from '../../http/index.ts';
import { livePartsOf, partsIn, timelineFact } from '../contacts/index.ts';

/** What the centre tells, and what only a look at its configuration tells: that something is gone. */
type HubChange =
  | LiveChange
  | { topic: 'alerts'; type: 'alert.changed'; data: Alert }
  | { topic: 'agents'; type: 'agent.removed'; data: { id: AgentLive['id'] } }
  | { topic: 'queues'; type: 'queue.removed'; data: { id: QueueStats['queueId'] } }
  | { topic: 'trunks'; type: 'trunk.removed'; data: { id: TrunkId } };

/** The id of the queue that a change is about. */
function queueIdOf(change: Extract<HubChange, { topic: 'queues' }>): string {
  return change.type === 'queue.removed' ? change.data.id : change.data.queueId;
}

/** What moved, numbered. It is serialised when the first client gets it, and then once for all. */
export class HubEvent {
  readonly seq: number;
  readonly topic: StreamTopic;
  /** Names the thing whose newest state this is; null for what happened once and must not be skipped. */
  readonly stateKey: string | null;
  readonly #at: number;
  readonly #change: HubChange;
  /** Of an event about a contact: the agents and queues that had a part in it by then. */
  readonly #parts: ReadonlySet<string>;
  #bytes: Buffer | undefined;

  constructor(seq: number, at: number, change: HubChange, parts: ReadonlySet<string>) {
    this.seq = seq;
    this.topic = change.topic;
    this.stateKey = stateKeyOf(change);
    this.#at = at;
    this.#change = change;
    this.#parts = parts;
  }

  /** The message as it is sent: all clients get the same bytes. */
  get bytes(): Buffer {
    this.#bytes ??= Buffer.from(JSON.stringify(this.#message()));
    return this.#bytes;
  }

  #message(): StreamEvent {
    const { topic, type, data } = this.#change;
    const content = topic === 'contacts' ? { contactId: data.contactId, ...timelineFact(data) } : data;
    return { seq: this.seq, at: new Date(this.#at).toISOString(), topic, type, data: content } as StreamEvent;
  }

  /** Whether it is in scope. What is about the line is everybody's; a call that nobody claimed is so when it is over. */
  within(scope: Scope): boolean {
    if (scope === undefined) return true;
    const change = this.#change;
    switch (change.topic) {
      case 'agents':
        return agentWithin(change.data.id, scope);
      case 'queues':
        return queueWithin(queueIdOf(change), scope);
      case 'calls':
        return partsWithin(this.#parts, scope);
      case 'contacts':
        return this.#parts.size === 0
          ? change.data.type === 'contact.closed'
          : partsWithin(this.#parts, scope);
      case 'alerts':
        return alertWithin(change.data, scope);
      case 'conferences':
        return isConferenceWithin(change.data, scope);
      case 'trunks':
        return true;
    }
  }

  /** Whether it is about this agent, a queue of the agent, or a contact that the agent had a part in. */
  concerns(agentId: string, servedQueueIds: ReadonlySet<string> | undefined): boolean {
    switch (this.#change.topic) {
      case 'agents':
        return this.#change.data.id === agentId;
      case 'queues':
        return servedQueueIds?.has(queueIdOf(this.#change)) === true;
      case 'contacts':
      case 'calls':
        return this.#parts.has(agentId);
      case 'conferences':
        return isConferenceOf(agentId, this.#change.data);
      case 'trunks':
      case 'alerts':
        return false;
    }
  }
}

/** Whether the agent is in it or may be. */
const isConferenceOf = (agentId: string, { agentIds, parties }: LiveConference): boolean =>
  agentIds.some((id) => id === agentId) || parties.some((party) => party.agentId === agentId);

/** Whether it names nobody, or somebody in scope. */
const isConferenceWithin = ({ agentIds }: LiveConference, scope: Scope): boolean =>
  agentIds.length === 0 || agentIds.some((id) => agentWithin(id, scope));

const alertWithin = ({ agentId, queueId }: Alert, scope: Scope): boolean =>
  (agentId === null || agentWithin(agentId, scope)) && (queueId === null || queueWithin(queueId, scope));

const NOBODY: ReadonlySet<string> = new Set();
/** About a minute of a busy centre. */
const RING_EVENTS_MAX = 10_000;
/** Contacts whose agents and queues are remembered after they are over, for the facts that still follow. */
const CONTACTS_REMEMBERED_MAX = 20_000;

type Listener = (event: HubEvent) => void;

/** Where the hub hears of alerts. */
export interface AlertSource {
  lasting(): Alert[];
  listen(listener: (alert: Alert) => void): () => void;
}

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
  readonly #partsOfContact = new LeastRecentMap<string, Set<string>>(CONTACTS_REMEMBERED_MAX);
  readonly #queuesOfAgent = new Map<AgentLive['id'], ReadonlySet<string>>();
  readonly #queueIds = new Set<QueueStats['queueId']>();
  readonly #trunkIds = new Set<TrunkId>();
  readonly #stop: () => void;
  readonly #lastingAlerts: () => Alert[];

  /**
   * @param firstSeq where counting begins; a start time in milliseconds keeps numbers of an earlier process of the
   * server smaller than all of this one, so that its clients are told to start afresh.
   */
  constructor(centre: Centre, firstSeq: number, alerts: AlertSource, now: () => number) {
    this.#centre = centre;
    this.#lastingAlerts = alerts.lasting;
    this.#seq = firstSeq;
    for (const agent of centre.agentsAtWork())
      this.#queuesOfAgent.set(agent.id, new Set<string>(agent.queueIds));
    for (const queue of centre.allQueueStats()) this.#queueIds.add(queue.queueId);
    for (const trunk of centre.trunks()) this.#trunkIds.add(trunk.id);
    for (const [contactId, parts] of livePartsOf(centre)) this.#noteParts(contactId, parts);
    const stopCentre = centre.listen((change, at) => this.#take(change, at));
    const stopAlerts = alerts.listen((data) =>
      this.#take({ topic: 'alerts', type: 'alert.changed', data }, now()),
    );
    this.#stop = () => {
      stopCentre();
      stopAlerts();
    };
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

  /** The configuration has changed: tells what is new and what is gone. */
  configurationChanged(at: number): void {
    const agents = new Set(this.#centre.agentsAtWork().map(({ id }) => id));
    const queues = new Map(this.#centre.allQueueStats().map((queue) => [queue.queueId, queue]));
    for (const id of this.#queuesOfAgent.keys()) {
      if (!agents.has(id)) this.#take({ topic: 'agents', type: 'agent.removed', data: { id } }, at);
    }
    for (const id of this.#queueIds) {
      if (!queues.has(id)) this.#take({ topic: 'queues', type: 'queue.removed', data: { id } }, at);
    }
    const trunks = new Set(this.#centre.trunks().map((trunk) => trunk.id));
    for (const id of this.#trunkIds) {
      if (!trunks.has(id)) this.#take({ topic: 'trunks', type: 'trunk.removed', data: { id } }, at);
    }
    for (const id of agents) {
      const data = this.#queuesOfAgent.has(id) ? undefined : this.#centre.agent(id);
      if (data !== undefined) this.#take({ topic: 'agents', type: 'agent.changed', data }, at);
    }
    for (const [id, data] of queues) {
      if (!this.#queueIds.has(id)) this.#take({ topic: 'queues', type: 'queue.changed', data }, at);
    }
  }

  close(): void {
    this.#stop();
    this.#listeners.clear();
  }

  #take(change: HubChange, at: number): void {
    this.#note(change);
    const event = new HubEvent(++this.#seq, at, change, this.#partsOf(change));
    this.#keep(event);
    for (const listener of this.#listeners) listener(event);
    // Only now: whom it concerned while it was there learns that it is gone.
    if (change.type === 'agent.removed') this.#queuesOfAgent.delete(change.data.id);
  }

  #note(change: HubChange): void {
    switch (change.type) {
      case 'agent.changed':
        this.#queuesOfAgent.set(change.data.id, new Set<string>(change.data.queueIds));
        return;
      case 'queue.changed':
        this.#queueIds.add(change.data.queueId);
        return;
      case 'queue.removed':
        this.#queueIds.delete(change.data.id);
        return;
      case 'trunk.changed':
        this.#trunkIds.add(change.data.id);
        return;
      case 'trunk.removed':
        this.#trunkIds.delete(change.data.id);
        return;
      case 'call.changed':
        this.#noteParts(change.data.contactId, [change.data.agentId ?? [], change.data.queueId ?? []].flat());
        return;
      case 'contact.fact':
        this.#noteParts(change.data.contactId, partsIn(change.data));
        return;
      case 'agent.removed':
      case 'call.ended':
      case 'alert.changed':
      case 'conference.changed':
    }
  }

  /** A copy, because who joins a contact later has no part in what happened before. */
  #partsOf(change: HubChange): ReadonlySet<string> {
    if (change.topic !== 'contacts' && change.topic !== 'calls') return NOBODY;
    return new Set(this.#partsOfContact.get(change.data.contactId));
  }

  /** Whether an agent who sees only the own may see an event. */
  concerns(event: HubEvent, agentId: string): boolean {
    return event.concerns(agentId, this.#queuesOfAgent.get(agentId as AgentLive['id']));
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

  #noteParts(contactId: string, parts: Iterable<string>): void {
    let known = this.#partsOfContact.get(contactId);
    if (known === undefined) {
      known = new Set();
      this.#partsOfContact.set(contactId, known);
    }
    for (const part of parts) known.add(part);
  }

  /** What is, for a client that subscribes: what the agent may see who sees only the own, or what is in scope. */
  snapshot(
    topic: StreamTopic,
    { owner, scope }: Bounds,
  ): (QueueStats | AgentLive | LiveCall | TrunkLive | Alert | LiveConference)[] | undefined {
    return owner === undefined ? this.#snapshotWithin(topic, scope) : this.#snapshotOf(topic, owner);
  }

  #snapshotOf(topic: StreamTopic, own: string): ReturnType<StreamHub['snapshot']> {
    switch (topic) {
      case 'agents':
        return [this.#centre.agent(own as AgentLive['id']) ?? []].flat();
      case 'queues': {
        const served = this.#queuesOfAgent.get(own as AgentLive['id']) ?? NOBODY;
        return this.#centre.allQueueStats().filter((queue) => served.has(queue.queueId));
      }
      case 'calls':
        return this.#centre
          .calls()
          .filter((call) => this.#partsOfContact.get(call.contactId)?.has(own) === true);
      case 'conferences':
        return this.#centre.conferences.live().filter((conference) => isConferenceOf(own, conference));
      case 'trunks':
      case 'alerts':
        return [];
      case 'contacts':
        return undefined;
    }
  }

  #snapshotWithin(topic: StreamTopic, scope: Scope): ReturnType<StreamHub['snapshot']> {
    switch (topic) {
      case 'agents':
        return this.#centre
          .agentsAtWork()
          .flatMap(({ id }) => (agentWithin(id, scope) ? (this.#centre.agent(id) ?? []) : []));
      case 'queues':
        return this.#centre.allQueueStats().filter((queue) => queueWithin(queue.queueId, scope));
      case 'calls':
        return this.#centre
          .calls()
          .filter((call) => partsWithin(this.#partsOfContact.get(call.contactId) ?? NOBODY, scope));
      case 'trunks':
        return this.#centre.trunks();
      case 'alerts':
        return this.#lastingAlerts().filter((alert) => alertWithin(alert, scope));
      case 'conferences':
        return this.#centre.conferences.live().filter((conference) => isConferenceWithin(conference, scope));
      case 'contacts':
        return undefined;
    }
  }
}

function stateKeyOf(change: HubChange): string | null {
  switch (change.type) {
    case 'queue.changed':
    case 'queue.removed':
      return `queue/${queueIdOf(change)}`;
    case 'agent.changed':
    case 'agent.removed':
      return `agent/${change.data.id}`;
    case 'call.changed':
    case 'call.ended':
      return `call/${change.data.id}`;
    case 'trunk.changed':
    case 'trunk.removed':
      return `trunk/${change.data.id}`;
    case 'alert.changed':
      return `alert/${change.data.id}`;
    case 'conference.changed':
      return `conference/${change.data.id}`;
    case 'contact.fact':
      return null;
  }
}
