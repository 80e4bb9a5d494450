import type { EpochMs, OverflowCondition } from '@crosspoint/contracts';
import { estimateForMs, estimateWaitMs } from './estimate.ts';
import type { Entry, Queue } from './model.ts';
import { aheadOfNewcomer, positionOf } from './queue.ts';
import { presentAgents } from './room.ts';

/** When the last agent goes, a queue fills or its target has room again nobody knows beforehand: a rule is looked at again in this time. */
const lookAgainMs = 10_000;

/** Whether a rule sends a contact on that has not entered yet. `refusal` is why the queue would not take it, if so. */
export function holdsOnArrival(
  queue: Queue,
  condition: OverflowCondition,
  refusal: string | null,
  priority: number,
): boolean {
  if (condition.when === 'closed') return refusal === 'closed';
  if (condition.when === 'full') return refusal === 'queue-full';
  return condition.afterSeconds === 0 && holdsNow(queue, condition, priority);
}

/** Whether the queue is in a state in which the rule sends a newcomer on, at once or after its seconds. */
export function holdsNow(queue: Queue, condition: OverflowCondition, priority: number): boolean {
  switch (condition.when) {
    case 'waiting-above':
      return queue.stays.size > condition.count;
    case 'estimated-wait-above':
      return isLonger(estimateWaitMs(queue, aheadOfNewcomer(queue, priority)), condition.seconds);
    case 'nobody-there':
      return presentAgents(queue, condition.counts) === 0;
    case 'waited':
    case 'closed':
    case 'full':
      return false;
  }
}

/** Whether a rule sends on a contact that waits already. */
export function holdsWhileWaiting(entry: Entry, condition: OverflowCondition, now: EpochMs): boolean {
  if (condition.when === 'closed' || condition.when === 'full') return false;
  // What counts from the arrival was decided there; only that somebody is there may change later.
  if (condition.afterSeconds === 0 && condition.when !== 'nobody-there') return false;
  const { queue, enteredAt } = entry;
  if (now - enteredAt < condition.afterSeconds * 1000) return false;
  switch (condition.when) {
    case 'waited':
      return true;
    case 'waiting-above':
      return queue.stays.size - 1 > condition.count;
    case 'estimated-wait-above':
      return isLonger(estimateForMs(entry, positionOf(queue, entry) - 1), condition.seconds);
    case 'nobody-there':
      return presentAgents(queue, condition.counts) === 0;
  }
}

/** When a rule has to be looked at next; Infinity when none has to be. */
export function nextOverflowAt({ queue, enteredAt }: Entry, now: EpochMs): EpochMs {
  let next = Infinity;
  for (const { condition } of queue.settings.overflow) {
    if (!('afterSeconds' in condition)) continue;
    if (condition.afterSeconds === 0 && condition.when !== 'nobody-there') continue;
    const at = enteredAt + condition.afterSeconds * 1000;
    next = Math.min(next, at > now ? at : now + lookAgainMs);
  }
  return next;
}

function isLonger(estimateMs: number | null, seconds: number): boolean {
  return estimateMs !== null && estimateMs > seconds * 1000;
}
