// One broken rule for every scenario file: what the file must notice.
import type { Mutant } from './mutant.ts'

export interface ScenarioMutant extends Mutant {
  /** Files of test/scenarios that fail when the rule is broken. */
  readonly fails: readonly string[]
}

export const scenarioMutants: readonly ScenarioMutant[] = [
  {
    id: 'phases-are-not-told-apart', breaks: 'every car counts on all three phases',
    file: 'power/loads.js', find: 'return vehiclePhases === null || transactionId === null ? wired : wired.slice(0, Math.max(1, vehiclePhases))', replace: 'return wired',
    fails: ['row-03-phases-are-apart.yaml', 'row-04a-rotation-of-a-charger.yaml'],
  },
  {
    id: 'fallbacks-are-not-summed', breaks: 'a configuration whose fallbacks do not fit is taken',
    file: 'power/fit.js', find: 'if (left[index] >= -1e-6)', replace: 'if (true)',
    fails: ['refused-when-fallbacks-do-not-fit.yaml'],
  },
]
