import type {
  AgentId,
  ConferenceId,
  ContactId,
  LegId,
  LiveConference,
  QueueId,
  TrunkId,
  TrunkLive,
} from '@crosspoint/contracts';
import type { LiveChange } from './door.ts';
import type { LiveViews } from './live-views.ts';
import type { CentreState, TurnOutput } from './state.ts';

/** Between two pictures, so that a busy centre sends one instead of ten. */
const gatherMs = 40;
/** After calm a picture is not held back for long: what one happening does in several turns comes together still. */
const togetherMs = 3;

type Listener = (change: LiveChange, at: number) => void;

/** Tells listeners what moved: facts and offers at once and one by one, other states as they are a moment later. */
export class LiveFeed {
  readonly #state: CentreState;
  readonly #views: LiveViews;
  readonly #now: () => number;
  readonly #listeners = new Set<Listener>();
  readonly #agents = new Set<AgentId>();
  readonly #queues = new Set<QueueId>();
  readonly #contacts = new Set<ContactId>();
  readonly #endedLegs = new Map<LegId, ContactId>();
  readonly #trunks = new Map<TrunkId, TrunkLive>();
  readonly #conferences = new Map<ConferenceId, LiveConference>();
  #timer: NodeJS.Timeout | undefined;
  #flushedAt = Number.NEGATIVE_INFINITY;

  constructor(state: CentreState, views: LiveViews, now: () => number) {
    this.#state = state;
    this.#views = views;
    this.#now = now;
  }

  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  legEnded(legId: LegId, contactId: ContactId): void {
    this.#endedLegs.set(legId, contactId);
    this.#arm();
  }

  contactChanged(contactId: ContactId): void {
    this.#contacts.add(contactId);
    this.#arm();
  }

  trunkChanged(live: TrunkLive): void {
    this.#trunks.set(live.id, live);
    this.#arm();
  }

  conferenceChanged(live: LiveConference): void {
    this.#conferences.set(live.id, live);
    this.#arm();
  }

  turnEnded(turn: TurnOutput): void {
    if (this.#listeners.size === 0) return;
    for (const agentId of turn.touchedAgents) this.#agents.add(agentId);
    // Somebody waits for the answer to an offer: the desk that it is made to hears of it before everything else.
    for (const fact of turn.contactFacts)
      if (fact.type === 'offer.made') this.#tellAgent(fact.data.agentId, fact.at);
    for (const fact of turn.contactFacts)
      this.#emit({ topic: 'contacts', type: 'contact.fact', data: fact }, fact.at);
    for (const queueId of turn.touchedQueues) this.#queues.add(queueId);
    for (const contactId of turn.touchedContacts) this.#contacts.add(contactId);
    for (const { legId, contactId } of turn.endedLegs) this.#endedLegs.set(legId, contactId);
    this.#arm();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#listeners.clear();
  }

  #arm(): void {
    if (this.#listeners.size === 0) return this.#forget();
    if (this.#timer !== undefined) return;
    // A clock that was set back must not hold anything back.
    const restMs = Math.min(gatherMs, this.#flushedAt + gatherMs - this.#now());
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        this.#flush();
      },
      Math.max(togetherMs, restMs),
    );
  }

  #flush(): void {
    const at = this.#now();
    this.#flushedAt = at;
    for (const id of this.#queues) {
      const data = this.#views.queue(id);
      if (data !== undefined) this.#emit({ topic: 'queues', type: 'queue.changed', data }, at);
    }
    for (const id of this.#agents) this.#tellAgent(id, at);
    for (const id of this.#contacts) {
      const contact = this.#state.contacts.get(id);
      if (contact === undefined) continue;
      for (const data of this.#views.calls(contact)) {
        if (!this.#endedLegs.has(data.id)) this.#emit({ topic: 'calls', type: 'call.changed', data }, at);
      }
    }
    for (const [id, contactId] of this.#endedLegs) {
      this.#emit({ topic: 'calls', type: 'call.ended', data: { id, contactId } }, at);
    }
    for (const data of this.#trunks.values())
      this.#emit({ topic: 'trunks', type: 'trunk.changed', data }, at);
    for (const data of this.#conferences.values())
      this.#emit({ topic: 'conferences', type: 'conference.changed', data }, at);
    this.#forget();
  }

  /** Tells how an agent is now, which need not be told again until something changes. */
  #tellAgent(id: AgentId, at: number): void {
    this.#agents.delete(id);
    const data = this.#views.agent(id);
    if (data !== undefined) this.#emit({ topic: 'agents', type: 'agent.changed', data }, at);
  }

  #forget(): void {
    this.#trunks.clear();
    this.#conferences.clear();
    this.#queues.clear();
    this.#agents.clear();
    this.#contacts.clear();
    this.#endedLegs.clear();
  }

  #emit(change: LiveChange, at: number): void {
    for (const listener of this.#listeners) listener(change, at);
  }
}
