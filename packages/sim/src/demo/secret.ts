import { createHmac, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const secretBytes = 32;

/**
 * The SIP passwords of the company's phones. They follow from a secret that is drawn once and kept in the demo's
 * folder, so that the second start registers with what the first one applied.
 */
export function openPasswords(stateDir: string): (username: string) => string {
  const secret = readOrDraw(stateDir);
  return (username) => createHmac('sha256', secret).update(username).digest('base64url');
}

function readOrDraw(stateDir: string): Buffer {
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  const file = join(stateDir, 'phones.secret');
  try {
    const secret = readFileSync(file);
    if (secret.length === secretBytes) return secret;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const secret = randomBytes(secretBytes);
  writeFileSync(file, secret, { mode: 0o600 });
  return secret;
}
