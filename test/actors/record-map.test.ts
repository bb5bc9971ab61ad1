// Records by key: found as in a plain map, in the order in which they came.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RecordMap } from '../../src/actors/record-map.ts'

const key = fc.constantFrom('tx:1', 'tx:2', 'tx:', 'txx:1', 'row:1', 'row:a:b', 'row:a:c', 'config', 'configuration:1', ':', '')
const change = fc.record({ key, value: fc.option(fc.nat()) })

test('whatever is put and deleted, each prefix finds what begins with it', () => {
  fc.assert(fc.property(fc.array(change, { maxLength: 40 }), fc.array(change, { maxLength: 5 }), (changes, first) => {
    const plain = new Map<string, unknown>(first.map((one) => [one.key, one.value]))
    const map = new RecordMap(plain)
    for (const { key: name, value } of changes) {
      if (value === null) plain.delete(name)
      else plain.set(name, value)
      if (value === null) map.delete(name)
      else map.set(name, value)
    }
    for (const prefix of ['tx:', 'row:', 'row:a:', 'configuration:', ':', 'config:']) expect(map.entries(prefix)).toEqual([...plain].filter(([name]) => name.startsWith(prefix)))
    for (const prefix of ['', 'tx', 'con']) expect(map.entries(prefix).toSorted()).toEqual([...plain].filter(([name]) => name.startsWith(prefix)).toSorted())
    for (const name of plain.keys()) expect(map.get(name)).toBe(plain.get(name))
    expect(map.get('row:none')).toBeUndefined()
  }))
})
