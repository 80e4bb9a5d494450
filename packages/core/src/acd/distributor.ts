import type { AgentId, ContactId, EpochMs, OfferId, QueueId } from '@crosspoint/contracts';
import { enterQueue, transferRefusal } from './admission.ts';
import { configureAgent, configureQueue, removeAgent, removeQueue } from './configuration.ts';
import { changeHold, endConversation } from './conversation.ts';
import { changeDevice } from './device.ts';
import type {
  AgentView,
  Distributor,
  DistributorEffect,
  DistributorInput,
  EntryView,
  QueueView,
  WaitExplanation,
} from './door.ts';
import { engageAgent } from './engagement.ts';
import { checkInvariants } from './invariants.ts';
import { matchAgent } from './matching.ts';
import { acceptOffer, failOffer } from './outcome.ts';
import { overrideEntry } from './override.ts';
import { refreshAgent, takeFromReady } from './presence.ts';
import { positionOf } from './queue.ts';
import { notePredictions } from './prediction.ts';
import { reconcile } from './reconcile.ts';
import { restoreAgent, restoreContact } from './restore.ts';
import { State } from './state.ts';
import { chooseStatus } from './status.ts';
import { endStay, rememberPlace } from './stay.ts';
import { handleTimer, setQueueTimers } from './timers.ts';
import { entriesView, entryView, explainWait, queueView, viewAgent } from './views.ts';
import { endWrapUp, extendWrapUp } from './wrap-up.ts';

export interface DistributorOptions {
  /** The instant of creation; time in the machine never runs back behind it. 0 by default. */
  firstTime?: EpochMs;
  /**
   * False leaves out what only serves people who watch: facts of agents and offers, explanations, and what the board shows. The
   * decisions are the same. For simulations; true by default.
   */
  isWatched?: boolean;
}

/** Makes the distributor of one tenant; see `door.ts` for its contract and `SPEC.md` for its rules. */
export function createDistributor({ firstTime = 0, isWatched = true }: DistributorOptions = {}): Distributor {
  const state = new State(firstTime, isWatched);
  return {
    handle(input: DistributorInput, now: EpochMs, draw = 0): DistributorEffect[] {
      if (now > state.now) state.now = now;
      state.seed(draw);
      apply(state, input);
      setQueueTimers(state);
      return state.takeEffects();
    },
    agent(id: AgentId, now: EpochMs): AgentView | undefined {
      const agent = state.agents.get(id);
      return agent === undefined ? undefined : viewAgent(agent, now);
    },
    agents(now: EpochMs): AgentView[] {
      return [...state.agents.values()].map((agent) => viewAgent(agent, now));
    },
    queue(id: QueueId, now: EpochMs): QueueView | undefined {
      const queue = state.queues.get(id);
      return queue === undefined ? undefined : queueView(queue, now);
    },
    entry(contactId: ContactId) {
      const entry = state.contacts.get(contactId)?.entry;
      if (entry == null) return undefined;
      return { entryId: entry.id, queueId: entry.queue.id, enteredAt: entry.enteredAt };
    },
    entries(queueId: QueueId): EntryView[] {
      const queue = state.queues.get(queueId);
      return queue === undefined ? [] : entriesView(queue);
    },
    place(contactId: ContactId): EntryView | undefined {
      const entry = state.contacts.get(contactId)?.entry;
      return entry == null ? undefined : entryView(entry, positionOf(entry.queue, entry));
    },
    explain(contactId: ContactId, now: EpochMs): WaitExplanation | undefined {
      const entry = state.contacts.get(contactId)?.entry;
      return entry == null ? undefined : explainWait(entry, now);
    },
    transferRefusal: (queueId: QueueId, now: EpochMs) => transferRefusal(state, queueId, now),
    checkInvariants(): void {
      checkInvariants(state);
    },
  };
}

function apply(state: State, input: DistributorInput): void {
  switch (input.type) {
    case 'queue.configured':
      return configureQueue(state, input.queue);
    case 'queue.removed':
      return removeQueue(state, input.queueId);
    case 'agent.configured':
      return configureAgent(state, input.agent);
    case 'agent.removed':
      return removeAgent(state, input.agentId);
    case 'contact.entered':
      return enterQueue(state, input);
    case 'contact.left': {
      const entry = state.contacts.get(input.contactId)?.entry;
      if (entry != null) endStay(state, entry, 'abandoned', input.reason);
      return;
    }
    case 'callback.accepted': {
      const entry = state.contacts.get(input.contactId)?.entry;
      if (entry != null) endStay(state, entry, 'callback', 'requested');
      return;
    }
    case 'offer.accepted':
    case 'offer.failed':
      return endOffer(state, input);
    case 'conversation.ended':
      return endConversation(state, input.contactId, input.agentId);
    case 'hold.changed':
      return changeHold(state, input.contactId, input.agentId, input.held);
    case 'agent.engaged':
      return engageAgent(state, input);
    case 'status.chosen':
    case 'device.changed':
    case 'wrapup.finished':
    case 'wrapup.extended':
      return changeAgent(state, input);
    case 'entry.moved':
    case 'entry.reprioritised':
    case 'entry.assigned':
    case 'entry.removed':
      return overrideEntry(state, input);
    case 'agent.tallied':
      return tallyAgent(state, input);
    case 'agent.restored':
      return restoreAgent(state, input);
    case 'contact.restored':
      return restoreContact(state, input.contact);
    case 'caller.remembered':
      state.lastAgents.set(input.caller, input.agentId);
      return;
    case 'place.remembered': {
      const queue = state.queues.get(input.queueId);
      if (queue !== undefined) rememberPlace(state, queue, input);
      return;
    }
    case 'prediction.told':
      return notePredictions(state, input.queueId, input.predictions);
    case 'timer.due':
      return handleTimer(state, input.name);
    case 'reality.seen':
      return reconcile(state, input);
  }
}

type OfferEnd = Extract<DistributorInput, { offerId: OfferId }>;

/** Rule 6: an answer to an offer that is over is never counted; the leg is released. */
function endOffer(state: State, input: OfferEnd): void {
  const offer = state.offers.get(input.offerId);
  if (offer === undefined) {
    if (input.type === 'offer.accepted') state.emit({ type: 'offer.stale', offerId: input.offerId });
  } else if (input.type === 'offer.accepted') {
    acceptOffer(state, offer);
  } else {
    failOffer(state, offer, input.result, input.reason);
  }
}

type AgentChange = Extract<
  DistributorInput,
  { type: 'status.chosen' | 'device.changed' | 'wrapup.finished' | 'wrapup.extended' }
>;

/** Whatever concerns one agent: after it his readiness is seen anew, and what waits for him is his at once (rule 4). */
function changeAgent(state: State, input: AgentChange): void {
  const agent = state.agents.get(input.agentId);
  if (agent === undefined) return;
  if (input.type === 'status.chosen') chooseStatus(state, agent, input);
  else if (input.type === 'device.changed') changeDevice(state, agent, input.reachable, input.reason);
  else {
    const wrapUp = agent.wrapUps.get(input.contactId);
    if (wrapUp === undefined) return;
    if (input.type === 'wrapup.finished') endWrapUp(state, agent, wrapUp, input.by);
    else extendWrapUp(state, agent, wrapUp, input.until);
  }
  refreshAgent(state, agent);
  matchAgent(state, agent);
}

/** The strategies that spread the work go by these figures, so that the agent's place among the ready ones is found anew. */
function tallyAgent(state: State, input: Extract<DistributorInput, { type: 'agent.tallied' }>): void {
  const agent = state.agents.get(input.agentId);
  if (agent === undefined) return;
  takeFromReady(state, agent);
  agent.answered = input.answered;
  agent.talkMs = input.talkMs;
  refreshAgent(state, agent);
}
