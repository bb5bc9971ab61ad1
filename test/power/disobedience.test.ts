// When a charger counts as disobeying, what is counted for it, and how the ladder climbs and ends.
import { describe, expect, test } from 'vitest'
import { climb, climbAtMs, countedA, disobeys, drawsMore, rungs, watchDraw, type Disobedience, type Rung } from '../../src/power/disobedience.ts'
import { expectedA, reservedA, type Fact } from '../../src/power/ledger.ts'
import { restoreRow } from '../../src/power/restoring.ts'
import { bookAll, carPlace, entry, makeTree, planOf, sharesOf, stations } from './fixtures.ts'
import { accepted, orders, withRow } from './orders.ts'

const followMs = 5_000
/** Samples every 10 s from `fromMs` under a limit of 10 A. */
const watched = (amounts: readonly number[], fromMs = 0, state: Disobedience | null = null): Disobedience | null =>
  amounts.reduce<Disobedience | null>((known, drawnA, index) => watchDraw(known, drawnA, fromMs + index * 10_000, 10), state)
const next = (state: Disobedience, nowMs: number, ways: readonly Rung[] = rungs) => climb(state, ways, nowMs, followMs)?.rung ?? null

describe('disobeying', () => {
  test('is more than max(1 A, 5 %) above the limit', () => {
    expect([[11, 10], [11.1, 10], [32.6, 31], [31.5, 30], [31.6, 30], [1, 0], [1.2, 0]].map(([drawnA, limitA]) => drawsMore(drawnA!, limitA!))).toEqual([false, true, true, false, true, false, true])
  })

  test('for 15 s, in at least two live samples in a row', () => {
    const two = watched([20, 20])!
    expect([14_999, 15_000].map((nowMs) => next(two, nowMs))).toEqual([null, 'again'])
    expect(next(watched([20])!, 60_000)).toBeNull()
    expect(watched([20, 10])).toBeNull()
    expect(next(watched([20, 10, 20])!, 30_000)).toBeNull()
    // Rare samples take longer.
    const rare = [0, 60_000].reduce<Disobedience | null>((known, atMs) => watchDraw(known, 20, atMs, 10), null)!
    expect(next(rare, 60_000)).toBe('again')
  })

  test('nothing is said where no limit stands', () => {
    expect(watchDraw(null, 20, 0, null)).toBeNull()
    const state = watched([20, 20])
    expect(watchDraw(state, 5, 20_000, null)).toBe(state)
  })

  test('counts 1.05 times what is drawn once it is certain; jitter moves nobody', () => {
    const state = watched([20, 20])!
    const certain = climb(state, rungs, 15_000, followMs)!
    expect([countedA(state), countedA(certain), countedA(null)]).toEqual([0, 21, 0])
    expect([19.8, 20, 19.2].map((drawnA) => countedA(watchDraw(certain, drawnA, 20_000, 10)))).toEqual([21, 21, 21])
    expect(countedA(watchDraw(certain, 24, 20_000, 10))).toBeCloseTo(25.2, 9)
    expect(countedA(watchDraw(certain, 15, 20_000, 10))).toBeCloseTo(15.75, 9)
    expect([30, 12].map((reportedA) => countedA({ ...certain, reportedA }))).toEqual([30, 21])
  })
})

describe('the ladder', () => {
  /** Climbs with samples every 10 s that never obey; when each rung came. */
  function climbAll(ways: readonly Rung[] = rungs, everyMs = 10_000): [Rung, number][] {
    let state: Disobedience | null = null
    const came: [Rung, number][] = []
    for (let nowMs = 0; nowMs <= 600_000; nowMs += 1_000) {
      if (nowMs % everyMs === 0) state = watchDraw(state, 20, nowMs, 10)
      const to: Disobedience | null = state === null ? null : climb(state, ways, nowMs, followMs)
      if (to === null) continue
      state = to
      came.push([to.rung!, nowMs])
    }
    return came
  }

  test('a rung at a time, at least 15 s each, and the last one stays', () => {
    const came = climbAll()
    expect(came.map(([rung]) => rung)).toEqual([...rungs])
    came.slice(1).forEach(([, atMs], index) => expect(atMs - came[index]![1]).toBeGreaterThanOrEqual(15_000))
    expect(came[0]![1]).toBe(15_000)
    expect(came.at(-1)![1]).toBeLessThanOrEqual(120_000)
  })

  test('none without a sample from after the last one', () => {
    const came = climbAll(rungs, 60_000)
    came.slice(1).forEach(([, atMs], index) => expect(atMs - came[index]![1]).toBeGreaterThanOrEqual(60_000))
    const again = climb(watched([20, 20])!, rungs, 15_000, followMs)!
    expect(next(again, 100_000)).toBeNull()
    expect(next(watchDraw(again, 20, 19_000, 10)!, 100_000)).toBeNull()
    expect(next(watchDraw(again, 20, 20_000, 10)!, 30_000)).toBe('default')
  })

  test('leaves out what there is not', () => {
    expect(climbAll(['again', 'schedule', 'operator']).map(([rung]) => rung)).toEqual(['again', 'schedule', 'operator'])
  })

  test('stands still while it obeys, ends after 30 s of that, and goes on where it was when it disobeys again', () => {
    const again = climb(watched([20, 20])!, rungs, 15_000, followMs)!
    const obeys = watched([10], 20_000, again)!
    expect([disobeys(again), disobeys(obeys), countedA(obeys), next(obeys, 100_000)]).toEqual([true, false, 21, null])
    expect(watched([10, 10, 10], 20_000, again)).not.toBeNull()
    expect(watched([10, 10, 10, 10], 20_000, again)).toBeNull()
    const back = watched([10, 20], 20_000, again)!
    expect([back.rung, disobeys(back), climbAtMs(back), next(watched([20], 40_000, back)!, 45_000)]).toEqual(['again', true, 45_000, 'default'])
  })

  test('what helped beyond sending again stays while the transaction runs, and nothing is counted any more', () => {
    const tried = { ...watched([20, 20])!, rung: 'maximum' as const, rungAtMs: 45_000, tried: ['again', 'default', 'maximum'] as const }
    const helped = watched([10, 10, 10, 10], 50_000, tried)!
    expect([helped.rung, countedA(helped), disobeys(helped), next(helped, 900_000)]).toEqual(['maximum', 0, false, null])
    expect(countedA(watched([16], 100_000, helped))).toBeCloseTo(16.8, 9)
  })
})

const sampled = (highestA: number, atMs: number, more: { allowedA?: number } = {}): Fact => ({ type: 'sampled', highestA, measuredAtMs: atMs, atMs, ...more })

describe('in the ledger', () => {
  const tree = makeTree({ fuseA: 60 }, stations(3, { fallbackA: 16 }))
  const bad = (...facts: readonly Fact[]) => withRow(carPlace(tree, 'CP1/1', { txA: 10, vehicleMaxA: 20 }), sampled(20, 0), sampled(20, 10_000), ...facts)
  const started: Fact = { type: 'climbed', to: climb(bad().row.disobeying!, rungs, 15_000, followMs)! }

  test('limit 10, measured 20 for 15 s: reserved 21, and the others give way for 11', () => {
    expect(reservedA(bad().row, 14_000).thisCarA).toBe(20)
    expect(reservedA(bad(started).row, 15_000).thisCarA).toBe(21)
    const plain = makeTree({ fuseA: 50 }, stations(3))
    const others = ['CP2/1', 'CP3/1'].map((key, index) => carPlace(plain, key, { txA: 20, queuedAtMs: index + 1 }))
    const lone = { ...carPlace(plain, 'CP1/1', { txA: 10, vehicleMaxA: 10 }), row: { ...carPlace(plain, 'CP1/1', { txA: 10 }).row, disobeying: bad(started).row.disobeying! } }
    const made = planOf(plain, [lone, ...others], { nowMs: 15_000 })
    expect([orders(made.lowerings), sharesOf(made)]).toEqual([['CP3/1 tx 14', 'CP2/1 tx 15'], { 'CP1/1': 10, 'CP2/1': 15, 'CP3/1': 14 }])
  })

  test('is never raised, and wakes the plan for its next rung', () => {
    const lone = planOf(tree, [bad(started)], { nowMs: 28_000 })
    expect([orders(lone.raisings), lone.nextAtMs]).toEqual([[], 30_000])
  })

  test('its TxDefaultProfile is lowered to the limit when that is tried', () => {
    const tried: Fact = { type: 'climbed', to: { ...bad(started).row.disobeying!, rung: 'default', rungAtMs: 30_000, tried: ['again', 'default'] } }
    expect(orders(planOf(tree, [bad(started)], { nowMs: 30_000 }).lowerings)).toEqual([])
    expect(orders(planOf(tree, [bad(started, tried)], { nowMs: 30_000 }).lowerings)).toContain('CP1/1 default 10')
  })

  test('a raising that may have arrived, or a profile of people above ours, is no disobedience', () => {
    const place = carPlace(tree, 'CP1/1', { txA: 10 })
    const raising: Fact[] = [{ type: 'booked', entry: entry(5, 'tx', 20) }, { type: 'sent', seq: 5 }, { type: 'unanswered', seq: 5 }]
    expect([withRow(place, ...raising, sampled(20, 0)), withRow(place, sampled(20, 0, { allowedA: 20 }))].map(({ row }) => row.disobeying ?? null)).toEqual([null, null])
  })

  test('stopped, then booted: who draws nothing at the 0 A it was told since obeys, whatever it may have kept from before, and is raised again', () => {
    const plain = makeTree({ fuseA: 60 }, stations(1))
    const to = { ...bad(started).row.disobeying!, rung: 'operator' as const, rungAtMs: 90_000, tried: rungs }
    const again = entry(5, 'default', 0, { bookedAtMs: 100_000 })
    const booted = withRow(carPlace(plain, 'CP1/1', { txA: 10, vehicleMaxA: 20 }), sampled(20, 80_000), sampled(20, 90_000), { type: 'climbed', to }, { type: 'booted', atMs: 100_000, keepsProfiles: false },
      { type: 'booked', entry: again }, { type: 'sent', seq: 5 }, accepted(5, 100_500), sampled(0, 110_000))
    expect([booted.row.tx.inFlight.map(({ limitA, state }) => [limitA, state]), disobeys(booted.row.disobeying), countedA(booted.row.disobeying)]).toEqual([[[10, 'unknown']], false, 21])
    const calm = withRow(booted, sampled(0, 120_000), sampled(0, 130_000), sampled(0, 140_000))
    expect([countedA(calm.row.disobeying), orders(planOf(plain, [calm], { nowMs: 200_000 }).raisings)]).toEqual([0, ['CP1/1 tx 20']])
  })

  test('nor what a car draws while it follows a lowering, or where profiles may have been lost', () => {
    const place = carPlace(tree, 'CP1/1', { txA: 20 })
    const lowered = withRow(place, { type: 'booked', entry: entry(5, 'tx', 10, { bookedAtMs: 0 }) }, accepted(5, 1_000))
    expect([sampled(20, 5_900), sampled(20, 6_000)].map((fact) => withRow(lowered, fact).row.disobeying?.sinceMs ?? null)).toEqual([null, 6_000])
    expect(withRow(place, { type: 'booted', atMs: 0, keepsProfiles: false }, sampled(32, 0)).row.disobeying ?? null).toBeNull()
  })

  test('keeps its rung over a restart, and ends with the transaction', () => {
    const row = bad(started, { type: 'reported', limitA: 40 }).row
    const back = restoreRow(JSON.parse(JSON.stringify(row)), 100_000)
    expect(back.disobeying).toEqual({ ...row.disobeying, rung: 'again' })
    expect([reservedA(back, 100_000).thisCarA, row.disobeying?.reportedA]).toEqual([32, 32])
    const over = bookAll(row, { type: 'stopped', transactionId: 7 })
    expect([over.disobeying ?? null, expectedA(over), reservedA(over, 100_000).thisCarA]).toEqual([null, 16, 16])
  })
})
