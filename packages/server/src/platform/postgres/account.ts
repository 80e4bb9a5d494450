import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { PlatformError } from '../errors.ts';

/** The account that PostgreSQL runs under. It refuses to run as root. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  /** Whether it is another account than that of this process, which is then root. */
  readonly isOther: boolean;
}

/** Accounts that root may lend to PostgreSQL, best first. */
const UNPRIVILEGED_ACCOUNTS = ['postgres', '_postgres', 'nobody'] as const;
const CHECK_TIMEOUT_MS = 5_000;

/** The name that the system knows this process's account by; PostgreSQL asks for it. */
export function ownAccountName(): string {
  try {
    return userInfo().username;
  } catch (error) {
    throw new PlatformError(
      'database-account-missing',
      `The user id ${process.getuid?.() ?? '?'} has no entry in /etc/passwd, which PostgreSQL needs.`,
      'Add one (in a container: run as a named user), or use a PostgreSQL server with DATABASE_URL.',
      error,
    );
  }
}

/** Chooses the account for PostgreSQL: our own, or an unprivileged one when we are root. */
export function chooseAccount(): Account {
  const uid = process.getuid?.() ?? -1;
  if (uid !== 0) return { name: ownAccountName(), uid, gid: process.getgid?.() ?? -1, isOther: false };
  const passwd = readFileSync('/etc/passwd', 'utf8');
  for (const name of UNPRIVILEGED_ACCOUNTS) {
    const fields = passwd
      .split('\n')
      .find((line) => line.startsWith(`${name}:`))
      ?.split(':');
    const [accountUid, accountGid] = [Number(fields?.[2]), Number(fields?.[3])];
    if (accountUid > 0 && accountGid > 0) return { name, uid: accountUid, gid: accountGid, isOther: true };
  }
  throw new PlatformError(
    'database-account-missing',
    'PostgreSQL does not run as root, and there is neither an account "postgres" nor "nobody" to run it.',
    'Create one ("useradd --system postgres"), start Crosspoint as an ordinary user, or set DATABASE_URL.',
  );
}

/** What `spawn` needs to run a program under the account. */
export function spawnAs(account: Account): { uid?: number; gid?: number } {
  return account.isOther ? { uid: account.uid, gid: account.gid } : {};
}

const TESTS = { execute: '-x', enter: '-x', read: '-r' } as const;

/** Whether the account can use a path, asked of the kernel itself: modes, ACLs and mounts all count. */
export function canUse(account: Account, path: string, purpose: keyof typeof TESTS): boolean {
  const result = spawnSync('/bin/sh', ['-c', `test ${TESTS[purpose]} "$0"`, path], {
    ...spawnAs(account),
    cwd: '/',
    stdio: 'ignore',
    timeout: CHECK_TIMEOUT_MS,
  });
  return result.status === 0;
}
