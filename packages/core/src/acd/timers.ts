import { endWrapUp } from './wrap-up.ts';
import { matchAgent, matchQueue } from './matching.ts';
import type { Queue } from './model.ts';
import { timeOutOffer } from './outcome.ts';
import { refreshAgent } from './presence.ts';
import { oldestWaiting } from './queue.ts';
import type { State, TimerTask } from './state.ts';
import { overflow } from './stay.ts';

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
    case 'max-wait': {
      const queue = state.queues.get(task.queueId);
      if (queue === undefined) return;
      if (task.kind === 'max-wait') overflowAllDue(state, queue);
      matchQueue(state, queue);
      state.touchQueue(queue);
    }
  }
}

/** Sets the timers of every queue that has changed in this input; they follow from what waits there. */
export function setQueueTimers(state: State): void {
  for (const queue of state.touchedQueues()) {
    const { id } = queue;
    const isLive = state.queues.get(id) === queue;
    const oldestSince = isLive ? oldestWaiting(queue)?.enteredAt : undefined;
    const { maxWaitSeconds } = queue.settings;
    if (oldestSince !== undefined && maxWaitSeconds > 0) {
      state.setTimer(`max-wait:${id}`, oldestSince + maxWaitSeconds * 1000, {
        kind: 'max-wait',
        queueId: id,
      });
    } else {
      state.clearTimer(`max-wait:${id}`);
    }
    const delayUntil = oldestSince === undefined ? undefined : nextDelay(queue, oldestSince);
    if (delayUntil === undefined) state.clearTimer(`delay:${id}`);
    else state.setTimer(`delay:${id}`, delayUntil, { kind: 'delay', queueId: id });
  }
}

/**
 * When the next agent may take a contact of this queue although his delay forbids it now. No contact has waited for the delay
 * of a ready agent yet, or they would have been matched: so it is the oldest contact's turn first.
 */
function nextDelay(queue: Queue, oldestSince: number): number | undefined {
  let next: number | undefined;
  for (const { ready, delayMs } of queue.tiers) {
    if (delayMs === 0 || ready.size === 0) continue;
    const at = oldestSince + delayMs;
    if (next === undefined || at < next) next = at;
  }
  return next;
}

function overflowAllDue(state: State, queue: Queue): void {
  const limitMs = queue.settings.maxWaitSeconds * 1000;
  for (;;) {
    const oldest = oldestWaiting(queue);
    if (limitMs === 0 || oldest === undefined || state.now - oldest.enteredAt < limitMs) return;
    overflow(state, oldest, 'max-wait');
  }
}
