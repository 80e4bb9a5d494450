import type { ContactOutcome, Verdict } from '@crosspoint/contracts';
import { stopRecordingCaller } from './caller-recording.ts';
import type { LegEnd } from './door.ts';
import { forgetGuest } from './guests.ts';
import { agentLegs, hangUp } from './leg.ts';
import type { Contact, OutgoingCall, RingingOffer, Talk } from './model.ts';
import { leaveSeat } from './seat.ts';
import { endTalk } from './talk.ts';

/** The distributor answers within the same turn; it is awaited this long at most. */
const verdictMaxMs = 5_000;

/** What a stay in a queue can end in for who was never connected; whoever was has been answered, wherever he goes then. */
const unanswered: ReadonlySet<ContactOutcome> = new Set(['abandoned', 'overflowed', 'deflected']);

/** The outcome is decided, exactly once. */
export function decide(contact: Contact, outcome: ContactOutcome, reason: string): void {
  contact.clearTimer('entering');
  contact.clearTimer('leaving');
  contact.stage = { kind: 'ended' };
  contact.releaseEngaged();
  const isAnswered = contact.segments > 0 && unanswered.has(outcome);
  contact.fact({ type: 'contact.ended', data: { outcome: isAnswered ? 'answered' : outcome, reason } });
}

/**
 * The customer is gone before an agent was assigned. The queue has the last word on the stay, because an acceptance may be on
 * its way: the outcome is decided with the fact `queue.left`, so that the two can never disagree.
 */
export function leaveQueue(contact: Contact, reason: string, outcome: ContactOutcome | null = null): void {
  const { stage } = contact;
  const offers: RingingOffer[] = stage.kind === 'waiting' ? stage.offers : [];
  for (const leg of agentLegs(contact)) hangUp(contact, leg, { result: 'cancelled', reason });
  contact.clearTimer('entering');
  contact.stage = { kind: 'leaving', reason, outcome, offers };
  contact.setTimer('leaving', verdictMaxMs);
  contact.emit({ type: 'contact.left', reason });
}

/** The conversation is over; whoever is still there is hung up. */
export function endConversation(
  contact: Contact,
  talk: Talk,
  reason: string,
  outcome: ContactOutcome = 'answered',
): void {
  for (const guest of [...contact.guests.values()]) forgetGuest(contact, guest, reason);
  endTalk(contact, talk, reason);
  hangUpAll(contact, { result: 'completed', reason });
  decide(contact, outcome, reason);
}

export function hangUpAll(contact: Contact, verdict: Verdict): void {
  for (const leg of contact.legs.values()) {
    hangUp(contact, leg, leg.wasUp ? verdict : { result: 'cancelled', reason: verdict.reason });
  }
}

/** An agent to whom a queue gave the contact did not get to talk with the customer, and is free of it. */
export function releaseDialling(contact: Contact, { agentId, queueId }: OutgoingCall): void {
  if (queueId === null) return;
  contact.wrapUpPending = true;
  contact.emit({ type: 'conversation.ended', agentId });
}

/** Ends whatever there is with the outcome `failed`, unless one was decided before. */
export function failContact(contact: Contact, reason: string): void {
  const { stage } = contact;
  switch (stage.kind) {
    case 'new':
      contact.stage = { kind: 'ended' };
      return;
    case 'entering':
    case 'waiting':
      leaveQueue(contact, reason, 'failed');
      break;
    case 'talking':
      endConversation(contact, stage.talk, reason, 'failed');
      break;
    case 'dialling':
      releaseDialling(contact, stage.call);
      failLegs(contact, reason);
      break;
    case 'calling-desk':
      failLegs(contact, reason);
      break;
    case 'flow':
      stopRecordingCaller(contact);
      leaveSeat(contact, reason);
      failLegs(contact, reason);
      break;
    case 'transferring':
      forgetGuest(contact, stage.transfer.guest, reason);
      failLegs(contact, reason);
      break;
    case 'leaving':
      stage.outcome = 'failed';
      break;
    case 'ended':
    case 'closed':
      break;
  }
  hangUpAll(contact, { result: 'failed', reason });
}

/** Every leg ends, and the contact with them. */
function failLegs(contact: Contact, reason: string): void {
  hangUpAll(contact, { result: 'failed', reason });
  decide(contact, 'failed', reason);
}

/** `customer-hung-up`, or `customer-lost` when nobody said goodbye; likewise for the agent. */
export function goneReason(party: 'customer' | 'agent', { by }: LegEnd): string {
  return by === 'timeout' || by === 'transport' ? `${party}-lost` : `${party}-hung-up`;
}
