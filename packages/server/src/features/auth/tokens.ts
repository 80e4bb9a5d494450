import { createHash, randomBytes } from 'node:crypto';

const TOKEN_BYTES = 32;
const KEY_PREFIX = 'cp_';
const SHOWN_LENGTH = 10;

/** A secret of 256 random bits, and the hash by which it is stored and found. */
export interface Token {
  secret: string;
  hash: Buffer;
}

/** For the cookie of a session. */
export function newSessionToken(): Token {
  const secret = randomBytes(TOKEN_BYTES).toString('base64url');
  return { secret, hash: hashToken(secret) };
}

/** An API key; the prefix makes it recognisable to people and to scanners for leaked secrets. */
export function newApiKey(): Token & { shown: string } {
  const secret = KEY_PREFIX + randomBytes(TOKEN_BYTES).toString('base64url');
  return { secret, hash: hashToken(secret), shown: secret.slice(0, SHOWN_LENGTH) };
}

/** A fast hash is right here: the secret is random, so there is nothing to guess. */
export function hashToken(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
