// The messages a charge point was asked for: while its boot is pending, only these may come (OCPP 1.6, 4.2.1).
import type { Clock } from '../clock.ts'

const expectedForMs = 60_000

export interface Expected {
  add(action: string): void
  /** True within a minute after it was asked for; several connectors may answer one request. */
  has(action: string): boolean
}

export function createExpected(clock: Clock): Expected {
  const until = new Map<string, number>()
  return {
    add: (action) => { until.set(action, clock.mono() + expectedForMs) },
    has: (action) => (until.get(action) ?? -Infinity) > clock.mono(),
  }
}
