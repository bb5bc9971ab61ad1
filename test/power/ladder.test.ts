// The rungs below TxProfile, played out: what is told, what counts, and what becomes of it when a car leaves or a charge point learns otherwise.
import { describe, expect, test } from 'vitest'
import { usualQuirks, type Quirks } from '../../src/power/quirks.ts'
import type { ChargePointInput } from '../../src/power/site.ts'
import { amps, makeTree, stations } from './fixtures.ts'
import { Play } from './harness.ts'
import { faultsOf } from './invariants.ts'
import { prompt } from './modelled-charger.ts'
import { expectSafe, held, hungry, rejecting, sentSince } from './scene.ts'

interface Start { readonly fuseA?: number; readonly points?: readonly ChargePointInput[]; readonly quirks: Partial<Quirks>; readonly leaseMs?: number }

/** CP1 with those quirks among usual ones, connected, nobody there. */
function stand({ fuseA = 32, points = stations(2), quirks, leaseMs = 900_000 }: Start) {
  const faults: string[] = []
  const play = new Play({
    tree: makeTree({ fuseA }, points), quirks: new Map([['CP1', { ...usualQuirks, ...quirks }]]), leaseMs,
    onPlan: (one, made) => faults.push(...faultsOf(one, made)),
  })
  for (const { id } of play.stations.values()) play.connect(id)
  play.until(30_000)
  return { play, faults }
}

const standing = (play: Play, key: string) => play.rows.get(key)!.default.confirmed?.limitA
const truly = (play: Play, key: string) => play.connectors.get(key)!.permittedA(play.nowMs)

describe('TxDefaultProfile on the connector', () => {
  test('holds the share while a car charges, at once and with a lease; afterwards the fallback again, at once', () => {
    const scene = stand({ points: stations(2, { fallbackA: 6 }), quirks: { ladder: 'default' } })
    const { play } = scene
    play.start('CP1/1', 100, hungry)
    play.until(32_000)
    expect(sentSince(play, 30_000)).toEqual(['raise CP1/1 default 26'])
    expect(play.rows.get('CP1/1')!.default.confirmed).toMatchObject({ limitA: 26, fallbackA: 6, leaseEndsAtMs: 930_000 })
    play.until(60_000)
    play.stop('CP1/1')
    play.until(60_100)
    expect(sentSince(play, 60_000)).toEqual(['lower CP1/1 default 6'])
    // It stays reserved until that has settled: another car may come unseen.
    expect(held(play, 'CP1/1')).toBe(26)
    play.until(80_000)
    expect([held(play, 'CP1/1'), play.plan!.state]).toEqual([6, 'enforced'])
    expectSafe(scene)
  })

  test('follows the rules of cars: a raising 15 s after the last change, not the 60 s of a fallback; at most four a minute', () => {
    const scene = stand({ quirks: { ladder: 'default' } })
    const { play } = scene
    play.start('CP1/1', 100, hungry)
    play.start('CP2/1', 101, hungry)
    play.until(60_000)
    expect(standing(play, 'CP1/1')).toBe(16)
    play.limit(amps(20))
    play.until(61_000)
    expect(standing(play, 'CP1/1')).toBe(10)
    play.limit(null)
    play.until(74_900)
    expect(sentSince(play, 61_000)).toEqual([])
    play.until(80_000)
    expect(standing(play, 'CP1/1')).toBe(16)
    expectSafe(scene)
  })

  test('a pause is below the fallback, waits 60 s as every other, and its fallback comes back when the car leaves', () => {
    const scene = stand({ fuseA: 40, points: stations(1, { fallbackA: 8 }), quirks: { ladder: 'default' } })
    const { play } = scene
    play.start('CP1/1', 100, hungry)
    play.until(60_000)
    play.limit(amps(5))
    play.until(62_000)
    expect([standing(play, 'CP1/1'), truly(play, 'CP1/1')]).toEqual([0, 0])
    play.limit(null)
    play.until(121_000)
    expect(standing(play, 'CP1/1')).toBe(0)
    play.until(126_000)
    expect(standing(play, 'CP1/1')).toBe(32)
    play.limit(amps(5))
    play.until(127_000)
    play.stop('CP1/1')
    play.limit(null)
    play.until(190_000)
    expect(standing(play, 'CP1/1')).toBe(8)
    expectSafe(scene)
  })

  test('its lease is renewed at half-life, and counts as the fallback a minute after it ended with nobody to renew it', () => {
    const scene = stand({ points: stations(1, { obeysLease: true, fallbackA: 6 }), quirks: { ladder: 'default' }, leaseMs: 60_000 })
    const { play } = scene
    play.start('CP1/1', 100, hungry)
    play.until(62_000)
    expect(sentSince(play, 31_000)).toEqual(['raise CP1/1 default 32'])
    const { leaseEndsAtMs } = play.rows.get('CP1/1')!.default.confirmed!
    play.disconnect('CP1')
    play.until(leaseEndsAtMs! + 59_000)
    expect([held(play, 'CP1/1'), truly(play, 'CP1/1')]).toEqual([32, 6])
    play.until(leaseEndsAtMs! + 61_000)
    expect(held(play, 'CP1/1')).toBe(6)
    expectSafe(scene)
  })

  test('a refused lowering makes the others give way, as it does for a TxProfile', () => {
    const scene = stand({ fuseA: 40, quirks: { ladder: 'default' } })
    const { play } = scene
    play.start('CP1/1', 100, hungry)
    play.start('CP2/1', 101, hungry)
    play.until(60_000)
    play.treat('CP1', () => rejecting)
    play.limit(amps(30))
    play.until(62_000)
    expect([held(play, 'CP1/1'), play.plan!.targets.get('CP2/1')!.allocatedA]).toEqual([20, 10])
    play.treat('CP1', () => prompt)
    play.until(180_000)
    expect([standing(play, 'CP1/1'), play.plan!.state]).toEqual([15, 'enforced'])
    expectSafe(scene)
  })
})

describe('a charge point that takes no TxProfile any more', () => {
  test('while one rules: it counts until its transaction is over, and the others give way for it', () => {
    const scene = stand({ fuseA: 40, quirks: {} })
    const { play } = scene
    play.start('CP1/1', 100, hungry)
    play.start('CP2/1', 101, hungry)
    play.until(60_000)
    play.learn('CP1', { ...usualQuirks, ladder: 'default' })
    play.limit(amps(30))
    play.until(75_000)
    // Its TxDefaultProfile is told more than 0 once the others have given way.
    expect([held(play, 'CP1/1'), standing(play, 'CP1/1'), play.plan!.targets.get('CP2/1')!.allocatedA]).toEqual([20, 0, 10])
    play.until(80_000)
    expect([held(play, 'CP1/1'), standing(play, 'CP1/1')]).toEqual([20, 15])
    play.stop('CP1/1')
    play.until(100_000)
    expect(held(play, 'CP1/1')).toBe(0)
    expectSafe(scene)
  })

  test('a refusal of that TxProfile holds back no grant: the next plan orders the TxDefaultProfile', () => {
    const scene = stand({ quirks: {} })
    const { play } = scene
    play.treat('CP1', ({ slot }) => (slot === 'tx' ? rejecting : prompt))
    play.start('CP1/1', 100, hungry)
    play.until(31_000)
    expect(standing(play, 'CP1/1')).toBe(0)
    play.learn('CP1', { ...usualQuirks, ladder: 'default' })
    play.until(33_000)
    expect(standing(play, 'CP1/1')).toBe(32)
    expectSafe(scene)
  })
})

describe.each(['connector-0', 'max-0'] as const)('%s: one limit for all connectors', (ladder) => {
  const points: ChargePointInput[] = [{ id: 'CP1', connectors: [{ id: 1 }, { id: 2, maxA: 20 }] }, { id: 'CP2' }]

  test('the idle one counts as a car, nobody gets more than the weakest takes, and it is told once', () => {
    const scene = stand({ fuseA: 60, points, quirks: { ladder } })
    const { play } = scene
    play.start('CP1/1', 100, hungry)
    play.until(60_000)
    expect(sentSince(play, 30_000)).toEqual(['raise CP1/1 default 20'])
    expect([held(play, 'CP1/1'), held(play, 'CP1/2')]).toEqual([20, 20])
    play.start('CP2/1', 101, hungry)
    play.until(100_000)
    // Three that draw alike: 60 A are 20 each.
    expect(held(play, 'CP2/1')).toBe(20)
    play.limit(amps(30))
    play.until(120_000)
    expect([truly(play, 'CP1/1'), truly(play, 'CP1/2'), held(play, 'CP2/1')]).toEqual([10, 10, 10])
    play.stop('CP1/1')
    play.until(140_000)
    expect([standing(play, 'CP1/1'), standing(play, 'CP1/2')]).toEqual([0, 0])
    expectSafe(scene)
  })

  test('raised only when it fits for all', () => {
    const scene = stand({ fuseA: 20, points, quirks: { ladder } })
    const { play } = scene
    play.start('CP1/1', 100, hungry)
    play.until(60_000)
    expect([held(play, 'CP1/1'), held(play, 'CP1/2')]).toEqual([10, 10])
    expectSafe(scene)
  })

  test('an answer that never comes leaves the limit in doubt on every connector', () => {
    const scene = stand({ fuseA: 60, points, quirks: { ladder } })
    const { play } = scene
    play.treat('CP1', () => ({ applyMs: 500, answerMs: null, verdict: 'Accepted' }))
    play.start('CP1/1', 100, hungry)
    play.until(62_000)
    expect(['CP1/1', 'CP1/2'].map((key) => play.rows.get(key)!.default.inFlight.map(({ state, limitA }) => `${state} ${limitA}`)[0])).toEqual(['unknown 20', 'unknown 20'])
    expectSafe(scene)
  })
})

test('a TxDefaultProfile left on the connector rules over connector 0: it counts for ever, and the others give way', () => {
  const scene = stand({ fuseA: 32, points: stations(2, { fallbackA: 8 }), quirks: {} })
  const { play } = scene
  play.learn('CP1', { ...usualQuirks, ladder: 'connector-0' })
  play.until(60_000)
  play.limit(amps(5))
  play.until(80_000)
  expect([standing(play, 'CP1/1'), held(play, 'CP1/1'), truly(play, 'CP1/1'), standing(play, 'CP2/1'), play.plan!.deficitA]).toEqual([0, 8, 8, 0, 3])
  expectSafe(scene)
})

describe('watts', () => {
  const one: ChargePointInput[] = [{ id: 'CP1' }]

  test('are booked for one phase until three are proven; then the same amps go out again for three', () => {
    const scene = stand({ fuseA: 20, points: one, quirks: { unit: 'W' } })
    const { play } = scene
    play.start('CP1/1', 100, hungry)
    play.until(32_000)
    // The car draws a third of 20 A on each phase; nobody knows that yet.
    expect([held(play, 'CP1/1'), play.connectors.get('CP1/1')!.permittedA(play.nowMs)]).toEqual([20, 20 / 3])
    play.until(41_000)
    expect(play.rows.get('CP1/1')!.phases.measured).toBe(3)
    play.until(60_000)
    expect(play.rows.get('CP1/1')!.tx.confirmed).toMatchObject({ limitA: 20, phases: 3, unit: 'W' })
    expect(truly(play, 'CP1/1')).toBe(20)
    expectSafe(scene)
  })

  test('a start needs three times the minimum, or all that the hardware gives', () => {
    const short = stand({ fuseA: 17, points: one, quirks: { unit: 'W' } })
    short.play.start('CP1/1', 100, hungry)
    short.play.until(60_000)
    expect(held(short.play, 'CP1/1')).toBe(0)
    const small = stand({ fuseA: 17, points: [{ id: 'CP1', connectors: [{ id: 1, maxA: 16 }] }], quirks: { unit: 'W' } })
    small.play.start('CP1/1', 100, hungry)
    small.play.until(40_000)
    expect([held(small.play, 'CP1/1'), truly(small.play, 'CP1/1')]).toEqual([16, 16])
    expectSafe(short)
    expectSafe(small)
  })

  test('a car that falls back to one phase draws three times as much there: it is lowered with the next sample', () => {
    const scene = stand({ fuseA: 10, points: one, quirks: { unit: 'W' } })
    const { play } = scene
    play.start('CP1/1', 100, hungry, { vehiclePhases: 3 })
    play.until(60_000)
    expect(truly(play, 'CP1/1')).toBe(10)
    play.switchPhases('CP1/1', 1)
    play.until(60_100)
    expect(truly(play, 'CP1/1')).toBe(30)
    play.until(72_000)
    expect(truly(play, 'CP1/1')).toBe(10)
    expectSafe(scene)
  })

  test('under a TxDefaultProfile any car may come, so watts stay those of one phase', () => {
    const scene = stand({ fuseA: 30, points: one, quirks: { unit: 'W', ladder: 'default' } })
    const { play } = scene
    play.start('CP1/1', 100, hungry)
    play.until(70_000)
    expect([held(play, 'CP1/1'), truly(play, 'CP1/1'), play.rows.get('CP1/1')!.default.confirmed?.phases]).toEqual([30, 10, undefined])
    expectSafe(scene)
  })
})

describe('a pause that is not 0', () => {
  test('goes out once as the lowest limit, counts, and the others give way', () => {
    const scene = stand({ fuseA: 32, quirks: { pauseA: 6 } })
    const { play } = scene
    play.start('CP1/1', 100, hungry)
    play.start('CP2/1', 101, hungry)
    play.until(60_000)
    expect([held(play, 'CP1/1'), held(play, 'CP2/1')]).toEqual([16, 16])
    play.limit(amps(10))
    play.until(200_000)
    expect([held(play, 'CP1/1'), held(play, 'CP2/1')]).toEqual([10, 0])
    play.limit(amps(4))
    play.until(300_000)
    expect([held(play, 'CP1/1'), held(play, 'CP2/1'), play.plan!.state, play.plan!.deficitA]).toEqual([6, 0, 'unenforceable', 2])
    expect(sentSince(play, 200_000)).toEqual(['lower CP1/1 tx 6'])
    expectSafe(scene)
  })

  test('below the minimum of a car grants nothing, whoever is there and whether it is within reach', () => {
    const scene = stand({ fuseA: 32, points: stations(2, { connectors: [{ id: 1, minA: 8 }] }), quirks: { pauseA: 6 } })
    const { play } = scene
    const granted = () => [play.plan!.targets.get('CP1/1')!.allocatedA, held(play, 'CP1/1')]
    expect(granted()).toEqual([0, 6])
    play.start('CP1/1', 100, hungry)
    play.until(60_000)
    expect(granted()).toEqual([32, 32])
    play.limit(amps(7))
    play.until(120_000)
    expect(granted()).toEqual([0, 6])
    play.disconnect('CP1')
    play.until(130_000)
    expect(granted()).toEqual([0, 6])
    expectSafe(scene)
  })
})

test('without a second period there is no lease, and its end is not believed', () => {
  const scene = stand({ points: stations(1, { obeysLease: true }), quirks: { lease: false }, leaseMs: 60_000 })
  const { play } = scene
  play.start('CP1/1', 100, hungry)
  play.until(60_000)
  expect(play.rows.get('CP1/1')!.tx.confirmed).toMatchObject({ limitA: 32, leaseEndsAtMs: null })
  play.disconnect('CP1')
  play.until(900_000)
  expect(held(play, 'CP1/1')).toBe(32)
  expectSafe(scene)
})
