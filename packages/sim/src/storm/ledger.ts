import type { AgentId, ContactId, EpochMs, OfferId, QueueId } from '@crosspoint/contracts';
import type { DistributorEffect } from '@crosspoint/core';

export interface LiveOffer {
  readonly offerId: OfferId;
  readonly contactId: ContactId;
  readonly agentId: AgentId;
  readonly queueId: QueueId;
  readonly ringUntil: EpochMs;
}

export interface StormCounts {
  entered: number;
  answered: number;
  abandoned: number;
  overflowed: number;
  callback: number;
}

/**
 * An account of its own of what the distributor does, from its effects alone: who rings, who talks, who waits where. It throws at
 * the first effect that breaks a rule: two agents for one contact, an agent above capacity, an offer out of place.
 */
export class Ledger {
  readonly offers = new Map<OfferId, LiveOffer>();
  readonly talks = new Map<ContactId, AgentId>();
  /** Where each contact waits. */
  readonly stays = new Map<ContactId, QueueId>();
  readonly counts = new Map<QueueId, StormCounts>();
  offersMade = 0;
  rungTogether = 0;
  stale = 0;
  readonly #capacity: (agentId: AgentId) => number;
  readonly #ringsTogether: (queueId: QueueId) => boolean;
  readonly #inHand = new Map<AgentId, number>();
  readonly #offersOf = new Map<ContactId, number>();

  constructor(options: {
    capacity: (agentId: AgentId) => number;
    ringsTogether: (queueId: QueueId) => boolean;
  }) {
    this.#capacity = options.capacity;
    this.#ringsTogether = options.ringsTogether;
  }

  read(effect: DistributorEffect, now: EpochMs): void {
    switch (effect.type) {
      case 'offer.make':
        return this.#offer(effect, now);
      case 'contact.assigned':
        return this.#assign(effect);
      case 'offer.stale':
        this.stale += 1;
        return;
      case 'fact':
        return this.#fact(effect);
      default:
        return;
    }
  }

  /** The conversation is over for those who had it. */
  hungUp(contactId: ContactId): void {
    const agentId = this.talks.get(contactId);
    if (agentId === undefined) return;
    this.talks.delete(contactId);
    this.#take(agentId, -1);
  }

  /** Rule 17 for every queue, and nothing that rings longer than it may. */
  check(now: EpochMs, waitingIn: (queueId: QueueId) => number): void {
    const waiting = new Map<QueueId, number>();
    for (const queueId of this.stays.values()) waiting.set(queueId, (waiting.get(queueId) ?? 0) + 1);
    for (const [queueId, counts] of this.counts) {
      const { entered, answered, abandoned, overflowed, callback } = counts;
      const here = waiting.get(queueId) ?? 0;
      const settled = answered + abandoned + overflowed + callback;
      expect(entered === settled + here, `rule 17: ${queueId} ${JSON.stringify({ ...counts, here })}`);
      expect(waitingIn(queueId) === here, `${queueId} shows ${waitingIn(queueId)} waiting, ${here} wait`);
    }
    for (const offer of this.offers.values()) {
      expect(offer.ringUntil + 10_000 > now, `an offer is stuck: ${JSON.stringify(offer)}`);
    }
  }

  #offer(effect: Extract<DistributorEffect, { type: 'offer.make' }>, now: EpochMs): void {
    const { offerId, contactId, agentId, queueId, ringTimeoutMs } = effect;
    this.offersMade += 1;
    const live = this.#offersOf.get(contactId) ?? 0;
    expect(this.stays.get(contactId) === queueId, `an offer without a stay: ${offerId}`);
    expect(!this.talks.has(contactId), `an offer while talking: ${offerId}`);
    expect(live === 0 || this.#ringsTogether(queueId), `two agents ring for one contact: ${offerId}`);
    if (live > 0) this.rungTogether += 1;
    this.#offersOf.set(contactId, live + 1);
    this.offers.set(offerId, { offerId, contactId, agentId, queueId, ringUntil: now + ringTimeoutMs });
    this.#take(agentId, 1);
    const inHand = this.#inHand.get(agentId) ?? 0;
    expect(inHand <= this.#capacity(agentId), `${agentId} has ${inHand} in hand: ${offerId}`);
  }

  #assign({ contactId, agentId }: Extract<DistributorEffect, { type: 'contact.assigned' }>): void {
    expect(!this.talks.has(contactId), `two agents have ${contactId}`);
    expect((this.#offersOf.get(contactId) ?? 0) === 0, `${contactId} talks and still rings elsewhere`);
    this.talks.set(contactId, agentId);
    this.#take(agentId, 1);
  }

  #fact({ contactId, fact }: Extract<DistributorEffect, { type: 'fact' }>): void {
    if (fact.type === 'queue.entered') {
      expect(!this.stays.has(contactId), `two stays of ${contactId}`);
      this.stays.set(contactId, fact.data.queueId);
      this.#countsOf(fact.data.queueId).entered += 1;
    } else if (fact.type === 'queue.left') {
      expect(this.stays.get(contactId) === fact.data.queueId, `${contactId} leaves where it was not`);
      expect((this.#offersOf.get(contactId) ?? 0) === 0, `${contactId} leaves and still rings`);
      this.stays.delete(contactId);
      this.#countsOf(fact.data.queueId)[fact.data.result] += 1;
    } else if (fact.type === 'offer.ended') {
      const { offerId, agentId } = fact.data;
      expect(this.offers.delete(offerId), `an offer ends twice: ${offerId}`);
      this.#take(agentId, -1);
      const left = (this.#offersOf.get(contactId) ?? 0) - 1;
      if (left > 0) this.#offersOf.set(contactId, left);
      else this.#offersOf.delete(contactId);
    }
  }

  #take(agentId: AgentId, change: 1 | -1): void {
    this.#inHand.set(agentId, (this.#inHand.get(agentId) ?? 0) + change);
  }

  #countsOf(queueId: QueueId): StormCounts {
    const known = this.counts.get(queueId);
    if (known !== undefined) return known;
    const counts = { entered: 0, answered: 0, abandoned: 0, overflowed: 0, callback: 0 };
    this.counts.set(queueId, counts);
    return counts;
  }
}

function expect(holds: boolean, what: string): void {
  if (!holds) throw new Error(`Broken: ${what}`);
}
