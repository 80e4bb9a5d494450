import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockDataDirectory, lockHolder, prepareDataDirectory } from './data-directory.ts';
import { identifyProcess } from './processes.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crosspoint-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function writeLock(content: unknown): void {
  writeFileSync(join(folder, 'lock'), typeof content === 'string' ? content : JSON.stringify(content));
}
const since = '2026-01-01T00:00:00.000Z';

describe('the lock of a data directory', () => {
  it('[OPS-01] refuses a second start and names the process and the folder', () => {
    const lock = lockDataDirectory(folder);
    expect(() => lockDataDirectory(folder)).toThrow(
      expect.objectContaining({
        code: 'data-directory-in-use',
        message: expect.stringContaining(`${folder}: process ${process.pid}`),
      }),
    );
    expect(lockHolder(folder)).toMatchObject({ pid: process.pid });
    lock.release();
    expect(lockHolder(folder)).toBeUndefined();
    lockDataDirectory(folder).release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each([
    ['a dead process', { pid: 2 ** 22 + 1, startTicks: 1, bootId: 'x', since }],
    ['an empty file, as a crash of the machine leaves it', ''],
    ['half of a file', '{"pid": 12'],
  ])('[OPS-01] replaces the lock of %s', (_what, content) => {
    writeLock(content);
    expect(lockHolder(folder)).toBeUndefined();
    lockDataDirectory(folder).release();
    expect(existsSync(join(folder, 'lock'))).toBe(false);
  });

  it('[OPS-01] is not fooled by a pid that another process has got since', () => {
    writeLock({ ...identifyProcess(process.pid), startTicks: 1, since });
    expect(lockHolder(folder)).toBeUndefined();
    lockDataDirectory(folder).release();
  });

  it('[OPS-01] is not fooled by the same pid and start time of an earlier boot', () => {
    writeLock({ ...identifyProcess(process.pid), bootId: 'earlier', since });
    expect(lockHolder(folder)).toBeUndefined();
  });

  it('[OPS-01] does not remove a lock that somebody else holds by now', () => {
    const lock = lockDataDirectory(folder);
    writeLock({ ...identifyProcess(process.pid), since });
    lock.release();
    expect(lockHolder(folder)).toMatchObject({ since });
  });
});

describe('the data directory', () => {
  it('[OPS-01] is made with its parents and found behind links', () => {
    const path = join(folder, 'a/b');
    expect(prepareDataDirectory(path)).toBe(path);
    symlinkSync(path, join(folder, 'link'));
    expect(prepareDataDirectory(join(folder, 'link'))).toBe(path);
  });

  it('[OPS-01] says what is wrong when it is a file, and what to do', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(() => prepareDataDirectory(join(folder, 'file'))).toThrow(
      expect.objectContaining({
        code: 'data-directory-unusable',
        message: expect.stringContaining('not a folder'),
      }),
    );
    expect(() => prepareDataDirectory(join(folder, 'file/below'))).toThrow(/not a folder/);
  });

  it('[OPS-01] refuses a folder in which the system makes none', () => {
    expect(() => prepareDataDirectory('/proc/crosspoint/data')).toThrow(
      expect.objectContaining({
        code: 'data-directory-unusable',
        remedy: expect.stringContaining('--data-dir'),
      }),
    );
  });

  it('[OPS-05] keeps other users out', () => {
    const path = prepareDataDirectory(join(folder, 'private'));
    const other = process.getuid?.() === 0 ? 0o711 : 0o700;
    expect(statMode(path)).toBe(other);
  });
});

function statMode(path: string): number {
  return statSync(path).mode & 0o777;
}
