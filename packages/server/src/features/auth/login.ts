import type { LoginInput } from '@crosspoint/contracts';
import { HttpProblem } from '../../http/index.ts';
import { type Database, DEFAULT_TENANT_ID, type SecretBox } from '../../platform/index.ts';
import { recordAudit } from '../audit/index.ts';
import { Backoff } from './backoff.ts';
import { type LoginOrigin, openSession } from './open-session.ts';
import { verifyPassword } from './passwords.ts';
import { type Account, findAccount } from './repo.ts';
import { checkSecondFactor } from './second-factor.ts';

/** Opens sessions for people who know their password. */
export class LoginService {
  readonly #database: Database;
  readonly #now: () => number;
  readonly #box: () => SecretBox;
  /** A person mistypes a few times; an address may be shared by a whole floor. */
  readonly #byUser = new Backoff({ freeAttempts: 5, delayMaxMs: 60_000 });
  readonly #byAddress = new Backoff({ freeAttempts: 30, delayMaxMs: 60_000 });

  constructor(database: Database, now: () => number, box: () => SecretBox) {
    this.#database = database;
    this.#now = now;
    this.#box = box;
  }

  /**
   * Checks the password and opens a session. Unknown users, users without a password and wrong passwords are told
   * apart neither by the answer nor by its time.
   *
   * @returns the secret for the cookie, and whose session it is.
   * @throws {HttpProblem} `credentials-wrong`, `second-factor-required`, `second-factor-wrong` or `login-delayed`.
   */
  async login(
    input: LoginInput,
    origin: LoginOrigin,
  ): Promise<{ secret: string; account: Account; expiresAt: Date }> {
    const { username, tenant } = splitUsername(input.username);
    const userKey = `${'id' in tenant ? tenant.id : tenant.name}/${username.toLowerCase()}`;
    this.#refuseTooEarly(userKey, origin.ip);
    const account = await this.#database.asSystem((transaction) =>
      findAccount(transaction, tenant, username),
    );
    if (!(await verifyPassword(account?.passwordHash ?? null, input.password)) || account === undefined) {
      this.#byUser.failed(userKey, this.#now());
      this.#byAddress.failed(origin.ip, this.#now());
      if (account !== undefined) await this.#recordFailure(account, origin);
      throw new HttpProblem('credentials-wrong', 'Check the username and the password, and try again.');
    }
    await this.#requireSecondFactor(account, input.code, { userKey, origin });
    this.#byUser.succeeded(userKey);
    return { account, ...(await openSession(this.#database, this.#now(), account, origin)) };
  }

  /** A wrong code costs as much as a wrong password; to be asked for it costs nothing. */
  async #requireSecondFactor(
    account: Account,
    code: string | undefined,
    { userKey, origin }: { userKey: string; origin: LoginOrigin },
  ): Promise<void> {
    const { tenantId, userId } = account;
    const checked = await this.#database.inTenant(tenantId, (transaction) =>
      checkSecondFactor(transaction, this.#box(), userId, code, this.#now()),
    );
    if (checked === 'missing') {
      const detail = 'Type the code that the authenticator app shows, or one of the recovery codes.';
      throw new HttpProblem('second-factor-required', detail);
    }
    if (checked !== 'wrong') return;
    this.#byUser.failed(userKey, this.#now());
    this.#byAddress.failed(origin.ip, this.#now());
    await this.#recordFailure(account, origin);
    throw new HttpProblem('second-factor-wrong', 'Wait for the next code of the app, and type that.');
  }

  #refuseTooEarly(userKey: string, ip: string): void {
    const nowMs = this.#now();
    const waitMs = Math.max(this.#byUser.waitMs(userKey, nowMs), this.#byAddress.waitMs(ip, nowMs));
    if (waitMs === 0) return;
    const retryAfterSeconds = Math.ceil(waitMs / 1000);
    const detail = `Too many wrong passwords. The next attempt is possible in ${retryAfterSeconds} s.`;
    throw new HttpProblem('login-delayed', detail, { retryAfterSeconds });
  }

  async #recordFailure(account: Account, origin: LoginOrigin): Promise<void> {
    await this.#database.inTenant(account.tenantId, (transaction) =>
      recordAudit(transaction, {
        tenantId: account.tenantId,
        actor: { kind: 'system', userId: null, ip: origin.ip },
        action: 'user.sign-in-refused',
        subjectType: 'user',
        subjectId: account.userId,
      }),
    );
  }
}

/** `alice` is a user of the default tenant, `alice@acme` one of the tenant named acme. */
export function splitUsername(text: string): { username: string; tenant: { id: string } | { name: string } } {
  const at = text.lastIndexOf('@');
  if (at <= 0) return { username: text, tenant: { id: DEFAULT_TENANT_ID } };
  return { username: text.slice(0, at), tenant: { name: text.slice(at + 1) } };
}
