import { answerChallenge } from '../digest/index.ts';
import type { SipRequest, SipResponse } from '../message/index.ts';
import type { UserAgentContext } from './context.ts';
import type { ClientCredentials } from './options.ts';
import { repeatRequest } from './repeated-request.ts';

/**
 * The request again with the answer to a 401 or 407, a new branch and the given CSeq number (RFC 3261 §22.2);
 * undefined when there is nothing to answer with, or the server has refused an answer already.
 */
export function answerWithCredentials(
  context: UserAgentContext,
  request: SipRequest,
  response: SipResponse,
  credentials: ClientCredentials | undefined,
  via: string,
  nextSequence: () => number,
): SipRequest | undefined {
  if (credentials === undefined || (response.status !== 401 && response.status !== 407)) return undefined;
  const answer = answerChallenge(response, request.method, request.uriText, credentials, context.token());
  // A second challenge of the same kind means that the password is wrong.
  if (answer === undefined || request.header(answer.name) !== undefined) return undefined;
  return repeatRequest(request, via, nextSequence(), [[answer.name, answer.value]]);
}
