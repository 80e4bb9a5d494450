import {
  type FieldError,
  type NamingThing,
  PROBLEMS,
  type Problem,
  type ProblemCode,
} from '@crosspoint/contracts';

/** What a problem may say beyond its code; see `Problem` in the contracts. */
export interface ProblemExtras {
  errors?: FieldError[];
  reason?: string;
  usedBy?: NamingThing[];
  permission?: string;
  retryAfterSeconds?: number;
}

/** A refusal with a stable code. Thrown by a handler, it becomes the `application/problem+json` answer. */
export class HttpProblem extends Error {
  readonly code: ProblemCode;
  readonly extras: ProblemExtras;

  /** @param detail one or two sentences for a person: what happened, and what to do. */
  constructor(code: ProblemCode, detail: string, extras: ProblemExtras = {}) {
    super(detail);
    this.name = 'HttpProblem';
    this.code = code;
    this.extras = extras;
  }

  get status(): number {
    return PROBLEMS[this.code].status;
  }

  /** The document of RFC 9457 §3.1. @param requestId the request's id, which the log carries too. */
  toDocument(requestId: string): Problem {
    const { status, title } = PROBLEMS[this.code];
    return {
      type: `urn:crosspoint:problem:${this.code}`,
      title,
      status,
      code: this.code,
      detail: this.message,
      instance: `urn:request:${requestId}`,
      ...this.extras,
    };
  }
}

/** @param what the word for the thing, such as `queue`. */
export function notFound(what: string, id: string): HttpProblem {
  return new HttpProblem(
    'not-found',
    `There is no ${what} ${id}. It may have been deleted; read the list again.`,
  );
}

/** One field that names something which does not exist. */
export function unknownReference(path: string, value: string, what: string): HttpProblem {
  const message = `names a ${what} that does not exist`;
  return new HttpProblem('reference-unknown', `There is no ${what} ${value}.`, {
    errors: [{ path, value, message, remedy: `Use the id of an existing ${what}.` }],
  });
}

/** Refuses what goes beyond the teams somebody answers for. @param detail what is refused, and what to do. */
export function beyondTeams(detail: string): HttpProblem {
  return new HttpProblem('forbidden', detail, { permission: 'teams.beyond' });
}

/** One field that holds an instant which is over. */
export function inThePast(path: string, value: string): HttpProblem {
  return new HttpProblem('validation-failed', `${path} lies in the past.`, {
    errors: [{ path, value, message: 'lies in the past', remedy: 'Choose a later moment.' }],
  });
}

export function nameTaken(path: string, value: string, what: string): HttpProblem {
  return new HttpProblem('name-taken', `Another ${what.replaceAll('-', ' ')} already has "${value}".`, {
    errors: [{ path, value, message: 'is taken', remedy: 'Choose another one.' }],
  });
}
