import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Minutes long: begun first, so that the other core has everything else to do meanwhile. */
const long = ['simulator/swarm.test.ts', 'mutants/worlds.test.ts', 'mutants/scenarios.test.ts', 'recorded-day/', 'chaos/torture.test.ts', 'cli/backup.test.ts', 'e2e/kill-restart.test.ts', 'threats/loop-and-end.test.ts', 'threats/redis-gone.test.ts']
/** Real processes, sockets and browsers, which wait more than they compute: after what only computes, three at a time. */
const processes = ['test/e2e/*.test.ts', 'test/threats/*.test.ts', 'test/cli/*.test.ts', 'test/chaos/*.test.ts']
/** A browser beside the product takes its time. */
const pages = ['test/browser/*.test.ts']
/** Both cores for each: last, one at a time. */
const alone = ['test/bench.test.ts', 'test/readme.test.ts']

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const placeOf = ({ moduleId }: TestSpecification): number => {
      const at = long.findIndex((part) => moduleId.includes(`/test/${part}`))
      return at === -1 ? long.length : at
    }
    return sorted.sort((a, b) => placeOf(a) - placeOf(b))
  }
}

export default defineConfig({
  test: {
    testTimeout: 20_000,
    hookTimeout: 30_000,
    sequence: { sequencer: LongFirst },
    projects: [
      { extends: true, test: { name: 'most', include: ['test/**/*.test.ts'], exclude: [...processes, ...pages, ...alone], maxWorkers: 2, sequence: { groupOrder: 0 } } },
      { extends: true, test: { name: 'processes', include: processes, maxWorkers: 3, sequence: { groupOrder: 1 } } },
      { extends: true, test: { name: 'pages', include: pages, maxWorkers: 3, testTimeout: 60_000, hookTimeout: 90_000, sequence: { groupOrder: 1 } } },
      { extends: true, test: { name: 'alone', include: alone, maxWorkers: 1, sequence: { groupOrder: 2 } } },
    ],
  },
})
