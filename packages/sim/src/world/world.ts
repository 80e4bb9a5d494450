import type {
  AgentFact,
  AgentId,
  ContactFact,
  ContactId,
  LegId,
  OfferId,
  RecordingId,
} from '@crosspoint/contracts';
import {
  type ContactEffect,
  type ContactInput,
  type ContactMachine,
  createContact,
  createDistributor,
  type Distributor,
  type DistributorEffect,
  type DistributorInput,
} from '@crosspoint/core';
import type { VirtualClock } from './clock.ts';
import type { Ids } from './ids.ts';

/** What leaves the machines for the carrier and the media plane. */
export type OutsideEffect = Extract<
  ContactEffect,
  { type: `leg.${string}` | `media.${string}` | `recording.${string}` | `room.${string}` }
>;

export interface WorldListener {
  outside(contactId: ContactId, effect: OutsideEffect): void;
  contactFact(fact: ContactFact): void;
  agentFact(fact: AgentFact): void;
  repaired(what: string, detail: string): void;
  closed(contactId: ContactId): void;
}

export interface WorldOptions {
  clock: VirtualClock;
  ids: Ids;
  listener: WorldListener;
  /**
   * How long a message between a contact and the distributor is under way, in milliseconds; they stay in order. Zero, as inside one
   * process, by default.
   */
  machineDelayMs?: () => number;
  /** Called after each input of the distributor. */
  afterDecision?: (distributor: Distributor) => void;
}

type Message =
  | { to: 'distributor'; input: DistributorInput }
  | { to: 'contact'; contactId: ContactId; input: ContactInput };

/** The server's shell in miniature: the same machines, the same routes between them, on virtual time. */
export class World {
  readonly distributor: Distributor;
  readonly contacts = new Map<ContactId, ContactMachine>();
  inputs = 0;
  readonly #options: WorldOptions;
  readonly #timers = new Map<string, () => void>();
  readonly #messages: Message[] = [];
  #running = false;
  /** When the last message on each way between the machines arrives. */
  readonly #arrivals = new Map<string, number>();

  constructor(options: WorldOptions) {
    this.#options = options;
    this.distributor = createDistributor({ firstTime: options.clock.now });
  }

  /** From outside: a supervisor, the configuration, a device. */
  tellDistributor(input: DistributorInput): void {
    this.#post({ to: 'distributor', input });
  }

  /** From outside: the carrier, the media plane, a command. Without effect when the contact is closed. */
  tellContact(contactId: ContactId, input: ContactInput): void {
    this.#post({ to: 'contact', contactId, input });
  }

  addContact(contactId: ContactId, input: ContactInput): void {
    this.contacts.set(contactId, createContact(contactId));
    this.tellContact(contactId, input);
  }

  /** What the server's reconciler looks at (rule 7). */
  seeReality(reachable: ReadonlySet<AgentId>): void {
    const ringing = new Set<OfferId>();
    const talking = new Map<ContactId, AgentId>();
    for (const [contactId, machine] of this.contacts) {
      for (const { agentId, offerId, state } of machine.view().legs) {
        if (agentId !== null && (state === 'talking' || state === 'hold')) talking.set(contactId, agentId);
        else if (offerId !== null && state === 'ringing') ringing.add(offerId);
      }
    }
    const contacts = new Set(this.contacts.keys());
    this.tellDistributor({ type: 'reality.seen', contacts, ringing, talking, reachable });
  }

  #post(message: Message): void {
    this.#messages.push(message);
    if (this.#running) return;
    this.#running = true;
    for (let next = this.#messages.shift(); next !== undefined; next = this.#messages.shift()) {
      this.#handle(next);
    }
    this.#running = false;
  }

  /** Between the machines; over the clock when messages take time. */
  #send(message: Message): void {
    const delayMs = this.#options.machineDelayMs?.() ?? 0;
    if (delayMs === 0 && this.#options.machineDelayMs === undefined) {
      this.#post(message);
      return;
    }
    const way = message.to === 'distributor' ? 'distributor' : message.contactId;
    const at = Math.max(this.#arrivals.get(way) ?? 0, this.#options.clock.now + delayMs);
    this.#arrivals.set(way, at);
    this.#options.clock.at(at, () => this.#post(message));
  }

  #handle(message: Message): void {
    const { clock, afterDecision } = this.#options;
    this.inputs += 1;
    if (message.to === 'distributor') {
      for (const effect of this.distributor.handle(message.input, clock.now)) this.#ofDistributor(effect);
      afterDecision?.(this.distributor);
      return;
    }
    const machine = this.contacts.get(message.contactId);
    if (machine === undefined) return;
    for (const effect of machine.handle(message.input, clock.now)) this.#ofContact(machine.id, effect);
  }

  #ofContact(contactId: ContactId, effect: ContactEffect): void {
    const { listener } = this.#options;
    switch (effect.type) {
      case 'contact.entered':
      case 'contact.left':
      case 'conversation.ended':
      case 'agent.engaged':
      case 'hold.changed':
        return this.#send({ to: 'distributor', input: { ...effect, contactId } });
      case 'offer.accepted':
      case 'offer.failed':
        return this.#send({ to: 'distributor', input: effect });
      case 'fact':
        return listener.contactFact(effect.fact);
      case 'timer.set':
        return this.#setTimer(`${contactId} ${effect.name}`, effect.at, () =>
          this.tellContact(contactId, { type: 'timer.due', name: effect.name }),
        );
      case 'timer.cleared':
        return this.#clearTimer(`${contactId} ${effect.name}`);
      // No flow answers in this world: its numbers lead to queues.
      case 'flow.began':
      case 'survey.began':
      case 'flow.refused':
      case 'flow.left':
      case 'flow.returned':
      case 'flow.unconnected':
      case 'contact.recalled':
      case 'command.refused':
      case 'touched':
        return;
      case 'closed':
        this.contacts.delete(contactId);
        this.#arrivals.delete(contactId);
        return listener.closed(contactId);
      default:
        return listener.outside(contactId, effect);
    }
  }

  #ofDistributor(effect: DistributorEffect): void {
    const { ids, listener } = this.#options;
    switch (effect.type) {
      case 'timer.set':
        return this.#setTimer(effect.name, effect.at, () =>
          this.tellDistributor({ type: 'timer.due', name: effect.name }),
        );
      case 'timer.cleared':
        return this.#clearTimer(effect.name);
      case 'offer.make': {
        const input: ContactInput = {
          ...effect,
          legId: ids.next<LegId>(),
          recordingId: ids.next<RecordingId>(),
          address: `sip:${effect.agentId}`,
        };
        return this.#send({ to: 'contact', contactId: effect.contactId, input });
      }
      case 'entry.accepted':
      case 'entry.refused':
      case 'offer.withdraw':
      case 'contact.assigned':
      case 'contact.overflowed':
      case 'contact.wrapped':
      case 'fact':
        return this.#send({ to: 'contact', contactId: effect.contactId, input: effect });
      case 'offer.stale': {
        const contactId = effect.offerId.slice(0, effect.offerId.lastIndexOf('/')) as ContactId;
        return this.#send({ to: 'contact', contactId, input: effect });
      }
      case 'agent.fact':
        return listener.agentFact(effect.fact);
      case 'agent.touched':
      case 'queue.touched':
        return;
      case 'repaired':
        return listener.repaired(effect.what, effect.detail);
    }
  }

  #setTimer(key: string, at: number, due: () => void): void {
    this.#timers.get(key)?.();
    const cancel = this.#options.clock.at(at, () => {
      this.#timers.delete(key);
      due();
    });
    this.#timers.set(key, cancel);
  }

  #clearTimer(key: string): void {
    this.#timers.get(key)?.();
    this.#timers.delete(key);
  }
}
