import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLog, PlatformError } from '../platform/index.ts';
import { describeResult } from './commands/apply.ts';
import { describeErrors } from './configuration.ts';
import { readTextFile } from './files.ts';
import { Closers, listenForStop } from './lifecycle.ts';
import { describeError, table } from './output.ts';
import { runProgram } from './program.ts';

const log = createLog({ level: 'silent' });

describe('the command line', () => {
  let output: string;
  beforeEach(() => {
    output = '';
    const write = (text: string | Uint8Array): boolean => {
      output += String(text);
      return true;
    };
    vi.spyOn(process.stdout, 'write').mockImplementation(write);
    vi.spyOn(process.stderr, 'write').mockImplementation(write);
  });
  afterEach(() => {
    vi.restoreAllMocks();
    process.exitCode = 0;
  });

  async function run(...args: string[]): Promise<unknown> {
    process.exitCode = 0;
    await runProgram(['node', 'crosspoint', ...args]);
    return process.exitCode;
  }

  const commands = [
    ...['start', 'apply', 'export', 'doctor', 'backup', 'restore', 'simulate'].map((name) => [name]),
    ...['up', 'down', 'status'].map((name) => ['migrate', name]),
    ...['add', 'passwd'].map((name) => ['user', name]),
  ];
  it.each(commands.map((words) => [words.join(' '), words] as const))(
    '[OPS-08] explains "%s"',
    async (name, words) => {
      expect(await run(...words, '--help')).toBe(0);
      expect(output).toContain(`Usage: crosspoint ${name}`);
      expect(output).toContain('--data-dir <DIR>');
    },
  );

  it.each([
    [['fly']],
    [['start', '--http-prot', '1']],
    [['user', 'add', 'x', '--role', 'king']],
    [['migrate', 'down', '--steps', '0']],
    [['simulate', '--hours', 'many']],
    [['backup']],
  ])('[OPS-08] answers wrong usage %j with code 2 and help', async (args) => {
    expect(await run(...args)).toBe(2);
    expect(output).toMatch(/error: /);
  });

  it('[OPS-08] answers a setting that cannot be used with code 1 and its remedy', async () => {
    expect(await run('start', '--http-port', '70000')).toBe(1);
    expect(output).toContain('--http-port = "70000" (flag --http-port) is above 65535. Use a port between');
  });

  it('[IVR-08] answers tests of flows that are none with file, line and column, and no stack', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'crosspoint-test-cli-'));
    try {
      const file = join(folder, 'flows.yaml');
      writeFileSync(file, 'flows: []\ntest: []\n');
      expect(await run('test', file)).toBe(1);
      expect(output).toContain(`${file}:2:1: test is not known here.`);
      writeFileSync(file, 'tests: { a: 1\n');
      expect(await run('test', file)).toBe(1);
      expect(output).toContain(`${file}:2:1: `);
      expect(output).not.toMatch(/^ +at /m);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('[IVR-06] runs the tests that stand with the flows of a configuration document', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'crosspoint-test-cli-'));
    try {
      const file = join(folder, 'centre.yaml');
      const end = '{ kind: end }';
      const write = (tests: string) =>
        writeFileSync(
          file,
          `
queues: [ { name: support } ]
calendars: [ { name: office, hours: { timeZone: UTC, week: { monday: [ { from: "08:00", to: "17:00" } ] } } } ]
flows:
  - name: main
    start: hours
    nodes: { hours: { kind: hours, hours: { calendar: office }, open: bye, closed: night }, bye: ${end}, night: ${end} }
    tests: ${tests}
`,
        );
      write(
        '[ { name: Monday, expect: { path: ["hours:open", bye] } }, { name: wrong, expect: { at: night } } ]',
      );
      expect(await run('test', '--flows', file)).toBe(1);
      expect(output).toContain('ok    main: Monday');
      expect(output).toContain('FAIL  main: wrong');
      expect(output).toContain('1 passed, 1 failed');
      write('[]');
      expect(await run('test', '--flows', file)).toBe(1);
      expect(output).toContain('No test of a flow was found.');
      expect(await run('test')).toBe(2);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('[OPS-08] answers a file that cannot be read with code 1', async () => {
    expect(await run('apply', '/nowhere/at/all.yaml')).toBe(1);
    expect(output).toContain('The file /nowhere/at/all.yaml cannot be read (ENOENT).');
  });
});

describe('reading a file that a person named', () => {
  it('[OPS-08] refuses an encoding in which names would be spoilt', () => {
    const folder = mkdtempSync(join(tmpdir(), 'crosspoint-test-cli-'));
    try {
      const file = join(folder, 'latin1.yaml');
      writeFileSync(file, Buffer.from('teams: [{ name: café }]', 'latin1'));
      expect(() => readTextFile(file)).toThrow(`The file ${file} is not UTF-8.`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('what a person reads', () => {
  it('[OPS-08] is message and remedy of a fault, and the stack of a bug only', () => {
    expect(describeError(new PlatformError('disk-full', 'No space.', 'Free some.'))).toBe(
      'No space.\nFree some.',
    );
    expect(describeError(new Error('bug'))).toContain('Error: bug\n    at ');
  });

  it('[OPS-08] names file, line and column of an error in a document, as editors do', () => {
    const error = {
      path: 'queues.0.maxSise',
      message: 'is not known here',
      remedy: 'Remove it.',
      line: 6,
      column: 84,
    };
    expect(describeErrors('a.yaml', [error])).toBe(
      'a.yaml:6:84: queues.0.maxSise is not known here. Remove it.',
    );
    expect(describeErrors('a.yaml', [{ path: '', message: 'No', remedy: 'Do.' }])).toBe('a.yaml: No. Do.');
  });

  it('[OPS-08] shows what is new, what changes, and that nothing does', () => {
    const fields = [{ path: 'maxSize', before: 1, after: 2 }];
    const create = { action: 'create', subject: 'queue', name: 'a', fields } as const;
    const update = { action: 'update', subject: 'queue', name: 'b', fields } as const;
    const result = { dryRun: true, changes: [create, update], unchanged: 3, warnings: [] };
    expect(describeResult(result, 'x.yaml').split('\n')).toEqual([
      '+ queue a',
      '    maxSize: 2',
      '~ queue b',
      '    maxSize: 1 → 2',
      '2 would change, 3 unchanged.',
    ]);
    const same = { dryRun: false, changes: [], unchanged: 3, warnings: [] };
    expect(describeResult(same, 'x.yaml')).toBe('Everything is as x.yaml says (3 unchanged).');
  });

  it('[OPS-08] stands in columns', () => {
    expect(
      table([
        ['a', 'bb'],
        ['ccc', 'd'],
      ]),
    ).toBe('a    bb\nccc  d');
  });
});

describe('stopping', () => {
  it('[OPS-03] closes in reverse order, each within its time, and goes on after a failure', async () => {
    const order: string[] = [];
    const closers = new Closers(log);
    closers.add('first', 0, async () => void order.push('first'));
    closers.add('hanging', 5, () => new Promise(() => undefined));
    closers.add('failing', 1_000, () => Promise.reject(new Error('no')));
    closers.add('last', 1_000, async () => void order.push('last'));
    expect(await closers.close()).toBe(false);
    expect(order).toEqual(['last', 'first']);
    expect(await closers.close()).toBe(true);
  });

  it('[OPS-03] takes the first signal for the request and ignores its repetition', async () => {
    const stop = listenForStop(log);
    try {
      expect(stop.isRequested).toBe(false);
      process.emit('SIGTERM', 'SIGTERM');
      process.emit('SIGINT', 'SIGINT');
      process.emit('SIGINT', 'SIGINT');
      expect(stop.isRequested).toBe(true);
      expect(await stop.requested).toBe('SIGTERM');
    } finally {
      stop.dispose();
    }
    expect(process.listenerCount('SIGHUP')).toBe(0);
  });
});
