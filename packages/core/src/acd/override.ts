import type { AgentId, QueueId } from '@crosspoint/contracts';
import { addWaiting } from './demand.ts';
import type { CommandedBy, DistributorInput } from './door.ts';
import { matchAgent, matchEntry } from './matching.ts';
import type { Entry } from './model.ts';
import { takeBackOffers } from './offer.ts';
import { refreshAgent } from './presence.ts';
import { moveWithin, relaxEntry, scheduleDue } from './relax.ts';
import type { State } from './state.ts';
import { beginStay, endStay, overflow } from './stay.ts';
import { assignedStep, presentStep, stepsFor } from './steps.ts';

type Override = Extract<DistributorInput, { type: `entry.${string}` }>;

/** What a supervisor commands about a contact that waits; who rings for it stops ringing, at no cost. */
export function overrideEntry(state: State, input: Override): void {
  const entry = state.contacts.get(input.contactId)?.entry;
  if (entry == null) return;
  switch (input.type) {
    case 'entry.moved':
      return moveEntry(state, entry, input.queueId, input);
    case 'entry.reprioritised':
      return reprioritise(state, entry, input.priority, input);
    case 'entry.assigned':
      return assignEntry(state, entry, input.agentId, input.seconds, input);
    case 'entry.removed':
      record(state, entry, input, { action: 'removed' });
      return removeEntry(state, entry, input.by === 'system' ? 'removed-by-system' : 'removed-by-supervisor');
  }
}

/** Nobody holds the line of a callback: taken back or put off it is still one, and has overflowed nowhere. */
function removeEntry(state: State, entry: Entry, reason: string): void {
  if (entry.wishes.isCallback) endStay(state, entry, 'callback', reason);
  else overflow(state, entry, reason);
}

/** Rule 10: a contact that an operator moves takes the rules as they stand now. */
function moveEntry(state: State, entry: Entry, queueId: QueueId, by: CommandedBy): void {
  const queue = state.queues.get(queueId);
  if (queue === undefined) return;
  record(state, entry, by, { action: 'moved', toQueueId: queueId });
  const { contact, wishes, agedSince, givenPriority: priority } = entry;
  if (queue !== entry.queue) {
    endStay(state, entry, 'overflowed', 'moved-by-supervisor');
    beginStay(state, queue, { contact: state.keep(contact), wishes, via: 'transfer', priority, agedSince });
    return;
  }
  entry.steps = stepsFor(state, queue, wishes);
  entry.rulesVersion = queue.version;
  entry.step = 0;
  entry.stepUntil = state.now + presentStep(entry).lengthMs;
  startAnew(state, entry);
}

/** From the given class on ageing counts again as if it had been this one from the beginning. */
function reprioritise(state: State, entry: Entry, priority: number, by: CommandedBy): void {
  if (entry.givenPriority === priority) return;
  record(state, entry, by, { action: 'reprioritised', priority });
  entry.givenPriority = priority;
  relaxEntry(state, entry);
  scheduleDue(state, entry);
}

/** For a while nobody but this agent; then the present step goes on with the time it had left. */
function assignEntry(state: State, entry: Entry, agentId: AgentId, seconds: number, by: CommandedBy): void {
  if (!state.agents.has(agentId)) return;
  record(state, entry, by, { action: 'assigned', agentId });
  const { steps, step, stepUntil } = entry;
  const kept = steps.slice(step).filter(({ kind }) => kind !== 'assigned');
  const [present, ...later] = kept;
  const leftMs = steps[step] === present ? stepUntil - state.now : (present?.lengthMs ?? Infinity);
  const rest = present === undefined ? [] : [{ ...present, lengthMs: leftMs }, ...later];
  entry.steps = [assignedStep(agentId, seconds * 1000), ...rest];
  entry.step = 0;
  entry.stepUntil = state.now + seconds * 1000;
  startAnew(state, entry);
}

function startAnew(state: State, entry: Entry): void {
  const offers = takeBackOffers(state, entry, 'cancelled', 'moved-by-supervisor');
  addWaiting(entry);
  moveWithin(state, entry, entry.priority);
  scheduleDue(state, entry);
  matchEntry(state, entry);
  for (const { agent } of offers) refreshAgent(state, agent);
  for (const { agent } of offers) matchAgent(state, agent);
}

type Action =
  | { action: 'moved'; toQueueId: QueueId }
  | { action: 'reprioritised'; priority: number }
  | { action: 'assigned'; agentId: AgentId }
  | { action: 'removed' };

function record(state: State, entry: Entry, { by, byUserId }: CommandedBy, action: Action): void {
  const { contact, id, queue } = entry;
  const data = { entryId: id, queueId: queue.id, by, byUserId, ...action };
  state.fact(contact.id, { type: 'entry.overridden', data });
}
