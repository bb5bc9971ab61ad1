// Sets of listed tags: what leads from one to another leads there, whatever they are, and their sums tell them apart.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { byName, changesBetween, noTags, printOf, sumAfter, sumOf, tagsAfter, type Prints } from '../../src/actors/listed-tags.ts'

const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g')
const tags: fc.Arbitrary<Prints> = fc.uniqueArray(fc.tuple(name, fc.constantFrom('Accepted' as const, 'Blocked' as const)), { selector: ([one]) => one })
  .map((all) => all.map(([one, status]) => printOf(one, { status })).sort(byName))

test('the changes between two sets make the one of the other, also in parts, and the sum follows', () => {
  fc.assert(fc.property(tags, tags, fc.nat(9), (from, to, done) => {
    const changes = changesBetween(from, to)
    expect(tagsAfter(from, changes)).toEqual(to)
    expect(sumAfter(sumOf(from), changes)).toBe(sumOf(to))
    const half = tagsAfter(from, changes.slice(0, done))
    expect(sumAfter(sumOf(from), changes.slice(0, done))).toBe(sumOf(half))
    expect(tagsAfter(half, changesBetween(half, to))).toEqual(to)
    expect(sumOf(from) === sumOf(to)).toBe(changes.length === 0)
  }))
})

test('what goes comes first, each by name', () => {
  const set = (...names: string[]) => names.map((one) => printOf(one, { status: 'Accepted' }))
  expect(changesBetween(set('b', 'c', 'e'), set('a', 'c', 'd')).map(({ name: one, print }) => `${print === null ? '-' : '+'}${one}`)).toEqual(['-b', '-e', '+a', '+d'])
  expect(sumOf([])).toBe(noTags.sum)
})
