// How much of the limit of a site is in use, in words: as it is measured, or as it is reserved where that is all that is known.
import { phases, type PhaseAmps } from '../power/site.ts'
import type { PowerView } from './views.ts'

/** `38 of 60 A in use`; `32 A reserved, not measured (limit 63 A)`; of the busiest phase, with so many decimals. */
export function usedWords({ circuits, baseLoad, effective }: Pick<PowerView, 'circuits' | 'baseLoad' | 'effective'>, decimals = 0): string {
  const root = circuits.find(({ parent }) => parent === null)
  const of = (amps: PhaseAmps): string => Math.max(0, ...phases.map((phase) => amps[phase])).toFixed(decimals)
  const limitA = Math.floor(effective.currentA * 10 + 1e-6) / 10
  if (root === undefined || root.measured === 'all') return `${root === undefined ? (0).toFixed(decimals) : of(root.measuredA)} of ${limitA} A in use`
  const { L1, L2, L3 } = baseLoad.countedA
  const spokenA = of({ L1: root.reservedA.L1 + Math.max(0, L1), L2: root.reservedA.L2 + Math.max(0, L2), L3: root.reservedA.L3 + Math.max(0, L3) })
  return root.measured === 'none' ? `${spokenA} A reserved, not measured (limit ${limitA} A)` : `${of(root.measuredA)} A measured, not all of it; ${spokenA} A reserved (limit ${limitA} A)`
}
