import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { syncPath, writeDurablySync } from './durable-files.ts';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const VERSION = 'v1';

/**
 * Seals the few secrets that must be read again, such as the password of a trunk (AES-256-GCM). The key is a file of
 * the data directory that only this account may read: neither the database nor a copy of it opens them alone.
 */
export class SecretBox {
  readonly #key: Buffer;

  constructor(key: Buffer) {
    if (key.length !== KEY_BYTES) throw new Error(`A key has ${KEY_BYTES} bytes, not ${key.length}.`);
    this.#key = key;
  }

  /** Reads the key of a data directory; the first time it is made. */
  static open(dataDir: string): SecretBox {
    const folder = join(dataDir, 'keys');
    const path = join(folder, 'secrets.key');
    try {
      return new SecretBox(readFileSync(path));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const aside = `${path}.${process.pid}`;
    writeDurablySync(aside, randomBytes(KEY_BYTES));
    try {
      // A link is made whole or not at all, and never over a key that another process has just made.
      linkSync(aside, path);
      syncPath(folder);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      rmSync(aside, { force: true });
    }
    return new SecretBox(readFileSync(path));
  }

  /** A name that nobody else can foresee and that stays the same for the same purpose: 16 hexadecimal digits. */
  derive(purpose: string): string {
    return createHmac('sha256', this.#key).update(purpose).digest('hex').slice(0, 16);
  }

  seal(secret: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce);
    const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
    return `${VERSION}.${Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url')}`;
  }

  /** Undefined when it was sealed with another key, or altered. */
  open(text: string): string | undefined {
    const [version, content = ''] = text.split('.');
    const bytes = Buffer.from(content, 'base64url');
    if (version !== VERSION || bytes.length < NONCE_BYTES + TAG_BYTES) return undefined;
    const decipher = createDecipheriv('aes-256-gcm', this.#key, bytes.subarray(0, NONCE_BYTES));
    decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    try {
      const open = [decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()];
      return Buffer.concat(open).toString('utf8');
    } catch {
      return undefined; // The tag does not fit: another key, or altered.
    }
  }
}
