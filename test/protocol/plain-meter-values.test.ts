// The short way of MeterValues against the table: what takes it has no fault there, what is usual takes it, and its sum stands for its content.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { judge } from '../../src/protocol/judge.ts'
import { sampledValue } from '../../src/protocol/messages/types.ts'
import { sumOfPlainMeterValues } from '../../src/protocol/plain-meter-values.ts'

interface Samples { readonly request: { readonly good: readonly unknown[]; readonly lenient?: readonly unknown[]; readonly bad: readonly { readonly payload: unknown }[]; readonly soft?: readonly { readonly payload: unknown }[] } }
const samples = JSON.parse(readFileSync(new URL('./samples/MeterValues.json', import.meta.url), 'utf8')) as Samples

const { context, format, measurand, phase, location, unit } = sampledValue.shape
const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined })
const plainSample = fc.record({
  value: fc.oneof(fc.string(), fc.double().map(String)),
  context: fc.constantFrom(...context.unwrap().options), format: fc.constantFrom(...format.unwrap().options), measurand: fc.constantFrom(...measurand.unwrap().options),
  phase: fc.constantFrom(...phase.unwrap().options), location: fc.constantFrom(...location.unwrap().options), unit: fc.constantFrom(...unit.unwrap().options),
}, { requiredKeys: ['value'] })
const plain = fc.record({
  connectorId: fc.nat(), transactionId: fc.maxSafeInteger(),
  meterValue: fc.array(fc.record({ timestamp: fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('2100-01-01') }).map((at) => at.toISOString()), sampledValue: fc.array(plainSample, { minLength: 1, maxLength: 4 }) }), { minLength: 1, maxLength: 3 }),
}, { requiredKeys: ['connectorId', 'meterValue'] })
const odd = fc.oneof(fc.constantFrom(null, true, '', 'A', 'l1', 'Outlet', -1, 0, 1.5, 2 ** 60, '2026-02-30T00:00:00Z', [], {}), fc.anything())
/** One place of a payload holds something else, or something more is in it. */
const spoilt = fc.tuple(plain, fc.nat(), fc.constantFrom('connectorId', 'transactionId', 'meterValue', 'timestamp', 'sampledValue', 'value', 'unit', 'phase', 'context', 'location', 'format', 'measurand', 'more', '__proto__', 'constructor'), odd).map(([payload, which, key, value]) => {
  const places: object[] = [payload, ...payload.meterValue, ...payload.meterValue.flatMap((element) => element.sampledValue)]
  Object.defineProperty(places[which % places.length], key, { value, enumerable: true, configurable: true, writable: true })
  return JSON.parse(JSON.stringify(payload) ?? 'null') as unknown
})

describe('what takes the short way', () => {
  test('has no fault in the table, in the samples and beside them', () => {
    const known = [...samples.request.good, ...samples.request.lenient ?? [], ...[...samples.request.bad, ...samples.request.soft ?? []].map(({ payload }) => payload)]
    for (const payload of known) holdsAgainstTable(payload)
    fc.assert(fc.property(fc.oneof(spoilt, plain, maybe(fc.jsonValue())), (payload) => holdsAgainstTable(payload)), { numRuns: 1_000 })
  })
  test('is whatever the table finds no fault in', () => {
    fc.assert(fc.property(plain, (payload) => { expect(sumOfPlainMeterValues(payload)).not.toBeNull() }))
  })
})

describe('its sum', () => {
  test('is the same for the same content, whatever the order of its fields', () => {
    fc.assert(fc.property(plain, (payload) => {
      const turned = { meterValue: payload.meterValue.map(({ timestamp, sampledValue: values }) => ({ sampledValue: values.map((value) => Object.fromEntries(Object.entries(value).toReversed())), timestamp })), ...Object.fromEntries(Object.entries(payload).filter(([key]) => key !== 'meterValue').toReversed()) }
      expect(sumOfPlainMeterValues(turned)).toBe(sumOfPlainMeterValues(payload))
    }))
  })
  test('is another for other content', () => {
    fc.assert(fc.property(plain, plain, spoilt, (one, other, changed) => {
      for (const [a, b] of [[one, other], [one, changed]] as const) {
        const [x, y] = [sumOfPlainMeterValues(a), sumOfPlainMeterValues(b)]
        if (x !== null && JSON.stringify(canonical(a)) !== JSON.stringify(canonical(b))) expect(y).not.toBe(x)
      }
    }), { numRuns: 500 })
  })
  test('tells a digit, a phase, a time and an absent transaction apart', () => {
    const of = (value: string, phaseName: string, timestamp: string, transactionId?: number) => sumOfPlainMeterValues({ connectorId: 1, ...(transactionId === undefined ? {} : { transactionId }), meterValue: [{ timestamp, sampledValue: [{ value, phase: phaseName }] }] })
    const sums = [of('1', 'L1', '2026-01-01T00:00:00Z', 1), of('2', 'L1', '2026-01-01T00:00:00Z', 1), of('1', 'L2', '2026-01-01T00:00:00Z', 1), of('1', 'L1', '2026-01-01T00:00:01Z', 1), of('1', 'L1', '2026-01-01T00:00:00Z'), of('1', 'L1', '2026-01-01T00:00:00Z', 2 ** 32 + 1)]
    expect(sums).not.toContain(null)
    expect(new Set(sums).size).toBe(sums.length)
  })
})

function holdsAgainstTable(payload: unknown): void {
  const judged = judge('MeterValues', payload, { strict: true })
  if (sumOfPlainMeterValues(payload) !== null) expect(judged).toEqual({ ok: true, value: payload, faults: [] })
  else expect(judged.ok).toBe(false)
}

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, canonical(inner)]))
}
