import {
  type AgentId,
  type ContactFactBody,
  type ContactFactOf,
  type ContactFactType,
  type ContactId,
  type OfferId,
  type QueueId,
  QueueSettings,
} from '@crosspoint/contracts';
import type { AgentView, Distributor, DistributorEffect, DistributorInput } from '../src/index.ts';
import { createDistributor } from '../src/index.ts';

export const queueId = (name: string) => name as QueueId;
export const agentId = (name: string) => name as AgentId;
export const contactId = (name: string) => name as ContactId;
export const offerId = (name: string) => name as OfferId;

type EffectOf<Type extends DistributorEffect['type']> = Extract<DistributorEffect, { type: Type }>;

interface AgentOptions {
  capacity?: number;
  /** Queue names, or names with priority, delay and weight. */
  queues?: (string | { name: string; priority?: number; delaySeconds?: number; weight?: number })[];
  skills?: Record<string, number>;
  languages?: string[];
}

type Settings = Partial<Omit<QueueSettings, 'name' | 'wrapUp'>> & {
  wrapUp?: Partial<QueueSettings['wrapUp']>;
};
type ContactEntered = Extract<DistributorInput, { type: 'contact.entered' }>;

/** A distributor with a clock that stands still unless told otherwise, and a memory for effects. Time starts at 0. */
export class Desk {
  readonly distributor: Distributor = createDistributor();
  now = 0;
  /** Effects of the latest step, `advance` included. */
  last: DistributorEffect[] = [];
  readonly all: DistributorEffect[] = [];
  /** Everything that was put in, with its instant. */
  readonly inputs: { input: DistributorInput; at: number }[] = [];
  readonly timers = new Map<string, number>();
  /** Offers that ring, and conversations that run, by contact. */
  readonly ringing = new Set<string>();
  readonly talking = new Map<string, string>();
  /** What chance gives with each input; the same each time unless a test says otherwise. */
  draw: () => number = () => 0;

  send(input: DistributorInput): DistributorEffect[] {
    this.last = this.#handle(input);
    return this.last;
  }

  /** Lets time pass; timers fire at their instants, in order. */
  advance(ms: number): DistributorEffect[] {
    const end = this.now + ms;
    const effects: DistributorEffect[] = [];
    for (;;) {
      const [next] = [...this.timers].filter(([, at]) => at <= end).sort((a, b) => a[1] - b[1]);
      if (next === undefined) break;
      this.now = Math.max(this.now, next[1]);
      this.timers.delete(next[0]);
      effects.push(...this.#handle({ type: 'timer.due', name: next[0] }));
    }
    this.now = end;
    this.last = effects;
    return effects;
  }

  /** Agents and queues within the settings are named without being UUIDs, as everywhere in these tests. */
  queue(name: string, { wrapUp, ...settings }: Settings = {}, version = 1): void {
    const defaults = QueueSettings.parse({ name });
    const parsed = { ...defaults, ...settings, wrapUp: { ...defaults.wrapUp, ...wrapUp } };
    this.send({ type: 'queue.configured', queue: { id: queueId(name), settings: parsed, version } });
  }

  /** An agent who is available on a device that can be reached. */
  agent(name: string, options: AgentOptions = {}): void {
    this.configure(name, options);
    this.device(name, true);
    this.status(name, 'available');
  }

  configure(
    name: string,
    { capacity = 1, queues = ['q'], skills = {}, languages = [] }: AgentOptions = {},
  ): void {
    const memberships = queues.map((queue) => {
      const {
        name: id,
        priority = 1,
        delaySeconds = 0,
        weight = 1,
      } = typeof queue === 'string' ? { name: queue } : queue;
      return { queueId: queueId(id), priority, delaySeconds, weight };
    });
    const agent = { id: agentId(name), name, capacity, queues: memberships, skills, languages };
    this.send({ type: 'agent.configured', agent });
  }

  device(name: string, reachable: boolean): DistributorEffect[] {
    return this.send({ type: 'device.changed', agentId: agentId(name), reachable, reason: 'test' });
  }

  status(
    name: string,
    status: 'available' | 'break' | 'offline',
    reasonCode: string | null = null,
  ): DistributorEffect[] {
    const input = { type: 'status.chosen', agentId: agentId(name), status, reasonCode } as const;
    return this.send({ ...input, by: 'agent', byUserId: null });
  }

  enter(
    contact: string,
    {
      queue = 'q',
      priority = 0,
      ...rest
    }: { queue?: string } & Partial<Omit<ContactEntered, 'type' | 'contactId' | 'queueId'>> = {},
  ): DistributorEffect[] {
    const ids = { contactId: contactId(contact), queueId: queueId(queue) };
    return this.send({ type: 'contact.entered', ...ids, priority, ...rest });
  }

  leave(contact: string): DistributorEffect[] {
    return this.send({ type: 'contact.left', contactId: contactId(contact), reason: 'customer-hung-up' });
  }

  accept(offer: string): DistributorEffect[] {
    return this.send({ type: 'offer.accepted', offerId: offerId(offer) });
  }

  fail(offer: string, result: 'rejected' | 'busy' | 'failed'): DistributorEffect[] {
    return this.send({ type: 'offer.failed', offerId: offerId(offer), result, reason: `test-${result}` });
  }

  endTalk(contact: string, agent: string): DistributorEffect[] {
    this.talking.delete(contact);
    return this.send({
      type: 'conversation.ended',
      contactId: contactId(contact),
      agentId: agentId(agent),
    });
  }

  finishWrapUp(contact: string, agent: string): DistributorEffect[] {
    const ids = { contactId: contactId(contact), agentId: agentId(agent) };
    return this.send({ type: 'wrapup.finished', ...ids, by: 'agent' });
  }

  view(agent: string): AgentView {
    const view = this.distributor.agent(agentId(agent), this.now);
    if (view === undefined) throw new Error(`Agent ${agent} is not there.`);
    return view;
  }

  /** `contact→agent` of the offers made in the latest step. */
  offers(): string[] {
    return this.effects('offer.make').map((offer) => `${offer.contactId}→${offer.agentId}`);
  }

  effects<Type extends DistributorEffect['type']>(type: Type): EffectOf<Type>[] {
    return this.last.filter((effect): effect is EffectOf<Type> => effect.type === type);
  }

  /** Data of the facts of one type in the latest step. */
  facts<Type extends ContactFactType>(type: Type): ContactFactOf<Type>['data'][] {
    const isOfType = (fact: ContactFactBody): fact is Extract<ContactFactBody, { type: Type }> =>
      fact.type === type;
    return this.effects('fact')
      .map(({ fact }) => fact)
      .filter(isOfType)
      .map(({ data }) => data as ContactFactOf<Type>['data']);
  }

  #handle(input: DistributorInput): DistributorEffect[] {
    this.inputs.push({ input, at: this.now });
    const effects = this.distributor.handle(input, this.now, this.draw());
    for (const effect of effects) {
      if (effect.type === 'timer.set') this.timers.set(effect.name, effect.at);
      else if (effect.type === 'timer.cleared') this.timers.delete(effect.name);
      else if (effect.type === 'offer.make') this.ringing.add(effect.offerId);
      else if (effect.type === 'contact.assigned') this.talking.set(effect.contactId, effect.agentId);
      else if (effect.type === 'fact' && effect.fact.type === 'offer.ended') {
        this.ringing.delete(effect.fact.data.offerId);
      }
    }
    this.all.push(...effects);
    this.distributor.checkInvariants();
    return effects;
  }
}
