// What a limit in watts counts for, how much a start in watts needs, and what a row keeps when its charge point takes profiles otherwise.
import { describe, expect, test } from 'vitest'
import { book } from '../../src/power/booking.ts'
import { openRow, permitsA, reservedA, type Fact, type Row } from '../../src/power/ledger.ts'
import { usualQuirks, type Quirks } from '../../src/power/quirks.ts'
import { restoreRow } from '../../src/power/restoring.ts'
import { defaultNowA, startMinA } from '../../src/power/rungs.ts'
import type { ChargePointInput } from '../../src/power/site.ts'
import { provenPhases, spreadOf, worthA } from '../../src/power/watts.ts'
import { bookAll, entry, makePlace, makeTree, settledRow } from './fixtures.ts'
import { at, booked, sent, unanswered } from './ledger-facts.ts'

const phases = (wired: number, told: number | null, measured: number | null): Row => ({ ...openRow(32, false, wired), phases: { wired, told, measured } })
const drawn = (highestA: number, phases: number, atMs = at): Fact => ({ type: 'sampled', highestA, measuredAtMs: atMs, atMs, phases })
const quirks = (row: Row, change: Partial<Quirks>) => book(row, { type: 'quirks', quirks: { ...row.quirks, ...change } })

test.each([[3, null, null, 1], [3, 3, null, 3], [3, 3, 1, 1], [3, 1, 3, 3], [1, 3, null, 1], [2, 3, 3, 2]])('of %i wired, %j told, %j measured: %i proven', (wired, told, measured, proven) => {
  expect(provenPhases(phases(wired, told, measured))).toBe(proven)
})

test('what is measured and told goes with the car; nothing drawn says nothing', () => {
  const draws = drawn(10, 3)
  const measured = bookAll(settledRow({ txA: 16 }), draws)
  expect(measured.phases.measured).toBe(3)
  expect(book(measured, drawn(0, 0)).phases.measured).toBe(3)
  expect(book(measured, { type: 'stopped', transactionId: 7 }).phases.measured).toBeNull()
  expect(book(settledRow(), draws).phases.measured).toBeNull()
  expect(book(measured, { type: 'told', phases: 1 }).phases).toEqual({ wired: 3, told: 1, measured: 3 })
})

test.each([
  ['a TxProfile for those that are proven', 'tx', 16, phases(3, 3, null), 3],
  ['for one where nothing is known', 'tx', 16, phases(3, null, null), 1],
  ['a TxDefaultProfile for one: any car may come', 'default', 16, phases(3, 3, 3), 1],
  ['the whole hardware for all that are wired', 'tx', 32, phases(3, null, null), 3],
  ['the whole hardware on one phase', 'default', 32, phases(1, null, null), 1],
] as const)('%s', (_, slot, limitA, row, expected) => {
  expect(spreadOf([row], slot, limitA)).toBe(expected)
})

test('for several connectors, what is safe for each', () => {
  expect(spreadOf([phases(3, null, null), { ...phases(3, null, null), hardwareA: 10 }], 'default', 16)).toBe(1)
})

test.each([
  ['in amps', { unit: 'A' as const, phases: 3 }, 1, 10],
  ['in watts of three, three proven', { unit: 'W' as const, phases: 3 }, 3, 10],
  ['in watts of three, one proven', { unit: 'W' as const, phases: 3 }, 1, 30],
  ['in watts of one, three proven', { unit: 'W' as const }, 3, 10 / 3],
  ['in a unit that is not known, of three, one proven: the worse', { phases: 3 }, 1, 30],
  ['in a unit that is not known, of three, three proven', { phases: 3 }, 3, 10],
  ['in a unit that is not known, of one: the worse', {}, 3, 10],
])('10 A %s', (_, more, measured, expected) => {
  const row = phases(3, null, measured)
  expect(worthA(entry(1, 'tx', 10, more), row)).toBe(expected)
  expect(permitsA(entry(1, 'tx', 10, more), row, at)).toBe(expected)
})

test('never more than the hardware, and a TxDefaultProfile as for any car', () => {
  expect(worthA(entry(1, 'tx', 20, { unit: 'W', phases: 3 }), phases(3, null, 1))).toBe(32)
  expect(worthA(entry(1, 'default', 10, { unit: 'W' }), phases(3, 3, 3))).toBe(10)
  expect(worthA(entry(1, 'tx', 32, { unit: 'W', phases: 3 }), phases(3, 3, 3))).toBe(32)
})

test('the ledger follows what is measured: three phases free two thirds, one takes them back', () => {
  const row = bookAll(quirks(settledRow(), { unit: 'W' }), { type: 'started', transactionId: 7 }, booked(1, 'tx', 18), sent(1), { type: 'accepted', seq: 1, atMs: at, unit: 'W' })
  const later = at + 60_000
  expect(reservedA(row, later).thisCarA).toBe(18)
  const three = book(row, drawn(6, 3, later))
  expect(reservedA(three, later).thisCarA).toBe(6)
  expect(reservedA(book(three, drawn(17, 1, later)), later).thisCarA).toBe(18)
})

describe('the least to start with', () => {
  const least = (connector: Partial<NonNullable<ChargePointInput['connectors']>[number]>, change: Partial<Quirks>, known: { told?: number; measured?: number } = {}, profileCap: { limitA: number; source: string } | null = null) => {
    const tree = makeTree({}, [{ id: 'CP1', connectors: [{ id: 1, ...connector }] }])
    const wired = tree.outlets.get('CP1/1')!.phases.length
    return startMinA(makePlace(tree, 'CP1/1', { row: { ...settledRow({ transactionId: 7 }), quirks: { ...usualQuirks, ...change }, phases: { wired, told: known.told ?? null, measured: known.measured ?? null } }, profileCap }))
  }
  test('is the minimum in amps, and in watts where the phases are known', () => {
    expect([least({}, {}), least({}, { unit: 'W' }, { told: 3 }), least({}, { unit: 'W' }, { measured: 1 }), least({ phases: ['L2'] }, { unit: 'W' })]).toEqual([6, 6, 6, 6])
  })
  test('is three times that while the car may use three, in whole steps', () => {
    expect([least({}, { unit: 'W' }), least({ stepA: 4 }, { unit: 'W' }), least({ phases: ['L1', 'L2'] }, { unit: 'W' })]).toEqual([18, 20, 12])
  })
  test('under a TxDefaultProfile, where watts are those of one phase, whatever is known', () => {
    expect([least({}, { unit: 'W', ladder: 'default' }, { measured: 3 }), least({}, { unit: 'W', ladder: 'default' }, { measured: 1 })]).toEqual([18, 6])
  })
  test('is no more than the hardware, or what people allow', () => {
    expect([least({ maxA: 16 }, { unit: 'W' }), least({}, { unit: 'W' }, {}, { limitA: 10.5, source: 'profile:7' }), least({ maxA: 4 }, { unit: 'W' })]).toEqual([16, 10, 6])
  })
})

describe('a charge point that takes its profiles otherwise', () => {
  test('has refused nothing in the new shape', () => {
    const row = quirks(bookAll(settledRow({ txA: 16 }), booked(1, 'tx', 10), sent(1), { type: 'refused', seq: 1, atMs: at }), { lease: false })
    expect([row.tx.refused, row.refusedAtMs, row.tx.confirmed?.limitA]).toEqual([null, null, 16])
  })

  test('at another address holds nothing yet, and what stands at the old one counts where it rules', () => {
    const row = settledRow({ fallbackA: 10 })
    const zero = quirks(row, { ladder: 'connector-0' })
    expect([zero.default.confirmed, zero.leftA, reservedA(zero, at).anyCarA]).toEqual([null, 10, 32])
    const told = bookAll(zero, booked(1, 'default', 0), sent(1), { type: 'accepted', seq: 1, atMs: at, ladder: 'connector-0' })
    expect(reservedA(told, at + 60_000).anyCarA).toBe(10)
    // ChargePointMaxProfile rules over it.
    const max = bookAll(quirks(row, { ladder: 'max-0' }), booked(1, 'default', 0), sent(1), { type: 'accepted', seq: 1, atMs: at, ladder: 'max-0' })
    expect(reservedA(max, at + 60_000).anyCarA).toBe(0)
  })

  test('on the wire is the one that was just taken there; where its answer says that it was taken at the old address, it stands there', () => {
    const asked = bookAll(openRow(32, false), { type: 'contacted', atMs: 0 }, booked(1, 'default', 6), sent(1))
    const zero = quirks(asked, { ladder: 'connector-0' })
    expect(book(zero, { type: 'accepted', seq: 1, atMs: at, ladder: 'connector-0' })).toMatchObject({ default: { confirmed: { limitA: 6 } }, leftA: null })
    expect(book(zero, { type: 'accepted', seq: 1, atMs: at, ladder: 'default' })).toMatchObject({ default: { confirmed: null, inFlight: [] }, leftA: 6 })
  })

  test.each<[string, (row: Row) => Row]>([
    ['is never answered', (row) => book(row, unanswered(1))],
    ['is overtaken by one that was taken on connector 0', (row) => bookAll(row, booked(2, 'default', 0), sent(2), { type: 'accepted', seq: 2, atMs: at, ladder: 'connector-0' })],
    ['outlives a restart', (row) => restoreRow(row, at)],
  ])('what is on its way to the connector as the orders move to connector 0, and %s, may rule there', (_, happens) => {
    const moved = quirks(bookAll(settledRow({ fallbackA: 10 }), booked(1, 'default', 16), sent(1)), { ladder: 'connector-0' })
    expect(moved.leftA).toBe(10)
    const after = bookAll(happens(moved), booked(3, 'default', 0), sent(3), { type: 'accepted', seq: 3, atMs: at, ladder: 'connector-0' })
    expect([after.leftA, reservedA(after, at + 60_000).anyCarA]).toEqual([16, 16])
    expect(book(moved, { type: 'refused', seq: 1, atMs: at }).leftA).toBe(10)
    expect(happens(quirks(moved, { ladder: 'default' })).leftA).toBeNull()
  })

  test.each<[Quirks['ladder'], number]>([['default', 16], ['connector-0', 32], ['max-0', 32]])('that goes back to TxProfiles from %s: what its TxDefaultProfile was raised to counts, or the hardware, until it is told', (ladder, expected) => {
    const before = quirks(settledRow({ fallbackA: 6 }), { ladder })
    const raised = bookAll(before, booked(1, 'default', 16), sent(1), { type: 'accepted', seq: 1, atMs: at, ladder })
    const back = quirks(raised, { ladder: 'tx' })
    expect(reservedA(back, at + 60_000).anyCarA).toBe(expected)
    expect(reservedA(bookAll(back, booked(2, 'default', 6), sent(2), { type: 'accepted', seq: 2, atMs: at + 60_000 }), at + 600_000).anyCarA).toBe(6)
  })

  test('with the same quirks stays as it is, and rows of before know the usual ones', () => {
    const row = settledRow()
    expect(quirks(row, {})).toBe(row)
    const { quirks: _, phases: __, leftA: ___, ...old } = row
    expect(restoreRow(old as Row, at)).toMatchObject({ quirks: usualQuirks, phases: { wired: 3, told: null, measured: null }, leftA: null })
  })
})

test('of connectors that one profile limits none goes up because another is lowered', () => {
  const [low, high, fresh] = [settledRow({ fallbackA: 8 }), settledRow({ fallbackA: 20 }), openRow(32, false)]
  expect(defaultNowA([low, high], 10, at)).toBe(8)
  expect(defaultNowA([low, low], 10, at)).toBe(10)
  expect(defaultNowA([low, fresh], 10, at)).toBe(8)
  expect(defaultNowA([fresh, fresh], 10, at)).toBe(10)
  expect(defaultNowA([quirks(low, { pauseA: 6 })], 0, at)).toBe(6)
})
