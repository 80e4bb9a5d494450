import type { Flow } from '../flow/index.ts';
import type { SipRequest } from '../message/index.ts';
import type { UserAgentContext } from './context.ts';
import { repeatRequest } from './repeated-request.ts';

/** A datagram above it may be cut in pieces on its way, which many networks drop (RFC 3261 §18.1.1). */
export const datagramBytesMax = 1_300;

/**
 * The request for a stream, and the way there, when it is too long for a datagram and the consumer knows a way;
 * undefined when it stays as it is.
 */
export function forStream(
  context: UserAgentContext,
  request: SipRequest,
  flow: Flow,
): { request: SipRequest; flow: Flow } | undefined {
  const { largeRequestFlow } = context.options;
  if (largeRequestFlow === undefined || flow.protocol !== 'udp' || lengthOf(request) <= datagramBytesMax)
    return undefined;
  const stream = largeRequestFlow(flow);
  return stream && { request: overFlow(context, request, stream), flow: stream };
}

/** The same request, CSeq included, in a transaction of its own on that flow. */
export function overFlow(context: UserAgentContext, request: SipRequest, flow: Flow): SipRequest {
  return repeatRequest(request, context.createVia(flow), request.sequence, []);
}

/** About how many bytes a request will have; text beyond ASCII has some more. */
function lengthOf({ method, uriText, names, values, body }: SipRequest): number {
  let length = method.length + uriText.length + 40 + body.length;
  for (let i = 0; i < names.length; i++)
    length += (names[i] as string).length + (values[i] as string).length + 4;
  return length;
}
