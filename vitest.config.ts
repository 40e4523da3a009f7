import { defineConfig } from 'vitest/config'

/** Tests wait for conditions; these bounds only end what hangs, on a slow two-core machine too. */
const minutes = (n: number) => n * 60_000

const special = ['test/**/*.{store,server,browser}.test.{ts,tsx}']

export default defineConfig({
  test: {
    env: { TZ: 'UTC' },
    pool: 'forks',
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.{ts,tsx}'],
          exclude: special,
          testTimeout: minutes(1),
          hookTimeout: minutes(1),
        },
      },
      {
        extends: true,
        test: {
          name: 'store',
          include: ['test/**/*.store.test.ts'],
          globalSetup: ['test/support/postgres.ts'],
          testTimeout: minutes(2),
          hookTimeout: minutes(2),
        },
      },
      {
        extends: true,
        test: {
          name: 'server',
          include: ['test/**/*.server.test.ts'],
          globalSetup: [
            'test/support/postgres.ts',
            'test/support/temporal.ts',
            'test/support/workflow-bundle.ts',
          ],
          // Many of these wait, for a killed worker's lease or a time-out: two at once fill the cores.
          sequence: { groupOrder: 1 },
          testTimeout: minutes(4),
          hookTimeout: minutes(4),
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: ['test/**/*.browser.test.ts'],
          globalSetup: ['test/support/temporal.ts', 'test/support/workflow-bundle.ts'],
          sequence: { groupOrder: 1 },
          testTimeout: minutes(4),
          hookTimeout: minutes(4),
        },
      },
    ],
  },
})
