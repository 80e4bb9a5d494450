import { type Permission, Problem } from '@crosspoint/contracts';
import type { z } from 'zod';
import { PlatformError } from '../platform/index.ts';
import type { Storage } from './storage.ts';
import { issueTemporaryKey } from './temporary-key.ts';

const REQUEST_TIMEOUT_MS = 60_000;
const KEY_LIFETIME_MS = 5 * 60_000;
const SHOWN_ANSWER_LENGTH = 500;

/** Thrown when the server refuses a request of a command; carries its problem document. */
export class ApiRefusal extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.name = 'ApiRefusal';
    this.problem = problem;
  }
}

/** One command's access to the API of the running server. */
export interface CommandApi {
  /** Sends JSON and reads the answer. @throws {ApiRefusal} when the server answers with a problem. */
  post<Schema extends z.ZodType>(path: string, body: unknown, answer: Schema): Promise<z.output<Schema>>;
}

/** Runs `work` with a key for the API that exists only so long. */
export async function withApi<T>(
  { database }: Storage,
  options: { readonly consoleUrl: string; readonly name: string; readonly scopes: readonly Permission[] },
  work: (api: CommandApi) => Promise<T>,
): Promise<T> {
  const { name, scopes } = options;
  const key = await issueTemporaryKey(database, { name, scopes, lifetimeMs: KEY_LIFETIME_MS });
  const authorization = `Bearer ${key.secret}`;
  const urlOf = (path: string): URL => new URL(`/api/v1${path}`, options.consoleUrl);
  try {
    return await work({
      async post(path, body, answer) {
        const headers = { authorization, accept: 'application/json', 'content-type': 'application/json' };
        const response = await send(urlOf(path), { method: 'POST', headers, body: JSON.stringify(body) });
        return answer.parse(await response.json());
      },
    });
  } finally {
    await key.remove();
  }
}

async function send(url: URL, request: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { ...request, signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
  } catch (error) {
    throw new PlatformError(
      'server-unreachable',
      `The running server does not answer at ${url.origin} (${error instanceof Error ? error.message : error}).`,
      'Look into its log; restart it if it hangs.',
      error,
    );
  }
  if (response.ok) return response;
  const text = await response.text();
  const problem = Problem.safeParse(jsonOf(text));
  if (problem.success) throw new ApiRefusal(problem.data);
  throw new Error(
    `${url.pathname} was answered with ${response.status}: ${text.slice(0, SHOWN_ANSWER_LENGTH)}`,
  );
}

/** Undefined when it is no JSON, as the error page of something between us and the server. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
