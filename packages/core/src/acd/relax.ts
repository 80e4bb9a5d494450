import type { EpochMs } from '@crosspoint/contracts';
import { addWaiting, demandFor } from './demand.ts';
import type { DueNode, Entry } from './model.ts';
import { nextOverflowAt } from './conditions.ts';
import { agedPriority, nextAgeingAt } from './priority.ts';
import { placeAnew } from './queue.ts';
import type { State } from './state.ts';
import { presentStep } from './steps.ts';

/** Passes the requirement steps and the classes whose time has come. The wait itself is not touched by either (rule 8). */
export function relaxEntry(state: State, entry: Entry): void {
  const isRelaxed = passSteps(state, entry);
  const { queue, givenPriority } = entry;
  const priority = agedPriority(queue.settings, givenPriority, state.now - entry.agedSince);
  if (isRelaxed || priority !== entry.priority) moveWithin(state, entry, priority);
}

/** When the contact has waited as long as the queue lets anybody wait on the line. */
export function limitAt({ enteredAt, queue, wishes }: Entry): EpochMs {
  const { maxWaitSeconds } = queue.settings;
  return maxWaitSeconds === 0 || wishes.isCallback ? Infinity : enteredAt + maxWaitSeconds * 1000;
}

/** Sets the next instant at which the contact has to be looked at; at once where the rules have just been changed. */
export function scheduleDue(state: State, entry: Entry, { isChanged = false } = {}): void {
  const { queue } = entry;
  const overflowAt = nextOverflowAt(entry, state.now);
  const ruleAt = isChanged && overflowAt < Infinity ? state.now : overflowAt;
  const at = Math.min(limitAt(entry), entry.stepUntil, nextAgeingAt(entry), ruleAt);
  if (entry.due !== null) queue.due.remove(entry.due);
  if (at === Infinity) return;
  insertDue(entry, at);
  state.touchQueue(queue);
}

/** The contact asks for what its present step says, in this class; whether it waits or is offered stays as it was. */
export function moveWithin(state: State, entry: Entry, priority: number): void {
  const wasWaiting = entry.heapIndex >= 0;
  if (priority !== entry.priority) {
    state.fact(entry.contact.id, {
      type: 'entry.aged',
      data: { entryId: entry.id, queueId: entry.queue.id, priority },
    });
  }
  placeAnew(entry, priority, demandFor(state, entry.queue, presentStep(entry)));
  if (wasWaiting) addWaiting(entry);
  state.touchQueue(entry.queue);
}

/** True when the contact has come to another step. */
function passSteps(state: State, entry: Entry): boolean {
  const before = entry.step;
  while (entry.stepUntil <= state.now && entry.step < entry.steps.length - 1) {
    entry.step += 1;
    entry.stepUntil += presentStep(entry).lengthMs;
  }
  if (entry.step === before) return false;
  state.fact(entry.contact.id, {
    type: 'entry.relaxed',
    data: { entryId: entry.id, queueId: entry.queue.id, step: entry.step + 1, steps: entry.steps.length },
  });
  return true;
}

function insertDue(entry: Entry, at: EpochMs): void {
  const node: DueNode = entry.due ?? { entry, at, heapIndex: -1 };
  node.at = at;
  entry.due = node;
  entry.queue.due.insert(node);
}
