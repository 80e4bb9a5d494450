import { createHash } from 'node:crypto';
import type { Authenticate } from './access.ts';
import type { Principal } from './principal.ts';

const LIFETIME_MS = 5000;
const ENTRIES_MAX = 5000;

/**
 * Remembers for a few seconds whom a cookie or key belongs to: a console asks for several things at once, and each
 * would look the session up again. Any change made through this server empties it, so that a session that was ended
 * here ends at once; one that was ended elsewhere (another node, the command line) ends within the lifetime.
 */
export class PrincipalCache {
  readonly #authenticate: Authenticate;
  readonly #now: () => number;
  readonly #entries = new Map<string, { principal: Principal; untilMs: number }>();
  /** Counts the changes: what was looked up before one must not be remembered after it. */
  #generation = 0;

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
    const principal = await this.#authenticate(request);
    if (principal !== null && generation === this.#generation) {
      const endsMs = principal.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY;
      this.#remember(key, principal, Math.min(nowMs + LIFETIME_MS, endsMs));
    }
    return principal;
  };

  forget(): void {
    this.#generation++;
    this.#entries.clear();
  }

  #remember(key: string, principal: Principal, untilMs: number): void {
    this.#entries.delete(key);
    this.#entries.set(key, { principal, untilMs });
    if (this.#entries.size > ENTRIES_MAX) this.#entries.delete(this.#entries.keys().next().value ?? key);
  }
}
