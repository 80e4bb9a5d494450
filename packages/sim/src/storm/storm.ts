import type { AgentId, ContactId, OfferId, QueueId } from '@crosspoint/contracts';
import { createDistributor, type DistributorEffect, type DistributorInput } from '@crosspoint/core';
import { Agenda } from '../agenda.ts';
import { Random } from '../world/index.ts';
import { agentCount, queueCount, stormAgent, stormQueue, stormQueueId } from './centre.ts';
import { Ledger } from './ledger.ts';

export interface StormOptions {
  /** Any 32-bit number; it is the whole of a run. */
  seed: number;
  /** Callers arrive until so many offers were made; then everything has to come to rest. */
  offers: number;
  /** The machine's own invariants are checked after every so many inputs. 2,000 by default. */
  checkEvery?: number;
}

export interface StormResult {
  seed: number;
  offers: number;
  inputs: number;
  contacts: number;
  answered: number;
  abandoned: number;
  overflowed: number;
  callbacks: number;
  /** Offers made beside others that rang for the same contact. */
  rungTogether: number;
  /** Answers that came too late and were released. */
  stale: number;
  crashes: number;
  /** A caller hung up in the very millisecond in which an agent answered. */
  races: number;
  statusChanges: number;
  lostTimers: number;
  /** What the reconciler put right: the lost timers and nothing else. */
  repairs: Record<string, number>;
}

type Event =
  | { kind: 'arrive' }
  | { kind: 'look' }
  | { kind: 'crash' }
  | { kind: 'change' }
  | { kind: 'tell'; input: DistributorInput }
  | { kind: 'answer'; offerId: OfferId; agentId: AgentId }
  | { kind: 'leave'; contactId: ContactId }
  | { kind: 'end'; contactId: ContactId; agentId: AgentId }
  | { kind: 'timer'; name: string; at: number };

const startAt = Date.UTC(2030, 0, 7, 8);
const restWithinMs = 30 * 60_000;

/** Blows on the distributor with everything that goes wrong at once, and throws at the first rule that breaks. */
export function runStorm(options: StormOptions): StormResult {
  return new Storm(options).run();
}

class Storm {
  readonly #options: StormOptions;
  readonly #random: Random;
  readonly #agenda = new Agenda<Event>();
  readonly #distributor = createDistributor({ firstTime: startAt });
  readonly #ledger: Ledger;
  readonly #timers = new Map<string, number>();
  readonly #capacity = new Map<AgentId, number>();
  readonly #reachable = new Set<AgentId>();
  readonly #turns = new Map<QueueId, number>();
  #now = startAt;
  readonly #tally = { contacts: 0, inputs: 0, crashes: 0, races: 0, statusChanges: 0, lostTimers: 0 };
  readonly #repairs: Record<string, number> = {};

  constructor(options: StormOptions) {
    this.#options = options;
    this.#random = new Random(options.seed);
    this.#ledger = new Ledger({
      capacity: (agentId) => this.#capacity.get(agentId) ?? 0,
      ringsTogether: (queueId) => this.#ringsTogether(queueId),
    });
  }

  run(): StormResult {
    for (let index = 0; index < queueCount; index++) {
      this.#tell({ type: 'queue.configured', queue: stormQueue(index, 0) });
    }
    for (let index = 0; index < agentCount; index++) this.#signIn(index);
    for (const kind of ['arrive', 'look', 'crash', 'change'] as const) this.#agenda.add(this.#now, { kind });
    let restBy = Infinity;
    while (this.#agenda.size > 0) {
      this.#now = this.#agenda.nextAt;
      if (!this.#isBlowing() && restBy === Infinity) restBy = this.#now + restWithinMs;
      if (this.#now > restBy || (restBy < Infinity && this.#isAtRest())) break;
      const event = this.#agenda.take();
      if (event !== undefined) this.#happen(event);
    }
    this.#expectRest();
    return this.#result();
  }

  #isBlowing(): boolean {
    return this.#ledger.offersMade < this.#options.offers;
  }

  #isAtRest(): boolean {
    return this.#ledger.stays.size === 0 && this.#ledger.talks.size === 0 && this.#timers.size === 0;
  }

  #signIn(index: number): void {
    const agent = stormAgent(index, this.#random);
    this.#capacity.set(agent.id, agent.capacity);
    this.#tell({ type: 'agent.configured', agent });
    this.#register(agent.id, true);
    this.#choose(agent.id, 'available');
  }

  #happen(event: Event): void {
    switch (event.kind) {
      case 'arrive':
        return this.#arrive();
      case 'look':
        return this.#look();
      case 'crash':
        return this.#crash();
      case 'change':
        return this.#change();
      case 'tell':
        return this.#tell(event.input);
      case 'answer':
        // A telephone that has crashed meanwhile answers nothing; one that was cancelled on its way does.
        if (this.#reachable.has(event.agentId))
          this.#tell({ type: 'offer.accepted', offerId: event.offerId });
        return;
      case 'leave':
        return this.#leave(event.contactId);
      case 'end':
        if (this.#ledger.talks.get(event.contactId) === event.agentId) this.#endTalk(event.contactId);
        return;
      case 'timer':
        return this.#ring(event.name, event.at);
    }
  }

  /** More come than can be served at times, and fewer at others. */
  #arrive(): void {
    if (!this.#isBlowing()) return;
    const random = this.#random;
    const busy = Math.floor((this.#now - startAt) / 120_000) % 2 === 0;
    this.#agenda.add(this.#now + Math.ceil(random.exponential(busy ? 45 : 300)), { kind: 'arrive' });
    this.#tally.contacts += 1;
    const contactId = `c${this.#tally.contacts}` as ContactId;
    const leavesAt = this.#now + Math.ceil(random.exponential(40_000));
    this.#agenda.add(leavesAt, { kind: 'leave', contactId });
    this.#tell({
      type: 'contact.entered',
      contactId,
      queueId: stormQueueId(Math.floor(random.unit() * queueCount)),
      priority: random.chance(0.1) ? 3 : 0,
      caller: random.chance(0.5) ? `+420${Math.floor(random.unit() * 5_000)}` : '',
      via: random.chance(0.05) ? 'transfer' : 'call',
    });
  }

  /** Hangs up, whatever the contact is doing. */
  #leave(contactId: ContactId): void {
    if (this.#ledger.talks.has(contactId)) this.#endTalk(contactId);
    else if (this.#random.chance(0.03)) this.#tell({ type: 'callback.accepted', contactId });
    this.#tell({ type: 'contact.left', contactId, reason: 'customer-hung-up' });
  }

  #endTalk(contactId: ContactId): void {
    const agentId = this.#ledger.talks.get(contactId);
    if (agentId === undefined) return;
    this.#ledger.hungUp(contactId);
    this.#tell({ type: 'conversation.ended', contactId, agentId });
    const input = { type: 'wrapup.finished', agentId, contactId, by: 'agent' } as const;
    this.#agenda.add(this.#now + Math.ceil(this.#random.exponential(4_000)), { kind: 'tell', input });
  }

  /** What the agent and the telephone make of an offer. */
  #offered({ offerId, agentId, contactId }: Extract<DistributorEffect, { type: 'offer.make' }>): void {
    const random = this.#random;
    const at = this.#now + 1 + Math.floor(random.exponential(1_500));
    const draw = random.unit();
    const failed = (result: 'rejected' | 'busy' | 'failed') => {
      this.#agenda.add(at, {
        kind: 'tell',
        input: { type: 'offer.failed', offerId, result, reason: 'storm' },
      });
    };
    if (draw < 0.08) failed('rejected');
    else if (draw < 0.12) failed('busy');
    else if (draw < 0.17) failed('failed');
    else if (draw >= 0.22) {
      const isRace = random.chance(0.05);
      const first = random.chance(0.5);
      if (isRace) this.#tally.races += 1;
      if (isRace && first) this.#agenda.add(at, { kind: 'leave', contactId });
      this.#agenda.add(at, { kind: 'answer', offerId, agentId });
      if (isRace && !first) this.#agenda.add(at, { kind: 'leave', contactId });
    }
    if (!random.chance(0.1)) return;
    this.#tally.statusChanges += 1;
    this.#agenda.add(this.#now + Math.floor(random.uniform(0, 2_000)), this.#statusEvent(agentId, 'break'));
    this.#agenda.add(
      this.#now + Math.floor(random.uniform(2_000, 12_000)),
      this.#statusEvent(agentId, 'available'),
    );
  }

  /** The telephone of somebody is gone with every call on it, and comes back. */
  #crash(): void {
    if (!this.#isBlowing()) return;
    const random = this.#random;
    this.#agenda.add(this.#now + Math.ceil(random.exponential(3_000)), { kind: 'crash' });
    const agentId = `agent-${Math.floor(random.unit() * agentCount)}` as AgentId;
    if (!this.#reachable.has(agentId)) return;
    this.#tally.crashes += 1;
    this.#register(agentId, false);
    for (const offer of [...this.#ledger.offers.values()]) {
      // Some of the calls to it are found out at once, the others time out.
      if (offer.agentId !== agentId || random.chance(0.5)) continue;
      const { offerId } = offer;
      this.#tell({ type: 'offer.failed', offerId, result: 'failed', reason: 'transport' });
    }
    for (const [contactId, talking] of [...this.#ledger.talks]) {
      if (talking === agentId) this.#endTalk(contactId);
    }
    const back = { type: 'device.changed', agentId, reachable: true, reason: 'registered' } as const;
    this.#agenda.add(this.#now + Math.ceil(random.exponential(15_000)), { kind: 'tell', input: back });
  }

  /** Somebody changes a queue while it is in use. */
  #change(): void {
    if (!this.#isBlowing()) return;
    const index = Math.floor(this.#random.unit() * queueCount);
    const turn = (this.#turns.get(stormQueueId(index)) ?? 0) + 1;
    this.#agenda.add(this.#now + 20_000, { kind: 'change' });
    this.#turns.set(stormQueueId(index), turn);
    this.#tell({ type: 'queue.configured', queue: stormQueue(index, turn) });
  }

  #look(): void {
    this.#agenda.add(this.#now + 5_000, { kind: 'look' });
    const { stays, talks, offers } = this.#ledger;
    const wrapping = this.#distributor
      .agents(this.#now)
      .flatMap(({ contacts }) => contacts.map(({ contactId }) => contactId));
    this.#tell({
      type: 'reality.seen',
      contacts: new Set([...stays.keys(), ...talks.keys(), ...wrapping]),
      ringing: new Set(offers.keys()),
      talking: new Map(talks),
      reachable: new Set(this.#reachable),
    });
    this.#ledger.check(this.#now, (queueId) => this.#distributor.queue(queueId, this.#now)?.waiting ?? 0);
  }

  #ring(name: string, at: number): void {
    if (this.#timers.get(name) !== at) return;
    this.#timers.delete(name);
    if (this.#random.chance(0.005)) this.#tally.lostTimers += 1;
    else this.#tell({ type: 'timer.due', name });
  }

  #register(agentId: AgentId, reachable: boolean): void {
    this.#tell({ type: 'device.changed', agentId, reachable, reason: reachable ? 'registered' : 'crashed' });
  }

  #choose(agentId: AgentId, status: 'available' | 'break'): void {
    const event = this.#statusEvent(agentId, status);
    if (event.kind === 'tell') this.#tell(event.input);
  }

  #statusEvent(agentId: AgentId, status: 'available' | 'break'): Event {
    const by = { reasonCode: null, by: 'agent', byUserId: null } as const;
    return { kind: 'tell', input: { type: 'status.chosen', agentId, status, ...by } };
  }

  #ringsTogether(queueId: QueueId): boolean {
    const index = Number(queueId.slice('queue-'.length));
    return stormQueue(index, this.#turns.get(queueId) ?? 0).settings.strategy === 'ring-all';
  }

  #tell(input: DistributorInput): void {
    if (input.type === 'device.changed') {
      if (input.reachable) this.#reachable.add(input.agentId);
      else this.#reachable.delete(input.agentId);
    }
    this.#tally.inputs += 1;
    const effects = this.#distributor.handle(input, this.#now, this.#random.unit() * 2 ** 32);
    for (const effect of effects) {
      this.#ledger.read(effect, this.#now);
      this.#act(effect);
    }
    if (this.#tally.inputs % (this.#options.checkEvery ?? 2_000) === 0) this.#distributor.checkInvariants();
  }

  #act(effect: DistributorEffect): void {
    if (effect.type === 'timer.set') {
      this.#timers.set(effect.name, effect.at);
      this.#agenda.add(effect.at, { kind: 'timer', name: effect.name, at: effect.at });
    } else if (effect.type === 'timer.cleared') this.#timers.delete(effect.name);
    else if (effect.type === 'offer.make') this.#offered(effect);
    else if (effect.type === 'contact.assigned') {
      const { contactId, agentId } = effect;
      const endsAt = this.#now + Math.ceil(this.#random.exponential(12_000));
      this.#agenda.add(endsAt, { kind: 'end', contactId, agentId });
    } else if (effect.type === 'repaired') {
      this.#repairs[effect.what] = (this.#repairs[effect.what] ?? 0) + 1;
    }
  }

  #expectRest(): void {
    this.#distributor.checkInvariants();
    this.#ledger.check(this.#now, (queueId) => this.#distributor.queue(queueId, this.#now)?.waiting ?? 0);
    const { stays, talks, offers } = this.#ledger;
    const left = { waiting: stays.size, talking: talks.size, ringing: offers.size };
    if (stays.size + talks.size + offers.size > 0) throw new Error(`Stuck: ${JSON.stringify(left)}`);
  }

  #result(): StormResult {
    const sum = { answered: 0, abandoned: 0, overflowed: 0, callbacks: 0 };
    for (const { answered, abandoned, overflowed, callback } of this.#ledger.counts.values()) {
      sum.answered += answered;
      sum.abandoned += abandoned;
      sum.overflowed += overflowed;
      sum.callbacks += callback;
    }
    const { offersMade: offers, rungTogether, stale } = this.#ledger;
    const { seed } = this.#options;
    return { seed, offers, ...this.#tally, ...sum, rungTogether, stale, repairs: this.#repairs };
  }
}
