import { existsSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

/**
 * Unit and integration tests of every room: `vitest run` runs them all, `vitest run packages/sip` one room.
 * The end-to-end tests have a configuration of their own (`packages/e2e/vitest.config.ts`).
 */
const serverDatabase = 'packages/server/test/database.ts';
const room = (name: string) => [`packages/${name}/src/**/*.test.ts`, `packages/${name}/test/**/*.test.ts`];

export default defineConfig({
  test: {
    pool: 'forks',
    projects: [
      {
        test: {
          name: 'rooms',
          include: ['contracts', 'sip', 'media', 'core', 'sim', 'console'].flatMap(room),
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'server',
          include: room('server'),
          ...(existsSync(serverDatabase) ? { globalSetup: [serverDatabase] } : {}),
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
