// Sampled values: what becomes a number, what becomes amps on a phase, and what stays absent.
import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { readDecimal } from '../../src/sessions/decimals.ts'
import { prepareKinds, readPrepared, readSamples, type RawSample } from '../../src/sessions/readings.ts'
import { readSamples as readTheLongWay } from './long-readings.ts'

const wiring = { phaseCount: 3, nominalV: 230 }
const current = (value: string, phase?: string): RawSample => ({ value, measurand: 'Current.Import', unit: 'A', phase })

describe('numbers', () => {
  test.each([['0', 0], ['12', 12], ['-3', -3], ['+4', 4], ['0.10', 0.1], ['007', 7]])('%s is %d', (text, value) => {
    expect(readDecimal(text)).toBe(value)
  })
  test.each(['', ' ', ' 1', '1 ', '0x10', 'NaN', 'Infinity', '-Infinity', '1e999', '1e3', '12abc', '1,5', '1.', '.5', '--1', '1_000', '٣', '9'.repeat(400)])('threat 26: %j is absent', (text) => {
    expect(readDecimal(text)).toBeNull()
    const reading = readSamples([current(text)], wiring)
    expect(reading).toMatchObject({ currentA: null, bad: 1 })
  })
})

describe('amps on the connector\'s own phases', () => {
  const rows: [string, RawSample[], number, Record<string, number> | null][] = [
    ['three phases', [current('10', 'L1'), current('11', 'L2'), current('12', 'L3')], 3, { L1: 10, L2: 11, L3: 12 }],
    ['phase to neutral', [current('10', 'L1-N')], 3, { L1: 10 }],
    ['no phase: every phase in use', [current('16')], 3, { L1: 16, L2: 16, L3: 16 }],
    ['no phase on a single-phase connector', [current('16')], 1, { L1: 16 }],
    ['named phases rule over the sum', [current('30'), current('10', 'L1')], 3, { L1: 10 }],
    ['the neutral is nobody\'s load', [current('5', 'N')], 3, null],
    ['no unit is amps', [{ value: '7', measurand: 'Current.Import', phase: 'L2' }], 3, { L2: 7 }],
    ['said twice: the larger', [current('3', 'L1'), current('9', 'L1')], 3, { L1: 9 }],
    ['export is not import', [{ value: '9', measurand: 'Current.Export', unit: 'A' }], 3, null],
    ['an offer is not a flow', [{ value: '9', measurand: 'Current.Offered', unit: 'A' }], 3, null],
    ['the car\'s own reading is not the outlet\'s', [{ ...current('9', 'L1'), location: 'EV' }], 3, null],
    ['outlet before inlet', [{ ...current('9', 'L1'), location: 'Inlet' }, current('8', 'L1')], 3, { L1: 8 }],
    ['power alone, nominal voltage', [{ value: '6900', measurand: 'Power.Active.Import', unit: 'W' }], 3, { L1: 10, L2: 10, L3: 10 }],
    ['power in kW, measured voltage', [{ value: '4.6', measurand: 'Power.Active.Import', unit: 'kW' }, { value: '200', measurand: 'Voltage', unit: 'V' }], 1, { L1: 23 }],
    ['power per phase', [{ value: '2300', measurand: 'Power.Active.Import', unit: 'W', phase: 'L2' }], 3, { L2: 10 }],
    ['no voltage to divide by', [{ value: '2300', measurand: 'Power.Active.Import', unit: 'W' }, { value: '0', measurand: 'Voltage', unit: 'V' }], 1, { L1: 10 }],
    ['line to line voltage', [{ value: '2300', measurand: 'Power.Active.Import', unit: 'W' }, { value: '398.4', measurand: 'Voltage', phase: 'L1-L2' }], 1, { L1: 10 }],
    ['energy says nothing about amps', [{ value: '100' }], 3, null],
  ]
  test.each(rows)('%s', (_, samples, phaseCount, amps) => {
    expect(readSamples(samples, { ...wiring, phaseCount }).currentA).toEqual(amps)
  })
})

describe('the rest', () => {
  const power = (value: string, unit?: string): RawSample => ({ value, measurand: 'Power.Active.Import', unit })
  test('defaults: an empty sample is the import register in Wh', () => {
    expect(readSamples([{ value: '1234.5' }], wiring)).toMatchObject({ energyWh: 1234.5, powerW: null, bad: 0 })
  })
  test('kilo', () => {
    expect(readSamples([power('7.4', 'kW'), { value: '1.234', unit: 'kWh' }], wiring)).toMatchObject({ powerW: 7400, energyWh: 1234 })
  })
  test('kilowatts that call themselves watts are left alone', () => {
    expect(readSamples([power('7.4', 'W')], wiring).powerW).toBe(7.4)
  })
  test('power of the phases is summed when no total is given', () => {
    expect(readSamples([{ ...power('1000', 'W'), phase: 'L1' }, { ...power('500', 'W'), phase: 'L3' }], wiring).powerW).toBe(1500)
    expect(readSamples([{ ...power('1000', 'W'), phase: 'L1' }, power('900', 'W')], wiring).powerW).toBe(900)
  })
  test.each([power('5', 'kVA'), power('5', 'Wh'), power('5', 'MW'), power('-5', 'W'), power('99999999999', 'W'), { value: '1', measurand: 'SoC', unit: 'K' }, { value: '-1' }])('%j is bad', (sample) => {
    expect(readSamples([sample], wiring)).toEqual({ currentA: null, powerW: null, energyWh: null, voltageV: null, socPercent: null, bad: 1 })
  })
  test.each([{ value: 'c2lnbmVk', format: 'SignedData' }, { value: '50', measurand: 'Frequency' }, { value: 'x', measurand: 'Bogus' }])('%j is passed over', (sample) => {
    expect(readSamples([sample], wiring).bad).toBe(0)
  })
  test.each([
    ['a total current', [current('16')], true], ['a total power', [power('6900', 'W')], true], ['currents by phase', [current('10', 'L1'), current('30')], undefined],
    ['powers by phase', [{ ...power('1000', 'W'), phase: 'L1' }], undefined], ['a total current beside powers by phase', [current('16'), { ...power('1000', 'W'), phase: 'L1' }], true], ['nothing', [{ value: '5' }], undefined],
  ] as const)('%s: does it say on which phases?', (_, samples, spread) => {
    expect(readSamples(samples, wiring).spread).toBe(spread)
  })
  test('the register at the outlet, of its phases together where no total is given, exact to 0.001 Wh', () => {
    const register = (value: string, rest: Partial<RawSample> = {}): RawSample => ({ value, measurand: 'Energy.Active.Import.Register', ...rest })
    const energy = (...samples: RawSample[]) => readSamples(samples, wiring).energyWh
    expect(energy(register('1.0005'))).toBe(1.001)
    expect(energy(register('1.0000005', { unit: 'kWh' }))).toBe(1000.001)
    expect(energy(register('123456789.1234565', { unit: 'kWh' }))).toBe(123456789123.457)
    expect(energy(register('0.1', { phase: 'L1' }), register('0.2', { phase: 'L2' }))).toBe(0.3)
    expect(energy(register('5', { phase: 'L1' }), register('7'))).toBe(7)
    expect(energy(register('5'), register('6'))).toBe(6)
    expect(energy(register('900', { location: 'Inlet' }))).toBeNull()
    expect(energy(register('900', { location: 'Inlet' }), register('5', { location: 'Outlet' }))).toBe(5)
    expect(energy(register('1000000000000'))).toBe(1e12)
    expect(readSamples([register('1000000000001')], wiring)).toMatchObject({ energyWh: null, bad: 1 })
    expect(readSamples([register('-0.0001')], wiring)).toMatchObject({ energyWh: null, bad: 1 })
  })
  test('the lowest and the highest voltage of its phases', () => {
    const voltage = (value: string, phase?: string): RawSample => ({ value, measurand: 'Voltage', unit: 'V', phase })
    expect(readSamples([voltage('220', 'L1-N'), voltage('240.5', 'L2-N'), voltage('230', 'L3')], wiring)).toMatchObject({ voltageV: 230.2, voltageRangeV: [220, 240.5] })
    expect(readSamples([voltage('231')], wiring)).not.toHaveProperty('voltageRangeV')
  })
  test('a battery is the car\'s to tell', () => {
    expect(readSamples([{ value: '80', measurand: 'SoC', unit: 'Percent', location: 'EV' }], wiring).socPercent).toBe(80)
  })
  test('whatever comes: finite and not negative, or absent', () => {
    const sample = fc.record({
      value: fc.oneof(fc.string(), fc.double().map(String), fc.constantFrom('1e999', '0x10', '')),
      measurand: fc.constantFrom('Current.Import', 'Power.Active.Import', 'Energy.Active.Import.Register', 'Voltage', 'SoC', '__proto__'),
      phase: fc.constantFrom(undefined, 'L1', 'L2-N', 'L3', 'N', 'constructor'),
      unit: fc.constantFrom(undefined, 'A', 'W', 'kW', 'Wh', 'kWh', 'V', 'toString'),
      location: fc.constantFrom(undefined, 'Outlet', 'Inlet', 'EV', '__proto__'),
    })
    fc.assert(fc.property(fc.array(sample, { maxLength: 12 }), fc.integer({ min: 0, max: 5 }), (samples, phaseCount) => {
      const reading = readSamples(samples, { phaseCount, nominalV: 230 })
      const numbers = [...Object.values(reading.currentA ?? {}), reading.powerW, reading.energyWh, reading.voltageV, reading.socPercent].filter((value) => value !== null)
      for (const value of numbers) expect(Number.isFinite(value) && value >= 0).toBe(true)
    }))
  })
})

describe('the long way round', () => {
  const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined })
  const digits = (max: number) => fc.string({ unit: fc.constantFrom('0', '1', '4', '5', '9'), minLength: 0, maxLength: max })
  const number = fc.oneof(
    fc.integer({ min: 0, max: 500 }).map(String), fc.tuple(fc.nat(), fc.nat({ max: 9_999 })).map(([whole, part]) => `${whole}.${part}`),
    fc.tuple(fc.constantFrom('', '+', '-'), digits(24), fc.constantFrom('', '.', ','), digits(24)).map((parts) => parts.join('')), fc.constantFrom('-0', '-0.0', '+.5', '0.0005', '1e3', ' 1', '1 ', '999999999999.9995', '99999999999999.5'), fc.string(),
  )
  const sample: fc.Arbitrary<RawSample> = fc.record({
    value: number,
    measurand: maybe(fc.constantFrom('Current.Import', 'Power.Active.Import', 'Energy.Active.Import.Register', 'Voltage', 'SoC', 'Current.Export', 'Temperature')),
    phase: maybe(fc.constantFrom('L1', 'L2', 'L3', 'L1-N', 'L2-N', 'L3-N', 'N', 'L1-L2', 'L2-L3', 'L3-L1', '', '-N', 'L1-L2-N', 'l1', 'constructor')),
    unit: maybe(fc.constantFrom('A', 'W', 'kW', 'Wh', 'kWh', 'V', 'Percent', 'a', 'KWH', 'wH', 'percent', 'Celsius', '')),
    location: maybe(fc.constantFrom('Outlet', 'Cable', 'Inlet', 'Body', 'EV')), format: maybe(fc.constantFrom('Raw', 'SignedData')),
  })
  test('comes to the same', () => {
    fc.assert(fc.property(fc.array(sample, { maxLength: 14 }), fc.constantFrom(0, 1, 2, 3, 4), fc.constantFrom(120, 230), (samples, phaseCount, nominalV) => {
      const reading = readTheLongWay(samples, { phaseCount, nominalV })
      expect(readSamples(samples, { phaseCount, nominalV })).toStrictEqual(reading)
      expect(readPrepared(prepareKinds(samples), samples.map(({ value }) => value), { phaseCount, nominalV })).toStrictEqual(reading)
    }), { numRuns: 3_000 })
  })
  test('to the last digit', () => {
    fc.assert(fc.property(number, fc.constantFrom('Wh', 'kWh'), (value, unit) => {
      expect(readSamples([{ value, unit }], wiring)).toStrictEqual(readTheLongWay([{ value, unit }], wiring))
    }), { numRuns: 5_000 })
  })
})
