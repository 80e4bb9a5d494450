import { z } from 'zod';

/**
 * Every refusal of the API, by its stable code: the HTTP status and the title. `docs/errors.md` explains each, and a
 * test holds the two together. A code is never renamed and never reused for another meaning.
 */
export const PROBLEMS = {
  'validation-failed': { status: 400, title: 'The request does not match its schema' },
  'body-unreadable': { status: 400, title: 'The body cannot be read' },
  'cursor-invalid': { status: 400, title: 'The cursor does not belong to this list' },
  'current-password-wrong': { status: 400, title: 'The current password is wrong' },
  'second-factor-wrong': { status: 400, title: 'The code is wrong or was used already' },
  unauthenticated: { status: 401, title: 'Sign in first' },
  'credentials-wrong': { status: 401, title: 'The username or the password is wrong' },
  'second-factor-required': { status: 401, title: 'A code of the authenticator app is needed' },
  forbidden: { status: 403, title: 'The role does not permit this' },
  'scope-missing': { status: 403, title: 'The API key was not given this scope' },
  'origin-refused': { status: 403, title: 'The request comes from another site' },
  'not-found': { status: 404, title: 'There is no such thing' },
  'method-not-allowed': { status: 405, title: 'The address does not take this method' },
  'not-acceptable': { status: 406, title: 'The wanted format is not offered' },
  'name-taken': { status: 409, title: 'The name is taken' },
  'in-use': { status: 409, title: 'Something else still refers to it' },
  'last-administrator': { status: 409, title: 'The last administrator must stay' },
  'own-account': { status: 409, title: 'Not on your own account' },
  'command-refused': { status: 409, title: 'The command does not apply now' },
  'not-waiting': { status: 409, title: 'The contact does not wait in a queue' },
  'recording-unavailable': { status: 409, title: 'The sound is not there' },
  'idempotency-running': { status: 409, title: 'The same request is still being worked on' },
  'version-outdated': { status: 412, title: 'Somebody changed it meanwhile' },
  'body-too-large': { status: 413, title: 'The body is too large' },
  'media-type-unsupported': { status: 415, title: 'The media type is not understood' },
  'range-unsatisfiable': { status: 416, title: 'The range lies outside of the file' },
  'reference-unknown': { status: 422, title: 'The request names something that does not exist' },
  'configuration-invalid': { status: 422, title: 'The configuration document has errors' },
  'idempotency-reused': { status: 422, title: 'The idempotency key belongs to another request' },
  'rate-limited': { status: 429, title: 'Too many requests' },
  'login-delayed': { status: 429, title: 'Too many failed logins' },
  internal: { status: 500, title: 'A fault of the server' },
  overloaded: { status: 503, title: 'The server is overloaded' },
  unavailable: { status: 503, title: 'A part of the server is not available' },
} as const;

export type ProblemCode = keyof typeof PROBLEMS;
export const ProblemCode = z.enum(Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]]);

/** One fault in the request: where, what was there, what is wrong, what to write instead. */
export const FieldError = z
  .object({
    /** Dotted path into the body, or `query.limit`, `params.id`, `headers.if-match`. */
    path: z.string(),
    /** The refused value in short, never a secret. */
    value: z.unknown().optional(),
    message: z.string(),
    remedy: z.string(),
    /** Of a configuration document: 1-based position. */
    line: z.number().int().optional(),
    column: z.number().int().optional(),
  })
  .meta({ id: 'FieldError' });
export type FieldError = z.infer<typeof FieldError>;

/** Something that names another thing. */
export const NamingThing = z
  .object({ kind: z.enum(['number', 'queue', 'flow', 'rule', 'voicemail-box']), name: z.string() })
  .meta({ id: 'NamingThing' });
export type NamingThing = z.infer<typeof NamingThing>;

/** `application/problem+json` of RFC 9457. */
export const Problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    code: ProblemCode,
    detail: z.string(),
    /** The request's id, which the server's log carries too. */
    instance: z.string().optional(),
    errors: z.array(FieldError).optional(),
    /** Of `command-refused`: the stable reason of the contact centre. */
    reason: z.string().optional(),
    /** Of `in-use`: what would have to let go of it first, where that is known by name. */
    usedBy: z.array(NamingThing).optional(),
    /** Of `forbidden` and `scope-missing`: what would have been needed. */
    permission: z.string().optional(),
    /** Of `rate-limited`, `login-delayed`, `overloaded`: also in the header Retry-After. */
    retryAfterSeconds: z.number().int().optional(),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof Problem>;
