import { describe, expect, it } from 'vitest';
import { explainFailure } from './failure.ts';

const what = 'PostgreSQL could not be started';

describe('explanations of a failed start', () => {
  it.each([
    ['FATAL:  could not write lock file "postmaster.pid": No space left on device', 'disk-full'],
    ['FATAL:  database files are incompatible with server', 'database-version-mismatch'],
    ['FATAL:  data directory "/x" has wrong ownership', 'data-directory-unusable'],
    ['FATAL:  could not open file "global/pg_control": Permission denied', 'data-directory-unusable'],
    ['FATAL:  lock file "postmaster.pid" already exists', 'data-directory-in-use'],
    ['FATAL:  could not map anonymous shared memory: Cannot allocate memory', 'database-start-failed'],
    ['PANIC:  could not locate a valid checkpoint record', 'database-start-failed'],
    [
      'initdb: error: could not look up effective user ID 999: user does not exist',
      'database-initialisation-failed',
    ],
  ])('[OPS-08] "%s" becomes %s with a remedy', (output, code) => {
    const fallback = 'database-initialisation-failed';
    const error = explainFailure(what, `LOG:  starting\n${output}\n`, fallback);
    expect(error.code).toBe(code);
    expect(error.message).toBe(`${what}: ${output}`);
    expect(error.remedy).toMatch(/^\S.+\.$/);
  });

  it('[OPS-08] shows the line that tells the cause, not what followed from it', () => {
    const output = 'PANIC:  could not write: No space left on device\nPANIC:  cannot abort transaction 1\n';
    const error = explainFailure(what, output, 'database-start-failed');
    expect(error.code).toBe('disk-full');
    expect(error.message).toBe(`${what}: PANIC:  could not write: No space left on device`);
  });

  it('[OPS-08] says so when PostgreSQL wrote nothing', () => {
    const error = explainFailure(what, '\n', 'database-start-failed');
    expect(error.message).toBe(`${what}: it wrote nothing`);
  });
});
