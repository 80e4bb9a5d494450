import type { ContactInput, LegEnd } from './door.ts';
import { decide, goneReason, hangUpAll, releaseDialling } from './ending.ts';
import { addLeg, hangUp, reject } from './leg.ts';
import type { Contact, Leg, OutgoingCall } from './model.ts';
import { arrangeRooms } from './rooms.ts';
import { applySound } from './sound.ts';
import { connectSound, startTalk } from './talk.ts';
import { reasonCode } from './verdict.ts';

type Dialled = Extract<ContactInput, { type: 'contact.dialled' }>;

/** Our 200 is repeated for 64·T1 = 32 s (RFC 3261 §13.3.1.4); the carrier reports before this. */
const acknowledgeMaxMs = 40_000;

/** An agent calls somebody: by the device, whose leg is here already, or by command, which rings the device first. */
export function startDialling(contact: Contact, input: Dialled): void {
  if (contact.stage.kind !== 'new') return;
  const { agentId, legId, number, callerPhone, callerName, carrier, origin } = input;
  Object.assign(contact, { number, callerPhone, callerName, records: input.record });
  contact.hasStarted = true;
  contact.fact({
    type: 'contact.started',
    data: { direction: 'outbound', number, callerPhone, callerName, carrier, legId },
  });
  const isIncoming = origin.kind === 'device';
  const { address } = origin;
  addLeg(contact, { id: legId, party: 'agent', agentId, offerId: null, address, isIncoming });
  const { farLegId, far, recordingId, ringTimeoutMs } = input;
  const call: OutgoingCall = {
    agentId,
    legId,
    farLegId,
    far,
    recordingId,
    ringTimeoutMs,
    queueId: null,
    detectsAnswer: input.detectsAnswer === true && far.kind === 'number',
    isFarRinging: false,
    isEarly: false,
  };
  contact.stage = { kind: 'dialling', call };
  contact.engage(agentId);
  if (isIncoming) {
    callFarEnd(contact, call);
    return;
  }
  contact.emit({
    type: 'leg.dial',
    legId,
    agentId,
    offerId: null,
    address,
    callerPhone: number,
    callerName: '',
  });
  contact.setTimer(`ring:${legId}`, ringTimeoutMs);
}

/** The far end is called once the agent is there. */
export function callFarEnd(contact: Contact, call: OutgoingCall): void {
  const { far, farLegId, agentId, ringTimeoutMs } = call;
  const farAgentId = far.kind === 'agent' ? far.agentId : null;
  const address = far.kind === 'agent' ? far.address : far.number;
  contact.customer = addLeg(contact, {
    id: farLegId,
    party: 'customer',
    agentId: farAgentId,
    offerId: null,
    address,
    isIncoming: false,
  });
  const { callerPhone, callerName } = contact;
  if (far.kind === 'agent') {
    contact.engage(far.agentId, { isRinging: true });
    contact.emit({
      type: 'leg.dial',
      legId: farLegId,
      agentId: far.agentId,
      offerId: null,
      address,
      callerPhone,
      callerName,
    });
  } else contact.emit({ type: 'leg.call', legId: farLegId, agentId, number: far.number });
  contact.setTimer(`ring:${farLegId}`, ringTimeoutMs);
}

/** The far end rings, or sends sound before it answers: the agent hears the one or the other. */
export function farEndProgressed(contact: Contact, leg: Leg, withSound: boolean): void {
  const { stage } = contact;
  if (stage.kind !== 'dialling' || stage.call.farLegId !== leg.id) return;
  const { call } = stage;
  const agent = contact.legs.get(call.legId);
  if (agent === undefined || call.isEarly) return;
  call.isFarRinging = true;
  call.isEarly = withSound;
  if (agent.phase === 'ringing') contact.emit({ type: 'leg.progress', legId: agent.id, withSound });
  applySound(contact);
  arrangeRooms(contact);
}

/** A leg of a call that is being made came up: the agent's, so that the far end is called, or the far end's. */
export function dialledLegAnswered(contact: Contact, leg: Leg, call: OutgoingCall): void {
  if (leg.phase !== 'ringing' || leg.isIncoming) return;
  leg.phase = 'up';
  leg.wasUp = true;
  if (leg.agentId !== null) contact.engage(leg.agentId);
  contact.clearTimer(`ring:${leg.id}`);
  if (leg.id === call.legId) {
    callFarEnd(contact, call);
    return;
  }
  const { agentId, legId, recordingId, queueId } = call;
  if (call.detectsAnswer) contact.emit({ type: 'leg.detect', legId: leg.id });
  const agent = contact.legs.get(legId);
  const talk = startTalk(contact, { agentId, legId, queueId, recordingId });
  if (agent?.phase === 'ringing') {
    agent.phase = 'answering';
    contact.emit({ type: 'leg.answer', legId });
    contact.setTimer(`answer:${legId}`, acknowledgeMaxMs);
  } else connectSound(contact, talk);
}

/** A leg of a call that is being made is over before the two could talk. */
export function dialledLegGone(contact: Contact, leg: Leg, call: OutgoingCall, end: LegEnd): void {
  // Somebody else was called in its place.
  if (leg.id !== call.legId && leg.id !== call.farLegId) return;
  if (leg.id === call.legId)
    giveUp(contact, leg.wasUp || leg.isIncoming ? goneReason('agent', end) : agentReason(end));
  // Our own limits forbid the call: neither the device nor the record should look as if nobody had answered.
  else if (end.by === 'local' && end.code === 403) giveUp(contact, end.reason.slice(0, 64), end.code);
  else giveUp(contact, reasonCode(end), end.by === 'remote' ? end.code : 480);
}

/** Nobody answered in time. */
export function diallingTimedOut(contact: Contact, leg: Leg, call: OutgoingCall): void {
  hangUp(contact, leg, { result: 'no-answer', reason: 'timed-out' });
  giveUp(contact, leg.id === call.legId ? 'agent-no-answer' : 'no-answer', 480);
}

/** Ends a call that did not come about; an agent's device that waits for it is refused with the far end's code. */
export function giveUp(contact: Contact, reason: string, code = 480): void {
  const { stage } = contact;
  if (stage.kind !== 'dialling') return;
  const agent = contact.legs.get(stage.call.legId);
  if (agent?.isIncoming === true && agent.phase === 'ringing') {
    reject(contact, agent, code >= 400 ? code : 480, reason);
  }
  releaseDialling(contact, stage.call);
  hangUpAll(contact, { result: 'completed', reason });
  decide(contact, 'failed', reason);
}

export function agentReason(end: LegEnd): string {
  return `agent-${reasonCode(end)}`.slice(0, 64);
}
