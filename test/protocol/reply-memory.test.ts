// What is remembered of answers against a plain list of the newest, for answers that are empty and thousands of them.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ReplyMemory } from '../../src/protocol/reply-memory.ts'

test.each([1, 3, 16, 256])('of empty answers the newest %i are known, and no others', (capacity) => {
  fc.assert(fc.property(fc.array(fc.tuple(fc.nat(3 * capacity), fc.nat(2)), { maxLength: 5 * capacity }), (steps) => {
    const memory = new ReplyMemory(capacity)
    let newest: { readonly id: string; readonly digest: number }[] = []
    for (const [nth, digest] of steps) {
      const id = `id-${nth}`
      const held = newest.find((one) => one.id === id)
      expect(memory.recall(id, digest)).toEqual(held === undefined ? { type: 'new' } : held.digest === digest ? { type: 'same', reply: null } : { type: 'other' })
      if (held !== undefined) continue
      memory.rememberEmpty(id, digest)
      newest = [...newest, { id, digest }].slice(-capacity)
    }
  }), { numRuns: capacity > 100 ? 30 : 100 })
})
