import type { Flow } from '../flow/index.ts';
import {
  createResponse,
  decodeUtf8,
  encodeUtf8,
  parseMessage,
  type SipRequest,
  writeMessage,
} from '../message/index.ts';
import { markReceived, responseFlow } from './response-routing.ts';

/** A To tag in its compact or long form; To stands near the beginning of what telephones send. */
const toTag = /\n(?:To|t)[ \t]*:[^\r\n]*;[ \t]*tag[ \t]*=/i;
const searchedBytesMax = 4_096;
const statusLine = encodeUtf8('SIP/2.0 ');

/**
 * Whether a message goes on with something: a response, or a request within a dialog (RFC 3261 §12.2). Found out without parsing, for
 * a consumer in whose queue many messages wait: what has begun goes before what is new. A message that hides its tag, in a folded
 * line for instance, counts as new.
 */
export function continuesSomething(bytes: Uint8Array): boolean {
  // Most of what comes during a call is responses: text need not be made of them.
  if (statusLine.every((byte, index) => bytes[index] === byte)) return true;
  return toTag.test(decodeUtf8(bytes.subarray(0, searchedBytesMax)));
}

/**
 * The 100 (Trying) for a new INVITE that has to wait before it is given to the stack, so that it is not repeated meanwhile (RFC 3261
 * §8.2.6.1, §17.2.1), and where it goes; undefined for every other message. It has no memory: the stack takes the INVITE as if nothing
 * had been said.
 *
 * @param isKnown whether the request repeats one that the stack has: that one is answered already, finally perhaps.
 */
export function tryingFor(
  bytes: Uint8Array,
  flow: Flow,
  isKnown: (request: SipRequest) => boolean,
): { bytes: Uint8Array; flow: Flow } | undefined {
  const parsed = parseMessage(bytes);
  if (!parsed.ok || parsed.message.kind !== 'request') return undefined;
  const request = parsed.message;
  if (request.method !== 'INVITE' || request.toTag !== undefined) return undefined;
  markReceived(request, flow);
  const { via } = request;
  if (via === undefined || isKnown(request)) return undefined;
  return { bytes: writeMessage(createResponse(request, 100)), flow: responseFlow(via, flow) };
}
