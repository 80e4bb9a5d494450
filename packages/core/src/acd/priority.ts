import type { EpochMs, QueueSettings } from '@crosspoint/contracts';
import type { Entry, Queue, Wishes } from './model.ts';

/** The class on entry: that of the first priority rule that fits, else the one that routing gave. */
export function givenPriority(
  { settings }: Queue,
  { caller, number, segments }: Wishes,
  routed: number,
): number {
  for (const rule of settings.priorityRules) {
    const fits =
      (rule.callers.length === 0 || rule.callers.some((prefix) => caller.startsWith(prefix))) &&
      (rule.numbers.length === 0 || rule.numbers.includes(number)) &&
      (rule.segments.length === 0 || rule.segments.some((name) => segments.includes(name)));
    if (fits) return rule.priority;
  }
  return routed;
}

/** Ageing lifts the class by one for each full `everySeconds` of routing age, never above its limit and never down. */
export function agedPriority({ ageing }: QueueSettings, given: number, ageMs: number): number {
  if (ageing.everySeconds === 0 || given >= ageing.priorityMax) return given;
  return Math.min(ageing.priorityMax, given + Math.floor(ageMs / (ageing.everySeconds * 1000)));
}

/** When ageing lifts the contact next; Infinity when it does not any more. */
export function nextAgeingAt({ queue, priority, givenPriority, agedSince }: Entry): EpochMs {
  const { everySeconds, priorityMax } = queue.settings.ageing;
  if (everySeconds === 0 || priority >= priorityMax) return Infinity;
  return agedSince + (priority - givenPriority + 1) * everySeconds * 1000;
}
