import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { INSTALLATION_DIR } from '../src/platform/index.ts';

interface Failure {
  readonly message: string;
  readonly remedy: string;
  readonly details: string;
}
interface InstallModule {
  packagesAreCurrent(root: string): boolean;
  explainNpmFailure(result: { code: number; output: string }, root: string): Failure;
}
interface ProgressModule {
  phase(
    name: string,
    doing: string,
    work: () => Promise<string> | string,
    output: { isTTY: boolean; write(text: string): void },
  ): Promise<string>;
}

/** The scripts are plain JavaScript, which runs before anything is installed; their types are said here. */
async function script<T>(name: string): Promise<T> {
  return (await import(pathToFileURL(join(INSTALLATION_DIR, 'scripts/lib', name)).href)) as T;
}

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'crosspoint-scripts-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function writeLock(path: string, versions: Record<string, object>): void {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, JSON.stringify({ packages: versions }));
}

describe('the packages of a checkout', () => {
  const wanted = { 'node_modules/a': { version: '1.0.0', integrity: 'x' } };
  const lock = () => join(root, 'package-lock.json');
  const record = () => join(root, 'node_modules/.package-lock.json');

  it('[OPS-07] are not current when nothing is installed', async () => {
    const { packagesAreCurrent } = await script<InstallModule>('install.mjs');
    writeLock(lock(), wanted);
    expect(packagesAreCurrent(root)).toBe(false);
  });

  it('[OPS-07] are current when npm has recorded the same versions, and that is remembered', async () => {
    const { packagesAreCurrent } = await script<InstallModule>('install.mjs');
    const elsewhere = { 'node_modules/b-win32': { version: '1.0.0', optional: true }, 'packages/x': {} };
    writeLock(lock(), { ...wanted, ...elsewhere });
    writeLock(record(), wanted);
    expect(packagesAreCurrent(root)).toBe(true);
    rmSync(record());
    expect(packagesAreCurrent(root)).toBe(true);
  });

  it('[OPS-07] are not current any more when the lockfile wants another version', async () => {
    const { packagesAreCurrent } = await script<InstallModule>('install.mjs');
    writeLock(lock(), wanted);
    writeLock(record(), wanted);
    expect(packagesAreCurrent(root)).toBe(true);
    writeLock(lock(), { 'node_modules/a': { version: '1.0.1', integrity: 'y' } });
    expect(packagesAreCurrent(root)).toBe(false);
  });
});

describe('a failed installation', () => {
  it.each([
    ['npm error code ENOSPC\nnpm error nospc ENOSPC: no space left on device', /disk is full/],
    ['npm error code ENOTFOUND\nnpm error network request to https://registry', /registry cannot be reached/],
    ['npm error code EAI_AGAIN', /registry cannot be reached/],
    ['npm error code EACCES\nnpm error syscall mkdir', /may not write/],
    ['npm error code EINTEGRITY', /damaged/],
    ['npm error code EUSAGE\nnpm error `npm ci` can only install packages when', /do not belong together/],
    ['npm error something new', /exit code 1/],
  ])('[OPS-08] is explained with a remedy: %s', async (output, message) => {
    const { explainNpmFailure } = await script<InstallModule>('install.mjs');
    const failure = explainNpmFailure({ code: 1, output }, root);
    expect(failure.message).toMatch(message);
    expect(failure.remedy).toMatch(/\S.+\.$|everything that npm says\.$/);
    expect(failure.details).toBe(output);
  });

  it('[OPS-08] says when npm itself is missing', async () => {
    const { explainNpmFailure } = await script<InstallModule>('install.mjs');
    expect(explainNpmFailure({ code: 127, output: '' }, root).message).toBe('npm was not found.');
  });
});

describe('a phase of the start', () => {
  it('[OPS-08] shows its name, outcome and time, also when it fails', async () => {
    const { phase } = await script<ProgressModule>('progress.mjs');
    const lines: string[] = [];
    const output = { isTTY: false, write: (text: string) => void lines.push(text) };
    await phase('packages', 'installing', () => 'up to date', output);
    const failing = phase('console', 'building', () => Promise.reject(new Error('no')), output);
    await expect(failing).rejects.toThrow('no');
    expect(lines[0]).toMatch(/^ {2}packages +up to date +\d+\.\d s\n$/);
    expect(lines[1]).toBe('  console    failed\n');
  });
});
