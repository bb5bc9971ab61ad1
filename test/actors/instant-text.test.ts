// The text of an instant is what Date says, however often and in whatever order it is asked for.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { instantText } from '../../src/actors/instant-text.ts'

test('as Date says it', () => {
  const near = fc.integer({ min: 1_700_000_000_000, max: 1_700_000_000_003 })
  fc.assert(fc.property(fc.array(fc.oneof(near, fc.integer({ min: 0, max: 4e12 }), fc.double({ min: 0, max: 4e12, noNaN: true })), { maxLength: 20 }), (instants) => {
    for (const ms of instants) expect(instantText(ms)).toBe(new Date(ms).toISOString())
  }))
})
