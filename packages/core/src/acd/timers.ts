import type { EpochMs } from '@crosspoint/contracts';
import { oldestWaiting } from './demand.ts';
import { handleDue } from './due.ts';
import { matchAgent, matchQueue } from './matching.ts';
import type { Queue, QueueTimer } from './model.ts';
import { timeOutOffer } from './outcome.ts';
import { refreshAgent } from './presence.ts';
import { staysInOrder } from './queue.ts';
import { presentAgents } from './room.ts';
import type { State, TimerTask } from './state.ts';
import { overflow } from './stay.ts';
import { endWrapUp } from './wrap-up.ts';

/** A timer came due. Unknown and superseded names are ignored; one that comes too early is set again. */
export function handleTimer(state: State, name: string): void {
  const timer = state.timers.get(name);
  if (timer === undefined) return;
  if (timer.at > state.now) {
    state.emit({ type: 'timer.set', name, at: timer.at });
    return;
  }
  state.timers.delete(name);
  runTask(state, timer.task);
}

function runTask(state: State, task: TimerTask): void {
  switch (task.kind) {
    case 'ring': {
      const offer = state.offers.get(task.offerId);
      if (offer !== undefined) timeOutOffer(state, offer);
      return;
    }
    case 'wrap-up':
    case 'pause': {
      const agent = state.agents.get(task.agentId);
      if (agent === undefined) return;
      const wrapUp = task.kind === 'wrap-up' ? agent.wrapUps.get(task.contactId) : undefined;
      if (wrapUp !== undefined) endWrapUp(state, agent, wrapUp, 'timer');
      refreshAgent(state, agent);
      matchAgent(state, agent);
      return;
    }
    case 'delay':
    case 'due':
    case 'empty': {
      const queue = state.queues.get(task.queueId);
      if (queue === undefined) return;
      queue.timers[task.kind].at = undefined;
      if (task.kind === 'due') handleDue(state, queue);
      else if (task.kind === 'delay') matchQueue(state, queue);
      else leaveEmptyQueue(state, queue);
      state.touchQueue(queue);
    }
  }
}

/** Sets the timers of every queue that has changed in this input; they follow from what waits there. */
export function setQueueTimers(state: State): void {
  for (let index = 0, queue = state.touchedQueue(0); queue !== undefined; ) {
    setTimersOf(state, queue);
    index += 1;
    queue = state.touchedQueue(index);
  }
}

function setTimersOf(state: State, queue: Queue): void {
  const { timers } = queue;
  // Of a queue in which nobody waits there is nothing to look at, unless something was waited for before.
  if (queue.stays.size === 0 && queue.emptySince === null) {
    const { due, delay, empty } = timers;
    if (due.at === undefined && delay.at === undefined && empty.at === undefined) return;
  }
  const isLive = !queue.isRemoved;
  setQueueTimer(state, queue, timers.due, 'due', isLive ? queue.due.peek()?.at : undefined);
  setQueueTimer(state, queue, timers.delay, 'delay', isLive ? nextDelay(queue) : undefined);
  setQueueTimer(state, queue, timers.empty, 'empty', isLive ? emptyAt(state, queue) : undefined);
}

/** Most inputs change none of them, which is seen without asking for the timer by its name. */
function setQueueTimer(
  state: State,
  queue: Queue,
  timer: QueueTimer,
  kind: 'due' | 'delay' | 'empty',
  at: EpochMs | undefined,
): void {
  if (timer.at === at) return;
  timer.at = at;
  if (at === undefined) state.clearTimer(timer.name);
  else state.setTimer(timer.name, at, { kind, queueId: queue.id });
}

/**
 * When the next agent may take a contact of this queue although his delay forbids it now. No contact has waited for the delay
 * of a ready agent yet, or they would have been matched: so it is the oldest contact's turn first.
 */
function nextDelay(queue: Queue): EpochMs | undefined {
  let next: EpochMs | undefined;
  for (const demand of queue.demands.values()) {
    if (demand.stays === 0) continue;
    const oldest = oldestWaiting(demand);
    if (oldest === undefined) continue;
    for (const { ready, delayMs } of demand.tiers) {
      if (delayMs === 0 || ready.size === 0) continue;
      const at = oldest.agedSince + delayMs;
      if (next === undefined || at < next) next = at;
    }
  }
  return next;
}

function leaveEmptyQueue(state: State, queue: Queue): void {
  for (const entry of staysInOrder(queue)) {
    if (!entry.wishes.isCallback) overflow(state, entry, 'nobody-there');
  }
}

/** When everybody who waits leaves because nobody is there; undefined as long as somebody is. */
function emptyAt(state: State, queue: Queue): EpochMs | undefined {
  const { leaveWhenEmpty, leaveWhenEmptySeconds } = queue.settings;
  if (leaveWhenEmpty === 'never' || presentAgents(queue, leaveWhenEmpty) > 0 || !isSomebodyOnLine(queue)) {
    queue.emptySince = null;
    return undefined;
  }
  queue.emptySince ??= state.now;
  return queue.emptySince + leaveWhenEmptySeconds * 1000;
}

/** Who is to be called back can wait for the next agent; usually the first of the queue answers this. */
function isSomebodyOnLine({ stays }: Queue): boolean {
  for (let entry = stays.first; entry !== null; entry = entry.after)
    if (!entry.wishes.isCallback) return true;
  return false;
}
