import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Api } from './context.ts';
import { HttpProblem } from './problem.ts';

interface StoredAnswer {
  status: number;
  headers: Record<string, string>;
  payload: string;
}
interface Entry {
  /** What the key was used for; another request under the same key is a mistake of the client. */
  fingerprint: string;
  expiresAtMs: number;
  /** Null while the first request still runs. */
  answer: StoredAnswer | null;
}

const RETENTION_MS = 24 * 60 * 60 * 1000;
const KEY_LENGTH_MAX = 255;
const ENTRIES_MAX = 5000;
const PAYLOAD_LENGTH_MAX = 65_536;
const KEPT_HEADERS = ['content-type', 'etag', 'location'];

/**
 * Remembers the answers to POST requests that carried an Idempotency-Key, so that a client that lost an answer can ask
 * again without doing the thing twice. Bounded: the oldest are forgotten first.
 */
export class IdempotencyStore {
  readonly #entries = new Map<string, Entry>();
  readonly #entriesMax: number;

  constructor(entriesMax: number = ENTRIES_MAX) {
    this.#entriesMax = entriesMax;
  }

  /**
   * Claims a key for a request, or returns the answer that it already has.
   *
   * @throws {HttpProblem} `idempotency-reused` or `idempotency-running`.
   */
  begin(key: string, fingerprint: string, nowMs: number): StoredAnswer | null {
    const entry = this.#entries.get(key);
    if (entry !== undefined && entry.expiresAtMs > nowMs) {
      if (entry.fingerprint !== fingerprint) {
        const detail =
          'This Idempotency-Key was used for another request. Use a new key for each new request.';
        throw new HttpProblem('idempotency-reused', detail);
      }
      if (entry.answer !== null) return entry.answer;
      const detail = 'The first request with this Idempotency-Key has not finished. Ask again in a second.';
      throw new HttpProblem('idempotency-running', detail, { retryAfterSeconds: 1 });
    }
    this.#entries.delete(key);
    this.#entries.set(key, { fingerprint, expiresAtMs: nowMs + RETENTION_MS, answer: null });
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#entriesMax) break;
      this.#entries.delete(oldest);
    }
    return null;
  }

  finish(key: string, answer: StoredAnswer): void {
    const entry = this.#entries.get(key);
    if (entry !== undefined) entry.answer = answer;
  }

  /** The request failed for a reason that trying again may cure. */
  release(key: string): void {
    this.#entries.delete(key);
  }
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set while this request fills an entry of the idempotency store. */
    idempotencyKey: string | null;
  }
  interface FastifyContextConfig {
    /** False where the answer carries a secret, which must not be kept. */
    idempotent?: boolean;
  }
}

/** Serves `Idempotency-Key` on every POST of an authenticated route that does not opt out. */
export function registerIdempotency(app: Api, now: () => number): void {
  const store = new IdempotencyStore();
  app.decorateRequest('idempotencyKey', null);
  app.addHook('preHandler', async (request, reply) => {
    const header = request.headers['idempotency-key'];
    const { principal } = request;
    if (request.method !== 'POST' || header === undefined || principal === null) return;
    if (request.routeOptions.config.idempotent === false) return;
    if (typeof header !== 'string' || !/^[\x21-\x7e]+$/.test(header) || header.length > KEY_LENGTH_MAX) {
      const remedy = `Use 1 to ${KEY_LENGTH_MAX} printable characters without spaces.`;
      throw new HttpProblem('validation-failed', 'The header Idempotency-Key has a wrong form.', {
        errors: [{ path: 'headers.idempotency-key', message: 'has a wrong form', remedy }],
      });
    }
    const key = `${principal.tenantId}/${principal.userId}/${header}`;
    const answer = store.begin(key, fingerprintOf(request), now());
    if (answer === null) {
      request.idempotencyKey = key;
      return;
    }
    reply.header('idempotency-replayed', 'true').headers(answer.headers);
    return reply
      .code(answer.status)
      .serializer((payload: unknown) => String(payload))
      .send(answer.payload);
  });
  app.addHook('onSend', async (request, reply, payload) => {
    const key = request.idempotencyKey;
    if (key === null) return;
    const keepable = payload === null || payload === undefined || typeof payload === 'string';
    const text = keepable ? (payload ?? '') : '';
    if (
      !keepable ||
      reply.statusCode >= 500 ||
      reply.statusCode === 429 ||
      text.length > PAYLOAD_LENGTH_MAX
    ) {
      store.release(key);
      return;
    }
    store.finish(key, { status: reply.statusCode, headers: keptHeaders(reply), payload: text });
  });
}

function fingerprintOf(request: FastifyRequest): string {
  const body = JSON.stringify(request.body ?? null);
  return createHash('sha256').update(`${request.method} ${request.url}\n${body}`).digest('base64url');
}

function keptHeaders(reply: FastifyReply): Record<string, string> {
  return Object.fromEntries(
    KEPT_HEADERS.flatMap((name) => {
      const value = reply.getHeader(name);
      return value === undefined ? [] : [[name, String(value)]];
    }),
  );
}
