import { defineConfig } from 'vitest/config';

/**
 * End-to-end tests: the real product, real phones, a real browser. Each file starts a product of its own. The files
 * that hold the product to times run one at a time; of the others three run together, since most of a call is waiting.
 */
const timed = ['times', 'load', 'stream'].map((name) => `tests/${name}.test.ts`);
const isWholeSuite = process.env['E2E_WHOLE_SUITE'] === '1';
const common = {
  root: import.meta.dirname,
  pool: 'forks',
  testTimeout: 90_000,
  hookTimeout: 90_000,
  teardownTimeout: 20_000,
  // A process that was not scheduled for a second fails a test now and then; a defect fails it twice. The report names both.
  retry: 1,
  globalSetup: isWholeSuite ? ['src/template.ts'] : [],
} as const;

export default defineConfig({
  test: {
    maxWorkers: 3,
    projects: [
      { test: { ...common, name: 'timed', include: timed, maxWorkers: 1, sequence: { groupOrder: 1 } } },
      {
        test: {
          ...common,
          name: 'together',
          include: ['tests/**/*.test.ts'],
          exclude: timed,
          maxWorkers: 3,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
