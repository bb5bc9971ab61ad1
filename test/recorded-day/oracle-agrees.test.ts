// kwota's count and the recomputation's, of the same registers at random: they were written apart, from the same page.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { countEnergy } from '../../src/sessions/count.ts'
import { Curve } from '../../src/sessions/curve.ts'
import { idlePieces } from '../../src/sessions/idle.ts'
import { count } from './oracle/energy.ts'
import { idleOf } from './oracle/rest.ts'
import { theRules } from './oracle/rules.ts'

const ms = fc.integer({ min: -60, max: 400 }).map((tens) => tens * 10_000)
const wh = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 60 }).map((steps) => steps * 1_000) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 40_000 }) }, { weight: 1, arbitrary: fc.constantFrom(900_000, 1_000_000, 1_000_001, 1e12) },
)
const end = fc.oneof({ weight: 9, arbitrary: wh }, { weight: 1, arbitrary: fc.constantFrom(1e12 + 1, Number.MAX_SAFE_INTEGER) })
/** Every second register only rises, as registers do. */
const readings = fc.tuple(fc.array(fc.tuple(ms, wh), { maxLength: 10 }), fc.boolean()).map(([all, rises]) => {
  const sorted = all.toSorted(([a], [b]) => a - b)
  const values = sorted.map(([, value]) => value).toSorted((a, b) => a - b)
  return sorted.map(([atMs, value], index) => ({ atMs, energyWh: rises ? values[index]! : value }))
})
const told = fc.record({ meterStartWh: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, end), stop: fc.option(fc.record({ atMs: ms.map((one) => Math.max(one, 0)), meterWh: end })), readings, maxPowerW: fc.constantFrom(3_680, 22_000, 350_000) })

test('energy, anomalies and idle time are the same', () => {
  let inSteps = 0
  fc.assert(fc.property(told, ({ meterStartWh, stop, readings: all, maxPowerW }) => {
    const session = { startedAtMs: 0, meterStartWh, stoppedAtMs: stop?.atMs ?? null, meterStopWh: stop?.meterWh ?? null, maxPowerW }
    const ours = countEnergy(session, Curve.from(all).points(), 0)
    const ledger = {
      transactionId: 1, clientID: 'CP1', connectorId: 1, idTag: 'A', startedAtMs: 0, meterStartMWh: BigInt(meterStartWh) * 1000n,
      stop: stop === null ? null : { atMs: stop.atMs, meterMWh: BigInt(stop.meterWh) * 1000n },
      readings: all.map(({ atMs, energyWh }) => ({ atMs, mWh: BigInt(energyWh) * 1000n })), statuses: [],
    }
    const theirs = count(ledger, maxPowerW, theRules)
    expect([ours.mode, BigInt(ours.energyMWh), ours.anomalies]).toEqual([theirs.mode, theirs.mWh, theirs.anomalies])
    expect(idlePieces(ours, session, [], [])).toEqual(idleOf(ledger, theirs, theRules))
    if (ours.mode === 'steps' && ours.energyMWh > 0) inSteps++
  }), { numRuns: 3_000 })
  expect(inSteps).toBeGreaterThan(100)
})
