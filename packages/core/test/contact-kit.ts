import type {
  AgentId,
  ContactFact,
  ContactFactOf,
  ContactFactType,
  ContactId,
  EntryId,
  LegId,
  OfferId,
  QueueId,
  RecordingId,
} from '@crosspoint/contracts';
import type { ContactEffect, ContactInput, ContactMachine, FarEnd, LegEnd } from '../src/index.ts';
import { createContact } from '../src/index.ts';

type EffectOf<Type extends ContactEffect['type']> = Extract<ContactEffect, { type: Type }>;

const queueId = 'q' as QueueId;
export const customer = 'customer' as LegId;
export const agentLeg = 'agent-1' as LegId;
export const ann = 'ann' as AgentId;
export const recording = 'rec-1' as RecordingId;

const byRemote: LegEnd = { code: 200, reason: 'bye', by: 'remote' };

/** One contact machine with a clock that stands still unless told otherwise, played on from both sides. */
export class Call {
  readonly machine: ContactMachine = createContact('c1' as ContactId);
  now = 0;
  /** Effects of the latest step, `advance` included. */
  last: ContactEffect[] = [];
  /** Effects of every step so far. */
  readonly all: ContactEffect[] = [];
  readonly facts: ContactFact[] = [];
  readonly timers = new Map<string, number>();

  send(input: ContactInput): ContactEffect[] {
    this.last = this.#handle(input);
    return this.last;
  }

  advance(ms: number): ContactEffect[] {
    const end = this.now + ms;
    const effects: ContactEffect[] = [];
    for (;;) {
      const [next] = [...this.timers].filter(([, at]) => at <= end).sort((a, b) => a[1] - b[1]);
      if (next === undefined) break;
      this.now = next[1];
      this.timers.delete(next[0]);
      effects.push(...this.#handle({ type: 'timer.due', name: next[0] }));
    }
    this.now = end;
    this.last = effects;
    return effects;
  }

  arrive(record = true): void {
    this.send({
      type: 'contact.arrived',
      legId: customer,
      number: '700',
      callerPhone: '+420555000111',
      callerName: 'Jan Novák',
      carrier: 'sip',
      target: { kind: 'queue', queueId, priority: 0, record, greeting: null },
    });
  }

  /** The agent Ann calls; her leg is `agent-1`, that of the far end `customer`. */
  dial(
    origin: 'device' | 'command',
    far: FarEnd = { kind: 'number', number: '+420555000222' },
    detectsAnswer = false,
  ): void {
    this.send({
      type: 'contact.dialled',
      agentId: ann,
      legId: agentLeg,
      origin: { kind: origin, address: 'sip:ann' },
      number: '+420555000222',
      callerPhone: '101',
      callerName: 'Ann',
      carrier: 'sip',
      farLegId: customer,
      recordingId: recording,
      far,
      record: true,
      ringTimeoutMs: 30_000,
      detectsAnswer,
    });
  }

  /** A promised callback has its place in the queue. */
  callBack(): void {
    this.send({
      type: 'contact.called-back',
      legId: customer,
      number: '+420555000111',
      callerName: 'Jan Novák',
      carrier: 'sip',
      queueId,
      priority: 2,
      record: true,
      agedSince: -60_000,
      ringTimeoutMs: 30_000,
    });
    this.queueEntered();
    this.send({ type: 'entry.accepted' });
  }

  /** The contact has its place and the customer's leg is up. */
  wait(record = true): void {
    this.arrive(record);
    this.queueEntered();
    this.send({ type: 'entry.accepted' });
    this.send({ type: 'leg.answered', legId: customer });
  }

  queueEntered(): void {
    const entryId = 'c1/q1' as EntryId;
    this.send({
      type: 'fact',
      fact: { type: 'queue.entered', data: { entryId, queueId, priority: 0, position: 1 } },
    });
  }

  queueLeft(
    result: 'answered' | 'abandoned' | 'overflowed' | 'callback',
    reason: string = result,
  ): ContactEffect[] {
    const entryId = 'c1/q1' as EntryId;
    const data = { entryId, queueId, result, reason, waitMs: this.now };
    return this.send({ type: 'fact', fact: { type: 'queue.left', data } });
  }

  /** The n-th offer rings the agent's leg `agent-n`. */
  offer(n = 1): ContactEffect[] {
    return this.send({
      type: 'offer.make',
      offerId: `c1/o${n}` as OfferId,
      agentId: ann,
      queueId,
      ringTimeoutMs: 15_000,
      legId: `agent-${n}` as LegId,
      recordingId: `rec-${n}` as RecordingId,
      address: 'sip:ann',
    });
  }

  assign(n = 1): ContactEffect[] {
    this.queueLeft('answered');
    return this.send({ type: 'contact.assigned', offerId: `c1/o${n}` as OfferId, agentId: ann, queueId });
  }

  /** Customer and agent hear each other. */
  talk(record = true): void {
    this.wait(record);
    this.offer();
    this.send({ type: 'leg.answered', legId: agentLeg });
    this.assign();
  }

  end(legId: LegId, end: LegEnd = byRemote): ContactEffect[] {
    return this.send({ type: 'leg.ended', legId, end });
  }

  fail(legId: LegId, code: number, by: LegEnd['by'] = 'remote'): ContactEffect[] {
    return this.send({ type: 'leg.failed', legId, end: { code, reason: 'test', by } });
  }

  effects<Type extends ContactEffect['type']>(type: Type): EffectOf<Type>[] {
    return this.last.filter((effect): effect is EffectOf<Type> => effect.type === type);
  }

  /** Types of the effects of the latest step, facts as `fact:<type>`, without timers and touches. */
  steps(): string[] {
    return this.last
      .filter(({ type }) => !type.startsWith('timer.') && type !== 'touched')
      .map((effect) => (effect.type === 'fact' ? `fact:${effect.fact.type}` : effect.type));
  }

  dataOf<Type extends ContactFactType>(type: Type): ContactFactOf<Type>['data'][] {
    const isOfType = (fact: ContactFact): fact is ContactFactOf<Type> => fact.type === type;
    return this.facts.filter(isOfType).map(({ data }) => data as ContactFactOf<Type>['data']);
  }

  #handle(input: ContactInput): ContactEffect[] {
    const effects = this.machine.handle(input, this.now);
    this.all.push(...effects);
    for (const effect of effects) {
      if (effect.type === 'timer.set') this.timers.set(effect.name, effect.at);
      else if (effect.type === 'timer.cleared') this.timers.delete(effect.name);
      else if (effect.type === 'fact') this.facts.push(effect.fact);
    }
    return effects;
  }
}
