import type { IncomingMessage } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { type FlowRequest, type FlowValue, httpPauseMaxMs } from '@crosspoint/core';
import { CircuitBreaker } from './circuit-breaker.ts';
import { AddressRefused, guardedRequest } from './guarded-request.ts';
import type { AllowedNetworks } from './private-addresses.ts';

type HttpRequest = Extract<FlowRequest, { kind: 'http' }>;

export type LookupResult =
  | { result: 'done'; values: Record<string, FlowValue> }
  /** `reason` is a stable code: `timeout`, `status-404`, `address-refused`, `not-json` … */
  | { result: 'failed'; reason: string };

const bodyBytesMax = 256 * 1024;
const redirectsMax = 3;
/** Look-ups under way at once; a host that hangs does not take every socket of the server. */
const concurrentMax = 200;

/** Ends before anybody was asked, so that they say nothing about the host. */
const unasked: ReadonlySet<string> = new Set(['address-refused', 'aborted']);

class LookupError extends Error {
  readonly reason: string;
  readonly isWorthRetrying: boolean;
  constructor(reason: string, isWorthRetrying: boolean) {
    super(reason);
    this.reason = reason;
    this.isWorthRetrying = isWorthRetrying;
  }

  /** The host lives and has answered, if not as the flow wishes: it does not know the caller, say. */
  get isAnswer(): boolean {
    return !this.isWorthRetrying && !unasked.has(this.reason);
  }
}

/** Asks other computers for flows: bounded in time and size, and never inside the house unless that is allowed. */
export class HttpLookup {
  readonly #allowed: AllowedNetworks;
  readonly #breaker: CircuitBreaker;
  #underWay = 0;

  constructor(allowed: AllowedNetworks, now: () => number) {
    this.#allowed = allowed;
    this.#breaker = new CircuitBreaker(now);
  }

  /** Never rejects. Aborting ends it at once, with the reason `aborted`. */
  async ask(request: HttpRequest, aborted: AbortSignal): Promise<LookupResult> {
    if (this.#underWay >= concurrentMax) return { result: 'failed', reason: 'too-many-lookups' };
    this.#underWay += 1;
    try {
      return await this.#tryAgain(request, aborted);
    } finally {
      this.#underWay -= 1;
    }
  }

  async #tryAgain(request: HttpRequest, aborted: AbortSignal): Promise<LookupResult> {
    if (!URL.canParse(request.url)) return { result: 'failed', reason: 'address-invalid' };
    const { host } = new URL(request.url);
    if (!this.#breaker.mayAsk(host)) return { result: 'failed', reason: 'circuit-open' };
    for (let attempt = 0; ; attempt++) {
      let reason = '';
      try {
        const answer = await this.#attempt(request, aborted);
        this.#breaker.succeeded(host);
        return { result: 'done', values: valuesOf(answer, request.results) };
      } catch (error) {
        const failure = failureOf(error, aborted);
        ({ reason } = failure);
        if (failure.isWorthRetrying) this.#breaker.failed(host);
        else if (failure.isAnswer) this.#breaker.succeeded(host);
        else if (failure.reason === 'aborted') this.#breaker.left(host);
        if (!failure.isWorthRetrying || attempt >= request.retries) {
          return { result: 'failed', reason };
        }
      }
      const waited = pause(Math.min(httpPauseMaxMs, 200 * 2 ** attempt), true, { signal: aborted });
      if (!(await waited.catch(() => false))) return { result: 'failed', reason: 'aborted' };
      // The host is left alone from now on; why this look-up failed is what its last attempt came to.
      if (!this.#breaker.mayAsk(host)) return { result: 'failed', reason };
    }
  }

  async #attempt(request: HttpRequest, aborted: AbortSignal): Promise<unknown> {
    const timeout = AbortSignal.timeout(request.timeoutMs);
    try {
      return await this.#follow(request, AbortSignal.any([aborted, timeout]));
    } catch (error) {
      // What the time-out tears down reports itself in many ways.
      if (timeout.aborted && !aborted.aborted) throw new LookupError('timeout', true);
      throw error;
    }
  }

  async #follow(request: HttpRequest, signal: AbortSignal): Promise<unknown> {
    let url = new URL(request.url);
    let { method, body } = request;
    for (let redirects = 0; ; redirects++) {
      const headers = redirects === 0 || url.origin === new URL(request.url).origin ? request.headers : {};
      const response = await this.#send(url, { method, body, headers }, signal);
      const { statusCode: status = 0 } = response;
      const { location } = response.headers;
      if (status < 300 || status > 399 || location === undefined) return await jsonOf(response, status);
      response.destroy();
      if (redirects >= redirectsMax) throw new LookupError('too-many-redirects', false);
      url = redirected(url, location);
      // RFC 9110 §15.4: the method stays with 307 and 308 only.
      if (status !== 307 && status !== 308) {
        method = 'GET';
        body = undefined;
      }
    }
  }

  async #send(
    url: URL,
    { method, body, headers: given }: Pick<HttpRequest, 'method' | 'body' | 'headers'>,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    const headers = {
      accept: 'application/json',
      'user-agent': 'crosspoint-flow',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...given,
    };
    try {
      return await guardedRequest(this.#allowed, url, { method, headers, body }, signal);
    } catch (error) {
      if (error instanceof AddressRefused) throw new LookupError('address-refused', false);
      throw error;
    }
  }
}

function redirected(from: URL, location: string): URL {
  const to = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  if (to === undefined || !/^https?:$/.test(to.protocol)) throw new LookupError('redirect-invalid', false);
  if (from.protocol === 'https:' && to.protocol === 'http:') {
    throw new LookupError('redirect-unencrypted', false);
  }
  return to;
}

async function jsonOf(response: IncomingMessage, status: number): Promise<unknown> {
  if (status < 200 || status > 299) {
    response.destroy();
    throw new LookupError(`status-${status}`, status === 429 || status >= 500);
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bodyBytesMax) {
      response.destroy();
      throw new LookupError('answer-too-long', false);
    }
    chunks.push(chunk);
  }
  // Nothing, as with 204, is an answer without values.
  if (bytes === 0) return null;
  try {
    // A mark of the order of bytes, which some services put before it, is left out.
    return JSON.parse(new TextDecoder().decode(Buffer.concat(chunks)));
  } catch (error) {
    if (error instanceof SyntaxError) throw new LookupError('not-json', false);
    throw error;
  }
}

function failureOf(error: unknown, aborted: AbortSignal): LookupError {
  if (error instanceof LookupError) return error;
  if (aborted.aborted) return new LookupError('aborted', false);
  if (!(error instanceof Error)) throw error;
  const { code = '' } = error as NodeJS.ErrnoException;
  return new LookupError(code === 'ENOTFOUND' ? 'host-unknown' : 'no-connection', true);
}

/** What stands at each path; lists and objects themselves are no values. */
function valuesOf(answer: unknown, paths: HttpRequest['results']): Record<string, FlowValue> {
  return Object.fromEntries(
    Object.entries(paths).flatMap(([variable, path]) => {
      const value = valueAt(answer, path);
      return value === undefined ? [] : [[variable, value]];
    }),
  );
}

function valueAt(answer: unknown, path: string): FlowValue | undefined {
  let value = answer;
  for (const part of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
