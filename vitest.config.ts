import { existsSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

/**
 * Unit and integration tests of every room: `vitest run` runs them all, `vitest run packages/sip` one room.
 * The end-to-end tests have a configuration of their own (`packages/e2e/vitest.config.ts`).
 *
 * Files share the process of their worker, for loading the modules anew took more time than all tests together: a file
 * leaves nothing behind that another could see.
 */
const serverDatabase = 'packages/server/test/database.ts';
const room = (name: string) => [`packages/${name}/src/**/*.test.ts`, `packages/${name}/test/**/*.test.ts`];

/** Of the tests below these take by far the longest, and begin first, so that none of them is left over in the end. */
const longest = ['packages/server/src/media/contract-*.test.ts'];
/** Tests that hear real sound in real time: they come when the others are done, so that these do not take their time away. */
const timed = [
  'packages/server/src/media/**/*.test.ts',
  'packages/server/src/features/calls/media-plane.test.ts',
  'packages/sim/src/phones/**/*.test.ts',
  'packages/sim/src/demo/**/*.test.ts',
];
/** The limits are for what hangs: a machine may be ten times slower for a minute. */
const common = {
  pool: 'forks',
  isolate: false,
  testTimeout: 180_000,
  hookTimeout: 300_000,
  teardownTimeout: 120_000,
} as const;
/**
 * Tests that drive processes, sockets and sound are tried up to three times: a machine that takes the processor away for
 * seconds fails one now and then, a defect fails it each time. Pure rooms are not: there every failure is one.
 */
const retry = 2;
/** On two processors the runner would use one by itself. */
const maxWorkers = 2;
const first = { maxWorkers, sequence: { groupOrder: 1 } };
/** Tests of sound in real time mostly wait for it: four files at once do not yet get in each other's way. */
const second = { maxWorkers: 4, sequence: { groupOrder: 2 } };

export default defineConfig({
  test: {
    maxWorkers,
    projects: [
      {
        test: {
          ...common,
          name: 'rooms',
          // Nothing here waits for anything: a test is only as long as the processor is slow.
          testTimeout: 600_000,
          include: ['contracts', 'sip', 'media', 'core', 'sim', 'console'].flatMap(room),
          exclude: timed,
          ...first,
        },
      },
      {
        test: {
          ...common,
          ...(existsSync(serverDatabase) ? { globalSetup: [serverDatabase] } : {}),
          name: 'server',
          retry,
          include: room('server'),
          exclude: timed,
          ...first,
        },
      },
      // Projects of a group begin in the order of their names.
      { test: { ...common, name: 'timed-1', retry, include: longest, ...second } },
      { test: { ...common, name: 'timed-2', retry, include: timed, exclude: longest, ...second } },
    ],
  },
});
