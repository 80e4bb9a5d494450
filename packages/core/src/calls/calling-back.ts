import { callFarEnd } from './dialling.ts';
import type { ContactInput } from './door.ts';
import { decide, hangUpAll } from './ending.ts';
import { agentLegs, hangUp } from './leg.ts';
import type { Contact, RingingOffer } from './model.ts';

type CalledBack = Extract<ContactInput, { type: 'contact.called-back' }>;

/** The distributor answers within the same turn; it is awaited this long at most. */
const entryMaxMs = 5_000;
/** Longer than any farewell lasts; only if nobody reports its end does this act. */
const farewellMaxMs = 30_000;

/** A promised callback takes its place in the queue; there is no leg yet. */
export function startCallingBack(contact: Contact, input: CalledBack): void {
  if (contact.stage.kind !== 'new') return;
  const { legId, number, callerName, carrier, queueId, priority, record, agedSince, ringTimeoutMs } = input;
  Object.assign(contact, { number, callerPhone: number, callerName, queueId, priority, records: record });
  contact.callback = { legId, ringTimeoutMs };
  contact.fact({
    type: 'contact.started',
    data: { direction: 'outbound', number, callerPhone: number, callerName, carrier, legId },
  });
  contact.hasStarted = true;
  contact.stage = { kind: 'entering' };
  contact.setTimer('entering', entryMaxMs);
  contact.emit({
    type: 'contact.entered',
    ...{ queueId, priority, caller: number, number, agedSince },
    via: 'callback',
  });
}

/** An agent has taken the contact and is there: the customer is called. */
export function callCustomer(
  contact: Contact,
  { agentId, legId, queueId, recordingId }: RingingOffer,
  { legId: farLegId, ringTimeoutMs }: NonNullable<Contact['callback']>,
): void {
  const call = {
    ...{ agentId, legId, farLegId, queueId, recordingId, ringTimeoutMs },
    far: { kind: 'number', number: contact.number } as const,
    detectsAnswer: false,
    isFarRinging: false,
    isEarly: false,
  };
  contact.stage = { kind: 'dialling', call };
  callFarEnd(contact, call);
}

/** The queue has let the contact go with a promise: the customer hears it and is hung up at its end. */
export function startFarewell(contact: Contact, reason: string): void {
  for (const leg of agentLegs(contact)) hangUp(contact, leg, { result: 'cancelled', reason });
  decide(contact, 'callback', reason);
  if (contact.customer?.phase === 'up') contact.setTimer('farewell', farewellMaxMs);
  else endFarewell(contact);
}

export function endFarewell(contact: Contact): void {
  if (contact.stage.kind !== 'ended') return;
  contact.clearTimer('farewell');
  hangUpAll(contact, { result: 'completed', reason: 'callback' });
}
