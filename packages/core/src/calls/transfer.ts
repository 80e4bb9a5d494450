import type { ContactFactOf } from '@crosspoint/contracts';
import { stopRecordingCaller } from './caller-recording.ts';
import type { ContactInput, FarEnd, Invitation, LegEnd, TransferTarget } from './door.ts';
import { decide, hangUpAll } from './ending.ts';
import {
  callGuest,
  dismiss,
  dismissAll,
  forgetGuest,
  guestEnd,
  guestIsUp,
  isHere,
  named,
  releaseAgent,
} from './guests.ts';
import { addLeg, hangUp } from './leg.ts';
import { enterFlow, leaveFlow, unconnected } from './flow.ts';
import type { Contact, Guest, Leg, Talk, Transfer } from './model.ts';
import { applySound } from './sound.ts';
import { connectSound, endTalk, refuse, startTalk } from './talk.ts';

type Input<Type extends ContactInput['type']> = Extract<ContactInput, { type: Type }>;

/** The distributor answers within the same turn; it is awaited this long at most. */
const entryMaxMs = 5_000;

/** Blind: the agent is free at once, and the customer hears music or ringing until somebody else is there. */
export function transferBlind(contact: Contact, { invitation, back }: Input<'transfer.requested'>): void {
  const { stage } = contact;
  if (stage.kind !== 'talking' || !stage.talk.bridged) return refuse(contact, 'not-connected');
  const { target } = invitation;
  const isInside = target.kind === 'queue' || target.kind === 'flow';
  if (!isInside && isHere(contact, { target })) return refuse(contact, 'already-here');
  const { customer } = contact;
  if (target.kind === 'flow' && customer?.phase !== 'up') return refuse(contact, 'not-connected');
  const { talk } = stage;
  noteTransfer(contact, talk, 'blind', target, invitation.legId);
  dismissAll(contact, 'transferred');
  leaveTalk(contact, talk, 'transferred');
  contact.wayBack = back;
  if (target.kind === 'queue') {
    contact.records = target.record;
    const age = target.keepAge ? contact.agedSince : null;
    enterQueue(contact, target.queueId, age);
  } else if (target.kind === 'flow') {
    if (customer !== null) goToFlow(contact, customer);
  } else ring(contact, { ...invitation, target }, back);
}

/** The flow has the customer as if the number had been dialled; whoever sent the customer there has nothing more to do with it. */
function goToFlow(contact: Contact, customer: Leg): void {
  Object.assign(contact, { wayBack: null, queueId: null, hasSurvey: false, isInFlow: false });
  enterFlow(contact, customer);
}

/** The agent of the conversation is out: the segment is over, the leg hung up, the customer still there. */
export function leaveTalk(contact: Contact, talk: Talk, reason: string): void {
  const agent = contact.legs.get(talk.legId);
  endTalk(contact, talk, reason);
  if (agent === undefined) {
    if (talk.agentId !== null && talk.queueId === null) contact.release(talk.agentId);
    return;
  }
  hangUp(contact, agent, { result: 'completed', reason });
  releaseAgent(contact, agent);
}

export function noteTransfer(
  contact: Contact,
  talk: Talk,
  kind: 'blind' | 'attended',
  target: TransferTarget,
  legId: Invitation['legId'],
): void {
  contact.fact({
    type: 'transfer.started',
    data: {
      kind,
      ...(talk.agentId === null ? {} : { byAgentId: talk.agentId }),
      ...placeOf(target, legId),
    },
  });
}

function placeOf(
  target: TransferTarget,
  legId: Invitation['legId'],
): Partial<ContactFactOf<'transfer.started'>['data']> {
  if (target.kind === 'queue') return { queueId: target.queueId };
  return target.kind === 'flow' ? { number: target.number } : { ...named({ target }), legId };
}

function ring(contact: Contact, invitation: Invitation, back: Invitation | null, byFlow = false): void {
  const guest = callGuest(contact, invitation, 'room', null, true);
  contact.stage = { kind: 'transferring', transfer: { guest, back, byFlow } };
  applySound(contact);
}

/** The customer waits for a leg that rings already: the agent who consulted did not wait for its answer. */
export function awaitGuest(contact: Contact, guest: Guest, back: Invitation | null): void {
  guest.place = 'room';
  contact.stage = { kind: 'transferring', transfer: { guest, back, byFlow: false } };
  applySound(contact);
}

/** A flow sends the caller on; it goes on itself when nobody comes. */
export function transferFromFlow(contact: Contact, invitation: Invitation): void {
  if (contact.stage.kind !== 'flow' || contact.seat !== null) return refuse(contact, 'not-in-flow');
  stopRecordingCaller(contact);
  const { target, legId } = invitation;
  contact.fact({ type: 'transfer.started', data: { kind: 'blind', ...named({ target }), legId } });
  ring(contact, invitation, null, true);
}

/** The one to whom the customer was sent is there, or takes over: a segment of its own. */
export function handOver(contact: Contact, guest: Guest, via: 'transfer' | 'conference' | 'take-over'): void {
  const { leg, recordingId, target } = guest;
  contact.guests.delete(leg.id);
  contact.wayBack = null;
  const agentId = target.kind === 'agent' ? target.agentId : null;
  const talk = startTalk(contact, { agentId, legId: leg.id, queueId: null, recordingId }, via);
  connectSound(contact, talk);
}

export function transferAnswered(contact: Contact, guest: Guest): void {
  guestIsUp(contact, guest);
  handOver(contact, guest, 'transfer');
}

/** The one who was called did not come. The customer is never lost: back to the queue, or to who sent them. */
export function transferFailed(contact: Contact, guest: Guest, end: LegEnd): void {
  const { stage } = contact;
  if (stage.kind !== 'transferring') return;
  contact.guests.delete(guest.leg.id);
  releaseAgent(contact, guest.leg);
  if (stage.transfer.byFlow) return unconnected(contact, guestEnd(guest.leg, end));
  giveBack(contact, guestEnd(guest.leg, end), stage.transfer.back);
}

/** To the queue it came from, with its age; else to the agent who sent it; else nobody has it any more. */
export function giveBack(contact: Contact, reason: string, back: Invitation | null): void {
  const { queueId } = contact;
  if (queueId !== null && !contact.hasReturned) {
    contact.hasReturned = true;
    contact.fact({ type: 'transfer.failed', data: { reason, next: 'queue' } });
    enterQueue(contact, queueId, contact.agedSince);
  } else if (back !== null) {
    contact.wayBack = null;
    contact.fact({ type: 'transfer.failed', data: { reason, next: 'agent' } });
    ring(contact, back, null);
  } else {
    contact.fact({ type: 'transfer.failed', data: { reason, next: 'nobody' } });
    hangUpAll(contact, { result: 'completed', reason });
    decide(contact, 'answered', 'transfer-failed');
  }
}

function enterQueue(contact: Contact, queueId: Contact['queueId'] & string, agedSince: number | null): void {
  const { priority, callerPhone: caller, number } = contact;
  contact.stage = { kind: 'entering' };
  contact.setTimer('entering', entryMaxMs);
  const age = agedSince === null ? {} : { agedSince };
  contact.emit({ type: 'contact.entered', queueId, priority, caller, number, via: 'transfer', ...age });
}

/** A leg that is up comes from another contact: an agent's device joins the two calls that it has. */
export function adopt(contact: Contact, { legId, target, recordingId }: Input<'leg.adopted'>): void {
  const { stage } = contact;
  if (stage.kind !== 'talking' || !stage.talk.bridged || isHere(contact, { target })) {
    contact.emit({ type: 'leg.hangup', legId, code: 200, reason: 'too-late' });
    return refuse(contact, 'not-connected');
  }
  const { talk } = stage;
  noteTransfer(contact, talk, 'attended', target, legId);
  dismissAll(contact, 'transferred');
  leaveTalk(contact, talk, 'transferred');
  const guest = adoptedGuest(contact, legId, target, recordingId);
  handOver(contact, guest, 'transfer');
}

function adoptedGuest(
  contact: Contact,
  legId: Leg['id'],
  target: FarEnd,
  recordingId: Guest['recordingId'],
): Guest {
  const agentId = target.kind === 'agent' ? target.agentId : null;
  const address = target.kind === 'agent' ? target.address : target.number;
  const party = agentId === null ? 'external' : 'agent';
  const leg = addLeg(contact, { id: legId, party, agentId, offerId: null, address, isIncoming: false });
  if (agentId !== null) contact.engage(agentId);
  leg.phase = 'up';
  leg.wasUp = true;
  const guest: Guest = {
    ...{ leg, target, recordingId, place: 'room' as const, supervision: null },
    ...{ isRinging: false, since: contact.now, held: false },
  };
  contact.guests.set(legId, guest);
  return guest;
}

/** The far end of a call that an agent made goes to another contact; this one is over. */
export function surrender(contact: Contact, { legId }: Input<'leg.surrendered'>): void {
  const { stage } = contact;
  const leg = contact.legs.get(legId);
  if (stage.kind !== 'talking' || leg?.phase !== 'up') return refuse(contact, 'not-connected');
  endTalk(contact, stage.talk, 'transferred');
  dismissAll(contact, 'transferred');
  contact.legs.delete(legId);
  contact.isTouched = true;
  const verdict = { result: 'completed', reason: 'transferred' } as const;
  contact.fact({ type: 'leg.ended', data: { legId, party: leg.party, by: 'local', verdict } });
  hangUpAll(contact, { result: 'completed', reason: 'transferred' });
  decide(contact, 'answered', 'transferred');
}

/** A guest that was to be the customer's next agent is forgotten with the customer. */
export function customerGoneMeanwhile(contact: Contact, { guest, byFlow }: Transfer, reason: string): void {
  if (byFlow) {
    dismiss(contact, guest, reason);
    contact.stage = { kind: 'flow' };
    return leaveFlow(contact, reason);
  }
  forgetGuest(contact, guest, reason);
  hangUpAll(contact, { result: 'completed', reason });
  decide(contact, 'answered', reason);
}
