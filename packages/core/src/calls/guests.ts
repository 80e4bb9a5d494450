import type { AgentId, SupervisionMode, UserId } from '@crosspoint/contracts';
import type { Invitation, LegEnd } from './door.ts';
import { addLeg, hangUp } from './leg.ts';
import type { Contact, Guest, Leg } from './model.ts';
import { reasonCode } from './verdict.ts';

/** Parties besides customer and agent at most, supervisors included. */
export const guestsMax = 10;

type Supervision = { userId: UserId; mode: SupervisionMode | 'take-over' };

/** Calls somebody into the contact, or has the customer sent there: a colleague's device, or a number outside. */
export function callGuest(
  contact: Contact,
  { target, legId, recordingId, ringTimeoutMs }: Invitation,
  place: Guest['place'],
  supervision: Supervision | null = null,
  isTransfer = false,
): Guest {
  const agentId = target.kind === 'agent' ? target.agentId : null;
  const address = target.kind === 'agent' ? target.address : target.number;
  const called = target.kind === 'agent' ? 'agent' : 'external';
  const party = supervision === null ? called : 'supervisor';
  const leg = addLeg(contact, { id: legId, party, agentId, offerId: null, address, isIncoming: false });
  const guest: Guest = {
    ...{ leg, target, recordingId, place, supervision },
    ...{ isRinging: false, since: null, held: false },
  };
  contact.guests.set(legId, guest);
  const { callerPhone, callerName } = contact;
  if (target.kind === 'agent') {
    contact.engage(target.agentId, { isRinging: true });
    contact.emit({
      type: 'leg.dial',
      ...{ legId, agentId: target.agentId, offerId: null, address, callerPhone, callerName },
    });
  } else {
    const sentOn = isTransfer && contact.customer?.isIncoming === true ? ({ isSentOn: true } as const) : {};
    contact.emit({
      type: 'leg.call',
      ...{ legId, agentId: contact.lastAgentId, number: target.number },
      ...sentOn,
    });
  }
  contact.setTimer(`ring:${legId}`, ringTimeoutMs);
  return guest;
}

/** A guest's leg is up. */
export function guestIsUp(contact: Contact, guest: Guest): void {
  guest.leg.phase = 'up';
  guest.leg.wasUp = true;
  guest.since = contact.now;
  if (guest.leg.agentId !== null) contact.engage(guest.leg.agentId);
  contact.clearTimer(`ring:${guest.leg.id}`);
}

/** What the target is in facts. */
export function named({ target }: Pick<Guest, 'target'>): { agentId?: AgentId; number?: string } {
  return target.kind === 'agent' ? { agentId: target.agentId } : { number: target.number };
}

/** The guest is none any more: hung up, gone, or now the agent of the conversation. The timeline says what was. */
export function forgetGuest(
  contact: Contact,
  guest: Guest,
  reason: string,
  result: 'transferred' | 'joined' | 'ended' = 'ended',
): void {
  const { leg, supervision, since } = guest;
  if (!contact.guests.delete(leg.id)) return;
  const presentMs = since === null ? 0 : contact.now - since;
  const legId = leg.id;
  if (supervision !== null) {
    if (since === null) return;
    const { userId } = supervision;
    contact.fact({ type: 'supervision.ended', data: { legId, userId, reason, presentMs } });
  } else if (guest.place === 'consult') {
    contact.fact({ type: 'consult.ended', data: { legId, result, reason, talkMs: presentMs } });
  } else if (since !== null) contact.fact({ type: 'party.left', data: { legId, reason, presentMs } });
}

/** Sends a guest away. */
export function dismiss(contact: Contact, guest: Guest, reason: string): void {
  forgetGuest(contact, guest, reason);
  const { leg } = guest;
  hangUp(contact, leg, { result: leg.wasUp ? 'completed' : 'cancelled', reason });
  releaseAgent(contact, leg);
}

export function dismissAll(contact: Contact, reason: string): void {
  for (const guest of [...contact.guests.values()]) dismiss(contact, guest, reason);
}

/** The agent of a leg that is over is free again. */
export function releaseAgent(contact: Contact, { agentId }: Leg): void {
  if (agentId !== null) contact.release(agentId);
}

/** Why a guest did not come, or went. */
export function guestEnd(leg: Leg, end: LegEnd): string {
  return leg.wasUp ? 'hung-up' : reasonCode(end);
}

/** True when that agent has a leg here that is not over. */
export function isHere(contact: Contact, { target }: Pick<Invitation, 'target'>): boolean {
  if (target.kind !== 'agent') return false;
  return [...contact.legs.values()].some(
    ({ agentId, phase }) => agentId === target.agentId && phase !== 'ending',
  );
}
