import type { ContactFactBody } from '@crosspoint/contracts';
import type { ContactInput, EntryTarget, NextPlace } from './door.ts';
import { decide, hangUpAll } from './ending.ts';
import { addLeg, hangUp, reject } from './leg.ts';
import { enterFlow, resumeFlow, returnToFlow } from './flow.ts';
import { callCustomer, startFarewell } from './calling-back.ts';
import { type Contact, type Leg, takeOffer } from './model.ts';
import { applySound } from './sound.ts';
import { connectSound, endTalk, startTalk } from './talk.ts';
import { giveBack } from './transfer.ts';

type Input<Type extends ContactInput['type']> = Extract<ContactInput, { type: Type }>;

/** The distributor answers within the same turn; it is awaited this long at most. */
const entryMaxMs = 5_000;
/** Our 200 is repeated for 64·T1 = 32 s (RFC 3261 §13.3.1.4); the carrier reports before this. */
const acknowledgeMaxMs = 40_000;
/** The distributor's ring timer ends an offer; only if it is lost does this one act. */
const ringGraceMs = 10_000;

/** What the caller's side hears of a refusal; everything else is "temporarily unavailable". */
const refusalCodes: Readonly<Record<string, number>> = { 'queue-full': 486, full: 486, duplicate: 500 };

export function arrive(contact: Contact, input: Input<'contact.arrived'>): void {
  if (contact.stage.kind !== 'new') return;
  const { legId, number, callerPhone, callerName, carrier, target, trunk, diversions = [] } = input;
  Object.assign(contact, { number, callerPhone, callerName });
  contact.fact({
    type: 'contact.started',
    data: {
      ...{ direction: 'inbound', number, callerPhone, callerName, carrier, legId },
      ...(trunk === undefined ? {} : { trunk }),
      ...(diversions.length === 0 ? {} : { diversions }),
    },
  });
  contact.hasStarted = true;
  if (input.routing !== undefined) contact.fact({ type: 'routing.decided', data: input.routing });
  const customer = addLeg(contact, {
    id: legId,
    party: 'customer',
    agentId: null,
    offerId: null,
    address: callerPhone,
    isIncoming: true,
  });
  contact.customer = customer;
  if (input.agentId !== undefined) contact.engageCaller(input.agentId);
  enterHouse(contact, customer, target);
}

/** Whoever has arrived goes where the number leads: to a queue, to a flow, or nowhere. */
export function enterHouse(contact: Contact, customer: Leg, target: EntryTarget): void {
  if (target.kind === 'refuse') {
    deflect(contact, target.code, target.reason);
    return;
  }
  if (target.kind === 'flow') {
    enterFlow(contact, customer);
    return;
  }
  contact.queueId = target.queueId;
  contact.priority = target.priority;
  contact.records = target.record;
  contact.stage = { kind: 'entering' };
  contact.setTimer('entering', entryMaxMs);
  const { callerPhone: caller, number } = contact;
  const { queueId, priority, preferredAgentId } = target;
  const wish = preferredAgentId === undefined ? {} : { preferredAgentId };
  contact.emit({ type: 'contact.entered', queueId, priority, caller, number, ...wish });
}

/** The contact has its place: the caller is answered, and hears music from the moment the leg is up. */
export function acceptEntry(contact: Contact): void {
  const { customer, stage } = contact;
  if (stage.kind !== 'entering') return;
  contact.clearTimer('entering');
  contact.stage = { kind: 'waiting', offers: [] };
  contact.isInFlow = false;
  if (customer === null) return;
  contact.wayBack = null;
  if (customer.phase === 'up') return applySound(contact);
  if (customer.phase !== 'ringing') return;
  customer.phase = 'answering';
  contact.emit({ type: 'leg.answer', legId: customer.id });
  contact.setTimer(`answer:${customer.id}`, acknowledgeMaxMs);
}

/** No place: the caller hears busy when the queue is full. 503 would make a provider take the whole trunk for dead. */
export function refuseEntry(contact: Contact, input: Input<'entry.refused'>): void {
  const { reason } = input;
  const { stage } = contact;
  if (isForFlow(contact, input.next) && (stage.kind === 'entering' || stage.kind === 'waiting')) {
    sendToFlow(contact);
  } else if (stage.kind === 'entering' && contact.segments > 0) {
    contact.clearTimer('entering');
    giveBack(contact, reason, contact.wayBack);
  } else if (stage.kind === 'entering') {
    deflect(contact, refusalCodes[reason] ?? 480, reason);
  } else if (stage.kind === 'leaving') {
    recordDeflection(contact, reason);
    decide(contact, stage.outcome ?? 'deflected', reason);
  } else {
    // It has waited elsewhere before, and where it was sent on to does not take it.
    giveUp(contact, reason);
  }
}

export function dialAgent(contact: Contact, input: Input<'offer.make'>): void {
  const { stage } = contact;
  if (stage.kind !== 'waiting') {
    // The distributor believes that the contact waits although it does not; a departure on its way says so already.
    if (stage.kind !== 'leaving') contact.emit({ type: 'contact.left', reason: 'not-waiting' });
    return;
  }
  const { offerId, agentId, queueId, ringTimeoutMs, legId, recordingId, address } = input;
  contact.records = input.record ?? contact.records;
  stage.offers.push({ offerId, agentId, queueId, legId, recordingId });
  addLeg(contact, { id: legId, party: 'agent', agentId, offerId, address, isIncoming: false });
  const { callerPhone, callerName } = contact;
  contact.emit({ type: 'leg.dial', legId, agentId, offerId, address, callerPhone, callerName });
  contact.setTimer(`ring:${legId}`, ringTimeoutMs + ringGraceMs);
}

/** The distributor took the offer back, or our acceptance came too late: the agent's leg is released at once. */
export function withdrawOffer(contact: Contact, offerId: string, reason: string): void {
  takeOffer(contact, (offer) => offer.offerId === offerId);
  const result = reason === 'timed-out' ? 'no-answer' : 'cancelled';
  for (const leg of contact.legs.values()) {
    if (leg.offerId === offerId) hangUp(contact, leg, { result, reason });
  }
}

/** Connect them. If either side has gone meanwhile, the segment is empty and ends with the same breath. */
export function assign(contact: Contact, input: Input<'contact.assigned'>): void {
  const { stage } = contact;
  const offers = stage.kind === 'waiting' || stage.kind === 'leaving' ? stage.offers : [];
  const offer = offers.find(({ offerId }) => offerId === input.offerId);
  if (offer === undefined) {
    refuseAssignment(contact, input);
    return;
  }
  contact.clearTimer(`claim:${offer.legId}`);
  contact.hasSurvey = input.survey === true;
  const leaving = stage.kind === 'leaving' ? stage : null;
  const agent = contact.legs.get(offer.legId);
  if (contact.callback !== null && leaving === null && agent?.phase === 'claiming') {
    agent.phase = 'up';
    callCustomer(contact, offer, contact.callback);
    return;
  }
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
  if (fact.type === 'queue.entered') {
    contact.queueId = fact.data.queueId;
    contact.agedSince ??= contact.now - (fact.data.agedMs ?? 0);
  }
  if (fact.type !== 'queue.left') return;
  const { result, reason } = fact.data;
  const { stage } = contact;
  // An answered stay is followed by `contact.assigned`, an overflowed one by `contact.overflowed` or another stay.
  if (stage.kind === 'leaving' && (result === 'abandoned' || result === 'callback')) {
    decide(contact, stage.outcome ?? result, result === 'abandoned' ? stage.reason : reason);
  } else if (stage.kind === 'waiting' && result === 'callback') {
    startFarewell(contact, reason);
  } else if (stage.kind === 'waiting' && result === 'abandoned') {
    hangUpAll(contact, { result: 'completed', reason });
    decide(contact, result, reason);
  }
}

/** The queue gave the contact up: it goes where routing says, if anywhere. */
export function overflow(contact: Contact, input: Input<'contact.overflowed'>): void {
  const { stage } = contact;
  const { reason } = input;
  if (stage.kind === 'leaving') decide(contact, stage.outcome ?? 'overflowed', reason);
  else if (contact.isRecalled && stage.kind === 'waiting') returnToFlow(contact);
  else if (isForFlow(contact, input.next) && stage.kind === 'waiting') sendToFlow(contact);
  else giveUp(contact, reason);
}

function giveUp(contact: Contact, reason: string): void {
  if (contact.stage.kind !== 'waiting') return;
  hangUpAll(contact, { result: 'completed', reason });
  decide(contact, 'overflowed', reason);
}

/** Who is called back has no leg that could hear a flow, and a flow that asked for the place knows itself where to go on. */
function isForFlow({ customer, callback, isInFlow }: Contact, next: NextPlace | undefined): boolean {
  return next !== undefined && customer !== null && callback === null && !isInFlow;
}

/** A flow takes over: a message, a number outside, or whatever it says. */
function sendToFlow(contact: Contact): void {
  const { customer, stage } = contact;
  if (customer === null) return;
  contact.clearTimer('entering');
  contact.hasOverflowed = stage.kind === 'waiting';
  contact.isInFlow = false;
  contact.wayBack = null;
  contact.queueId = null;
  enterFlow(contact, customer);
}

function deflect(contact: Contact, code: number, reason: string): void {
  const { customer } = contact;
  if (contact.isInFlow) {
    recordDeflection(contact, reason);
    resumeFlow(contact, reason);
    return;
  }
  if (customer?.phase === 'ringing') reject(contact, customer, code, reason);
  else hangUpAll(contact, { result: 'completed', reason });
  recordDeflection(contact, reason);
  decide(contact, 'deflected', reason);
}

function recordDeflection(contact: Contact, reason: string): void {
  const { queueId } = contact;
  contact.fact({ type: 'contact.deflected', data: queueId === null ? { reason } : { reason, queueId } });
}
