import type { AgentId, ContactId } from '@crosspoint/contracts';
import { adoptConversation, endConversation } from './conversation.ts';
import { changeDevice } from './device.ts';
import type { DistributorInput } from './door.ts';
import { engageAgent } from './engagement.ts';
import { matchAgent } from './matching.ts';
import { acceptOffer, recallOffer } from './outcome.ts';
import { refreshAgent } from './presence.ts';
import type { State } from './state.ts';
import { endStay } from './stay.ts';
import { handleTimer } from './timers.ts';
import { endWrapUp } from './wrap-up.ts';

type Reality = Extract<DistributorInput, { type: 'reality.seen' }>;

/**
 * A difference is repaired when two looks at least this far apart both saw it: what is merely on its way between the machines
 * when the first look is taken has arrived by the second.
 */
export const reconcileGraceMs = 2_000;

interface Difference {
  what: string;
  /** With `what` it names the same difference in two looks. */
  about: string;
  contactId?: ContactId;
  repair: () => void;
}

/** Rule 7: compares what we believe with what exists, repairs the differences that last, and reports each repair. */
export function reconcile(state: State, reality: Reality): void {
  const seen = new Map<string, number>();
  for (const difference of findDifferences(state, reality)) {
    const { what, about, contactId, repair } = difference;
    const key = `${what} ${about}`;
    const firstSeenAt = state.differences.get(key) ?? state.now;
    if (state.now - firstSeenAt < reconcileGraceMs) {
      seen.set(key, firstSeenAt);
      continue;
    }
    if (contactId !== undefined)
      state.fact(contactId, { type: 'repair.made', data: { what, detail: about } });
    state.emit({ type: 'repaired', what, detail: about });
    repair();
  }
  state.differences = seen;
}

function findDifferences(state: State, reality: Reality): Difference[] {
  return [
    ...lostTimers(state),
    ...differingConversations(state, reality),
    ...differingOffers(state, reality),
    ...differingEngagements(state, reality),
    ...vanishedContacts(state, reality),
    ...differingDevices(state, reality),
  ];
}

function lostTimers(state: State): Difference[] {
  const lost: Difference[] = [];
  for (const [name, { at }] of state.timers) {
    if (at > state.now) continue;
    lost.push({ about: `${name} ${at}`, what: 'timer-lost', repair: () => handleTimer(state, name) });
  }
  return lost;
}

function differingConversations(state: State, { talking }: Reality): Difference[] {
  const found: Difference[] = [];
  for (const agent of state.agents.values()) {
    // Most agents have none, and this goes over all of them in one turn.
    if (agent.conversations.size === 0) continue;
    for (const contactId of agent.conversations.keys()) {
      if (talking.get(contactId) === agent.id) continue;
      found.push({
        about: `${contactId} ${agent.id}`,
        what: 'conversation-gone',
        contactId,
        repair: () => endConversation(state, contactId, agent.id),
      });
    }
  }
  for (const [contactId, agentId] of talking) {
    const agent = state.agents.get(agentId);
    if (agent === undefined || agent.conversations.has(contactId)) continue;
    found.push({
      about: `${contactId} ${agentId}`,
      what: 'conversation-unknown',
      contactId,
      repair: () => adopt(state, contactId, agentId),
    });
  }
  return found;
}

/** Whatever we believed of this contact gives way: its offer is accepted, or its stay and other conversations end. */
function adopt(state: State, contactId: ContactId, agentId: AgentId): void {
  for (const agent of state.agents.values()) {
    if (agent.conversations.has(contactId)) endConversation(state, contactId, agent.id);
  }
  const entry = state.contacts.get(contactId)?.entry ?? null;
  const offer = entry?.offers.find(({ agent }) => agent.id === agentId);
  if (offer !== undefined) {
    acceptOffer(state, offer);
    return;
  }
  if (entry !== null) endStay(state, entry, 'answered', 'found-talking', agentId);
  adoptConversation(state, contactId, agentId, entry?.queue ?? null);
}

function differingOffers(state: State, { ringing }: Reality): Difference[] {
  const found: Difference[] = [];
  for (const [offerId, offer] of state.offers) {
    if (ringing.has(offerId)) continue;
    found.push({
      about: offerId,
      what: 'offer-not-ringing',
      contactId: offer.entry.contact.id,
      repair: () => {
        if (state.offers.has(offerId)) recallOffer(state, offer, 'not-ringing');
      },
    });
  }
  for (const offerId of ringing) {
    if (state.offers.has(offerId)) continue;
    found.push({
      about: offerId,
      what: 'ringing-unknown',
      repair: () => state.emit({ type: 'offer.stale', offerId }),
    });
  }
  return found;
}

/** A call that no queue gave is over when its contact is. */
function differingEngagements(state: State, { contacts }: Reality): Difference[] {
  const found: Difference[] = [];
  for (const agent of state.agents.values()) {
    if (agent.engagements.size === 0) continue;
    for (const contactId of agent.engagements.keys()) {
      if (contacts.has(contactId)) continue;
      found.push({
        about: `${contactId} ${agent.id}`,
        what: 'engagement-gone',
        repair: () => engageAgent(state, { agentId: agent.id, contactId, engaged: false }),
      });
    }
  }
  return found;
}

function vanishedContacts(state: State, { contacts }: Reality): Difference[] {
  const found: Difference[] = [];
  for (const contactId of state.contacts.keys()) {
    if (contacts.has(contactId)) continue;
    found.push({ about: contactId, what: 'contact-gone', repair: () => forget(state, contactId) });
  }
  return found;
}

function forget(state: State, contactId: ContactId): void {
  const entry = state.contacts.get(contactId)?.entry;
  if (entry != null) endStay(state, entry, 'abandoned', 'vanished');
  for (const agent of state.agents.values()) {
    if (agent.conversations.has(contactId)) endConversation(state, contactId, agent.id);
    const wrapUp = agent.wrapUps.get(contactId);
    if (wrapUp === undefined) continue;
    endWrapUp(state, agent, wrapUp, 'system');
    refreshAgent(state, agent);
    matchAgent(state, agent);
  }
}

function differingDevices(state: State, { reachable }: Reality): Difference[] {
  const found: Difference[] = [];
  for (const agent of state.agents.values()) {
    const isReachable = reachable.has(agent.id);
    if (agent.reachable === isReachable) continue;
    found.push({
      about: `${agent.id} ${isReachable ? 'reachable' : 'unreachable'}`,
      what: 'device-differs',
      repair: () => {
        changeDevice(state, agent, isReachable, 'reconciled');
        refreshAgent(state, agent);
        matchAgent(state, agent);
      },
    });
  }
  return found;
}
