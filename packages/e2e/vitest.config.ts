import { defineConfig } from 'vitest/config';
import { slowWorldOf } from './src/slow/world.ts';

/**
 * End-to-end tests: the real product, real phones, a real browser. Each file starts a product of its own. The files
 * that keep the machine busy run one at a time; of the others six run together, since most of a call is waiting,
 * and those that take longest begin first, so that none of them is still running when the others are done.
 */
const files = (...names: string[]) => names.map((name) => `tests/${name}.test.ts`);
const busy = files('load');
const long = files(
  ...[
    'accessibility',
    'telephone',
    'desk',
    'start',
    'administration',
    'console',
    'flow-builder',
    'hostile',
    'hostile-mutations',
  ],
);
/** The same number in every project of a group, which the runner demands. */
const together = { maxWorkers: 6, sequence: { groupOrder: 2 } };
const isWholeSuite = process.env['E2E_WHOLE_SUITE'] === '1';
/** How often each test runs again in the same product, which shows what an attempt leaves behind that a retry would stumble over. */
const repeats = Number(process.env['E2E_REPEATS'] ?? 0);
const slowWorld = slowWorldOf(process.env);
const common = {
  root: import.meta.dirname,
  pool: 'forks',
  // Loading phones, schemas and the browser's driver anew for every file took two seconds of the processor each.
  isolate: false,
  // Only for what hangs: whatever a test waits for has a deadline of its own that names it.
  testTimeout: 300_000,
  hookTimeout: 600_000,
  teardownTimeout: 120_000,
  // A machine that takes the processor away for seconds fails a test now and then; a defect fails it each time. The report names both.
  retry: repeats > 0 || slowWorld !== undefined ? 0 : 2,
  repeats,
  globalSetup: isWholeSuite ? ['src/template.ts'] : [],
} as const;

export default defineConfig({
  test: {
    maxWorkers: together.maxWorkers,
    projects: [
      { test: { ...common, name: 'alone', include: busy, maxWorkers: 1, sequence: { groupOrder: 1 } } },
      // Projects of a group begin in the order of their names.
      { test: { ...common, ...together, name: 'long', include: long } },
      {
        test: { ...common, ...together, name: 'short', include: files('**/*'), exclude: [...busy, ...long] },
      },
    ],
  },
});
