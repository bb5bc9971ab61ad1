import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    // Two at least: much of a test's time is waiting for a process or a socket.
    maxWorkers: Math.max(2, availableParallelism() - 1),
  },
})
