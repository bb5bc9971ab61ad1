// Transaction records: first stop wins, what people see, and how records of kwota 0.4 are lifted.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { asRecord, closeUnconfirmed, hasEnded, listTransactions, openRecord, recordSchema, stopRecord, toView, type Stop } from '../../src/sessions/record.ts'
import { boundReasons, withTrail } from '../../src/sessions/record-parts.ts'

const hourMs = 3_600_000
const record = openRecord({
  id: 7, siteID: 'depot', clientID: 'CP1', connectorId: 1, idTag: 'Tag', idTagInfo: { status: 'Accepted' },
  startedAtMs: 0, startedAtStation: '1970-01-01T00:00:00Z', receivedAtMs: 0, meterStartWh: 1000, reservationId: null,
})
const stop = (meterStopWh: number, hours = 1): Stop => ({
  meterStopWh, stoppedAtMs: hours * hourMs, stoppedAtStation: 'then', receivedAtMs: hours * hourMs, reason: 'Local', idTag: null,
})

test('what is not said at its start is known to be unknown', () => {
  expect(record).toMatchObject({ clockOffsetMs: 0, maxPowerW: 1_000_000, timezone: 'UTC', tariff: null, limits: {}, cost: null, energyMWh: 0, peakW: null, trail: [] })
  const tariff = { id: 'day', version: 3, name: '', currency: 'EUR', perKWhMinor: 30.5, perMinuteMinor: 0, perSessionMinor: 0, idlePerMinuteMinor: 0, idleGraceS: 0 }
  const full = openRecord({ ...startOf(), clockOffsetMs: -61_000, maxPowerW: 22_000, timezone: 'Europe/Berlin', tariff, limits: { energyWh: 5 } })
  expect(full).toMatchObject({ clockOffsetMs: -61_000, maxPowerW: 22_000, timezone: 'Europe/Berlin', tariff, limits: { energyWh: 5 } })
  expect(recordSchema.parse(JSON.parse(JSON.stringify(full)))).toEqual(full)
})

function startOf() {
  const { id, siteID, clientID, connectorId, idTag, idTagInfo, startedAtMs, startedAtStation, meterStartWh, reservationId } = record
  return { id, siteID, clientID, connectorId, idTag, idTagInfo, startedAtMs, startedAtStation, meterStartWh, reservationId, receivedAtMs: 0 }
}

describe('ending', () => {
  const stopped = stopRecord(record, stop(2000))
  test('the same stop again is the same record', () => {
    expect(stopRecord(stopped, stop(2000))).toBe(stopped)
  })
  test('the same meter at another time too, once; the same instant in other words is not', () => {
    const at = (stoppedAtStation: string): Stop => ({ ...stop(2000), stoppedAtStation })
    const first = stopRecord(record, at('2026-01-01T10:00:00Z'))
    expect(stopRecord(first, at('2026-01-01T11:00:00.000+01:00'))).toBe(first)
    const second = stopRecord(first, at('2026-01-01T10:00:01Z'))
    expect(second).toEqual({ ...first, conflicts: [{ meterStopWh: 2000, stoppedAtStation: '2026-01-01T10:00:01Z', receivedAtMs: hourMs }] })
    expect(stopRecord(second, at('2026-01-01T10:00:01+00:00'))).toBe(second)
    expect(stopRecord(second, { ...at('2026-01-01T10:00:01Z'), meterStopWh: 2001 }).conflicts).toHaveLength(2)
  })
  test('another stop is a conflict, once, and at most ten are kept', () => {
    let sum = stopRecord(stopRecord(stopped, stop(2500)), stop(2500))
    expect(sum).toMatchObject({ meterStopWh: 2000, conflicts: [{ meterStopWh: 2500 }] })
    for (let wh = 3000; wh < 3020; wh++) sum = stopRecord(sum, stop(wh))
    expect(sum.conflicts).toHaveLength(10)
  })
  test('unconfirmed, then its stop arrives', () => {
    const doubtful = closeUnconfirmed(record, 5)
    expect(doubtful).toMatchObject({ status: 'unconfirmed', stoppedAtMs: 5, meterStopWh: null })
    expect(hasEnded(doubtful)).toBe(true)
    expect(stopRecord(doubtful, stop(2000))).toMatchObject({ status: 'stopped', meterStopWh: 2000, stoppedAtMs: hourMs })
  })
  test('nothing happens to what has ended', () => {
    expect(closeUnconfirmed(stopped, 9)).toBe(stopped)
    expect(closeUnconfirmed(closeUnconfirmed(record, 5), 9)).toMatchObject({ stoppedAtMs: 5 })
  })
  test('a stop dated before its start ends at the start', () => {
    expect(stopRecord(record, { ...stop(2000), stoppedAtMs: -5 }).stoppedAtMs).toBe(0)
  })
})

test('the record is what its schema says, and the view what people read', () => {
  const stopped = {
    ...stopRecord(record, stop(2000.4)), energyMWh: 1_000_400, anomalies: 2, idleMs: 90_500, limitedS: { 'grid-limit': 30 }, limits: { costMinor: 500 },
    cost: { amountMinor: 31, currency: 'EUR', lines: [] }, stoppedBy: { cause: 'cost-limit' as const, by: 'kwota', atMs: 1000 },
  }
  expect(recordSchema.parse(JSON.parse(JSON.stringify(stopped)))).toEqual(stopped)
  expect(toView(stopped)).toEqual({
    id: 7, siteID: 'depot', clientID: 'CP1', connectorId: 1, idTag: 'Tag', status: 'stopped', startedAt: '1970-01-01T00:00:00.000Z',
    stoppedAt: '1970-01-01T01:00:00.000Z', stopReason: 'Local', meterStartWh: 1000, meterStopWh: 2000.4, energyWh: 1000,
    cost: { amountMinor: 31, currency: 'EUR' }, tariff: null, limits: { costMinor: 500 }, limitedS: { 'grid-limit': 30 }, idleS: 90, anomalies: 2,
    stoppedBy: { cause: 'cost-limit', by: 'kwota', at: '1970-01-01T00:00:01.000Z' },
  })
})

test('a list is newest first and knows what is no record', () => {
  const later = { ...record, id: 8, startedAtMs: 5 }
  const scope = { entries: (prefix: string): [string, unknown][] => [[`${prefix}7`, record], [`${prefix}8`, later], [`${prefix}9`, { v: 3 }], [`${prefix}0`, null]] }
  expect(listTransactions(scope).map(({ id }) => id)).toEqual([8, 7])
  expect(asRecord('text')).toBeNull()
})

describe('records of kwota 0.4', () => {
  const golden: unknown = JSON.parse(readFileSync(new URL('golden/record-v1.json', import.meta.url), 'utf8'))
  const { records, lifted } = golden as { records: Record<string, unknown>; lifted: Record<string, unknown> }
  test.each(Object.keys(records))('%s', (name) => {
    const record = asRecord(records[name])
    expect(record).toEqual(lifted[name])
    expect(recordSchema.parse(records[name])).toEqual(lifted[name])
    expect(recordSchema.parse(JSON.parse(JSON.stringify(record)))).toEqual(record)
  })
  test('a lifted one is lifted no further', () => {
    const record = asRecord(records['stopped'])
    expect(asRecord(record)).toBe(record)
  })
})

test('of more than 20 reasons the largest stay by name', () => {
  const few = { fuse: 1, other: 2 }
  expect(boundReasons(few)).toBe(few)
  const many = boundReasons({ other: 7, ...Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`profile:${at}`, at + 1])) })
  expect(Object.keys(many)).toHaveLength(20)
  expect(many).toMatchObject({ 'profile:29': 30, 'profile:11': 12, other: 7 + 66 })
  expect(many).not.toHaveProperty('profile:10')
})

test('of a long trail the first and the newest entries stay', () => {
  let sum: typeof record = record
  for (let atMs = 0; atMs < 60; atMs++) sum = withTrail(sum, { atMs, by: 'somebody', what: 'corrected' })
  expect(sum.trail.map(({ atMs }) => atMs)).toEqual([0, ...Array.from({ length: 49 }, (_, at) => at + 11)])
})
