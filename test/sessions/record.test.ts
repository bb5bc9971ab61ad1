// Transaction records: energy from registers that misbehave, first stop wins, and what people see.
import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { asRecord, closeUnconfirmed, hasEnded, listTransactions, meterRecord, openRecord, recordSchema, stopRecord, toView, type Stop } from '../../src/sessions/record.ts'

const hourMs = 3_600_000
const maxPowerW = 22_000
const record = openRecord({
  id: 7, siteID: 'depot', clientID: 'CP1', connectorId: 1, idTag: 'Tag', idTagInfo: { status: 'Accepted' },
  startedAtMs: 0, startedAtStation: '1970-01-01T00:00:00Z', receivedAtMs: 0, meterStartWh: 1000, reservationId: null,
})
const stop = (meterStopWh: number, hours = 1): Stop => ({
  meterStopWh, stoppedAtMs: hours * hourMs, stoppedAtStation: 'then', receivedAtMs: hours * hourMs, reason: 'Local', idTag: null,
})
const metered = (readings: readonly (readonly [number, number])[]) => readings.reduce((sum, [hours, wh]) => meterRecord(sum, wh, hours * hourMs, maxPowerW), record)

describe('energy while it runs', () => {
  test.each([
    ['rising', [[0.5, 6000], [1, 11_000]], 10_000, 0],
    ['an old reading changes nothing', [[1, 11_000], [0.5, 6000]], 10_000, 0],
    ['backwards: counted on from there', [[0.5, 6000], [1, 500], [1.5, 2500]], 7000, 1],
    ['ten times too much: not counted, nor what follows the fall', [[0.5, 60_000], [1, 11_000], [1.5, 12_000]], 1000, 2],
    ['before its start', [[-1, 50]], 0, 0],
  ] as const)('%s', (_, readings, energyWh, anomalies) => {
    expect(metered(readings).register).toMatchObject({ energyWh, anomalies })
  })
  test('it never falls', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.double({ min: -1, max: 10, noNaN: true }), fc.double({ min: 0, max: 1e6, noNaN: true }))), (readings) => {
      let last = 0
      let sum = record
      for (const [hours, wh] of readings) {
        sum = meterRecord(sum, wh, hours * hourMs, maxPowerW)
        expect(sum.register.energyWh).toBeGreaterThanOrEqual(last)
        last = sum.register.energyWh
      }
    }))
  })
})

describe('energy when it has stopped', () => {
  test.each([
    ['no reading between', [], stop(16_000), 15_000],
    ['readings between', [[0.5, 6000]], stop(16_000), 15_000],
    ['after a spurious jump the meter\'s own difference counts', [[0.5, 600_000], [0.6, 9000]], stop(16_000), 15_000],
    ['after a reset the steps count', [[0.5, 6000], [0.6, 0]], stop(3000), 5000],
    ['a stop below the start', [], stop(10), 0],
    ['more than can flow, with no better knowledge', [], stop(900_000), 899_000],
  ] as const)('%s', (_, readings, end, energyWh) => {
    expect(stopRecord(metered(readings), end, maxPowerW).register.energyWh).toBe(energyWh)
  })
})

describe('ending', () => {
  const stopped = stopRecord(record, stop(2000), maxPowerW)
  test('the same stop again is the same record', () => {
    expect(stopRecord(stopped, stop(2000), maxPowerW)).toBe(stopped)
  })
  test('another stop is a conflict, once, and at most ten are kept', () => {
    let sum = stopRecord(stopRecord(stopped, stop(2500), maxPowerW), stop(2500), maxPowerW)
    expect(sum).toMatchObject({ meterStopWh: 2000, conflicts: [{ meterStopWh: 2500 }] })
    for (let wh = 3000; wh < 3020; wh++) sum = stopRecord(sum, stop(wh), maxPowerW)
    expect(sum.conflicts).toHaveLength(10)
  })
  test('unconfirmed, then its stop arrives', () => {
    const doubtful = closeUnconfirmed(record, 5)
    expect(doubtful).toMatchObject({ status: 'unconfirmed', stoppedAtMs: 5, meterStopWh: null })
    expect(hasEnded(doubtful)).toBe(true)
    expect(stopRecord(doubtful, stop(2000), maxPowerW)).toMatchObject({ status: 'stopped', meterStopWh: 2000, stoppedAtMs: hourMs })
  })
  test('nothing happens to what has ended', () => {
    expect(closeUnconfirmed(stopped, 9)).toBe(stopped)
    expect(meterRecord(stopped, 9999, 9 * hourMs, maxPowerW)).toBe(stopped)
    expect(closeUnconfirmed(closeUnconfirmed(record, 5), 9)).toMatchObject({ stoppedAtMs: 5 })
  })
  test('a stop dated before its start ends at the start', () => {
    expect(stopRecord(record, { ...stop(2000), stoppedAtMs: -5 }, maxPowerW).stoppedAtMs).toBe(0)
  })
})

test('the record is what its schema says, and the view what people read', () => {
  const stopped = stopRecord(record, stop(2000.4), maxPowerW)
  expect(recordSchema.parse(JSON.parse(JSON.stringify(stopped)))).toEqual(stopped)
  expect(toView(stopped)).toEqual({
    id: 7, siteID: 'depot', clientID: 'CP1', connectorId: 1, idTag: 'Tag', status: 'stopped', startedAt: '1970-01-01T00:00:00.000Z',
    stoppedAt: '1970-01-01T01:00:00.000Z', stopReason: 'Local', meterStartWh: 1000, meterStopWh: 2000.4, energyWh: 1000,
  })
})

test('a list is newest first and knows what is no record', () => {
  const later = { ...record, id: 8, startedAtMs: 5 }
  const scope = { entries: (prefix: string): [string, unknown][] => [[`${prefix}7`, record], [`${prefix}8`, later], [`${prefix}9`, { v: 2 }], [`${prefix}0`, null]] }
  expect(listTransactions(scope).map(({ id }) => id)).toEqual([8, 7])
  expect(asRecord('text')).toBeNull()
})
