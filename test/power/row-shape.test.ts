// A shaped row says what the row said, and all of them have the same fields in the same order.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openRow, type Row } from '../../src/power/ledger.ts'
import { shaped } from '../../src/power/row-shape.ts'

const more: fc.Arbitrary<Partial<Row>> = fc.record({
  direct: fc.constant(true as const), told: fc.constant([]), onSinceMs: fc.nat(), offSinceMs: fc.constant(null), startsAtMs: fc.array(fc.nat()), pausedByTurn: fc.boolean(),
  turn: fc.constant(null), queueSinceMs: fc.nat(), reclaim: fc.constant({ capA: 17, shownA: 16, changedAtMs: 1, fromMs: 0, below: null }), disobeying: fc.constant(null), distrusted: fc.constant(null),
  measuredA: fc.nat(), excess: fc.boolean(), transactionId: fc.nat(), contactedAtMs: fc.nat(),
}, { requiredKeys: [] })

test('the same, and of one shape', () => {
  const fields = Object.keys(shaped(openRow(32, false)))
  fc.assert(fc.property(more, (known) => {
    const row: Row = { ...openRow(32, true), ...known }
    const after = shaped(row)
    expect(JSON.stringify(after, Object.keys(after).sort())).toBe(JSON.stringify(row, Object.keys(after).sort()))
    expect(after).toEqual(row)
    expect(Object.keys(after)).toEqual(fields)
    // What books a sample changes no shape.
    expect(Object.keys({ ...after, reclaim: known.reclaim, measuredA: 3 })).toEqual(fields)
  }))
})
