import type { ContactInput } from './door.ts';
import { decide, hangUpAll } from './ending.ts';
import { addLeg } from './leg.ts';
import type { Contact, Leg } from './model.ts';
import { enterHouse } from './queueing.ts';

/**
 * An agent goes to a place of the house from the desk, and has the place of a customer there: the device rings, and its answer is
 * the arrival.
 */
export function callFromDesk(contact: Contact, input: Extract<ContactInput, { type: 'desk.called' }>): void {
  if (contact.stage.kind !== 'new') return;
  const { agentId, legId, address, direction, number, callerPhone, callerName, carrier, target } = input;
  Object.assign(contact, { number, callerPhone, callerName });
  contact.hasStarted = true;
  contact.fact({
    type: 'contact.started',
    data: { direction, number, callerPhone, callerName, carrier, legId },
  });
  if (input.routing !== undefined) contact.fact({ type: 'routing.decided', data: input.routing });
  contact.customer = addLeg(contact, {
    ...{ id: legId, party: 'customer', agentId, offerId: null, address, isIncoming: false },
  });
  contact.stage = { kind: 'calling-desk', target };
  contact.engageCaller(agentId);
  const shown = { address, callerPhone: number, callerName: '' };
  contact.emit({ type: 'leg.dial', legId, agentId, offerId: null, ...shown });
  contact.setTimer(`ring:${legId}`, input.ringTimeoutMs);
}

/** The device has answered. */
export function deskAnswered(contact: Contact, leg: Leg): void {
  if (contact.stage.kind !== 'calling-desk') return;
  const { target } = contact.stage;
  leg.phase = 'up';
  leg.wasUp = true;
  contact.clearTimer(`ring:${leg.id}`);
  enterHouse(contact, leg, target);
}

/** It has not, or nobody wants to go there any more. */
export function deskUnanswered(contact: Contact, reason: string): void {
  hangUpAll(contact, { result: 'no-answer', reason });
  decide(contact, 'failed', reason);
}
