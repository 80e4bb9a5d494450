import type { ContactId, OverflowRule, OverflowTarget } from '@crosspoint/contracts';
import { holdsNow, holdsOnArrival } from './conditions.ts';
import type { EntryVia } from './door.ts';
import type { Entry, Queue, Wishes } from './model.ts';
import { givenPriority } from './priority.ts';
import { roomReason } from './room.ts';
import type { State } from './state.ts';

/** Where a contact that asks for a place comes to, and which queues it passed on the way, and why. */
export type Placement =
  | { kind: 'queue'; queue: Queue; passed: readonly Passed[] }
  | {
      kind: 'target';
      reason: string;
      target: OverflowTarget;
      otherwise: readonly OverflowTarget[];
      passed: readonly Passed[];
    }
  | { kind: 'refused'; reason: string; passed: readonly Passed[] };

export interface Passed {
  queue: Queue;
  reason: string;
}

interface Arriving {
  via: EntryVia;
  wishes: Wishes;
  priority: number;
  /** The contact waits already: it keeps its place there rather than go where it would be sent back from. */
  from?: Queue;
}

const nonePassed: readonly Passed[] = [];
export const noTargets: readonly OverflowTarget[] = [];

/** Each queue is asked once; one that would not take the contact and knows nobody who does is passed over. */
export function placeIn(
  state: State,
  queue: Queue,
  arriving: Arriving,
  asked: Set<Queue> | null = null,
): Placement {
  const { via, wishes, priority, from } = arriving;
  const refusal = roomReason(queue, via, state.now);
  const given = givenPriority(queue, wishes, priority);
  const { overflow } = queue.settings;
  if (refusal === null && overflow.length === 0) return { kind: 'queue', queue, passed: nonePassed };
  const known = asked ?? new Set<Queue>(from === undefined ? [] : [from]);
  known.add(queue);
  const holds = ({ condition }: OverflowRule) => holdsOnArrival(queue, condition, refusal, given);
  for (const rule of overflow) {
    if (!holds(rule)) continue;
    const { condition, target } = rule;
    const reason = refusal ?? condition.when;
    const here = { queue, reason };
    if (target.kind !== 'queue') {
      if (isOutOfReach(target, wishes)) continue;
      return {
        kind: 'target',
        reason,
        target,
        otherwise: otherwiseTo(rule, overflow, holds),
        passed: [here],
      };
    }
    const next = state.queues.get(target.queueId);
    if (next === undefined || known.has(next)) continue;
    const placement = placeIn(state, next, arriving, known);
    if (placement.kind !== 'refused') return { ...placement, passed: [here, ...placement.passed] };
  }
  const refused = refusal ?? (from !== undefined && leadsBack(state, queue, given, known) ? 'circle' : null);
  if (refused !== null) return { kind: 'refused', reason: refused, passed: nonePassed };
  return { kind: 'queue', queue, passed: nonePassed };
}

/** Nobody can be called back whose number is withheld or finds no way; and who is to be called back hears nothing but an agent. */
export function isOutOfReach(target: OverflowTarget, { isCallable, isCallback }: Wishes): boolean {
  return isCallback || (target.kind === 'callback' && !isCallable);
}

/** Where the chain leads on to when a callback turns out not to be promised. */
export function otherwiseTo(
  rule: OverflowRule,
  rules: readonly OverflowRule[],
  holds: (rule: OverflowRule) => boolean,
): readonly OverflowTarget[] {
  if (rule.target.kind !== 'callback') return noTargets;
  const later = rules.slice(rules.indexOf(rule) + 1);
  return later.filter((next) => next.target.kind !== 'callback' && holds(next)).map(({ target }) => target);
}

/** Where a contact that waits is sent on to; null when its place is as good. */
export function placeFromHere(state: State, entry: Entry, queue: Queue): Placement | null {
  const { wishes, givenPriority: priority } = entry;
  if (queue === entry.queue) return null;
  const placement = placeIn(state, queue, { via: 'overflow', wishes, priority, from: entry.queue });
  if (placement.kind === 'refused') return null;
  // Who has a place is not hung up because another queue turns new calls away.
  return placement.kind === 'target' && placement.target.kind === 'hang-up' ? null : placement;
}

/** Queues that do not take a contact but pass it on. */
export function recordPassed(state: State, contactId: ContactId, passed: readonly Passed[]): void {
  for (const { queue, reason } of passed) {
    state.fact(contactId, { type: 'contact.deflected', data: { reason, queueId: queue.id } });
  }
}

/** Whether a contact that entered now would sooner or later be sent to a queue that was asked already, as things stand. */
function leadsBack(
  state: State,
  queue: Queue,
  priority: number,
  way: ReadonlySet<Queue>,
  harmless: Set<Queue> = new Set(),
): boolean {
  const isBack = queue.settings.overflow.some(({ condition, target }) => {
    if (target.kind !== 'queue' || !holdsNow(queue, condition, priority)) return false;
    const next = state.queues.get(target.queueId);
    if (next === undefined || next === queue || harmless.has(next)) return false;
    return way.has(next) || leadsBack(state, next, priority, new Set(way).add(next), harmless);
  });
  // Each queue is looked at once, however many ways lead to it.
  if (!isBack) harmless.add(queue);
  return isBack;
}
