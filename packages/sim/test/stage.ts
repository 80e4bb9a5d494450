import {
  type AgentFact,
  type AgentId,
  type AgentStatus,
  type ContactFact,
  type ContactId,
  type LegId,
  type QueueId,
  QueueSettings,
  type QueueSettingsInput,
  type RecordingId,
} from '@crosspoint/contracts';
import {
  type AgentView,
  addsUp,
  type ContactInput,
  createAgentStatistics,
  createQueueStatistics,
  type QueueCounts,
} from '@crosspoint/core';
import { FactsAuditor } from '../src/world/audit.ts';
import { VirtualClock } from '../src/world/clock.ts';
import { Ids } from '../src/world/ids.ts';
import { type OutsideEffect, World } from '../src/world/world.ts';

type PlacedAgent = {
  queues: string[];
  priority?: number;
  capacity?: number;
  skills?: Record<string, number>;
};

interface Phone {
  readonly legId: LegId;
  readonly contactId: ContactId;
  readonly agent: string | null;
  state: 'ringing' | 'up' | 'over';
  readonly rangAt: number;
  overAt: number | null;
}

const startAt = Date.UTC(2030, 0, 7, 8);

/**
 * A contact centre whose people do what a test tells them, on the production machines and on virtual time. Phones answer the
 * machines at once; `deaf` ones hear nothing any more. Every fact is audited as it is written.
 */
export class Stage {
  readonly clock = new VirtualClock(startAt);
  readonly facts: ContactFact[] = [];
  readonly agentFacts: AgentFact[] = [];
  readonly repairs: string[] = [];
  readonly phones: Phone[] = [];
  readonly deaf = new Set<string>();
  readonly world: World;
  readonly #ids = new Ids();
  readonly #auditor = new FactsAuditor();
  readonly #queueStatistics = createQueueStatistics();
  readonly #agentStatistics = createAgentStatistics();
  readonly #reachable = new Set<AgentId>();
  readonly #recordings = new Map<RecordingId, number>();
  readonly #queues: QueueId[] = [];
  #contacts = 0;

  constructor(options: { machineDelayMs?: () => number } = {}) {
    this.world = new World({
      ...options,
      clock: this.clock,
      ids: this.#ids,
      listener: {
        outside: (contactId, effect) => this.#act(contactId, effect),
        contactFact: (fact) => this.#contactFact(fact),
        agentFact: (fact) => {
          this.agentFacts.push(fact);
          this.#agentStatistics.applyAgentFact(fact);
        },
        repaired: (what, detail) => this.repairs.push(`${what}: ${detail}`),
        closed: () => undefined,
      },
      afterDecision: (distributor) => distributor.checkInvariants(),
    });
  }

  queue(name: string, settings: Omit<QueueSettingsInput, 'name'> = {}): void {
    const id = name as QueueId;
    const parsed = QueueSettings.parse({ ...settings, name });
    if (!this.#queues.includes(id)) this.#queues.push(id);
    this.#queueStatistics.configure(id, parsed);
    this.world.tellDistributor({ type: 'queue.configured', queue: { id, settings: parsed } });
  }

  agent(name: string, { queues, priority = 1, capacity = 1, skills = {} }: PlacedAgent): void {
    const memberships = queues.map((queue) => ({
      queueId: queue as QueueId,
      priority,
      delaySeconds: 0,
      weight: 1,
    }));
    const agent = { id: name as AgentId, capacity, queues: memberships, skills };
    this.world.tellDistributor({ type: 'agent.configured', agent });
    this.register(name, true);
    this.status(name, 'available');
  }

  register(agent: string, reachable: boolean): void {
    const agentId = agent as AgentId;
    if (reachable) this.#reachable.add(agentId);
    else this.#reachable.delete(agentId);
    const reason = reachable ? 'registered' : 'expired';
    this.world.tellDistributor({ type: 'device.changed', agentId, reachable, reason });
  }

  status(agent: string, status: AgentStatus): void {
    const by = { by: 'agent', byUserId: null, reasonCode: null } as const;
    this.world.tellDistributor({ type: 'status.chosen', agentId: agent as AgentId, status, ...by });
  }

  /** Somebody calls the number of a queue. */
  call(queue: string, { caller = '', name }: { caller?: string; name?: string } = {}): ContactId {
    this.#contacts += 1;
    const contactId = (name ?? `c${this.#contacts}`) as ContactId;
    const legId = `${contactId}/customer` as LegId;
    this.phones.push(this.#phone(legId, contactId, null));
    this.world.addContact(contactId, {
      type: 'contact.arrived',
      ...{ legId, number: '700', callerPhone: caller, callerName: '', carrier: 'simulation' },
      target: { kind: 'queue', queueId: queue as QueueId, priority: 0, record: true, greeting: null },
    });
    return contactId;
  }

  /** Somebody who was promised a callback takes the place in the queue again. */
  callBack(queue: string, name: string, agedSince: number): void {
    this.#contacts += 1;
    this.world.addContact(name as ContactId, {
      type: 'contact.called-back',
      ...{ legId: `${name}/customer` as LegId, number: '+420777', callerName: '', carrier: 'simulation' },
      ...{ queueId: queue as QueueId, priority: 0, record: true, agedSince, ringTimeoutMs: 30_000 },
    });
  }

  /** `agent<contact` of every agent's phone that rings now, in the order in which they began to. */
  ringing(): string[] {
    return this.phones
      .filter(({ agent, state }) => agent !== null && state === 'ringing')
      .map(({ agent, contactId }) => `${agent}<${contactId}`);
  }

  talking(): string[] {
    return this.phones
      .filter(({ agent, state }) => agent !== null && state === 'up')
      .map(({ agent, contactId }) => `${agent}=${contactId}`);
  }

  answer(agent: string): void {
    const phone = this.ringingPhone(agent);
    phone.state = 'up';
    this.report(phone, { type: 'leg.answered', legId: phone.legId });
  }

  decline(agent: string): void {
    this.#end(this.ringingPhone(agent), 603, 'Decline');
  }

  /** The agent hangs up. */
  finish(agent: string): void {
    this.#end(this.#find(agent, 'up'), 200, 'hung-up');
  }

  /** The customer hangs up. */
  leave(contactId: string): void {
    const phone = this.phones.find((each) => each.agent === null && each.contactId === contactId);
    if (phone === undefined) throw new Error(`Nobody calls as ${contactId}.`);
    this.#end(phone, phone.state === 'up' ? 200 : 487, 'hung-up');
  }

  /** The agent sends the customer on to another queue. */
  transfer(contactId: string, queue: string, keepAge: boolean): void {
    const ids = { legId: this.#ids.next<LegId>(), recordingId: this.#ids.next<RecordingId>() };
    this.world.tellContact(contactId as ContactId, {
      type: 'transfer.requested',
      back: null,
      invitation: {
        ...ids,
        ringTimeoutMs: 20_000,
        target: { kind: 'queue', queueId: queue as QueueId, keepAge, record: true },
      },
    });
  }

  pass(seconds: number): void {
    const until = this.clock.now + seconds * 1000;
    let rang = true;
    while (rang) rang = this.clock.step(until);
    this.clock.now = until;
  }

  /** What the reconciler sees. */
  look(): void {
    this.world.seeReality(this.#reachable);
  }

  view(agent: string): AgentView {
    const view = this.world.distributor.agent(agent as AgentId, this.clock.now);
    if (view === undefined) throw new Error(`There is no agent ${agent}.`);
    return view;
  }

  counts(queue: string): QueueCounts {
    const counts = this.#queueStatistics.counts(queue as QueueId);
    if (!addsUp(counts)) throw new Error(`Queue ${queue} does not add up: ${JSON.stringify(counts)}`);
    return counts;
  }

  day(agent: string) {
    return this.#agentStatistics.day(agent as AgentId, this.clock.now);
  }

  waiting(queue: string): string[] {
    return this.world.distributor.entries(queue as QueueId).map((entry) => entry.contactId);
  }

  of<Type extends ContactFact['type']>(type: Type, contactId?: string) {
    return this.facts.filter(
      (fact): fact is Extract<ContactFact, { type: Type }> =>
        fact.type === type && (contactId === undefined || fact.contactId === contactId),
    );
  }

  /** Everybody is gone, and nothing of anybody is left; every queue adds up. */
  rest(): void {
    this.pass(3_600);
    const [stuck] = this.world.contacts.values();
    if (stuck !== undefined) throw new Error(`Contact is stuck: ${JSON.stringify(stuck.view())}`);
    if (this.#auditor.closed !== this.#contacts) throw new Error('A contact ended without its last fact.');
    const up = this.phones.filter(({ state }) => state !== 'over');
    if (up.length > 0) throw new Error(`Phones are left: ${JSON.stringify(up)}`);
    for (const queue of this.#queues) this.counts(queue);
  }

  ringingPhone(agent: string): Phone {
    return this.#find(agent, 'ringing');
  }

  report(phone: Phone, input: Extract<ContactInput, { type: `leg.${string}` }>): void {
    this.world.tellContact(phone.contactId, input);
  }

  #find(agent: string, state: Phone['state']): Phone {
    const phone = this.phones.find((each) => each.agent === agent && each.state === state);
    if (phone === undefined) throw new Error(`No phone of ${agent} is ${state}.`);
    return phone;
  }

  #phone(legId: LegId, contactId: ContactId, agent: string | null): Phone {
    return { legId, contactId, agent, state: 'ringing', rangAt: this.clock.now, overAt: null };
  }

  #end(phone: Phone, code: number, reason: string): void {
    const type = phone.state === 'up' ? 'leg.ended' : 'leg.failed';
    if (phone.state === 'over') return;
    phone.state = 'over';
    phone.overAt = this.clock.now;
    this.report(phone, { type, legId: phone.legId, end: { code, reason, by: 'remote' } });
  }

  #contactFact(fact: ContactFact): void {
    this.facts.push(fact);
    this.#auditor.read(fact);
    this.#queueStatistics.apply(fact);
    this.#agentStatistics.applyContactFact(fact);
  }

  #act(contactId: ContactId, effect: OutsideEffect): void {
    switch (effect.type) {
      case 'leg.dial':
        this.phones.push(this.#phone(effect.legId, contactId, effect.agentId));
        return;
      case 'leg.answer':
      case 'leg.hangup':
      case 'leg.reject':
        return this.#command(effect);
      case 'recording.start':
        this.#recordings.set(effect.recordingId, this.clock.now);
        return;
      case 'recording.stop': {
        const { recordingId } = effect;
        const durationMs = this.clock.now - (this.#recordings.get(recordingId) ?? this.clock.now);
        const closed = { durationMs, result: 'complete', reason: 'stopped' } as const;
        this.clock.after(50, () =>
          this.world.tellContact(contactId, { type: 'recording.ended', recordingId, ...closed }),
        );
        return;
      }
      default:
        return;
    }
  }

  #command(effect: Extract<OutsideEffect, { type: 'leg.answer' | 'leg.hangup' | 'leg.reject' }>): void {
    const phone = this.phones.find(({ legId }) => legId === effect.legId);
    if (phone === undefined || this.deaf.has(phone.agent ?? phone.contactId)) return;
    if (effect.type === 'leg.hangup') {
      // A cancellation does nothing to a call that was answered meanwhile (RFC 3261 §9.1).
      if (effect.code === 487 && phone.state === 'up') return;
      this.clock.after(0, () => this.#end(phone, effect.code, 'hung-up'));
    } else if (effect.type === 'leg.reject') {
      phone.state = 'over';
    } else {
      phone.state = 'up';
      this.clock.after(0, () => this.report(phone, { type: 'leg.answered', legId: phone.legId }));
    }
  }
}
