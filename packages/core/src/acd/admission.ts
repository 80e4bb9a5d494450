import type { EpochMs, OverflowTarget } from '@crosspoint/contracts';
import { holdsOnArrival } from './conditions.ts';
import type { DistributorInput, EntryVia } from './door.ts';
import type { Queue, Wishes } from './model.ts';
import { givenPriority } from './priority.ts';
import { roomReason } from './room.ts';
import type { State } from './state.ts';
import { beginStay, placeKey } from './stay.ts';

type ContactEntered = Extract<DistributorInput, { type: 'contact.entered' }>;

/** Where a contact that asks for a place comes to, and which queues it passed on the way, and why. */
type Placement =
  | { kind: 'queue'; queue: Queue; passed: readonly Passed[] }
  | { kind: 'target'; reason: string; target: OverflowTarget; passed: readonly Passed[] }
  | { kind: 'refused'; reason: string; passed: readonly Passed[] };

const nonePassed: readonly Passed[] = [];
const noSegments: readonly string[] = [];

interface Passed {
  queue: Queue;
  reason: string;
}

interface Arriving {
  via: EntryVia;
  wishes: Wishes;
  priority: number;
}

/** A contact asks for a place: it is refused or sent elsewhere, or it enters and is matched at once. */
export function enterQueue(state: State, input: ContactEntered): void {
  const { contactId, queueId, priority, via = 'call' } = input;
  const queue = state.queues.get(queueId);
  const known = state.contacts.get(contactId);
  const isDuplicate = known !== undefined && (known.entry !== null || known.conversations > 0);
  if (queue === undefined || isDuplicate) {
    refuse(state, input, queue === undefined ? 'unknown-queue' : 'duplicate', null);
    return;
  }
  const wishes: Wishes = {
    caller: input.caller ?? '',
    number: input.number ?? '',
    segments: input.segments ?? noSegments,
    requirement: input.requirement ?? null,
    preferredAgentId: input.preferredAgentId ?? null,
    language: input.language ?? null,
  };
  const placement = placeIn(state, queue, { via, wishes, priority }, null);
  // Who is refused altogether is deflected by the contact itself; what is recorded here is that a queue passed him on.
  const isTurnedAway = placement.kind === 'target' && placement.target.kind === 'hang-up';
  for (const { queue: passed, reason } of isTurnedAway ? placement.passed.slice(1) : placement.passed) {
    state.fact(contactId, { type: 'contact.deflected', data: { reason, queueId: passed.id } });
  }
  if (placement.kind !== 'queue') {
    refuse(state, input, placement.reason, placement.kind === 'target' ? placement.target : null);
    return;
  }
  beginStay(state, placement.queue, {
    contact: state.contact(contactId),
    wishes,
    via,
    priority,
    agedSince: ageOf(state, placement.queue, wishes.caller, input.agedSince ?? state.now),
  });
}

/** Each queue is asked once; one that would not take the contact and knows nobody who does is passed over. */
function placeIn(state: State, queue: Queue, arriving: Arriving, asked: Set<Queue> | null): Placement {
  const { via, wishes, priority } = arriving;
  const refusal = roomReason(queue, via, state.now);
  const given = givenPriority(queue, wishes, priority);
  const { overflow } = queue.settings;
  if (refusal === null && overflow.length === 0) return { kind: 'queue', queue, passed: nonePassed };
  const known = asked ?? new Set<Queue>();
  known.add(queue);
  for (const { condition, target } of overflow) {
    if (!holdsOnArrival(queue, condition, refusal, given)) continue;
    const reason = refusal ?? condition.when;
    const here = { queue, reason };
    if (target.kind !== 'queue') return { kind: 'target', reason, target, passed: [here] };
    const next = state.queues.get(target.queueId);
    if (next === undefined || known.has(next)) continue;
    const placement = placeIn(state, next, arriving, known);
    if (placement.kind !== 'refused') return { ...placement, passed: [here, ...placement.passed] };
  }
  if (refusal === null) return { kind: 'queue', queue, passed: nonePassed };
  return { kind: 'refused', reason: refusal, passed: nonePassed };
}

/** Rule 12: a caller who comes back in time has the old age; whichever age is greater counts. */
function ageOf(state: State, queue: Queue, caller: string, agedSince: EpochMs): EpochMs {
  const windowMs = queue.settings.resumeWindowSeconds * 1000;
  if (windowMs === 0 || caller === '') return agedSince;
  const key = placeKey(queue, caller);
  const place = state.places.get(key);
  if (place === undefined || state.now - place.leftAt > windowMs) return agedSince;
  state.places.delete(key);
  return Math.min(agedSince, place.agedSince);
}

function refuse(
  state: State,
  { contactId, queueId }: ContactEntered,
  reason: string,
  target: OverflowTarget | null,
): void {
  state.emit({ type: 'entry.refused', contactId, queueId, reason, target });
}
