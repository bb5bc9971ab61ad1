import { defineConfig } from 'vitest/config'

/** Minutes long, and nothing in them waits for a real clock: first, beside each other. */
const long = ['test/simulator/swarm*.test.ts', 'test/mutants/*.test.ts', 'test/recorded-day/*.test.ts', 'test/actors/disorder-property*.test.ts']
/** Real processes, sockets and time limits: last, one at a time. */
const alone = ['test/e2e/*.test.ts', 'test/bench.test.ts', 'test/readme.test.ts', 'test/cli/*.test.ts']

export default defineConfig({
  test: {
    testTimeout: 20_000,
    hookTimeout: 30_000,
    projects: [
      { extends: true, test: { name: 'long', include: long, maxWorkers: 2, sequence: { groupOrder: 0 } } },
      { extends: true, test: { name: 'most', include: ['test/**/*.test.ts'], exclude: [...long, ...alone], maxWorkers: 2, sequence: { groupOrder: 1 } } },
      { extends: true, test: { name: 'alone', include: alone, maxWorkers: 1, sequence: { groupOrder: 2 } } },
    ],
  },
})
