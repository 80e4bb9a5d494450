import type { EpochMs, OverflowTarget, QueueId } from '@crosspoint/contracts';
import type { DistributorInput } from './door.ts';
import type { Queue, Wishes } from './model.ts';
import { noTargets, placeIn, recordPassed } from './placement.ts';
import type { State } from './state.ts';
import { beginStay, placeKey } from './stay.ts';

type ContactEntered = Extract<DistributorInput, { type: 'contact.entered' }>;

const noSegments: readonly string[] = [];
const noWishes: Wishes = {
  caller: '',
  isCallable: true,
  number: '',
  segments: noSegments,
  requirement: null,
  preferredAgentId: null,
  language: null,
  isCallback: false,
};

/** A contact asks for a place: it is refused or sent elsewhere, or it enters and is matched at once. */
export function enterQueue(state: State, input: ContactEntered): void {
  const { contactId, queueId, priority, via = 'call' } = input;
  const queue = state.queues.get(queueId);
  const known = state.contacts.get(contactId);
  const isDuplicate = known !== undefined && (known.entry !== null || known.conversations > 0);
  if (queue === undefined || isDuplicate) {
    refuse(state, input, { reason: queue === undefined ? 'unknown-queue' : 'duplicate' });
    return;
  }
  const wishes: Wishes = {
    caller: input.caller ?? '',
    isCallable: (input.caller ?? '') !== '' && input.isCallable !== false,
    number: input.number ?? '',
    segments: input.segments ?? noSegments,
    requirement: input.requirement ?? null,
    preferredAgentId: input.preferredAgentId ?? null,
    language: input.language ?? null,
    isCallback: via === 'callback',
  };
  const placement = placeIn(state, queue, { via, wishes, priority });
  // Who is refused altogether is deflected by the contact itself; what is recorded here is that a queue passed him on.
  const isTurnedAway = placement.kind === 'target' && placement.target.kind === 'hang-up';
  recordPassed(state, contactId, isTurnedAway ? placement.passed.slice(1) : placement.passed);
  if (placement.kind !== 'queue') {
    refuse(state, input, placement.kind === 'target' ? placement : { reason: placement.reason });
    return;
  }
  const contact = state.contact(contactId);
  contact.stays = Math.max(contact.stays, input.soFar?.stays ?? 0);
  contact.offers = Math.max(contact.offers, input.soFar?.offers ?? 0);
  beginStay(state, placement.queue, {
    contact,
    wishes,
    via,
    priority,
    agedSince: ageOf(state, placement.queue, wishes.caller, input.agedSince ?? state.now),
  });
}

/** What would become of a contact of which nothing is known but that it is transferred. */
export function transferRefusal(state: State, queueId: QueueId, now: EpochMs): string | null {
  const queue = state.queues.get(queueId);
  if (queue === undefined) return 'unknown-queue';
  if (now > state.now) state.now = now;
  const placement = placeIn(state, queue, { via: 'transfer', wishes: noWishes, priority: 0 });
  return placement.kind === 'refused' ? placement.reason : null;
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
  {
    reason,
    target = null,
    otherwise = noTargets,
  }: { reason: string; target?: OverflowTarget | null; otherwise?: readonly OverflowTarget[] },
): void {
  state.emit({ type: 'entry.refused', contactId, queueId, reason, target, otherwise });
}
