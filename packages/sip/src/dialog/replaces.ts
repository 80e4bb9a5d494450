import { cleanValue, parseParameters, type SipRequest } from '../message/index.ts';

/** A dialog as its holder names it. */
export type DialogId = { callId: string; localTag: string; remoteTag: string };

/** The dialog that a new one replaces, as the receiver of the INVITE sees it (RFC 3891 §6.1): to-tag is its own. */
export type Replaces = { callId: string; toTag: string; fromTag: string; earlyOnly: boolean };

/** Reads a Replaces value; undefined when it is malformed or lacks a tag. */
export function parseReplaces(value: string): Replaces | undefined {
  const parts = parseDialogReference(value);
  const toTag = parts?.parameters.get('to-tag') ?? '';
  const fromTag = parts?.parameters.get('from-tag') ?? '';
  if (parts === undefined || toTag === '' || fromTag === '') return undefined;
  return { callId: parts.callId, toTag, fromTag, earlyOnly: parts.parameters.has('early-only') };
}

/** Writes a Replaces value. */
export function writeReplaces({ callId, toTag, fromTag, earlyOnly }: Replaces): string {
  return cleanValue(`${callId};to-tag=${toTag};from-tag=${fromTag}${earlyOnly ? ';early-only' : ''}`);
}

/**
 * The dialog that Target-Dialog names (RFC 4538 §7), as we see it: what is local to the sender is remote to us.
 * Undefined when the header is missing or malformed.
 */
export function readTargetDialog(request: SipRequest): DialogId | undefined {
  const parts = parseDialogReference(request.header('Target-Dialog') ?? '');
  const localTag = parts?.parameters.get('remote-tag') ?? '';
  const remoteTag = parts?.parameters.get('local-tag') ?? '';
  if (parts === undefined || localTag === '' || remoteTag === '') return undefined;
  return { callId: parts.callId, localTag, remoteTag };
}

/** `callid *( ; name [ = value ] )`; undefined when malformed. */
function parseDialogReference(
  value: string,
): { callId: string; parameters: ReadonlyMap<string, string> } | undefined {
  const semicolon = value.indexOf(';');
  const callId = value.slice(0, semicolon < 0 ? 0 : semicolon).trim();
  const tail = callId === '' || /[\s,]/.test(callId) ? undefined : parseParameters(value, semicolon);
  return tail && { callId, parameters: tail.parameters };
}
