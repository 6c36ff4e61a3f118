import { defineConfig } from 'vitest/config';

/**
 * One project per tier; `npm test` runs those that need nothing but Node.js. Those that share a server run one file after
 * the other (`--no-file-parallelism` in package.json).
 */
const tier = (name: string, timeoutSeconds: number, options: { readonly globalSetup?: string[] } = {}) => ({
  extends: true as const,
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    testTimeout: timeoutSeconds * 1000,
    hookTimeout: timeoutSeconds * 1000,
    ...options,
  },
});

export default defineConfig({
  test: {
    // Much of the time is spent waiting for servers: two files at a time also where there are two cores.
    maxWorkers: 2,
    projects: [
      tier('unit', 20),
      // It counts which pairs of operation and status were seen.
      tier('contract', 60, { globalSetup: ['test/contract/global-setup.ts'] }),
      tier('e2e', 120),
      tier('packaging', 600),
      tier('services', 120),
      tier('openstack', 900),
    ],
  },
});
