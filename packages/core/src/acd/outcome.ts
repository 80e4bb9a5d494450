import { advanceAfterOffer } from './due.ts';
import { matchAgent, matchEntry } from './matching.ts';
import type { Offer } from './model.ts';
import {
  chargeAgent,
  removeOffer,
  settleWaiting,
  takeBackOffers,
  type UnsuccessfulResult,
  withdrawOffer,
} from './offer.ts';
import { refreshAgent, takeFromReady } from './presence.ts';
import type { State } from './state.ts';
import { leaveQueue } from './stay.ts';
import { endOptionalWrapUps } from './wrap-up.ts';

/** The agent's device answered while the offer was alive: the stay ends as answered, the conversation begins. */
export function acceptOffer(state: State, offer: Offer): void {
  const { agent, entry } = offer;
  const { contact, queue } = entry;
  const { wrapUp } = queue.settings;
  removeOffer(state, offer, 'accepted', 'answered');
  const rescinded = takeBackOffers(state, entry, 'rescinded', 'answered-elsewhere');
  agent.nonResponses = 0;
  agent.deviceFailures = 0;
  agent.pausedUntil = 0;
  agent.deviceBackOffUntil = 0;
  agent.answered += 1;
  endOptionalWrapUps(state, agent);
  const conversation = { contact, queueId: queue.id, wrapUp, startedAt: state.now, held: false };
  agent.conversations.set(contact.id, conversation);
  contact.conversations += 1;
  if (entry.wishes.caller !== '') state.lastAgents.set(entry.wishes.caller, agent.id);
  leaveQueue(state, entry, 'answered', 'answered', agent.id);
  state.emit({
    type: 'contact.assigned',
    contactId: contact.id,
    agentId: agent.id,
    offerId: offer.id,
    queueId: queue.id,
  });
  refreshAgent(state, agent);
  for (const { agent: other } of rescinded) refreshAgent(state, other);
  for (const { agent: other } of rescinded) matchAgent(state, other);
  // The pause that ended with this may have kept a further slot free.
  matchAgent(state, agent);
}

/**
 * An offer came to nothing by the agent or the device (rule 3): it costs the agent what the queue says, and the contact goes
 * to the next agent before this one may be offered anything again.
 */
export function failOffer(state: State, offer: Offer, result: UnsuccessfulResult, reason: string): void {
  removeOffer(state, offer, result, reason);
  chargeAgent(state, offer, result);
  returnToQueue(state, offer);
}

/** We took the offer back for a reason of our own: it costs the agent nothing, and the contact waits on. */
export function recallOffer(state: State, offer: Offer, reason: string): void {
  removeOffer(state, offer, 'cancelled', reason);
  withdrawOffer(state, offer, 'cancelled');
  returnToQueue(state, offer);
}

/** The ring timer came due. */
export function timeOutOffer(state: State, offer: Offer): void {
  withdrawOffer(state, offer, 'timed-out');
  failOffer(state, offer, 'timed-out', 'ring-timeout');
}

function returnToQueue(state: State, offer: Offer): void {
  const { agent, entry } = offer;
  takeFromReady(state, agent);
  settleWaiting(entry);
  state.touchQueue(entry.queue);
  if (entry.offers.length === 0) advanceAfterOffer(state, entry);
  else matchEntry(state, entry);
  refreshAgent(state, agent);
  matchAgent(state, agent);
}
