import type { ContactInput } from './door.ts';
import { decide, hangUpAll } from './ending.ts';
import type { Contact, Leg } from './model.ts';
import { refuse } from './talk.ts';

type Input<Type extends ContactInput['type']> = Extract<ContactInput, { type: Type }>;

/** Our 200 is repeated for 64·T1 = 32 s (RFC 3261 §13.3.1.4); the carrier reports before this. */
const acknowledgeMaxMs = 40_000;
/** The flow answers within the same turn; it is awaited this long at most. */
const lastWordMaxMs = 5_000;
/** The distributor answers within the same turn; it is awaited this long at most. */
const entryMaxMs = 5_000;

/** A flow answers: the caller is picked up, and the flow begins when the leg is up. */
export function startFlow(contact: Contact, customer: Leg): void {
  contact.stage = { kind: 'flow' };
  customer.phase = 'answering';
  contact.emit({ type: 'leg.answer', legId: customer.id });
  contact.setTimer(`answer:${customer.id}`, acknowledgeMaxMs);
}

export function beginFlow(contact: Contact, customer: Leg): void {
  contact.emit({ type: 'flow.began', legId: customer.id });
}

/** The flow sends the caller to a queue, which may refuse; then the flow goes on. */
export function queueFromFlow(contact: Contact, { queueId, priority, record }: Input<'flow.queued'>): void {
  if (contact.stage.kind !== 'flow') return refuse(contact, 'not-in-flow');
  const { callerPhone: caller, number } = contact;
  Object.assign(contact, { queueId, priority, records: record });
  contact.isInFlow = true;
  contact.stage = { kind: 'entering' };
  contact.setTimer('entering', entryMaxMs);
  contact.emit({ type: 'contact.entered', queueId, priority, caller, number });
}

/** The queue does not take the contact: the flow has to know another way. */
export function resumeFlow(contact: Contact, reason: string): void {
  contact.clearTimer('entering');
  contact.isInFlow = false;
  contact.queueId = null;
  contact.stage = { kind: 'flow' };
  contact.emit({ type: 'flow.refused', reason });
}

/** The caller is gone. What the flow has to say of it comes before the outcome is decided. */
export function leaveFlow(contact: Contact, reason: string): void {
  contact.emit({ type: 'flow.left', reason });
  contact.setTimer('flow', lastWordMaxMs);
}

/** The flow is over and nobody else has the caller: they were served by it alone. */
export function endFlow(contact: Contact, { reason }: Input<'flow.over'>): void {
  if (contact.stage.kind !== 'flow') return;
  contact.clearTimer('flow');
  hangUpAll(contact, { result: 'completed', reason });
  decide(contact, 'deflected', reason);
}
