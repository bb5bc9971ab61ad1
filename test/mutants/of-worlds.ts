// A planted bug that the random worlds must find: the kind of finding that says so, and a seed in which it does.
import type { Mutant } from './mutant.ts'

export interface WorldMutant extends Mutant {
  /** The kind of finding (`src/simulator/swarm/finding.ts`). */
  readonly witness: string
  /** 1 to 200; without the bug nothing is found there. */
  readonly seed: number
}
