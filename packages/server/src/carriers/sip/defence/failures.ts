import type { BanSettings } from '@crosspoint/contracts';

/** Instants of the failures of each user that are within the window, oldest first. */
type FailedUsers = Map<string, number[]>;

const sourcesMax = 10_000;
/** Users of one source that are counted each for itself; far above any limit of users. */
const usersMax = 200;

/** What failed logins lead to. */
export type FailureVerdict = 'none' | 'ban-user' | 'ban-source';

/**
 * Counts failed authentications of each source and user in a sliding window. Only failures that prove the address may
 * come in here: what is in memory cannot be pushed out by forged ones.
 */
export class Failures {
  readonly #sources = new Map<string, FailedUsers>();

  get size(): number {
    return this.#sources.size;
  }

  /** @param isKnown phones are registered from there: a source that many share is never banned as a whole. */
  failed(
    source: string,
    username: string,
    isKnown: boolean,
    settings: BanSettings,
    nowMs: number,
  ): FailureVerdict {
    const users = this.#usersOf(source);
    const since = nowMs - settings.windowSeconds * 1_000;
    forgetBefore(users, since);
    const instants = users.get(username) ?? [];
    instants.push(nowMs);
    if (users.size < usersMax || users.has(username)) users.set(username, instants);
    if (!isKnown && users.size >= settings.usersMax) {
      this.#sources.delete(source);
      return 'ban-source';
    }
    if (instants.length < settings.failuresMax) return 'none';
    users.delete(username);
    return 'ban-user';
  }

  /** The right password: what failed before was a person who mistyped. */
  succeeded(source: string, username: string): void {
    const users = this.#sources.get(source);
    users?.delete(username);
    if (users?.size === 0) this.#sources.delete(source);
  }

  forget(source: string): void {
    this.#sources.delete(source);
  }

  #usersOf(source: string): FailedUsers {
    const known = this.#sources.get(source);
    if (known !== undefined) return known;
    if (this.#sources.size >= sourcesMax) {
      const [oldest] = this.#sources.keys();
      if (oldest !== undefined) this.#sources.delete(oldest);
    }
    const users: FailedUsers = new Map();
    this.#sources.set(source, users);
    return users;
  }
}

function forgetBefore(users: FailedUsers, since: number): void {
  for (const [username, instants] of users) {
    while (instants[0] !== undefined && instants[0] <= since) instants.shift();
    if (instants.length === 0) users.delete(username);
  }
}
