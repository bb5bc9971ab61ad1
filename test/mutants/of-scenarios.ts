// Broken rules of what is shared (circuits, phases, classes, minimums): what their scenario files must notice.
import type { Mutant } from './mutant.ts'

export interface ScenarioMutant extends Mutant {
  /** Files of test/scenarios that fail when the rule is broken. */
  readonly fails: readonly string[]
}

export const scenarioMutants: readonly ScenarioMutant[] = [
  {
    id: 'a-full-limit-gives-minimums', breaks: 'cars under a limit that is full are left at their minimum',
    file: 'power/filling.js', find: 'Math.max(leastOf(member), weights[who] * level)', replace: 'leastOf(member)',
    fails: ['row-01a-two-cars-share.yaml'],
  },
  {
    id: 'what-a-car-takes-is-not-known', breaks: 'the maximum of a car does not cap it',
    file: 'power/participant.js', find: 'vehicle ?? Infinity', replace: 'Infinity',
    fails: ['row-01b-what-one-cannot-use.yaml'],
  },
  {
    id: 'idle-fallbacks-are-not-counted', breaks: 'an idle connector leaves its fallback to others',
    file: 'power/target.js', find: 'atLeast(line.counted, line.steered ? fallbackA : 0)', replace: 'line.counted',
    fails: ['row-01c-start-reserve.yaml', 'i5-silent-from-time-zero.yaml'],
  },
  {
    id: 'circuits-hang-nowhere', breaks: 'what a circuit draws is not counted on the site',
    file: 'power/tree.js', find: 'path: [circuit.id, ...parent.path]', replace: 'path: [circuit.id]',
    fails: ['row-02-circuits-form-a-tree.yaml'],
  },
  {
    id: 'phases-are-not-told-apart', breaks: 'every car counts on all three phases',
    file: 'power/loads.js', find: 'return dc !== null || vehiclePhases === null || transactionId === null ? wired : wired.slice(0, Math.max(1, vehiclePhases))', replace: 'return [\'L1\', \'L2\', \'L3\']',
    fails: ['row-03-phases-are-apart.yaml'],
  },
  {
    id: 'chargers-are-not-rotated', breaks: 'a car on one phase uses the lowest phase of its connector, not the first',
    file: 'power/loads.js', find: 'wired : wired.slice(', replace: 'wired : [...wired].sort().slice(',
    fails: ['row-04a-rotation-of-a-charger.yaml'],
  },
  {
    id: 'circuits-are-not-rotated', breaks: 'connectors of a rotated circuit count on the phases of the site in order',
    file: 'power/tree.js', find: 'connector.phases ?? phases.map((phase) => node.feeds[phase])', replace: 'connector.phases ?? phases',
    fails: ['row-04b-rotation-of-a-circuit.yaml'],
  },
  {
    id: 'classes-share-alike', breaks: 'all classes are filled together',
    file: 'power/allocate.js', find: 'for (const group of classesOf(admitted))\n            fillEvenly', replace: 'for (const group of [admitted])\n            fillEvenly',
    fails: ['row-09a-a-higher-class-first.yaml'],
  },
  {
    id: 'weights-do-not-count', breaks: 'weighted shares like equal',
    file: 'power/allocate.js', find: 'fillEvenly(group, division, policy === \'weighted\')', replace: 'fillEvenly(group, division, false)',
    fails: ['row-09b-weights-share.yaml'],
  },
  {
    id: 'less-than-the-minimum-is-given', breaks: 'a car may be given what it cannot use',
    file: 'power/participant.js', find: 'minA: startMinA(place)', replace: 'minA: 1',
    fails: ['row-13a-below-the-minimum.yaml'],
  },
  {
    id: 'fallbacks-are-not-summed', breaks: 'a configuration whose fallbacks do not fit is taken',
    file: 'power/fit.js', find: 'if (left[index] >= -1e-6)', replace: 'if (true)',
    fails: ['refused-when-fallbacks-do-not-fit.yaml'],
  },
  {
    id: 'cars-nobody-knows-do-not-tilt', breaks: 'a car whose phases nobody knows counts as one on all of them',
    file: 'power/loads.js', find: '(!wired.includes(other) || wired.indexOf(one) < wired.indexOf(other))', replace: '!wired.includes(other)',
    fails: ['refused-when-fallbacks-tilt-the-phases.yaml'],
  },
  {
    id: 'phases-may-be-apart', breaks: 'the imbalance limit of a site is not kept',
    file: 'power/limits.js', find: 'site.imbalanceLimitA !== undefined', replace: 'false',
    fails: ['imbalance-one-phase-cars.yaml'],
  },
  {
    id: 'the-building-does-not-tilt', breaks: 'the base load does not count between phases',
    file: 'power/loads.js', find: 'capacity - (baseA.between?.[on] ?? baseA[one] - baseA[other])', replace: 'capacity',
    fails: ['imbalance-building-tilts.yaml'],
  },
  {
    id: 'rectifiers-lose-nothing', breaks: 'what a DC connector gives counts as what it draws',
    file: 'power/tree.js', find: 'wattsPerA: 3 * voltage * efficiency', replace: 'wattsPerA: 3 * voltage',
    fails: ['direct-current.yaml'],
  },
  {
    id: 'direct-current-tilts', breaks: 'a DC connector counts between phases like a car on one of them',
    file: 'power/loads.js', find: 'if (dc !== null)', replace: 'if (false)',
    fails: ['direct-current-mixed.yaml'],
  },
]
