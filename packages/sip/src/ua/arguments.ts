import {
  cleanValue,
  makeAddress,
  parseAddress,
  parseUri,
  writeUri,
  type NameAddress,
  type SipUri,
} from '../message/index.ts';
import type { CommandResult } from './options.ts';

/** A command was carried out. */
export const done: CommandResult = { ok: true };

/** A command was refused and changed nothing. */
export function refused(
  reason: Exclude<CommandResult, { ok: true }>['reason'],
  detail: string,
): CommandResult {
  return { ok: false, reason, detail };
}

export function wrongStatus(status: number, range: string): CommandResult {
  return refused('invalid-argument', `status: ${status} is not within ${range}.`);
}

/** A Request-URI from outside as text that is safe in a start line. */
export function readUri(uri: string | SipUri): string | undefined {
  const text = typeof uri === 'string' ? uri : writeUri(uri);
  const parsed = parseUri(text);
  // A Request-URI has no header part (RFC 3261 §19.1.1).
  return parsed?.headers === undefined ? parsed && text : writeUri({ ...parsed, headers: undefined });
}

/** An address from outside, without the tag that only the stack gives. */
export function readAddress(address: string | NameAddress): NameAddress | undefined {
  const parsed = typeof address === 'string' ? parseAddress(cleanValue(address)) : address;
  if (parsed === undefined || parseUri(parsed.uriText) === undefined) return undefined;
  const parameters = new Map(parsed.parameters);
  parameters.delete('tag');
  return makeAddress(parsed.uriText, parsed.displayName, parameters);
}
