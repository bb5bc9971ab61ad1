// What is said of a raising that waits: how much, by which rule, until when; and of whom nothing is said.
import { describe, expect, test } from 'vitest'
import type { Place } from '../../src/power/loads.ts'
import { pendingRaising } from '../../src/power/pending-raising.ts'
import { amps, carPlace, entry, makeTree, planOf, stations } from './fixtures.ts'
import { accepted, orders, withRow } from './orders.ts'

const tree = makeTree({ fuseA: 63 }, stations(2, { connectors: [{ id: 1, stepA: 0.1 }] }))
const changed = withRow(carPlace(tree, 'CP1/1', { txA: 10 }), { type: 'booked', entry: entry(1, 'tx', 20, { bookedAtMs: 1_000 }) }, accepted(1, 1_500))

function pending(place: Place, limitA: number, nowMs: number, others: readonly Place[] = []) {
  const made = planOf(tree, [place, ...others], { grid: amps(limitA), nowMs })
  return { raised: orders(made.raisings), said: pendingRaising(made.targets.get('CP1/1')!, place.row, nowMs) }
}

describe('a raising that waits', () => {
  test('names its rule and the instant at which it leaves', () => {
    expect(pending(changed, 30, 2_000)).toEqual({ raised: [], said: { heldA: 20, toA: 30, waitsFor: 'change', atMs: 16_000 } })
    expect(pending(changed, 30, 16_000).raised).toEqual(['CP1/1 tx 30'])
  })

  test('waits for room where the others have not given up theirs', () => {
    const other = withRow(carPlace(tree, 'CP2/1', { txA: 20, vehicleMaxA: 10 }), { type: 'booked', entry: entry(2, 'tx', 10, { bookedAtMs: 99_000 }) }, accepted(2, 99_500))
    const { raised, said } = pending(changed, 40, 100_000, [other])
    expect(raised).toEqual([])
    expect(said).toEqual({ heldA: 20, toA: 30, waitsFor: 'room', atMs: null })
  })
})

test.each<[string, Place, number]>([
  ['all of it was told', changed, 20],
  ['the rest is too little to be told', changed, 20.9],
  ['no car is there', { ...changed, row: { ...changed.row, transactionId: null } }, 30],
  ['it is out of reach', { ...changed, online: false }, 30],
  ['it draws what it was not told', { ...changed, row: { ...changed.row, disobeying: { sinceMs: 0, lastMs: 1_000, samples: 3, drawnA: 32, reportedA: null, rung: 'again', rungAtMs: 0, tried: [], obeysSinceMs: null } } }, 30],
])('nothing is said where %s', (_, place, limitA) => {
  const target = planOf(tree, [changed], { grid: amps(limitA), nowMs: 2_000 }).targets.get('CP1/1')!
  expect(pendingRaising({ ...target, place }, place.row, 2_000)).toBeNull()
})
