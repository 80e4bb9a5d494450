import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Absolute path of the checkout or installation: the folder with the root package.json. */
export const INSTALLATION_DIR = resolve(import.meta.dirname, '../../../..');

/** The release, as the root package.json names it. */
export const VERSION: string = (
  JSON.parse(readFileSync(join(INSTALLATION_DIR, 'package.json'), 'utf8')) as { version: string }
).version;
