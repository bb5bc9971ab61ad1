// What a reading says of the grid: of a DC connector, not the amps of its cable.
import type { DirectCurrent } from '../../power/tree.ts'
import type { Reading } from '../../sessions/readings.ts'

/** The amps of a DC connector's cable are not those of the grid, which its power says; null = it is none. */
export function onGrid(reading: Reading, dc: DirectCurrent | null): Reading {
  if (dc === null) return reading
  const { spread: _, powerW, ...rest } = reading
  const amps = powerW === null ? null : Math.round((powerW / dc.wattsPerA) * 1000) / 1000
  return { ...rest, powerW, currentA: amps === null ? null : { L1: amps, L2: amps, L3: amps } }
}
