import { stopRecordingCaller } from './caller-recording.ts';
import type { ContactInput } from './door.ts';
import { decide, hangUpAll } from './ending.ts';
import type { Contact, Leg } from './model.ts';
import { leaveSeat } from './seat.ts';
import { applySound } from './sound.ts';
import { refuse } from './talk.ts';

type Input<Type extends ContactInput['type']> = Extract<ContactInput, { type: Type }>;

/** Our 200 is repeated for 64·T1 = 32 s (RFC 3261 §13.3.1.4); the carrier reports before this. */
const acknowledgeMaxMs = 40_000;
/** The flow answers within the same turn; it is awaited this long at most. */
const lastWordMaxMs = 5_000;
/** The distributor answers within the same turn; it is awaited this long at most. */
const entryMaxMs = 5_000;

/** A flow answers: the caller is picked up, and the flow begins when the leg is up. */
function startFlow(contact: Contact, customer: Leg): void {
  contact.stage = { kind: 'flow' };
  customer.phase = 'answering';
  contact.emit({ type: 'leg.answer', legId: customer.id });
  contact.setTimer(`answer:${customer.id}`, acknowledgeMaxMs);
}

/** A flow has the caller from here on, in whatever state the leg is. */
export function enterFlow(contact: Contact, customer: Leg): void {
  if (customer.phase === 'ringing') return startFlow(contact, customer);
  toFlow(contact);
  if (customer.phase === 'up') beginFlow(contact, customer);
}

export function beginFlow(contact: Contact, customer: Leg): void {
  contact.emit({ type: 'flow.began', legId: customer.id });
}

/** The flow sends the caller to a queue, which may refuse; then the flow goes on. */
export function queueFromFlow(contact: Contact, input: Input<'flow.queued'>): void {
  const { queueId, priority, record, preferredAgentId } = input;
  if (contact.stage.kind !== 'flow' || contact.seat !== null) return refuse(contact, 'not-in-flow');
  stopRecordingCaller(contact);
  contact.isRecalled = false;
  contact.talkEnded = null;
  const { callerPhone: caller, number } = contact;
  Object.assign(contact, { queueId, priority, records: record });
  contact.isInFlow = true;
  contact.stage = { kind: 'entering' };
  contact.setTimer('entering', entryMaxMs);
  const wish = preferredAgentId === undefined ? {} : { preferredAgentId };
  contact.emit({ type: 'contact.entered', queueId, priority, caller, number, ...wish });
}

/** The queue does not take the contact: the flow has to know another way. */
export function resumeFlow(contact: Contact, reason: string): void {
  contact.clearTimer('entering');
  contact.isInFlow = false;
  contact.queueId = null;
  contact.stage = { kind: 'flow' };
  contact.emit({ type: 'flow.refused', reason });
}

/** The flow wants the caller back. Whoever rings for the contact stops ringing; an answer on its way is first. */
export function recall(contact: Contact): void {
  if (contact.stage.kind !== 'waiting' || contact.isRecalled) return;
  contact.isRecalled = true;
  contact.emit({ type: 'contact.recalled' });
}

export function returnToFlow(contact: Contact): void {
  contact.isRecalled = false;
  contact.queueId = null;
  toFlow(contact);
  contact.emit({ type: 'flow.returned' });
}

/** Nobody came to whom the flow sent the caller. */
export function unconnected(contact: Contact, reason: string): void {
  contact.fact({ type: 'transfer.failed', data: { reason, next: 'flow' } });
  toFlow(contact);
  contact.emit({ type: 'flow.unconnected', reason });
}

function toFlow(contact: Contact): void {
  contact.stage = { kind: 'flow' };
  applySound(contact);
}

/** The caller is gone. What the flow has to say of it comes before the outcome is decided. */
export function leaveFlow(contact: Contact, reason: string): void {
  stopRecordingCaller(contact);
  leaveSeat(contact, reason);
  contact.emit({ type: 'flow.left', reason });
  contact.setTimer('flow', lastWordMaxMs);
}

/** The flow is over and nobody else has the caller: they were served by it alone. */
export function endFlow(contact: Contact, { reason }: Input<'flow.over'>): void {
  if (contact.stage.kind !== 'flow') return;
  contact.clearTimer('flow');
  stopRecordingCaller(contact);
  leaveSeat(contact, reason);
  hangUpAll(contact, { result: 'completed', reason });
  decide(contact, contact.hasOverflowed ? 'overflowed' : 'deflected', contact.talkEnded ?? reason);
}
