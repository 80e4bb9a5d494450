import { randomInt } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';

/** OWASP's second recommended profile for Argon2id (19 MiB, 2 passes, 1 lane), with the library's 32-byte output. */
const ARGON2ID_OPTIONS = { memoryCost: 19_456, timeCost: 2, parallelism: 1, outputLen: 32 } as const;

export const PASSWORD_LENGTH_MIN = 8;
export const PASSWORD_LENGTH_MAX = 256;

/** Letters and digits that are not mistaken for one another when read aloud or typed over. */
const READABLE = 'abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const GENERATED_GROUPS = 4;
const GENERATED_GROUP_LENGTH = 4;

/** An Argon2id hash in PHC format, with its own random salt. Takes some 20 ms on a worker thread. */
export function hashPassword(password: string): Promise<string> {
  return hash(password, ARGON2ID_OPTIONS);
}

/** Whether the password belongs to the hash. A hash that cannot be read matches nothing. */
export async function verifyPassword(passwordHash: string, password: string): Promise<boolean> {
  try {
    return await verify(passwordHash, password);
  } catch {
    return false; // A damaged hash must refuse, and is told apart by nobody.
  }
}

/** A random password of four groups of four characters: 92 bits, readable aloud. */
export function generatePassword(): string {
  const group = (): string =>
    Array.from({ length: GENERATED_GROUP_LENGTH }, () => READABLE[randomInt(READABLE.length)] ?? '').join('');
  return Array.from({ length: GENERATED_GROUPS }, group).join('-');
}
