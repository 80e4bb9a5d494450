import type { AgentActivity, AgentId, ContactId, EpochMs } from '@crosspoint/contracts';
import { FewMap } from '../collections/index.ts';
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
    offers: [],
    sharedOffers: 0,
    conversations: new FewMap(),
    wrapUps: new FewMap(),
    engagements: new FewMap(),
    activity: 'offline',
    activitySince: now,
    reason: 'status-offline',
    inReady: false,
    isPaused: false,
    pauseTimer: `pause:${id}`,
    readyKey: { load: 0, idleSince: now },
  };
}

/** Slots in use: an offer holds the slot that its contact would take. */
export function loadOf(agent: Agent): number {
  return agent.offers.length + agent.conversations.size + agent.engagements.size;
}

/** No slot is left. Who calls the house has none, whatever the capacity. */
export function isFull(agent: Agent): boolean {
  if (loadOf(agent) >= agent.capacity || agent.sharedOffers > 0) return true;
  for (let index = 0; index < agent.engagements.size; index++) {
    if (agent.engagements.valueAt(index)?.asCaller === true) return true;
  }
  return false;
}

/** The wrap-up that keeps the agent from new offers, the one that lasts longest if there are several. */
export function blockingWrapUp(agent: Agent): WrapUp | undefined {
  let longest: WrapUp | undefined;
  if (agent.wrapUps.size === 0) return longest;
  for (let index = 0; index < agent.wrapUps.size; index++) {
    const wrapUp = agent.wrapUps.valueAt(index);
    if (wrapUp === undefined || !wrapUp.blocking) continue;
    if (longest === undefined || (longest.until !== null && (wrapUp.until ?? Infinity) > longest.until)) {
      longest = wrapUp;
    }
  }
  return longest;
}

/** What the agent does, derived: contacts first, then wrap-up, then what keeps the agent away. */
export function activityOf(agent: Agent): AgentActivity {
  if (contactInHand(agent, false) !== null) return 'on-contact';
  if (contactInHand(agent, true) !== null) return 'hold';
  if (agent.offers.length + agent.engagements.size > 0) return 'offered';
  if (agent.wrapUps.size > 0) return 'wrap-up';
  if (agent.status !== 'available') return agent.status;
  if (agent.notResponding) return 'not-responding';
  return agent.reachable ? 'idle' : 'unreachable';
}

/** The contact that the activity is about; null for one that is about none. */
export function contactOf(agent: Agent, activity: AgentActivity): ContactId | null {
  if (activity === 'on-contact' || activity === 'hold') return contactInHand(agent, activity === 'hold');
  if (activity === 'offered')
    return agent.offers[0]?.entry.contact.id ?? agent.engagements.keys().find(() => true) ?? null;
  if (activity !== 'wrap-up') return null;
  return (blockingWrapUp(agent) ?? agent.wrapUps.first)?.contact.id ?? null;
}

function contactInHand(agent: Agent, held: boolean): ContactId | null {
  const { conversations, engagements } = agent;
  for (let index = 0; index < conversations.size; index++) {
    const conversation = conversations.valueAt(index);
    if (conversation?.held === held) return conversation.contact.id;
  }
  if (engagements.size === 0) return null;
  for (const contactId of engagements.keys()) {
    const engagement = engagements.get(contactId);
    if (engagement?.held === held && !engagement.isRinging) return contactId;
  }
  return null;
}
