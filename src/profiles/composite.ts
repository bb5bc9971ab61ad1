// The composite schedule: what the profiles of a charge point together allow over a window of time.
import { lanesOf, seekAll, tenths, verdictOf } from './lanes.ts'
import { ruledBy, type RuledLimit } from './rule.ts'
import type { Ground, Stack } from './stack.ts'

export interface Composite {
  readonly status: 'Accepted' | 'Rejected'
  readonly connectorId: number
  readonly scheduleStart: string
  /** How far the periods reach, s: as asked, or less where `mostSteps` ended it. */
  readonly durationS: number
  readonly rateUnit: 'A' | 'W'
  /** From 0, ascending, all before `durationS`; neighbours differ in their limit. */
  readonly periods: readonly ({ readonly startPeriod: number } & RuledLimit)[]
}

/** So many instants of change are looked at; a window with more of them ends there. A week of periods of a minute has 10,080. */
export const mostSteps = 50_000

/** `startMs` counts as now. Change happens on whole seconds from there, never early. Rejected, with no periods, only where the connector does not exist. */
export function compositeSchedule(stack: Stack, ground: Ground, asked: { connectorId: number; durationS: number; unit: 'A' | 'W'; startMs: number }): Composite {
  const { connectorId, durationS, unit, startMs } = asked
  const head = { connectorId, scheduleStart: new Date(startMs).toISOString(), rateUnit: unit }
  if (connectorId !== 0 && !ground.connectors.includes(connectorId)) return { ...head, status: 'Rejected', durationS, periods: [] }
  const lanes = lanesOf(stack, ground, connectorId, startMs)
  const periods: Composite['periods'][number][] = []
  let beforeLimit: number | null | undefined
  let atS = 0
  for (let steps = 0; atS < durationS && steps < mostSteps; steps++) {
    const untilMs = seekAll(lanes, startMs + atS * 1_000)
    const verdict = verdictOf(lanes, ground, unit)
    const limit = tenths(verdict.limit)
    if (limit !== beforeLimit) periods.push({ startPeriod: atS, ...ruledBy(verdict) })
    beforeLimit = limit
    atS = Math.ceil((untilMs - startMs) / 1_000)
  }
  return { ...head, status: 'Accepted', durationS: Math.min(durationS, atS), periods }
}
