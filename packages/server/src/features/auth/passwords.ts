import { HttpProblem } from '../../http/index.ts';
import * as platform from '../../platform/index.ts';

/** Each computation takes a thread of the pool and 19 MiB; the rest waits, and what cannot wait is refused. */
const RUNNING_MAX = 2;
const WAITING_MAX = 64;
const RETRY_SECONDS = 2;

/** Of a password that nobody has; verified for unknown users, so that both refusals take the same time. */
let decoyHash: Promise<string> | undefined;

let running = 0;
const waiting: (() => void)[] = [];

async function limited<T>(work: () => Promise<T>): Promise<T> {
  if (running >= RUNNING_MAX) {
    if (waiting.length >= WAITING_MAX) {
      const detail = 'Too many people sign in at this moment. Try again in a few seconds.';
      throw new HttpProblem('overloaded', detail, { retryAfterSeconds: RETRY_SECONDS });
    }
    await new Promise<void>((resolve) => waiting.push(resolve));
  } else {
    running++;
  }
  try {
    return await work();
  } finally {
    // The place goes to the next in line, or becomes free.
    const next = waiting.shift();
    if (next === undefined) running--;
    else next();
  }
}

/** The argon2id hash (PHC string) to be stored. @throws {HttpProblem} `overloaded`. */
export function hashPassword(password: string): Promise<string> {
  return limited(() => platform.hashPassword(password));
}

/**
 * Whether the password belongs to the hash. Takes the same time when there is no hash (unknown user, or one without a
 * password). @throws {HttpProblem} `overloaded`.
 */
export async function verifyPassword(passwordHash: string | null, password: string): Promise<boolean> {
  decoyHash ??= platform.hashPassword(platform.generatePassword());
  const decoy = await decoyHash;
  const matches = await limited(() => platform.verifyPassword(passwordHash ?? decoy, password));
  return matches && passwordHash !== null;
}
