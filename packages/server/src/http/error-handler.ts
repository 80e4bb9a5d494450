import type { Problem, ProblemCode } from '@crosspoint/contracts';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { checked, fieldErrors } from './field-errors.ts';
import { languageOf, translated } from './language/index.ts';
import { locatorOf } from './text-bodies.ts';
import { HttpProblem } from './problem.ts';
import { unstorableTexts } from './unstorable-text.ts';

/** Fastify's own refusals, by its code. */
const FASTIFY_PROBLEMS: Readonly<Record<string, readonly [ProblemCode, string]>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['media-type-unsupported', 'Send the body as application/json.'],
  FST_ERR_CTP_BODY_TOO_LARGE: ['body-too-large', 'The body is larger than this address takes; send less.'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['body-unreadable', 'The body is empty; send JSON, or no content type.'],
  FST_ERR_CTP_INVALID_JSON_BODY: ['body-unreadable', 'The body is not valid JSON.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['body-unreadable', 'The body is not as long as Content-Length says.'],
};

/** Addresses that the router itself refuses. There is nothing at any of them. */
const ADDRESS_FAULTS = new Set(['FST_ERR_BAD_URL', 'FST_ERR_MAX_PARAM_LENGTH', 'FST_ERR_ASYNC_CONSTRAINT']);

/**
 * PostgreSQL's classes of failure in which trying again later is right (SQLSTATE 08, 53, 57, 58), and 25006: it takes nothing, as a
 * standby to which one has failed over.
 */
const UNAVAILABLE_SQLSTATE = /^(?:08|53|57|58|25006)/;
const UNAVAILABLE_SYSTEM = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'EPIPE', 'ETIMEDOUT']);
const UNAVAILABLE_RETRY_SECONDS = 5;

/** Answers with the problem as `application/problem+json`. */
export function sendProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  problem: HttpProblem,
): FastifyReply {
  const language = languageOf(request.headers['accept-language']);
  const document: Problem = translated(problem.toDocument(request.id), language);
  if (problem.code === 'unauthenticated' || problem.code === 'credentials-wrong') {
    reply.header('www-authenticate', 'Bearer realm="crosspoint"');
  }
  if (document.retryAfterSeconds !== undefined) reply.header('retry-after', document.retryAfterSeconds);
  return reply
    .code(problem.status)
    .header('cache-control', 'no-store')
    .header('content-language', language)
    .type('application/problem+json')
    .serializer((payload: unknown) => (typeof payload === 'string' ? payload : JSON.stringify(payload)))
    .send(document);
}

/** The one place that turns whatever was thrown into an answer. Faults are logged with the request's id. */
export function handleError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = problemOf(error, request);
  if (problem.status >= 500) request.log.error({ err: error, url: request.url }, problem.message);
  return sendProblem(request, reply, problem);
}

function problemOf(error: unknown, request: FastifyRequest): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (error instanceof z.ZodError) return invalid(fieldErrors(error.issues, request.body));
  const fault = error as Partial<FastifyError>;
  if (hasZodFastifySchemaValidationErrors(error)) return validationProblem(error, request);
  const known = FASTIFY_PROBLEMS[fault.code ?? ''];
  if (known !== undefined) {
    return new HttpProblem(known[0], known[1]);
  }
  if (ADDRESS_FAULTS.has(fault.code ?? '') || fault.statusCode === 403) {
    const detail = 'There is nothing at this address; correct it. It may be no valid URL, or too long.';
    return new HttpProblem('not-found', detail);
  }
  if (isUnavailable(fault)) {
    const detail = 'The database does not answer. Nothing was changed; try again in a few seconds.';
    return new HttpProblem('unavailable', detail, { retryAfterSeconds: UNAVAILABLE_RETRY_SECONDS });
  }
  if (fault.statusCode === 429) return new HttpProblem('rate-limited', 'Wait a moment, and ask less often.');
  if (fault.statusCode !== undefined && fault.statusCode >= 400 && fault.statusCode < 500) {
    return new HttpProblem('body-unreadable', fault.message ?? 'The request cannot be read.');
  }
  const detail =
    'The server made a mistake; nothing you sent was wrong. The log names this request by its id.';
  return new HttpProblem('internal', detail);
}

function isUnavailable(fault: Partial<FastifyError>): boolean {
  const code = fault.code ?? '';
  if (UNAVAILABLE_SYSTEM.has(code) || (code.length === 5 && UNAVAILABLE_SQLSTATE.test(code))) return true;
  return /timeout exceeded when trying to connect|Connection terminated/i.test(fault.message ?? '');
}

const CONTEXT_PREFIX: Readonly<Record<string, string>> = {
  body: '',
  querystring: 'query',
  params: 'params',
  headers: 'headers',
};

/** The type provider flattens zod's issues; checking once more gives them back whole, with nested unions. */
function validationProblem(error: FastifyError, request: FastifyRequest): HttpProblem {
  const context = error.validationContext ?? 'body';
  const part = {
    body: request.body,
    querystring: request.query,
    params: request.params,
    headers: request.headers,
  };
  const input = part[context as keyof typeof part];
  const schema = request.routeOptions.schema?.[context as 'body'];
  const issues = schema instanceof z.ZodType ? checked(schema, input).error?.issues : undefined;
  const locate = context === 'body' ? locatorOf(request) : undefined;
  const prefix = CONTEXT_PREFIX[context];
  return invalid(fieldErrors(issues ?? [], input, { prefix, ...(locate === undefined ? {} : { locate }) }));
}

/** Refuses a request of which a field cannot be stored. @throws {HttpProblem} `validation-failed`. */
export function refuseUnstorable({ body, query, params }: FastifyRequest): void {
  const errors = [
    ...unstorableTexts(body),
    ...unstorableTexts(query, { prefix: CONTEXT_PREFIX['querystring'] }),
    ...unstorableTexts(params, { prefix: CONTEXT_PREFIX['params'] }),
  ];
  if (errors.length > 0) throw invalid(errors);
}

function invalid(errors: ReturnType<typeof fieldErrors>): HttpProblem {
  const first = errors[0];
  const rest = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  const detail =
    first === undefined
      ? 'The request is not valid.'
      : `${first.path || 'The body'} ${first.message}${rest}.`;
  return new HttpProblem('validation-failed', detail, { errors });
}
