import type { FieldError, NamingThing, Problem, ProblemCode } from '@crosspoint/contracts';

/** What can go wrong besides the coded problems of the API: no answer at all, or one that nobody understands. */
export type FailureCode = ProblemCode | 'unreachable' | 'timed-out' | 'unintelligible';

/** Every failed request becomes one of these; `problems.ts` puts it in words. */
export class ApiError extends Error {
  readonly code: FailureCode;
  readonly status: number;
  readonly fields: readonly FieldError[];
  readonly reason: string | null;
  /** What names that which was to be taken away. */
  readonly usedBy: readonly NamingThing[];
  /** What was refused for want of it. */
  readonly permission: string | null;
  readonly retryAfterSeconds: number | null;

  constructor(code: FailureCode, status: number, detail: string, problem?: Partial<Problem>) {
    super(detail);
    this.name = 'ApiError';
    this.code = code;
    this.status = status;
    this.fields = problem?.errors ?? [];
    this.reason = problem?.reason ?? null;
    this.usedBy = problem?.usedBy ?? [];
    this.permission = problem?.permission ?? null;
    this.retryAfterSeconds = problem?.retryAfterSeconds ?? null;
  }
}

export type QueryValue = string | number | boolean | null | undefined | readonly string[];
export interface RequestOptions {
  query?: Record<string, QueryValue>;
  body?: unknown;
  /** The ETag of what was edited; the server refuses when somebody changed it meanwhile. */
  ifMatch?: string;
  signal?: AbortSignal;
  headers?: Record<string, string>;
  /** The same request, under way since before the scripts were there. */
  begun?: Promise<Response> | undefined;
}

/** An answer with the ETag it carried, for a later `ifMatch`. */
export interface Versioned<Data> {
  data: Data;
  etag: string | null;
}

const base = '/api/v1';
const timeoutMs = 30_000;
/** A file on a slow line, and its decoding. */
const uploadTimeoutMs = 120_000;

let whenSignedOut: () => void = () => undefined;
/** Called when the server no longer knows the session, wherever that is noticed. */
export function onSignedOut(handler: () => void): void {
  whenSignedOut = handler;
}

/** `?a=1&b=x&b=y`, without what is empty. */
export function queryString(query: Record<string, QueryValue>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === null || value === undefined || value === '') continue;
    if (Array.isArray(value)) for (const one of value) parameters.append(name, one);
    else parameters.set(name, String(value));
  }
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}

async function problemOf(response: Response): Promise<ApiError> {
  const type = response.headers.get('content-type') ?? '';
  if (type.includes('json')) {
    const problem = (await response.json()) as Partial<Problem>;
    if (typeof problem.code === 'string') {
      return new ApiError(problem.code, response.status, problem.detail ?? problem.title ?? '', problem);
    }
  }
  return new ApiError('unintelligible', response.status, `${response.status} ${response.statusText}`);
}

async function send(method: string, path: string, options: RequestOptions): Promise<Response> {
  const limit = AbortSignal.timeout(options.body instanceof Blob ? uploadTimeoutMs : timeoutMs);
  const signal = options.signal ? AbortSignal.any([options.signal, limit]) : limit;
  const said = { accept: 'application/json', 'accept-language': document.documentElement.lang };
  const headers: Record<string, string> = { ...said, ...options.headers };
  let body: string | Blob | null = null;
  if (options.body instanceof Blob) {
    body = options.body;
    headers['content-type'] ??= options.body.type;
  } else if (options.body !== undefined) {
    const isText = typeof options.body === 'string';
    body = isText ? (options.body as string) : JSON.stringify(options.body);
    headers['content-type'] ??= isText ? 'application/yaml' : 'application/json';
  }
  if (options.ifMatch !== undefined) headers['if-match'] = options.ifMatch;
  const url = `${base}${path}${queryString(options.query ?? {})}`;
  try {
    return await (options.begun ?? fetch(url, { method, headers, body, signal, credentials: 'same-origin' }));
  } catch (error) {
    if (options.signal?.aborted) throw error;
    if (limit.aborted) throw new ApiError('timed-out', 0, `${method} ${path}`);
    throw new ApiError('unreachable', 0, `${method} ${path}`);
  }
}

async function request(method: string, path: string, options: RequestOptions = {}): Promise<Response> {
  const response = await send(method, path, options);
  if (response.ok) return response;
  const error = await problemOf(response);
  if (error.code === 'unauthenticated') whenSignedOut();
  throw error;
}

/** The limit of a call holds until its answer has come whole, and so does the promise of an `ApiError`. */
async function wholeOf<Body>({ url }: Response, body: Promise<Body>): Promise<Body> {
  try {
    return await body;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'TimeoutError')
      throw new ApiError('timed-out', 0, url);
    if (error instanceof TypeError) throw new ApiError('unreachable', 0, url);
    throw error;
  }
}

async function dataOf<Data>(response: Response): Promise<Data> {
  if (response.status === 204) return undefined as Data;
  return wholeOf(response, response.json() as Promise<Data>);
}

/** The one way to the server. Every call ends within 30 seconds, two minutes with a file, and throws an `ApiError` when it did not work. */
export const api = {
  async get<Data>(path: string, options?: RequestOptions): Promise<Data> {
    return dataOf<Data>(await request('GET', path, options));
  },
  async getVersioned<Data>(path: string, options?: RequestOptions): Promise<Versioned<Data>> {
    const response = await request('GET', path, options);
    return { data: await dataOf<Data>(response), etag: response.headers.get('etag') };
  },
  async getText(path: string, options?: RequestOptions): Promise<string> {
    const response = await request('GET', path, options);
    return wholeOf(response, response.text());
  },
  /** A sound or a picture, as it is made for what is sent. */
  async postForFile(path: string, body: unknown): Promise<Blob> {
    const response = await request('POST', path, { body, headers: { accept: '*/*' } });
    return wholeOf(response, response.blob());
  },
  async post<Data>(path: string, body?: unknown, options?: RequestOptions): Promise<Data> {
    return dataOf<Data>(await request('POST', path, { ...options, body }));
  },
  async put<Data>(path: string, body: unknown, options?: RequestOptions): Promise<Data> {
    return dataOf<Data>(await request('PUT', path, { ...options, body }));
  },
  /** Replaces something and returns what the server made of it, with its new ETag. */
  async putVersioned<Data>(path: string, body: unknown, etag: string | null): Promise<Versioned<Data>> {
    const response = await request('PUT', path, { body, ...(etag === null ? {} : { ifMatch: etag }) });
    return { data: await dataOf<Data>(response), etag: response.headers.get('etag') };
  },
  async patch<Data>(path: string, body: unknown, options?: RequestOptions): Promise<Data> {
    return dataOf<Data>(await request('PATCH', path, { ...options, body }));
  },
  async delete(path: string, options?: RequestOptions): Promise<void> {
    await request('DELETE', path, options);
  },
};
