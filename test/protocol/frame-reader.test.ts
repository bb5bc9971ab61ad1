// Frames read by their form against the same frames parsed: what is read is the same, and what the table finds fault in is never read by its form.
import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { FrameReader } from '../../src/protocol/frame-reader.ts'
import { readFrame, type Reading } from '../../src/protocol/frames.ts'
import { sampledValue } from '../../src/protocol/messages/types.ts'
import { PlainMeterValues } from '../../src/protocol/meter-shape.ts'

const { context, format, measurand, phase, location, unit } = sampledValue.shape
const number = fc.oneof(fc.nat().map(String), fc.double({ noNaN: true }).map(String), fc.constantFrom('0', '-1', '1e3', '230.40', '', ' 1', 'x"y', 'a\\b', 'ü', '\u0001', '🚗'))
const kind = fc.record({
  context: fc.constantFrom(...context.unwrap().options), format: fc.constantFrom(...format.unwrap().options), measurand: fc.constantFrom(...measurand.unwrap().options),
  phase: fc.constantFrom(...phase.unwrap().options), location: fc.constantFrom(...location.unwrap().options), unit: fc.constantFrom(...unit.unwrap().options),
}, { requiredKeys: [] })
const time = fc.oneof(fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('2100-01-01') }).map((at) => at.toISOString()), fc.constantFrom('2026-02-30T00:00:00Z', '2026-01-01T00:00:00', 'now', '2026-01-01T25:00:00Z', '2026-01-01T00:00:00+02:00'))
const id = fc.oneof(fc.string({ minLength: 0, maxLength: 40 }), fc.uuid())
interface Filling { readonly id: string; readonly connectorId: number; readonly transactionId: number | undefined; readonly timestamp: string; readonly texts: readonly string[] }
const filling = fc.record({ id, connectorId: fc.oneof(fc.nat(3), fc.constantFrom(-1, 1.5, 2 ** 53)), transactionId: fc.option(fc.oneof(fc.nat(), fc.maxSafeInteger()), { nil: undefined }), timestamp: time, texts: fc.array(number, { minLength: 4, maxLength: 4 }) })
const kinds = fc.array(kind, { minLength: 1, maxLength: 4 })
/** How a charge point writes: the order of its fields, and blanks. */
const hand = fc.record({ turned: fc.boolean(), blanks: fc.boolean() })
type Hand = typeof hand extends fc.Arbitrary<infer T> ? T : never

function write(kinds: readonly object[], { id, connectorId, transactionId, timestamp, texts }: Filling, { turned, blanks }: Hand): string {
  const turn = (value: object): object => (turned ? Object.fromEntries(Object.entries(value).toReversed()) : value)
  const sampledValues = kinds.map((of, at) => turn({ value: texts[at % texts.length], ...of }))
  const payload = turn({ connectorId, ...(transactionId === undefined ? {} : { transactionId }), meterValue: [turn({ timestamp, sampledValue: sampledValues })] })
  return JSON.stringify([2, id, 'MeterValues', payload], undefined, blanks ? 1 : undefined)
}

const seen = (reading: Reading): unknown => JSON.parse(JSON.stringify(reading)) as unknown

function expectTheSame(reader: FrameReader, text: string): Reading {
  const read = reader.read(text)
  const parsed = readFrame(text)
  expect(sorted(seen(read))).toEqual(sorted(seen(parsed)))
  if (read.type === 'call' && read.payload instanceof PlainMeterValues) expect(read.sum).toBe(parsed.type === 'call' ? parsed.sum : null)
  return read
}

/** Without the order of fields. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, sorted(inner)]))
}

describe('the reader of one charge point', () => {
  test('says what parsing says, whatever comes after what', () => {
    fc.assert(fc.property(fc.array(kinds, { minLength: 1, maxLength: 3 }), hand, fc.array(fc.tuple(fc.nat(2), filling), { minLength: 1, maxLength: 12 }), (shapes, written, frames) => {
      const reader = new FrameReader()
      for (const [which, filled] of frames) expectTheSame(reader, write(shapes[which % shapes.length]!, filled, written))
    }), { numRuns: 500 })
  })

  test('says what parsing says of texts that were changed in one place', () => {
    fc.assert(fc.property(kinds, hand, filling, filling, fc.nat(), fc.string({ maxLength: 3 }), fc.nat(3), (kinds, written, first, second, where, put, gone) => {
      const reader = new FrameReader()
      reader.read(write(kinds, { ...first, id: 'a', connectorId: 1, timestamp: '2026-01-01T00:00:00Z', texts: ['1', '2', '3', '4'] }, written))
      const text = write(kinds, second, written)
      const at = where % text.length
      expectTheSame(reader, text.slice(0, at) + put + text.slice(at + gone))
    }), { numRuns: 2_000 })
  })

  test('does not parse the second of a form', () => {
    const reader = new FrameReader()
    const of = (value: string) => write([{ measurand: 'Current.Import', phase: 'L1' }, { measurand: 'SoC' }], { id: `i${value}`, connectorId: 2, transactionId: 77, timestamp: '2026-01-01T00:00:00Z', texts: [value, '9'] }, { turned: false, blanks: false })
    expect(payloadOf(reader.read(of('1')))).not.toBeInstanceOf(PlainMeterValues)
    const second = payloadOf(reader.read(of('2')))
    expect(second).toBeInstanceOf(PlainMeterValues)
    expect(second).toMatchObject({ connectorId: 2, transactionId: 77, timestamp: '2026-01-01T00:00:00Z', values: ['2', '9'] })
    expect(payloadOf(new FrameReader().read(of('3')))).not.toBeInstanceOf(PlainMeterValues)
  })

  test('shares forms and lists of kinds between charge points that write alike', () => {
    const [one, other] = [new FrameReader(), new FrameReader()]
    const of = (connectorId: number) => write([{ measurand: 'Voltage', phase: 'L1-N' }], { id: 'x', connectorId, transactionId: undefined, timestamp: '2026-01-01T00:00:00Z', texts: ['230'] }, { turned: false, blanks: false })
    const shapes = [one, one, other, other].map((reader, at) => payloadOf(reader.read(of(at)))).map((payload) => (payload instanceof PlainMeterValues ? payload.shape : null))
    expect(shapes[1]).not.toBeNull()
    expect(shapes[3]).toBe(shapes[1])
  })

  test('takes two forms in turns', () => {
    const reader = new FrameReader()
    const of = (measurand: string) => write([{ measurand }], { id: 'x', connectorId: 1, transactionId: undefined, timestamp: '2026-01-01T00:00:00Z', texts: ['1'] }, { turned: false, blanks: false })
    for (const measurand of ['SoC', 'Voltage']) reader.read(of(measurand))
    for (const measurand of ['SoC', 'Voltage', 'Voltage', 'SoC']) expect(payloadOf(reader.read(of(measurand)))).toBeInstanceOf(PlainMeterValues)
  })

  test.each([
    ['a key said twice, once with an escape', '[2,"i","MeterValues",{"connectorId":1,"meterValue":[{"timestamp":"2026-01-01T00:00:00Z","sampledValue":[{"value":"1"}],"sampledValue":[{"val\\u0075e":"2"}]}]}]'],
    ['a field said twice', '[2,"i","MeterValues",{"connectorId":1,"connectorId":2,"meterValue":[{"timestamp":"2026-01-01T00:00:00Z","sampledValue":[{"value":"1"}]}]}]'],
    ['two elements', '[2,"i","MeterValues",{"connectorId":1,"meterValue":[{"timestamp":"2026-01-01T00:00:00Z","sampledValue":[{"value":"1"}]},{"timestamp":"2026-01-01T00:00:00Z","sampledValue":[{"value":"2"}]}]}]'],
    ['an escape in a value', '[2,"i","MeterValues",{"connectorId":1,"meterValue":[{"timestamp":"2026-01-01T00:00:00Z","sampledValue":[{"value":"\\u0031"}]}]}]'],
    ['a number with a fraction', '[2,"i","MeterValues",{"connectorId":1.0,"meterValue":[{"timestamp":"2026-01-01T00:00:00Z","sampledValue":[{"value":"1"}]}]}]'],
  ])('learns nothing wrong from %s', (_, text) => {
    const reader = new FrameReader()
    for (const again of [text, text, text.replace('"1"', '"5"'), text.replaceAll('2026', '2027')]) expectTheSame(reader, again)
  })

  test('gives up learning from whoever writes every frame in another form, and goes on reading', () => {
    const reader = new FrameReader()
    const of = (blanks: number) => `[2,"i","MeterValues",{"connectorId":1,"meterValue":[{"timestamp":"2026-01-01T00:00:00Z","sampledValue":[{"value":"1"}]}]}${' '.repeat(blanks)}]`
    for (let blanks = 0; blanks < 10; blanks++) expectTheSame(reader, of(blanks))
    expect(payloadOf(reader.read(of(9)))).not.toBeInstanceOf(PlainMeterValues)
  })
})

function payloadOf(reading: Reading): unknown {
  return reading.type === 'call' ? reading.payload : null
}
