import { parseParameters, quote, readDigits, type SipRequest } from '../message/index.ts';

/** The Event header: what is watched (RFC 6665 §8.2.1). */
export type EventName = { package: string; id: string | undefined };

/** Reads Event; undefined when it is missing or malformed. Package names are compared as they stand, in small letters. */
export function readEvent(request: SipRequest): EventName | undefined {
  const value = request.header('Event');
  if (value === undefined) return undefined;
  const semicolon = value.indexOf(';');
  const name = (semicolon < 0 ? value : value.slice(0, semicolon)).trim().toLowerCase();
  const tail = semicolon < 0 ? undefined : parseParameters(value, semicolon);
  if (!/^[a-z0-9!%*_+`'~.-]+$/.test(name) || (semicolon >= 0 && tail === undefined)) return undefined;
  return { package: name, id: tail?.parameters.get('id') };
}

export function writeEvent(event: EventName): string {
  return event.id === undefined ? event.package : `${event.package};id=${event.id}`;
}

/** Why a subscription is over (RFC 6665 §4.1.3); names that are not known here count as `noresource` for the reader. */
export type TerminationReason =
  | 'deactivated'
  | 'probation'
  | 'rejected'
  | 'timeout'
  | 'giveup'
  | 'noresource'
  | 'invariant';

/** The Subscription-State header (RFC 6665 §8.2.3), times in seconds. */
export type SubscriptionState = {
  name: 'active' | 'pending' | 'terminated';
  expiresSeconds?: number;
  /** With terminated. */
  reason?: string;
  /** With terminated: how long to wait before a new SUBSCRIBE. */
  retryAfterSeconds?: number;
};

/**
 * Reads Subscription-State; undefined when it is missing or malformed. States of extensions count as active
 * (RFC 6665 §4.1.3).
 */
export function readSubscriptionState(request: SipRequest): SubscriptionState | undefined {
  const value = request.header('Subscription-State');
  if (value === undefined) return undefined;
  const semicolon = value.indexOf(';');
  const text = (semicolon < 0 ? value : value.slice(0, semicolon)).trim().toLowerCase();
  const tail = semicolon < 0 ? undefined : parseParameters(value, semicolon);
  if (text === '' || (semicolon >= 0 && tail === undefined)) return undefined;
  const name = text === 'pending' || text === 'terminated' ? text : 'active';
  const expiresSeconds = readDigits(tail?.parameters.get('expires') ?? '');
  const reason = tail?.parameters.get('reason')?.toLowerCase();
  const retryAfterSeconds = readDigits(tail?.parameters.get('retry-after') ?? '');
  return {
    name,
    ...(expiresSeconds < 0 ? {} : { expiresSeconds }),
    ...(reason === undefined ? {} : { reason }),
    ...(retryAfterSeconds < 0 ? {} : { retryAfterSeconds }),
  };
}

export function writeSubscriptionState(state: SubscriptionState): string {
  let text: string = state.name;
  if (state.reason !== undefined)
    text += `;reason=${/^[\w.-]+$/.test(state.reason) ? state.reason : quote(state.reason)}`;
  if (state.expiresSeconds !== undefined) text += `;expires=${state.expiresSeconds}`;
  if (state.retryAfterSeconds !== undefined) text += `;retry-after=${state.retryAfterSeconds}`;
  return text;
}

/** Reads Expires; undefined when it is missing or malformed. */
export function readExpires(message: { header(name: string): string | undefined }): number | undefined {
  const seconds = readDigits((message.header('Expires') ?? '').trim());
  return seconds < 0 ? undefined : seconds;
}
