// Tables of id tags: what is exported is read back as it was, whatever it says; what is wrong is named with its row.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readCsv, toCsv } from '../../src/api/csv.ts'
import { idTagTable, readIdTagTable } from '../../src/api/id-tag-table.ts'
import { idTagSchema } from '../../src/settings.ts'
import { VirtualClock } from '../virtual-clock.ts'

const clock = new VirtualClock()
const awkward = fc.constantFrom('=', '+', '-', '@', '|', "'", '"', ',', ';', '[', ']', ' ', 'a', 'B', '1', 'é', '🔌', '\\', '\t')
const name = (longest: number) => fc.oneof(fc.string({ minLength: 1, maxLength: longest }), fc.string({ unit: awkward, minLength: 1, maxLength: longest }))
  .filter((text) => idTagSchema.shape.id.safeParse(text).success)
const places = fc.uniqueArray(name(20), { minLength: 1, maxLength: 4 })
const tag = fc.record({
  id: name(20), status: fc.constantFrom('Accepted', 'Blocked', 'Expired', 'Invalid'), concurrent: fc.boolean(),
  expiryDate: fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) }).map((date) => date.toISOString()),
  parentIdTag: name(20), tariffId: fc.constantFrom('day', 'N-1'), sites: places, chargePoints: places,
  limits: fc.oneof(fc.record({ energyWh: fc.double({ min: 1e-9, max: 1e7, noNaN: true }) }), fc.record({ costMinor: fc.integer({ min: 1, max: 1e12 }) }), fc.record({ durationS: fc.integer({ min: 60, max: 86_400 }), energyWh: fc.integer({ min: 1, max: 100_000 }) })),
}, { requiredKeys: ['id', 'status', 'concurrent'] }).map((given) => idTagSchema.parse(given))
const tags = fc.uniqueArray(tag, { maxLength: 20, selector: ({ id }) => id.toLowerCase() })

describe('CSV', () => {
  test('any text is read back as it was', () => {
    fc.assert(fc.property(fc.array(fc.record({ a: fc.oneof(fc.string(), fc.string({ unit: fc.oneof(awkward, fc.constantFrom('\r', '\n')) })), b: fc.string() }), { maxLength: 8 }), (rows) => {
      expect(readCsv(toCsv(['a', 'b'], rows)).slice(1).map(({ cells }) => cells)).toEqual(rows.map(({ a, b }) => [a, b]))
    }), { numRuns: 500 })
  })

  test.each([
    ['', []], ['\ufeffa,b\nc,d', [[1, 'a', 'b'], [2, 'c', 'd']]], ['a\r\n\r\n"b\r\nc",d\r\n,', [[1, 'a'], [3, 'b\r\nc', 'd'], [5, '', '']]], ['a,\n', [[1, 'a', '']]], ['"say ""x"""\n', [[1, 'say "x"']]],
  ])('%j', (text, rows) => expect(readCsv(text).map(({ line, cells }) => [line, ...cells])).toEqual(rows))

  test.each([['a\n"b', 'line 2'], ['"a"b', 'line 1'], ['a"b', 'line 1'], ['a\n"b\nc"x,d', 'line 2']])('%j is refused', (text, where) => {
    expect(() => readCsv(text)).toThrow(expect.objectContaining({ status: 422, message: expect.stringContaining(where) as string }))
  })

  test('a very long cell, and one of nothing but quotes', () => {
    const long = 'x'.repeat(1_000_000)
    const quotes = '"'.repeat(1_000_000)
    expect(readCsv(toCsv(['a', 'b'], [{ a: long, b: quotes }]))[1]?.cells).toEqual([long, quotes])
  })
})

describe('id tags', () => {
  test('exported and imported they are the same', async () => {
    await fc.assert(fc.asyncProperty(tags, async (list) => { expect(await readIdTagTable(idTagTable(list), clock)).toEqual(list) }), { numRuns: 300 })
  })

  test('as people write them: columns in any order, spaces, TRUE, empty cells, missing cells', async () => {
    expect(await readIdTagTable('concurrent, id ,sites\nTRUE, A ,"main; annex"\n,B,\nfalse,C\n', clock)).toEqual([
      { id: 'A', status: 'Accepted', concurrent: true, sites: ['main', 'annex'] }, { id: 'B', status: 'Accepted', concurrent: false }, { id: 'C', status: 'Accepted', concurrent: false },
    ])
  })

  test('every fault is named with its row and line, the first fifty', async () => {
    const errors = [
      { pointer: '/rows/0/expiryDate', message: expect.stringContaining('(line 2)') as string }, { pointer: '/rows/2/id', message: expect.stringContaining('row 1') as string },
      { pointer: '/rows/3/limitDurationS', message: expect.any(String) as string }, { pointer: '/rows/4', message: 'has 5 cells, the first row has 4 (line 7)' }, { pointer: '/rows/5/id', message: 'missing (line 8)' }, { pointer: '/rows/6/status', message: expect.any(String) as string },
    ]
    const text = 'id,expiryDate,status,limitDurationS\nA,soon,,\nB,,,\n\nb,,,\nC,,,5\nD,,,,x\n,,Blocked,\nE,,Open,'
    await expect(readIdTagTable(text, clock)).rejects.toMatchObject({ status: 422, code: 'invalid', errors, message: expect.stringContaining('Nothing was changed') as string })
    await expect(readIdTagTable(`id,status\n${'A,Open\n'.repeat(80)}`, clock)).rejects.toMatchObject({ errors: { length: 50 } })
  })

  test.each([['status\nBlocked\n', 'no column id'], ['id,colour\n', 'no column "colour"'], ['id,id\n', 'twice'], ['', 'no column id']])('%j has no such columns', async (text, says) => {
    await expect(readIdTagTable(text, clock)).rejects.toMatchObject({ status: 422, message: expect.stringContaining(says) as string, errors: [{ pointer: '/columns' }] })
  })
})
