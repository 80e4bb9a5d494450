import type { OfferId, OfferResult } from '@crosspoint/contracts';
import { loadOf } from './agent.ts';
import type { Entry, Membership, Offer } from './model.ts';
import { refreshAgent } from './presence.ts';
import { removeWaiting } from './queue.ts';
import type { State } from './state.ts';

/** Results that lie with the agent or the device. */
export type UnsuccessfulResult = 'rejected' | 'busy' | 'timed-out' | 'failed';

/** The first back-off of a device that failed; it doubles with each failure in a row. */
const deviceBackOffFirstMs = 1_000;
const deviceBackOffMaxMs = 300_000;

const ringTimer = (offerId: OfferId) => `ring:${offerId}`;

/** Rule 2: takes the contact from the waiting and one slot of the agent in one step. */
export function makeOffer(state: State, entry: Entry, membership: Membership): void {
  const { agent, queue } = membership;
  const { contact } = entry;
  const why = reasonFor(membership);
  const consideredCount = queue.readyCount;
  const ringTimeoutMs = queue.settings.ringTimeoutSeconds * 1000;
  contact.offers += 1;
  const id = `${contact.id}/o${contact.offers}` as OfferId;
  const ringUntil = state.now + ringTimeoutMs;
  const slot = loadOf(agent) + 1;
  const offer = { id, entry, agent, madeAt: state.now, ringUntil, slot, slots: agent.capacity };
  removeWaiting(queue, entry);
  entry.offer = offer;
  entry.routingAttempts += 1;
  agent.offers.set(id, offer);
  state.offers.set(id, offer);
  state.touchQueue(queue);
  state.fact(contact.id, {
    type: 'offer.made',
    data: {
      offerId: id,
      entryId: entry.id,
      queueId: queue.id,
      agentId: agent.id,
      ringTimeoutMs,
      why,
      consideredCount,
    },
  });
  state.emit({
    type: 'offer.make',
    offerId: id,
    contactId: contact.id,
    agentId: agent.id,
    queueId: queue.id,
    ringTimeoutMs,
  });
  state.setTimer(ringTimer(id), ringUntil, { kind: 'ring', offerId: id });
  refreshAgent(state, agent);
}

/** The offer ends with its one result; what follows for the contact and the agent is the caller's. */
export function removeOffer(state: State, offer: Offer, result: OfferResult, reason: string): void {
  const { agent, entry, id } = offer;
  entry.offer = null;
  agent.offers.delete(id);
  state.offers.delete(id);
  state.clearTimer(ringTimer(id));
  state.touchQueue(entry.queue);
  state.fact(entry.contact.id, {
    type: 'offer.ended',
    data: {
      offerId: id,
      queueId: entry.queue.id,
      agentId: agent.id,
      result,
      reason,
      ringMs: state.now - offer.madeAt,
    },
  });
}

/** Stop ringing. */
export function withdrawOffer(state: State, offer: Offer, reason: 'timed-out' | 'cancelled'): void {
  state.emit({
    type: 'offer.withdraw',
    offerId: offer.id,
    contactId: offer.entry.contact.id,
    agentId: offer.agent.id,
    reason,
  });
}

/** Rule 3: what an unsuccessful offer costs the agent or the device. */
export function chargeAgent(state: State, offer: Offer, result: UnsuccessfulResult): void {
  const { agent } = offer;
  const { settings } = offer.entry.queue;
  const pause = (seconds: number) => {
    agent.pausedUntil = Math.max(agent.pausedUntil, state.now + seconds * 1000);
  };
  // Behind the others, or the next pause that ends would bring the contact back to whom it has just come from.
  agent.idleSince = state.now;
  switch (result) {
    case 'rejected':
      pause(settings.rejectDelaySeconds);
      return;
    case 'busy':
      pause(settings.busyDelaySeconds);
      return;
    case 'timed-out':
      pause(settings.noAnswerDelaySeconds);
      agent.nonResponses += 1;
      if (agent.nonResponses >= settings.maxNonResponses) agent.notResponding = true;
      return;
    case 'failed': {
      const backOffMs = Math.min(deviceBackOffFirstMs * 2 ** agent.deviceFailures, deviceBackOffMaxMs);
      agent.deviceFailures = Math.min(agent.deviceFailures + 1, 32);
      agent.deviceBackOffUntil = state.now + backOffMs;
    }
  }
}

/** Stable words for the explanation: what decided between the ready agents of the queue. */
function reasonFor({ queue, tier }: Membership): string {
  if (queue.readyCount <= 1) return 'only-ready';
  return tier.ready.size > 1 ? 'longest-idle' : 'queue-priority';
}
