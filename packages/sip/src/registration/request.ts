import type { DigestClient } from '../digest/index.ts';
import { makeAddress, quote, SipRequest, writeAddress, type NameAddress } from '../message/index.ts';
import type { RegistrationCommand, RegistrationHost } from './types.ts';

/** What changes from one REGISTER to the next, or is drawn once. */
export type RegisterParts = {
  address: NameAddress;
  via: string;
  contact: string;
  /** 0 takes the registration away. */
  expiresSeconds: number;
  hasOutbound: boolean;
  callId: string;
  fromTag: string;
  sequence: number;
  digest: DigestClient | undefined;
};

/** Writes a REGISTER (RFC 3261 §10.2, RFC 3327 §5.1, RFC 5626 §4.2.1). */
export function createRegister(
  command: RegistrationCommand,
  host: Pick<RegistrationHost, 'token' | 'userAgent'>,
  parts: RegisterParts,
): SipRequest {
  const { address, expiresSeconds, digest } = parts;
  const request = new SipRequest('REGISTER', command.registrar);
  request.push('Via', parts.via);
  request.push('Max-Forwards', '70');
  for (const route of command.route ?? []) request.append('Route', route);
  const to = writeAddress(makeAddress(address.uriText, address.displayName));
  request.append('From', `${to};tag=${parts.fromTag}`);
  request.append('To', to);
  request.push('Call-ID', parts.callId);
  request.push('CSeq', `${parts.sequence} REGISTER`);
  const outbound = contactParameters(command.outbound, parts.hasOutbound);
  request.append('Contact', `${parts.contact}${outbound};expires=${expiresSeconds}`);
  request.push('Expires', String(expiresSeconds));
  request.push('Supported', parts.hasOutbound ? 'path, outbound' : 'path');
  request.append('User-Agent', host.userAgent);
  for (const [name, value] of command.headers ?? []) request.append(name, value);
  const authenticated = { method: 'REGISTER', uri: command.registrar };
  for (const { name, value } of digest?.authorize(authenticated, host.token()) ?? [])
    request.append(name, value);
  return request;
}

/** The value of `+sip.instance`: the URN in angle brackets. */
export function instanceValue({ instanceId }: NonNullable<RegistrationCommand['outbound']>): string {
  return `<${instanceId}>`;
}

function contactParameters(outbound: RegistrationCommand['outbound'], hasOutbound: boolean): string {
  if (outbound === undefined) return '';
  const instance = `;+sip.instance=${quote(instanceValue(outbound))}`;
  return hasOutbound ? `${instance};reg-id=${outbound.registrationId ?? 1}` : instance;
}
