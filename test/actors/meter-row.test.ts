// What the history keeps of a meter value comes back as it came, in few bytes.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeRow, encodeRow, type MeterRow } from '../../src/actors/meter-row.ts'
import type { SampledValue } from '../../src/protocol/messages/index.ts'
import { sampledValue } from '../../src/protocol/messages/types.ts'

function throughStore(values: readonly SampledValue[], more: Partial<MeterRow> = {}): MeterRow | null {
  const row = { key: 'CP1/1', atMs: 1_700_000_000_000, receivedAtMs: 1_700_000_000_250, transactionId: 7, values, ...more }
  return decodeRow(row.key, row.atMs, JSON.parse(JSON.stringify(encodeRow(row))))
}

test('every value of every field comes back', () => {
  const { measurand, context, phase, location, unit, format } = sampledValue.shape
  const values: SampledValue[] = [
    ...measurand.unwrap().options.map((one) => ({ value: '1', measurand: one })), ...context.unwrap().options.map((one) => ({ value: '1', context: one })),
    ...phase.unwrap().options.map((one) => ({ value: '1', phase: one })), ...location.unwrap().options.map((one) => ({ value: '1', location: one })),
    ...unit.unwrap().options.map((one) => ({ value: '1', unit: one })), ...format.unwrap().options.map((one) => ({ value: '1', format: one })),
    { value: '230.1', measurand: 'Voltage', phase: 'L1-N', unit: 'V', context: 'Sample.Clock', location: 'Inlet', format: 'Raw' }, { value: '1' },
  ]
  expect(throughStore(values)?.values).toEqual(values)
})

test.each(['0', '-0', '12.50', '1e3', '007', ' 12', '', 'NaN', '1.0', '12345678901234567890', '-3.25', 'OCMF|{"a":1}|é🔌', '0.1'])('the text %j stays as it is', (value) => {
  expect(throughStore([{ value }])?.values).toEqual([{ value }])
})

test('every text comes back, whatever number it may be', () => {
  const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 0, maxLength: 17 })
  const text = fc.tuple(fc.constantFrom('', '-', '+'), digits, fc.constantFrom('', '.'), digits).map((parts) => parts.join(''))
  fc.assert(fc.property(fc.oneof(text, fc.double().map(String), fc.float().map((one) => one.toFixed(6))), (value) => {
    expect(throughStore([{ value }])?.values).toEqual([{ value }])
  }), { numRuns: 2_000 })
})

test('an endless value is cut, and of endless values some are left out', () => {
  expect(throughStore([{ value: 'x'.repeat(100_000), format: 'SignedData' }])?.values[0]?.value).toHaveLength(8_192)
  expect(throughStore(Array.from({ length: 1_000 }, () => ({ value: '1' })))?.values).toHaveLength(200)
})

test('whose it is and when it came are kept; what is no row is none', () => {
  expect(throughStore([{ value: '1' }])).toMatchObject({ key: 'CP1/1', atMs: 1_700_000_000_000, receivedAtMs: 1_700_000_000_250, transactionId: 7 })
  expect(throughStore([], { transactionId: null, receivedAtMs: 1_699_999_999_000 })).toMatchObject({ transactionId: null, receivedAtMs: 1_699_999_999_000, values: [] })
  for (const stored of [null, 1, 'x', {}, [], ['1', 2], [1, null], { currentA: { L1: 1 } }]) expect(decodeRow('CP1/1', 1, stored)).toBeNull()
})

test('that it named no transaction comes back too', () => {
  for (const saidMs of [null, 1_700_000_000_000, 1_699_996_400_000, 1_700_003_600_001]) {
    expect(throughStore([{ value: '1' }, { value: 'x' }], { saidMs })).toMatchObject({ transactionId: 7, saidMs, values: [{ value: '1' }, { value: 'x' }] })
    expect(throughStore([], { transactionId: null, saidMs })).toMatchObject({ transactionId: null, saidMs, values: [] })
  }
  expect(throughStore([{ value: '1' }])).not.toHaveProperty('saidMs')
  expect(throughStore([{ value: '1' }], { transactionId: null })?.transactionId).toBeNull()
})

test('what no list has comes back as it was said, endless names cut, what is no name left out', () => {
  const odd = JSON.parse('[{ "value": "5", "unit": "furlong", "phase": "L1" }, { "value": "6", "context": "Whenever" }, { "value": "7", "measurand": "Love", "location": "Moon", "format": "Loose" }]') as SampledValue[]
  expect(throughStore(odd)?.values).toEqual(odd)
  const worse = JSON.parse(`[{ "value": "5", "unit": "${'u'.repeat(99)}" }, { "value": "6", "phase": 1 }]`) as SampledValue[]
  expect(throughStore(worse)?.values).toEqual([{ value: '5', unit: 'u'.repeat(50) }, { value: '6' }])
  expect(decodeRow('CP1/1', 1, [0, 0, '~[', 5, '~{}', 6, '0', 7])?.values).toEqual([{ value: '7', measurand: 'Energy.Active.Import.Register' }])
})
