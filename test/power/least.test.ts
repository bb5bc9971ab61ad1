// What a car may be down to while nobody knows, and that while something is over it is told no more.
import { describe, expect, test } from 'vitest'
import { leastA } from '../../src/power/least.ts'
import type { Fact, Row } from '../../src/power/ledger.ts'
import type { Place } from '../../src/power/loads.ts'
import { amps, bookAll, carPlace, entry, makeTree, planOf, settledRow, stations } from './fixtures.ts'
import { at, booked, sent, unanswered } from './ledger-facts.ts'
import { orders, withRow } from './orders.ts'

const tree = makeTree({ fuseA: 100 }, stations(2))
const lost = (seq: number, limitA: number, fallbackA = 0): Fact[] => [{ type: 'booked', entry: entry(seq, 'tx', limitA, { fallbackA }) }, sent(seq), unanswered(seq)]
const lowered = (place: Place, limitA = 15) => orders(planOf(tree, [place], { grid: amps(limitA), nowMs: 30_000 }).lowerings)
const inWatts = (row: Row): Row => ({ ...row, quirks: { ...row.quirks, unit: 'W' } })

describe('the least a car may be allowed', () => {
  test.each<[string, Row, number]>([
    ['nothing is open: what is confirmed holds', settledRow({ txA: 16 }), Infinity],
    ['a raising was not answered', bookAll(settledRow({ txA: 10 }), ...lost(1, 20)), 10],
    ['a lowering was not answered', bookAll(settledRow({ txA: 20 }), ...lost(1, 10)), 10],
    ['one is on its way', bookAll(settledRow({ txA: 10 }), booked(1, 'tx', 20), sent(1)), Infinity],
    ['the first TxProfile was lost: its TxDefaultProfile, whatever the fallback was to be', bookAll(settledRow({ fallbackA: 0, transactionId: 7 }), ...lost(1, 20, 6)), 0],
    ['a boot may have taken the TxProfile', bookAll(settledRow({ fallbackA: 0, txA: 20 }), { type: 'booted', atMs: at, keepsProfiles: false }), 0],
    ['what others allow is a most, and may not stand', bookAll(settledRow({ fallbackA: 8, transactionId: 7 }), { type: 'others', limitA: 20, atMs: 0 }), 8],
    ['of many that were merged nobody knows', bookAll(settledRow({ txA: 16 }), ...[6, 14, 10, 15, 12].flatMap((limitA, index) => lost(index + 1, limitA))), 0],
    ['watts told for one phase, and three are proven by now', { ...bookAll(inWatts(settledRow({ txA: null, transactionId: 7 })), booked(1, 'tx', 10), sent(1), { type: 'accepted', seq: 1, atMs: at, unit: 'W' }, ...lost(2, 32)), phases: { wired: 3, told: null, measured: 3 } }, 0],
  ])('%s', (_, row, expected) => {
    expect(leastA([row], 'tx', 30_000)).toBe(expected)
  })

  test('as something leaves, what still counts as sent was refused and is being negotiated', () => {
    expect(leastA([bookAll(settledRow({ txA: 10 }), booked(1, 'tx', 20), sent(1))], 'tx', 30_000, true)).toBe(10)
  })

  test('of connectors under one limit the lowest counts', () => {
    expect(leastA([settledRow({ txA: 10 }), bookAll(settledRow({ txA: 8 }), ...lost(1, 20))], 'tx', 30_000)).toBe(8)
  })
})

describe('while something is over', () => {
  test('nothing that others have told is told on: it is no limit of ours', () => {
    expect(lowered(withRow(carPlace(tree, 'CP1/1'), { type: 'others', limitA: 4.7, atMs: 0 }, ...lost(1, 20)))).toEqual(['CP1/1 tx 0'])
    expect(lowered(withRow(carPlace(tree, 'CP1/1'), { type: 'others', limitA: 20, atMs: 0 }))).toEqual(['CP1/1 tx 0'])
  })

  test('and where all fits, what fits is told', () => {
    expect(lowered({ ...withRow(carPlace(tree, 'CP1/1', { txA: 10 }), ...lost(1, 20)), vehicleMaxA: 15 }, 20)).toEqual(['CP1/1 tx 15'])
  })
})
