import { defineConfig } from 'vitest/config';

/**
 * End-to-end tests: the real product, real phones, a real browser. Each file starts a product of its own. The files
 * that hold the product to times run one at a time; of the others two run together, since most of a call is waiting.
 */
const timed = ['start', 'load', 'console', 'stream'].map((name) => `tests/${name}.test.ts`);
const common = {
  root: import.meta.dirname,
  pool: 'forks',
  testTimeout: 60_000,
  hookTimeout: 60_000,
  teardownTimeout: 20_000,
} as const;

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      { test: { ...common, name: 'timed', include: timed, maxWorkers: 1, sequence: { groupOrder: 1 } } },
      {
        test: {
          ...common,
          name: 'together',
          include: ['tests/**/*.test.ts'],
          exclude: timed,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
