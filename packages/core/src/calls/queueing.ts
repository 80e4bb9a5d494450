import type { ContactFactBody } from '@crosspoint/contracts';
import type { ContactInput } from './door.ts';
import { decide, hangUpAll } from './ending.ts';
import { addLeg, hangUp, reject } from './leg.ts';
import type { Contact, RingingOffer } from './model.ts';
import { connectSound, endTalk, startTalk } from './talk.ts';

type Input<Type extends ContactInput['type']> = Extract<ContactInput, { type: Type }>;

/** The distributor answers within the same turn; it is awaited this long at most. */
const entryMaxMs = 5_000;
/** Our 200 is repeated for 64·T1 = 32 s (RFC 3261 §13.3.1.4); the carrier reports before this. */
const acknowledgeMaxMs = 40_000;
/** The distributor's ring timer ends an offer; only if it is lost does this one act. */
const ringGraceMs = 10_000;

export function arrive(contact: Contact, input: Input<'contact.arrived'>): void {
  if (contact.stage.kind !== 'new') return;
  const { legId, number, callerPhone, callerName, carrier, target } = input;
  Object.assign(contact, { number, callerPhone, callerName });
  contact.fact({
    type: 'contact.started',
    data: { direction: 'inbound', number, callerPhone, callerName, carrier, legId },
  });
  contact.hasStarted = true;
  const customer = addLeg(contact, {
    id: legId,
    party: 'customer',
    agentId: null,
    offerId: null,
    address: callerPhone,
    isIncoming: true,
  });
  contact.customer = customer;
  if (target.kind === 'refuse') {
    deflect(contact, target.code, target.reason);
    return;
  }
  contact.queueId = target.queueId;
  contact.records = target.record;
  contact.stage = { kind: 'entering' };
  contact.setTimer('entering', entryMaxMs);
  const { queueId, priority } = target;
  contact.emit({ type: 'contact.entered', queueId, priority, enteredAt: contact.now });
}

/** The contact has its place: the caller is answered, and hears music from the moment the leg is up. */
export function acceptEntry(contact: Contact): void {
  const { customer, stage } = contact;
  if (stage.kind !== 'entering' || customer === null) return;
  contact.clearTimer('entering');
  contact.stage = { kind: 'waiting', offer: null };
  customer.phase = 'answering';
  contact.emit({ type: 'leg.answer', legId: customer.id });
  contact.setTimer(`answer:${customer.id}`, acknowledgeMaxMs);
}

/** No place: the caller hears busy when the queue is full. 503 would make a provider take the whole trunk for dead. */
export function refuseEntry(contact: Contact, reason: string): void {
  const { stage } = contact;
  if (stage.kind === 'entering') {
    deflect(contact, reason === 'queue-full' ? 486 : reason === 'unknown-queue' ? 480 : 500, reason);
  } else if (stage.kind === 'leaving') {
    recordDeflection(contact, reason);
    decide(contact, stage.outcome ?? 'deflected', reason);
  }
}

export function dialAgent(contact: Contact, input: Input<'offer.make'>): void {
  const { stage } = contact;
  if (stage.kind !== 'waiting') {
    // The distributor believes that the contact waits although it does not; a departure on its way says so already.
    if (stage.kind !== 'leaving') contact.emit({ type: 'contact.left', reason: 'not-waiting' });
    return;
  }
  if (stage.offer !== null) endOffer(contact, stage.offer, 'cancelled', 'superseded');
  const { offerId, agentId, queueId, ringTimeoutMs, legId, recordingId, address } = input;
  stage.offer = { offerId, agentId, queueId, legId, recordingId };
  addLeg(contact, { id: legId, party: 'agent', agentId, offerId, address, isIncoming: false });
  const { callerPhone, callerName } = contact;
  contact.emit({ type: 'leg.dial', legId, agentId, offerId, address, callerPhone, callerName });
  contact.setTimer(`ring:${legId}`, ringTimeoutMs + ringGraceMs);
}

/** The distributor took the offer back, or our acceptance came too late: the agent's leg is released at once. */
export function withdrawOffer(contact: Contact, offerId: string, reason: string): void {
  const { stage } = contact;
  if (stage.kind === 'waiting' && stage.offer?.offerId === offerId) stage.offer = null;
  const result = reason === 'timed-out' ? 'no-answer' : 'cancelled';
  for (const leg of contact.legs.values()) {
    if (leg.offerId === offerId) hangUp(contact, leg, { result, reason });
  }
}

/** Connect them. If either side has gone meanwhile, the segment is empty and ends with the same breath. */
export function assign(contact: Contact, input: Input<'contact.assigned'>): void {
  const { stage } = contact;
  const offer = stage.kind === 'waiting' || stage.kind === 'leaving' ? stage.offer : null;
  if (offer?.offerId !== input.offerId) {
    refuseAssignment(contact, input);
    return;
  }
  contact.clearTimer(`claim:${offer.legId}`);
  const leaving = stage.kind === 'leaving' ? stage : null;
  const agent = contact.legs.get(offer.legId);
  const talk = startTalk(contact, offer);
  if (leaving === null && agent?.phase === 'claiming') {
    agent.phase = 'up';
    connectSound(contact, talk);
    return;
  }
  const reason = leaving?.reason ?? 'agent-lost';
  endTalk(contact, talk, reason);
  hangUpAll(contact, { result: 'completed', reason });
  decide(contact, leaving?.outcome ?? 'answered', reason);
}

/** Nobody talks here, and the distributor must not believe so; a contact that it has taken from the queue is over. */
function refuseAssignment(contact: Contact, { agentId, offerId }: Input<'contact.assigned'>): void {
  contact.wrapUpPending = true;
  contact.emit({ type: 'conversation.ended', agentId });
  withdrawOffer(contact, offerId, 'too-late');
  const { stage } = contact;
  if (stage.kind !== 'waiting' && stage.kind !== 'leaving') return;
  const reason = 'assigned-without-agent';
  hangUpAll(contact, { result: 'failed', reason });
  decide(contact, 'failed', reason);
}

/** A fact of the distributor is numbered here; the end of the stay decides the outcome of a contact on its way out. */
export function recordFact(contact: Contact, fact: ContactFactBody): void {
  contact.fact(fact);
  if (fact.type !== 'queue.left') return;
  const { result, reason } = fact.data;
  const { stage } = contact;
  // An answered stay is followed by `contact.assigned`, an overflowed one by `contact.overflowed`.
  if (stage.kind === 'leaving' && result !== 'answered') {
    decide(contact, stage.outcome ?? result, result === 'abandoned' ? stage.reason : reason);
  } else if (stage.kind === 'waiting' && (result === 'abandoned' || result === 'callback')) {
    hangUpAll(contact, { result: 'completed', reason });
    decide(contact, result, reason);
  }
}

/** The queue gave the contact up, and there is nowhere else to go. */
export function overflow(contact: Contact, reason: string): void {
  if (contact.stage.kind !== 'waiting') return;
  hangUpAll(contact, { result: 'completed', reason });
  decide(contact, 'overflowed', reason);
}

function endOffer(contact: Contact, offer: RingingOffer, result: 'cancelled', reason: string): void {
  const leg = contact.legs.get(offer.legId);
  if (leg !== undefined) hangUp(contact, leg, { result, reason });
}

function deflect(contact: Contact, code: number, reason: string): void {
  const { customer } = contact;
  if (customer !== null) reject(contact, customer, code, reason);
  recordDeflection(contact, reason);
  decide(contact, 'deflected', reason);
}

function recordDeflection(contact: Contact, reason: string): void {
  const { queueId } = contact;
  contact.fact({ type: 'contact.deflected', data: queueId === null ? { reason } : { reason, queueId } });
}
