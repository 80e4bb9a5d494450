import { defineConfig } from 'vitest/config';

/**
 * End-to-end tests: the real product, real phones, a real browser. Two files at a time, since most of a call is
 * waiting; each file starts a product of its own.
 */
export default defineConfig({
  test: {
    name: 'e2e',
    dir: import.meta.dirname,
    include: ['**/tests/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 20_000,
  },
});
