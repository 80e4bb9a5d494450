import { resolve } from 'node:path';

/** Absolute path of the checkout or installation: the folder with the root package.json. */
export const INSTALLATION_DIR = resolve(import.meta.dirname, '../../../..');
