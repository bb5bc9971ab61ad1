// A live sample as a fact for its ledger row: one object for all, since they come by the thousand and nobody keeps it.
import { book } from '../power/booking.ts'
import type { Fact, Row } from '../power/ledger.ts'
import type { Outlet } from '../power/tree.ts'
import type { Reading } from './readings.ts'

type Sampled = Extract<Fact, { type: 'sampled' }>

const fact: { -readonly [K in keyof Sampled]-?: Sampled[K] } = { type: 'sampled', highestA: 0, measuredAtMs: 0, atMs: 0, phases: 0, totalA: null, leastA: 0, allowedA: 0, carA: Infinity }

/** `allowedA` = what people's profiles may let any car take; `vehicleMaxA` = what the car there was said to take, null = nobody said. */
export function bookSample(row: Row, { minA }: Outlet, { highestA, measuredAtMs, provenPhases = 0, totalA = null }: Reading, atMs: number, allowedA: number, vehicleMaxA: number | null): Row {
  fact.highestA = highestA
  fact.measuredAtMs = measuredAtMs
  fact.atMs = atMs
  fact.phases = provenPhases
  fact.totalA = totalA
  fact.leastA = minA
  fact.allowedA = allowedA
  fact.carA = vehicleMaxA ?? Infinity
  return book(row, fact)
}
