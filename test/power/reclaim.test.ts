// What a car does not take is taken off its cap, what it wants again is given back, and neither becomes a storm.
import { describe, expect, test } from 'vitest'
import { followLimit, idleAtMs, probedA, reclaim, type Reclaim } from '../../src/power/reclaim.ts'
import type { Fact } from '../../src/power/ledger.ts'
import { reclaimCapA } from '../../src/power/probing.ts'
import { restoreRow } from '../../src/power/restoring.ts'
import { amps, bookAll, carPlace, entry, makeTree, planOf, sharesOf, stations, targetsOf } from './fixtures.ts'
import { accepted, orders, withRow } from './orders.ts'

const bounds = { leastA: 6, mostA: 32 }

/** Samples every 10 s from `fromMs`, under a limit that stands. */
function draw(state: Reclaim | undefined, limitA: number | null, amounts: readonly number[], fromMs = 0, everyMs = 10_000): Reclaim | undefined {
  return amounts.reduce<Reclaim | undefined>((known, drawnA, index) => reclaim(known, { drawnA, measuredAtMs: fromMs + index * everyMs, atMs: fromMs + index * everyMs }, limitA, bounds), state)
}
const capped = (limitA: number, drawnA: number) => draw(undefined, limitA, [drawnA, drawnA, drawnA, drawnA])

describe('reclaim', () => {
  test.each([
    ['9.2 A of 16', 16, 9.2, 11],
    ['10 A of 16, to the amp', 16, 10, 11],
    ['nothing: never below the minimum', 16, 0, 6],
    ['less than 1 A unused', 8, 7.1, null],
    ['less than 10 % unused', 30, 27.5, null],
    ['more than 10 % unused', 30, 26.9, 28],
    ['what it would be capped at is its limit', 10, 8.5, null],
  ])('%s', (_, limitA, drawnA, capA) => {
    expect(capped(limitA, drawnA)?.capA ?? null).toBe(capA)
  })

  test('after three samples and 30 s, not before, and only in a row', () => {
    expect(draw(undefined, 16, [9, 9, 9])?.capA).toBeNull()
    expect(draw(undefined, 16, [9, 9, 9, 9])?.capA).toBe(10)
    expect(draw(undefined, 16, [9, 9, 16, 9, 9, 9])?.capA).toBeNull()
    // Three quick ones are not 30 s, and two rare ones are not three.
    expect(draw(undefined, 16, [9, 9, 9, 9], 0, 5_000)?.capA).toBeNull()
    expect([draw(undefined, 16, [9, 9], 0, 60_000)?.capA, draw(undefined, 16, [9, 9, 9], 0, 60_000)?.capA]).toEqual([null, 10])
  })

  test('by the highest of the samples', () => {
    expect(draw(undefined, 16, [8, 9.6, 9, 8.2])?.capA).toBe(11)
    // One that was still ramping down is not among the last three.
    expect(draw(undefined, 32, [28, 9.2, 9.2, 9.2])?.capA).toBe(11)
  })

  test('a limit that moves says nothing, and one that was just changed is followed first', () => {
    expect(draw(undefined, null, [0, 0, 0, 0, 0])).toBeUndefined()
    const changed = followLimit(undefined, 15_000)
    expect(draw(changed, 16, [0, 0, 0, 0])?.capA).toBeNull()
    expect(draw(changed, 16, [0, 0, 0, 0, 0, 0])?.capA).toBe(6)
    expect(draw(draw(undefined, 16, [9, 9]), null, [9], 20_000)?.below).toBeNull()
  })

  test('a current that falls slowly is followed down', () => {
    const falling = Array.from({ length: 60 }, (_, index) => 20 - index / 4)
    let state: Reclaim | undefined
    let limitA = 32
    falling.forEach((drawnA, index) => {
      state = reclaim(state, { drawnA, measuredAtMs: index * 10_000, atMs: index * 10_000 }, limitA, bounds)
      limitA = state?.capA ?? limitA
    })
    expect(state?.capA).toBeLessThanOrEqual(8)
  })

  test('within 1 A of the cap probes by 4 A, and at the hardware there is no cap any more', () => {
    const state = capped(16, 9.2)
    expect(draw(state, 11, [9.9], 100_000)?.capA).toBe(11)
    expect(draw(state, 11, [10.6], 100_000)?.capA).toBe(15)
    const often = [10.6, 14.5, 18.8, 23, 27].reduce<Reclaim | undefined>((known, drawnA, index) => draw(known, null, [drawnA], 100_000 + index), state)
    expect(often?.capA).toBe(31)
    expect(draw(often, null, [30.5], 200_000)?.capA).toBeNull()
  })

  test('a car that wakes at its minimum is probed from there', () => {
    expect(draw(capped(16, 0), 6, [5.4], 100_000)?.capA).toBe(10)
  })

  test('what it drew when it was capped is no wish for more', () => {
    expect(draw(capped(16, 10), 11, [10, 10.1, 10, 10, 10], 100_000)?.capA).toBe(11)
  })

  test('idle caps: five minutes after the last change, by one A or the step that is larger', () => {
    expect([idleAtMs(undefined), idleAtMs(followLimit(undefined, 0)), idleAtMs(capped(16, 9.2))]).toEqual([null, null, 330_000])
    expect([probedA(11, 1), probedA(11, 0.1), probedA(12, 2)]).toEqual([12, 12, 14])
  })
})

const sampled = (highestA: number, atMs: number): Fact => ({ type: 'sampled', highestA, measuredAtMs: atMs, atMs, leastA: 6 })
const four = (highestA: number, fromMs = 0) => [0, 1, 2, 3].map((index) => sampled(highestA, fromMs + index * 10_000))

describe('in the ledger', () => {
  const tree = makeTree({ fuseA: 48 }, stations(3))
  const car = (n: number, txA: number | undefined = 16, ...facts: Fact[]) => withRow(carPlace(tree, `CP${n}/1`, { ...(txA === undefined ? {} : { txA }), queuedAtMs: n }), ...facts)

  test('48 A, 16/16/16; car 3 draws a steady 9.2: it is lowered to 11, and the others get 19/18 once that has settled', () => {
    const places = [car(1, 16, sampled(16, 0)), car(2, 16, sampled(16, 0)), car(3, 16, ...four(9.2))]
    const first = planOf(tree, places, { nowMs: 30_000 })
    expect([orders(first.lowerings), orders(first.raisings), first.targets.get('CP3/1')!.binding]).toEqual([['CP3/1 tx 11'], [], 'vehicle'])
    const told = withRow(places[2]!, { type: 'booked', entry: entry(9, 'tx', 11, { bookedAtMs: 30_000 }) }, accepted(9, 30_500))
    expect(orders(planOf(tree, [places[0]!, places[1]!, told], { nowMs: 40_000 }).raisings)).toEqual([])
    expect(orders(planOf(tree, [places[0]!, places[1]!, told], { nowMs: 41_000 }).raisings)).toEqual(['CP1/1 tx 19', 'CP2/1 tx 18'])
  })

  test('car 3 draws 10.6 later: the others give way first, then it gets 15', () => {
    const capped = [19, 18, 11].map((txA, index) => car(index + 1, txA, ...(index === 2 ? [] : [sampled(txA, 0)])))
    const three = { ...capped[2]!, row: { ...capped[2]!.row, reclaim: { capA: 11, shownA: 9.2, changedAtMs: 0, fromMs: 0, below: null } } }
    const places = [capped[0]!, capped[1]!, withRow(three, sampled(10.6, 100_000))]
    const made = planOf(tree, places, { nowMs: 100_000 })
    expect([orders(made.lowerings), orders(made.raisings)]).toEqual([['CP1/1 tx 17', 'CP2/1 tx 16'], []])
    const lowered = [17, 16].map((txA, index) => withRow(places[index]!, { type: 'booked', entry: entry(20 + index, 'tx', txA, { bookedAtMs: 100_000 }) }, accepted(20 + index, 100_500)))
    expect(orders(planOf(tree, [...lowered, places[2]!], { nowMs: 111_000 }).raisings)).toEqual(['CP3/1 tx 15'])
  })

  test('32 A, 16/16; car 2 draws nothing: it goes to 6, and car 1 gets 26 when that has settled', () => {
    const two = makeTree({ fuseA: 32 }, stations(2))
    const [one, other] = [carPlace(two, 'CP1/1', { txA: 16 }), withRow(carPlace(two, 'CP2/1', { txA: 16, queuedAtMs: 9 }), ...four(0))]
    expect([orders(planOf(two, [one, other], { nowMs: 30_000 }).lowerings), sharesOf(targetsOf(two, [one, other], { nowMs: 30_000 }))]).toEqual([['CP2/1 tx 6'], { 'CP1/1': 26, 'CP2/1': 6 }])
    const told = withRow(other, { type: 'booked', entry: entry(9, 'tx', 6, { bookedAtMs: 30_000 }) }, accepted(9, 30_500))
    expect([40_000, 40_500].map((nowMs) => orders(planOf(two, [one, told], { nowMs }).raisings))).toEqual([[], ['CP1/1 tx 26']])
  })

  test('ends with the transaction, outlives a restart, and a pause says nothing', () => {
    const row = bookAll(car(1).row, ...four(9.2))
    expect(reclaimCapA(row, 6)).toBe(11)
    expect(reclaimCapA(restoreRow(JSON.parse(JSON.stringify(row)), 90_000), 6)).toBe(11)
    expect(bookAll(row, { type: 'stopped', transactionId: 7 }).reclaim).toBeUndefined()
    expect(reclaimCapA(bookAll(car(1, 0).row, ...four(0)), 6)).toBeNull()
  })

  test('not while the limit is on its way, unconfirmed or in doubt', () => {
    const moving = bookAll(car(1).row, { type: 'booked', entry: entry(9, 'tx', 20) }, { type: 'sent', seq: 9 }, ...four(9.2))
    const doubted = bookAll(car(1).row, { type: 'booted', atMs: 0, keepsProfiles: false }, ...four(9.2))
    const fallback = bookAll(carPlace(tree, 'CP1/1').row, ...four(0))
    expect([moving, doubted, fallback].map((row) => reclaimCapA(row, 6))).toEqual([null, null, null])
  })

  test('after a raising the car ramps first', () => {
    const raised = bookAll(car(1, 10).row, { type: 'booked', entry: entry(9, 'tx', 32, { bookedAtMs: 0 }) }, accepted(9, 500))
    expect(reclaimCapA(bookAll(raised, ...four(10, 1_000)), 6)).toBeNull()
    expect(reclaimCapA(bookAll(raised, ...four(10, 6_000)), 6)).toBe(11)
  })
})

describe('an idle cap', () => {
  const tree = makeTree({ fuseA: 48 }, stations(3))
  const capOf = (key: string, capA: number) => {
    const place = carPlace(tree, key, { txA: capA })
    return { ...place, row: { ...place.row, reclaim: { capA, shownA: capA - 2, changedAtMs: 0, fromMs: 0, below: null } } }
  }

  test('goes up by a step every five minutes where there is room', () => {
    const places = [capOf('CP1/1', 11), capOf('CP2/1', 12)]
    expect([299_999, 300_000].map((nowMs) => planOf(tree, places, { nowMs }).probes)).toEqual([[], [{ key: 'CP1/1', capA: 12 }, { key: 'CP2/1', capA: 13 }]])
    expect(planOf(tree, places, { nowMs: 299_000 }).nextAtMs).toBe(300_000)
    const probed = withRow(places[0]!, { type: 'probed', capA: 12, atMs: 300_000 })
    expect(orders(planOf(tree, [probed], { nowMs: 300_000 }).raisings)).toEqual(['CP1/1 tx 12'])
  })

  test('never where somebody would be lowered for it, each on top of the ones before', () => {
    const greedy = carPlace(tree, 'CP3/1', { txA: 25 })
    expect(planOf(tree, [capOf('CP1/1', 11), capOf('CP2/1', 12), greedy], { nowMs: 400_000 }).probes).toEqual([])
    expect(planOf(tree, [capOf('CP1/1', 11), capOf('CP2/1', 12)], { nowMs: 400_000, grid: amps(24) }).probes).toEqual([{ key: 'CP1/1', capA: 12 }])
  })

  test('not one that is held by something else', () => {
    expect(planOf(tree, [capOf('CP1/1', 20)], { nowMs: 400_000, grid: amps(10) }).probes).toEqual([])
    expect(planOf(tree, [{ ...capOf('CP1/1', 12), vehicleMaxA: 10 }], { nowMs: 400_000 }).probes).toEqual([])
  })
})
