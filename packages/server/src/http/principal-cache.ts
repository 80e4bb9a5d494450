import { createHash } from 'node:crypto';
import { LeastRecentMap } from '@crosspoint/core';
import type { FastifyRequest } from 'fastify';
import { inTime } from '../platform/index.ts';
import type { Authenticate } from './access.ts';
import type { Principal } from './principal.ts';
import { HttpProblem } from './problem.ts';

const LIFETIME_MS = 5000;
const ENTRIES_MAX = 5000;
/** While the database is away, whoever was recognised so recently is taken to be the same still. */
const TRUSTED_MS = 15 * 60_000;
/** A database that has not answered within this time is away for a request of somebody who is known. */
const ANSWER_TIMEOUT_MS = 1_500;
/** A database that is away is not asked again before this: each question would take up a connection. */
const ASK_AGAIN_MS = 3_000;

interface Entry {
  readonly principal: Principal;
  /** Until then nobody is asked. */
  untilMs: number;
  /** Until then it counts when nobody can be asked. */
  readonly trustedUntilMs: number;
}

/**
 * Remembers for a few seconds whom a cookie or key belongs to: a console asks for several things at once, and each
 * would look the session up again. Any change made through this server empties it, so that a session that was ended
 * here ends at once; one that was ended elsewhere (another node, the command line) ends within the lifetime. While the
 * database is away, nobody can be looked up and no session can be ended: people who are known go on working.
 */
export class PrincipalCache {
  readonly #authenticate: Authenticate;
  readonly #now: () => number;
  readonly #entries = new LeastRecentMap<string, Entry>(ENTRIES_MAX);
  /** Counts the changes: what was looked up before one must not be remembered after it. */
  #generation = 0;
  /** When the database was found to be away last. */
  #awayAtMs = Number.NEGATIVE_INFINITY;

  constructor(authenticate: Authenticate, now: () => number) {
    this.#authenticate = authenticate;
    this.#now = now;
  }

  readonly authenticate: Authenticate = async (request) => {
    const { authorization = '', cookie = '' } = request.headers;
    if (authorization === '' && cookie === '') return null;
    const key = createHash('sha256').update(`${authorization}\n${cookie}`).digest('base64');
    const nowMs = this.#now();
    const known = this.#entries.get(key);
    if (known !== undefined && known.untilMs > nowMs) return known.principal;
    const generation = this.#generation;
    const trusted = known !== undefined && known.trustedUntilMs > nowMs ? known.principal : undefined;
    if (trusted !== undefined && this.#isAway(nowMs)) return trusted;
    const principal = await this.#lookUp(request, trusted);
    if (principal === null) this.#entries.delete(key);
    else if (principal !== trusted && generation === this.#generation) {
      const endsMs = principal.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY;
      this.#entries.set(key, {
        principal,
        untilMs: Math.min(nowMs + LIFETIME_MS, endsMs),
        trustedUntilMs: Math.min(nowMs + TRUSTED_MS, endsMs),
      });
    }
    return principal;
  };

  /**
   * Something was changed: everybody is looked up again.
   *
   * @param mayEndSessions nobody who is known counts as such any more when nobody can be asked.
   */
  forget(mayEndSessions: boolean): void {
    this.#generation++;
    // While the database is away no session can have been ended: sessions are in it.
    if (mayEndSessions && !this.#isAway(this.#now())) this.#entries.clear();
    else for (const entry of this.#entries.values()) entry.untilMs = 0;
  }

  #isAway(nowMs: number): boolean {
    return nowMs - this.#awayAtMs < ASK_AGAIN_MS;
  }

  async #lookUp(request: FastifyRequest, trusted: Principal | undefined): Promise<Principal | null> {
    if (trusted === undefined) return this.#authenticate(request);
    try {
      return await inTime(this.#authenticate(request), ANSWER_TIMEOUT_MS, 'the database does not answer');
    } catch (error) {
      if (error instanceof HttpProblem) throw error;
      this.#awayAtMs = this.#now();
      return trusted;
    }
  }
}
