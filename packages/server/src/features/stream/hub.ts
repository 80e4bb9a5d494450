import type {
  Alert,
  AgentLive,
  LiveCall,
  LiveConference,
  QueueStats,
  StreamTopic,
  TrunkId,
  TrunkLive,
} from '@crosspoint/contracts';
import { LeastRecentMap } from '@crosspoint/core';
import type { Centre } from '../calls/index.ts';
import { agentWithin, type Bounds, partsWithin, queueWithin, type Scope } from '../../http/index.ts';
import { livePartsOf, partsIn } from '../contacts/index.ts';
import { alertWithin, type HubChange, HubEvent, isConferenceOf, isConferenceWithin } from './hub-event.ts';

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
