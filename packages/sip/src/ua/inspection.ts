import { readDigits, uriScheme, type SipRequest } from '../message/index.ts';
import { refuseMethod, refuseRequire } from './content.ts';
import type { UserAgentContext } from './context.ts';

/** A response outside the normal course: status, headers, reason phrase. */
export type RequestRefusal = {
  status: number;
  headers?: ReadonlyArray<readonly [string, string]>;
  reason?: string | undefined;
};

/** The inspections of RFC 3261 §8.2.1 and §8.2.2; the refusal, or undefined. */
export function inspect(request: SipRequest, context: UserAgentContext): RequestRefusal | undefined {
  const refusal = refuseMethod(request, context.methods);
  if (refusal !== undefined) return refusal;
  const scheme = uriScheme(request.uriText);
  if (scheme !== 'sip' && scheme !== 'sips' && scheme !== 'tel') return { status: 416 };
  if (request.uri === undefined) return { status: 400, reason: 'Malformed Request-URI' };
  // OPTIONS with Max-Forwards 0 is meant for whoever receives it (§11.1).
  const maxForwards = request.header('Max-Forwards');
  if (maxForwards !== undefined && readDigits(maxForwards) === 0 && request.method !== 'OPTIONS')
    return { status: 483 };
  // RFC 3891 §3: only an INVITE can replace a dialog.
  if (
    context.options.replaces === true &&
    request.method !== 'INVITE' &&
    request.header('Replaces') !== undefined
  )
    return { status: 400, reason: 'Replaces Outside INVITE' };
  return refuseRequire(request, context.extensions);
}

/** A tag that depends only on what a repetition has in common with its original (FNV-1a). */
export function statelessTag(request: SipRequest): string {
  const text = `${request.header('Via') ?? ''} ${request.header('Call-ID') ?? ''} ${request.header('CSeq') ?? ''}`;
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}
