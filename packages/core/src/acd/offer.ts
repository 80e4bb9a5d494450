import type { OfferId, OfferResult } from '@crosspoint/contracts';
import { removeItem } from '../collections/index.ts';
import { loadOf } from './agent.ts';
import { addWaiting, removeWaiting } from './demand.ts';
import { choiceOf } from './explain.ts';
import type { Entry, Offer } from './model.ts';
import type { Chosen } from './prediction.ts';
import { refreshAgent } from './presence.ts';
import { rememberChoice } from './ranking.ts';
import type { State } from './state.ts';

/** Of contacts to which nothing is offered, which are most. */
export const noOffers: readonly Offer[] = [];

/** Results that lie with the agent or the device. */
export type UnsuccessfulResult = 'rejected' | 'busy' | 'timed-out' | 'failed';

/** The first back-off of a device that failed; it doubles with each failure in a row. */
const deviceBackOffFirstMs = 1_000;
const deviceBackOffMaxMs = 300_000;

/** With `ring-all` several agents ring together; a step for one person rings that person alone. */
function ringsTogether({ queue, demand, offers }: Entry): boolean {
  return queue.settings.strategy === 'ring-all' && (demand.candidates.size > 1 || offers.length > 0);
}

/** Whether more agents may ring for the contact beside those who do. */
function takesMoreOffers({ queue, offers }: Entry): boolean {
  if (offers.length === 0) return true;
  const { strategy, ringAllMax } = queue.settings;
  return strategy === 'ring-all' && offers.length < ringAllMax && offers.every(({ isShared }) => isShared);
}

/** Puts the contact among those who wait for an agent, or takes it out, by the offers it has and the queue's strategy. */
export function settleWaiting(entry: Entry): void {
  if (takesMoreOffers(entry)) addWaiting(entry);
  else removeWaiting(entry);
}

/** Rule 2: takes the contact from the waiting and one slot of the agent in one step. */
export function makeOffer(state: State, entry: Entry, chosen: Chosen): void {
  const { candidate } = chosen;
  const { agent } = candidate;
  const { contact, queue } = entry;
  const ringTimeoutMs = queue.settings.ringTimeoutSeconds * 1000;
  const isShared = ringsTogether(entry);
  const choice = state.isWatched ? choiceOf(entry, chosen) : null;
  contact.offers += 1;
  const id = `${contact.id}/o${contact.offers}` as OfferId;
  const ringUntil = state.now + ringTimeoutMs;
  const slot = loadOf(agent) + 1;
  const timer = `ring:${id}`;
  const offer: Offer = {
    id,
    entry,
    agent,
    madeAt: state.now,
    ringUntil,
    slot,
    slots: agent.capacity,
    isShared,
    timer,
  };
  entry.offers = entry.offers.length === 0 ? [offer] : [...entry.offers, offer];
  settleWaiting(entry);
  entry.routingAttempts += 1;
  agent.offers.push(offer);
  if (isShared) agent.sharedOffers += 1;
  state.offers.set(id, offer);
  rememberChoice(candidate, chosen.by);
  state.touchQueue(queue);
  const { id: contactId } = contact;
  const { id: queueId } = queue;
  const { id: agentId } = agent;
  if (choice !== null) {
    const whom = { offerId: id, entryId: entry.id, queueId, agentId, ringTimeoutMs };
    state.fact(contactId, { type: 'offer.made', data: { ...whom, ...choice } });
  }
  state.emit({ type: 'offer.make', offerId: id, contactId, agentId, queueId, ringTimeoutMs });
  state.startTimer(timer, ringUntil, { kind: 'ring', offerId: id });
  refreshAgent(state, agent);
}

/** The offer ends with its one result; what follows for the contact and the agent is the caller's. */
export function removeOffer(state: State, offer: Offer, result: OfferResult, reason: string): void {
  const { agent, entry, id } = offer;
  entry.offers = entry.offers.length === 1 ? noOffers : entry.offers.filter((other) => other !== offer);
  removeItem(agent.offers, offer);
  if (offer.isShared) agent.sharedOffers -= 1;
  state.offers.delete(id);
  state.clearTimer(offer.timer);
  state.touchQueue(entry.queue);
  if (!state.isWatched) return;
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
export function withdrawOffer(
  state: State,
  offer: Offer,
  reason: 'timed-out' | 'cancelled' | 'rescinded',
): void {
  state.emit({
    type: 'offer.withdraw',
    offerId: offer.id,
    contactId: offer.entry.contact.id,
    agentId: offer.agent.id,
    reason,
  });
}

/** Takes back every offer of the contact but one, at no cost to the agents, who are the caller's to refresh. */
export function takeBackOffers(
  state: State,
  entry: Entry,
  result: 'cancelled' | 'rescinded',
  reason: string,
  except?: Offer,
): readonly Offer[] {
  if (entry.offers.length === 0) return noOffers;
  const others = entry.offers.filter((offer) => offer !== except);
  for (const offer of others) {
    removeOffer(state, offer, result, reason);
    withdrawOffer(state, offer, result);
  }
  return others;
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
