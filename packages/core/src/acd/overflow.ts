import type { OverflowRule, OverflowTarget } from '@crosspoint/contracts';
import { holdsWhileWaiting } from './conditions.ts';
import type { Entry } from './model.ts';
import { isOutOfReach, otherwiseTo, placeFromHere, recordPassed } from './placement.ts';
import type { State } from './state.ts';
import { beginStay, endStay, overflow } from './stay.ts';

/** A contact that has been sent on so often stays where it is, whatever the rules say. */
const staysMax = 20;

/** Rule 11: the first rule that holds and whose target takes the contact. True when the contact has left the queue. */
export function overflowByRule(state: State, entry: Entry): boolean {
  const { queue, contact } = entry;
  if (queue.settings.overflow.length === 0 || contact.stays >= staysMax) return false;
  const rules = queue.settings.overflow;
  const holds = ({ condition }: OverflowRule) => holdsWhileWaiting(entry, condition, state.now);
  for (const rule of rules) {
    if (holds(rule) && sendOn(state, entry, rule, () => otherwiseTo(rule, rules, holds))) return true;
  }
  return false;
}

/** A queue that does not take the contact, nor passes it on, is passed over; everything else is for routing to resolve. */
function sendOn(
  state: State,
  entry: Entry,
  { condition: { when: reason }, target }: OverflowRule,
  otherwise: () => readonly OverflowTarget[],
): boolean {
  const { contact, wishes, agedSince, givenPriority: priority } = entry;
  if (target.kind !== 'queue') {
    if (isOutOfReach(target, wishes)) return false;
    overflow(state, entry, reason, target, otherwise());
    return true;
  }
  const next = state.queues.get(target.queueId);
  const placement = next === undefined ? null : placeFromHere(state, entry, next);
  if (placement === null) return false;
  recordPassed(state, contact.id, placement.passed);
  if (placement.kind === 'target') {
    overflow(state, entry, reason, placement.target, placement.otherwise);
  } else if (placement.kind === 'queue') {
    endStay(state, entry, 'overflowed', reason);
    beginStay(state, placement.queue, {
      contact: state.keep(contact),
      wishes,
      via: 'overflow',
      priority,
      agedSince,
    });
  }
  return true;
}
