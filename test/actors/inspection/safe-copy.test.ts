// What leaves towards people who look in: plain JSON of a bounded length without id tags, secrets, functions and actors, whatever goes in.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createActor, createMachine } from 'xstate'
import { safeCopy } from '../../../src/actors/inspection/safe-copy.ts'

const mask = (idTag: string): string => `#${idTag.length}`
const copied = (value: unknown, bytes = 4_096) => safeCopy(value, bytes, mask).value

describe('a copy', () => {
  it('is the value itself where that is plain', () => {
    const value = { a: [1, 'two', null, true, { b: [] }], 'ü': 'x'.repeat(100) }
    expect(safeCopy(value, 4_096, mask)).toEqual({ value, truncated: false })
  })

  it('hides id tags by the name of their field, in texts that are JSON, and what is named like a secret', () => {
    expect(copied({ idTag: 'ABC', record: { parentIdTag: 'DEFG' }, IDTAG: ['A', 'BB', 123], rfid: { value: 45n }, text: '{"idTag":"HIJKL"}', password: 'p', authorizationKey: 'k', nested: { apiKey: 1 } }))
      .toEqual({ idTag: '#3', record: { parentIdTag: '#4' }, IDTAG: ['#1', '#2', '#3'], rfid: { value: '#2' }, text: '{"idTag":"#5"}', password: '***', authorizationKey: '***', nested: { apiKey: '***' } })
  })

  it('leaves out functions, actors and the insides of classes, and does not turn in circles', () => {
    class Session { readonly id = 's1'; readonly clientID = 'CP1'; readonly generation = 2; readonly inside = { secretThing: 1 }; call(): void {} }
    const circle: Record<string, unknown> = { name: 'c' }
    circle['self'] = circle
    expect(copied({ fn: () => 1, actor: createActor(createMachine({})), session: new Session(), when: new Date(0), bad: new Date(NaN), error: new Error('torn'), big: 12n, nan: NaN, none: undefined, set: new Set([1]) }))
      .toEqual({ session: { id: 's1', clientID: 'CP1', generation: 2 }, when: '1970-01-01T00:00:00.000Z', bad: 'Invalid Date', error: 'torn', big: '12', nan: 'NaN', set: {} })
    expect(safeCopy(circle, 4_096, mask).truncated).toBe(true)
    expect([copied(undefined), copied(() => 1), copied(null)]).toEqual([null, null, null])
  })

  it('says that it was cut, and says nothing of that when it was not', () => {
    expect(safeCopy({ text: 'x'.repeat(5_000) }, 4_096, mask).truncated).toBe(true)
    expect(safeCopy({ list: Array.from({ length: 2_000 }, (_, index) => index) }, 4_096, mask).truncated).toBe(true)
    expect(safeCopy({ text: 'x'.repeat(3_000) }, 4_096, mask).truncated).toBe(false)
  })

  it('counts numbers and times by how long they are written', () => {
    for (const value of [10n ** 600n, -(10n ** 75n), -1.2345678901234567e-100, new Date('-000001-12-31T23:59:59.999Z')]) {
      const { value: copy } = safeCopy(Array.from({ length: 200 }, () => value), 512, mask)
      expect(Buffer.byteLength(JSON.stringify(copy))).toBeLessThanOrEqual(512)
    }
  })

  it('is never longer than it may be, is JSON, and shows no tag, whatever goes in', () => {
    const anything = fc.anything({ maxDepth: 4, withBigInt: true, withDate: true, withMap: true, withNullPrototype: true, withObjectString: true })
    fc.assert(fc.property(fc.oneof(anything, fc.array(fc.string({ unit: 'binary', maxLength: 2_000 }), { maxLength: 20 }), fc.dictionary(fc.string({ unit: 'binary' }), fc.string())), fc.integer({ min: 512, max: 6_000 }), (value, bytes) => {
      const { value: copy } = safeCopy({ idTag: 'SECRET-TAG', value, list: [{ idTag: 'SECRET-TAG' }] }, bytes, mask)
      const text = JSON.stringify(copy)
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(bytes)
      expect(text).not.toContain('SECRET-TAG')
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(JSON.parse(text))))
    }), { numRuns: 300 })
  })
})
