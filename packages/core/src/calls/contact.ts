import type { ContactId, EpochMs } from '@crosspoint/contracts';
import { recordCaller, stopRecordingCaller } from './caller-recording.ts';
import { endFarewell, startCallingBack } from './calling-back.ts';
import { callFromDesk, deskUnanswered } from './desk.ts';
import { customerGone, handleLeg, hangUpByCommand, legGone } from './carrier.ts';
import type { ContactEffect, ContactInput, ContactMachine, ContactView } from './door.ts';
import { diallingTimedOut, startDialling } from './dialling.ts';
import {
  changeParty,
  inviteParty,
  leaveConference,
  lockConference,
  removeParty,
  withoutAgent,
} from './conference.ts';
import { cancelConsult, completeConsult, joinConsult, startConsult, swapConsult } from './consult.ts';
import { decide, endConversation, failContact } from './ending.ts';
import { endFlow, queueFromFlow, recall } from './flow.ts';
import { guestTimedOut } from './guest-legs.ts';
import { hangUp, legState, releaseLate } from './leg.ts';
import { Contact, takeOffer } from './model.ts';
import { pickUp } from './pick-up.ts';
import {
  acceptEntry,
  arrive,
  assign,
  dialAgent,
  overflow,
  recordFact,
  refuseEntry,
  withdrawOffer,
} from './queueing.ts';
import { hearRecording, muteSeat, noteLock, takeSeat } from './scheduled.ts';
import { leaveSeat } from './seat.ts';
import { changeSupervision, startSupervision } from './supervision.ts';
import { commandHold, commandRecording, pauseRecording } from './talk.ts';
import { adopt, surrender, transferBlind, transferFromFlow } from './transfer.ts';
import { contactState, viewContact } from './view.ts';

/** Makes the machine of one contact; see `door.ts` for its contract and `SPEC.md` for its rules. */
export function createContact(id: ContactId): ContactMachine {
  const contact = new Contact(id);
  return {
    id,
    handle(input: ContactInput, now: EpochMs): ContactEffect[] {
      if (now > contact.now) contact.now = now;
      if (contact.stage.kind === 'closed') {
        answerAfterEnd(contact, input);
        return contact.takeEffects();
      }
      const stateBefore = contactState(contact);
      apply(contact, input);
      closeIfOver(contact);
      reportChange(contact, stateBefore);
      return contact.takeEffects();
    },
    view(): ContactView {
      return viewContact(contact);
    },
  };
}

/** Nothing of this contact may live on: what comes up now is released, and the distributor is told that nobody is here. */
function answerAfterEnd(contact: Contact, input: ContactInput): void {
  if (input.type === 'leg.answered') releaseLate(contact, input.legId);
  else if (input.type === 'offer.make') contact.emit({ type: 'contact.left', reason: 'not-waiting' });
  else if (input.type === 'contact.assigned') {
    contact.emit({ type: 'conversation.ended', agentId: input.agentId });
  }
}

type GatheringInput = Extract<
  ContactInput,
  {
    type:
      | 'transfer.requested'
      | 'leg.adopted'
      | 'leg.surrendered'
      | 'leg.picked-up'
      | `consult.${string}`
      | `party.${string}`
      | `conference.${string}`
      | `supervision.${string}`;
  }
>;

function apply(contact: Contact, input: ContactInput): void {
  switch (input.type) {
    case 'contact.arrived':
      return arrive(contact, input);
    case 'contact.called-back':
      return startCallingBack(contact, input);
    case 'farewell.over':
      return endFarewell(contact);
    case 'contact.dialled':
      return startDialling(contact, input);
    case 'desk.called':
      return callFromDesk(contact, input);
    case 'leg.ringing':
    case 'leg.early-media':
    case 'leg.answered':
    case 'leg.failed':
    case 'leg.ended':
    case 'leg.held':
    case 'leg.resumed':
    case 'leg.digit':
      return handleLeg(contact, input);
    case 'entry.accepted':
      return acceptEntry(contact);
    case 'entry.refused':
      return refuseEntry(contact, input);
    case 'offer.make':
      return dialAgent(contact, input);
    case 'offer.withdraw':
      return withdrawOffer(contact, input.offerId, input.reason);
    case 'offer.stale':
      return withdrawOffer(contact, input.offerId, 'too-late');
    case 'contact.assigned':
      return assign(contact, input);
    case 'contact.overflowed':
      return overflow(contact, input);
    case 'contact.wrapped':
      contact.wrapUpPending = false;
      return;
    case 'fact':
      return recordFact(contact, input.fact);
    case 'flow.queued':
      return queueFromFlow(contact, input);
    case 'flow.over':
      return endFlow(contact, input);
    case 'flow.recalled':
      return recall(contact);
    case 'flow.transferred':
      return transferFromFlow(contact, input.invitation);
    case 'flow.recording':
      return recordCaller(contact, input.recordingId);
    case 'flow.recorded':
      return stopRecordingCaller(contact);
    case 'hold.requested':
    case 'resume.requested':
      return commandHold(contact, input.agentId, input.type === 'hold.requested');
    case 'hangup.requested':
      return hangUpByCommand(contact, contact.legs.get(input.legId), input.reason);
    case 'recording.commanded':
      return commandRecording(contact, input);
    case 'recording.paused':
      return pauseRecording(contact, input);
    case 'recording.ended':
      return recordingEnded(contact, input);
    case 'timer.due':
      if (contact.takeTimer(input.name)) timerDue(contact, input.name);
      return;
    case 'contact.failed':
      return failContact(contact, input.reason);
    default:
      return bringTogether(contact, input);
  }
}

/** Transfers, conferences and supervision: who takes part in a conversation. */
function bringTogether(contact: Contact, input: GatheringInput): void {
  switch (input.type) {
    case 'transfer.requested':
      return transferBlind(contact, input);
    case 'leg.adopted':
      return adopt(contact, input);
    case 'leg.surrendered':
      return surrender(contact, input);
    case 'leg.picked-up':
      return pickUp(contact, input);
    case 'consult.requested':
      return startConsult(contact, input.invitation);
    case 'consult.swapped':
      return swapConsult(contact);
    case 'consult.completed':
      return completeConsult(contact);
    case 'consult.cancelled':
      return cancelConsult(contact);
    case 'consult.joined':
      return joinConsult(contact);
    case 'party.invited':
      return inviteParty(contact, input.invitation);
    case 'party.changed':
      return changeParty(contact, input);
    case 'party.removed':
      return removeParty(contact, input);
    case 'conference.locked':
      return lockConference(contact, input);
    case 'conference.left':
      return leaveConference(contact);
    case 'conference.seated':
      return takeSeat(contact, input.seat);
    case 'conference.muted':
      return muteSeat(contact, input.muted);
    case 'conference.closed':
      return noteLock(contact, input.locked);
    case 'conference.recorded':
      return hearRecording(contact, input.recordingId);
    case 'conference.unseated':
      return leaveSeat(contact, input.reason);
    case 'supervision.requested':
      return startSupervision(contact, input);
    case 'supervision.changed':
      return changeSupervision(contact, input);
  }
}

function recordingEnded(
  contact: Contact,
  { recordingId, durationMs, result, reason, message }: Extract<ContactInput, { type: 'recording.ended' }>,
): void {
  const segment = contact.recordings.get(recordingId);
  if (segment === undefined) return;
  contact.recordings.delete(recordingId);
  if (contact.flowRecording === recordingId) contact.flowRecording = null;
  if (contact.seat?.recordingId === recordingId) contact.seat.recordingId = null;
  contact.clearTimer(`recording:${recordingId}`);
  contact.fact({ type: 'recording.ended', data: { recordingId, segment, durationMs, result, reason } });
  if (message !== undefined)
    contact.fact({ type: 'voicemail.left', data: { ...message, recordingId, durationMs } });
}

/** Whoever was awaited did not come: the machine goes on without. */
function timerDue(contact: Contact, name: string): void {
  const [kind, id] = splitName(name);
  const leg = [...contact.legs.values()].find((each) => each.id === id);
  const { stage } = contact;
  if (kind === 'flow') endFlow(contact, { type: 'flow.over', reason: 'customer-gone' });
  else if (kind === 'farewell') endFarewell(contact);
  else if (kind === 'entering') failContact(contact, 'distributor-silent');
  else if (kind === 'leaving' && stage.kind === 'leaving') {
    decide(contact, stage.outcome ?? 'abandoned', stage.reason);
  } else if (kind === 'recording') {
    const recordingId = [...contact.recordings.keys()].find((each) => each === id);
    if (recordingId === undefined) return;
    const silent = { durationMs: 0, result: 'failed', reason: 'no-report' } as const;
    recordingEnded(contact, { type: 'recording.ended', recordingId, ...silent });
  } else if (leg === undefined) return;
  else if (kind === 'ring' && contact.guests.has(leg.id)) {
    const guest = contact.guests.get(leg.id);
    if (guest !== undefined) guestTimedOut(contact, guest);
  } else if (kind === 'hangup') legGone(contact, leg, { code: 0, reason: 'no-confirmation', by: 'timeout' });
  else if (kind === 'ring' && stage.kind === 'dialling') diallingTimedOut(contact, leg, stage.call);
  else if (kind === 'ring' && stage.kind === 'calling-desk') deskUnanswered(contact, 'agent-no-answer');
  else if (kind === 'answer') {
    hangUp(contact, leg, { result: 'failed', reason: 'not-acknowledged' });
    if (leg.party === 'customer') customerGone(contact, 'not-acknowledged');
    else if (stage.kind === 'talking' && !withoutAgent(contact, stage.talk, 'agent-lost')) {
      endConversation(contact, stage.talk, 'agent-lost');
    }
  } else if (kind === 'ring' || kind === 'claim') {
    giveUpOffer(contact, leg.id);
    hangUp(contact, leg, { result: 'failed', reason: 'no-report' });
  }
}

function giveUpOffer(contact: Contact, legId: string): void {
  const offer = takeOffer(contact, (each) => each.legId === legId);
  if (offer === undefined) return;
  const { offerId } = offer;
  contact.emit({ type: 'offer.failed', offerId, result: 'failed', reason: 'no-report' });
}

function splitName(name: string): [kind: string, id: string] {
  const colon = name.indexOf(':');
  return colon < 0 ? [name, ''] : [name.slice(0, colon), name.slice(colon + 1)];
}

/** The last thing that happens: legs, recordings and wrap-up are over. */
function closeIfOver(contact: Contact): void {
  if (contact.stage.kind !== 'ended' || contact.wrapUpPending) return;
  if (contact.legs.size > 0 || contact.recordings.size > 0) return;
  contact.clearAllTimers();
  contact.stage = { kind: 'closed' };
  contact.isTouched = true;
  // A machine that failed before any call arrived has no history to close.
  if (contact.hasStarted) contact.fact({ type: 'contact.closed', data: {} });
  contact.emit({ type: 'closed' });
}

/** Says once per input that what the board shows has changed. */
function reportChange(contact: Contact, stateBefore: ContactView['state']): void {
  let changed = contact.isTouched || contactState(contact) !== stateBefore;
  for (const leg of contact.legs.values()) {
    const shown = legState(contact, leg);
    if (shown === leg.shown) continue;
    leg.shown = shown;
    leg.since = contact.now;
    changed = true;
  }
  contact.isTouched = false;
  if (changed) contact.emit({ type: 'touched' });
}
