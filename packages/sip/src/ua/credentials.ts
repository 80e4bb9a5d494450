import type { DigestClient } from '../digest/index.ts';
import type { SipRequest, SipResponse } from '../message/index.ts';
import type { UserAgentContext } from './context.ts';
import { repeatRequest } from './repeated-request.ts';

/**
 * The request again with the answer to a 401 or 407, a new branch and the given CSeq number (RFC 3261 §22.2);
 * undefined when there is nothing to answer with, or the server has refused an answer already.
 */
export function answerWithCredentials(
  context: UserAgentContext,
  request: SipRequest,
  response: SipResponse,
  digest: DigestClient | undefined,
  createVia: () => string,
  nextSequence: () => number,
): SipRequest | undefined {
  if (digest === undefined || (response.status !== 401 && response.status !== 407)) return undefined;
  if (digest.takeChallenge(response) !== 'retry') return undefined;
  const { method, uriText: uri, body } = request;
  const headers = digest
    .authorize({ method, uri, body }, context.token())
    .map(({ name, value }) => [name, value] as const);
  return repeatRequest(request, createVia(), nextSequence(), headers);
}
