import type { AgentActivity, AgentId, ContactId, EpochMs } from '@crosspoint/contracts';
import type { Agent, WrapUp } from './model.ts';

export function createAgent(id: AgentId, arrival: number, now: EpochMs): Agent {
  return {
    id,
    arrival,
    name: '',
    capacity: 1,
    skills: {},
    languages: [],
    configured: [],
    memberships: [],
    candidates: [],
    status: 'offline',
    reasonCode: null,
    statusSince: now,
    nextStatus: null,
    reachable: false,
    notResponding: false,
    nonResponses: 0,
    deviceFailures: 0,
    pausedUntil: 0,
    deviceBackOffUntil: 0,
    idleSince: now,
    answered: 0,
    talkMs: 0,
    offers: new Map(),
    sharedOffers: 0,
    conversations: new Map(),
    wrapUps: new Map(),
    engagements: new Map(),
    activity: 'offline',
    activitySince: now,
    reason: 'status-offline',
    inReady: false,
    readyKey: { load: 0, idleSince: now },
  };
}

/** Slots in use: an offer holds the slot that its contact would take. */
export function loadOf(agent: Agent): number {
  return agent.offers.size + agent.conversations.size + agent.engagements.size;
}

/** The wrap-up that keeps the agent from new offers, the one that lasts longest if there are several. */
export function blockingWrapUp(agent: Agent): WrapUp | undefined {
  let longest: WrapUp | undefined;
  for (const wrapUp of agent.wrapUps.values()) {
    if (!wrapUp.blocking) continue;
    if (longest === undefined || (longest.until !== null && (wrapUp.until ?? Infinity) > longest.until)) {
      longest = wrapUp;
    }
  }
  return longest;
}

/** What the agent does, derived: contacts first, then wrap-up, then what keeps the agent away. */
export function activityOf(agent: Agent): { activity: AgentActivity; contactId: ContactId | null } {
  let held: ContactId | null = null;
  for (const contacts of [agent.conversations, agent.engagements]) {
    for (const [contactId, conversation] of contacts) {
      if (!conversation.held) return { activity: 'on-contact', contactId };
      held ??= contactId;
    }
  }
  if (held !== null) return { activity: 'hold', contactId: held };
  for (const offer of agent.offers.values())
    return { activity: 'offered', contactId: offer.entry.contact.id };
  const wrapUp = blockingWrapUp(agent) ?? agent.wrapUps.values().next().value;
  if (wrapUp !== undefined) return { activity: 'wrap-up', contactId: wrapUp.contact.id };
  if (agent.status !== 'available') return { activity: agent.status, contactId: null };
  if (agent.notResponding) return { activity: 'not-responding', contactId: null };
  return { activity: agent.reachable ? 'idle' : 'unreachable', contactId: null };
}
