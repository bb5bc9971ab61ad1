// Whatever the order and repetition in which a charge point's frames come once it knows the number: the same record, energy and money.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MeterHistory } from '../../src/actors/meter-history.ts'
import type { RequestOf } from '../../src/protocol/messages/index.ts'
import { asRecord, toView, type TransactionRecord } from '../../src/sessions/record.ts'
import { tariffSchema } from '../../src/sessions/tariff.ts'
import { meterValue, openStand, type Stand, type StandOptions } from './family-stand.ts'

const minuteMs = 60_000
const tariff = {
  version: 3, ...tariffSchema.parse({
    id: 'work', currency: 'EUR', perKWhMinor: 39.123456, perMinuteMinor: 0.333333, perSessionMinor: 50, idlePerMinuteMinor: 7.5, idleGraceS: 120,
    blocks: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], from: '09:30', to: '09:50', perKWhMinor: 11.000001, perMinuteMinor: 1 }],
  }),
}

/** By the charge point's clock: minutes from the start, and the register above the start, Wh. */
interface Reading { readonly minute: number; readonly wh: number; readonly named: boolean; readonly connectorId: number }
interface Day {
  readonly readings: readonly Reading[]
  readonly data: readonly Reading[]
  readonly statuses: readonly { readonly minute: number; readonly status: 'Preparing' | 'Charging' | 'SuspendedEV' | 'SuspendedEVSE' }[]
  readonly stop: { readonly minute: number; readonly wh: number }
  /** The places of the frames in the order they come, and which come twice. */
  readonly order: readonly number[]
  readonly again: readonly number[]
  readonly aheadS: number
}

const minute = fc.integer({ min: -20, max: 120 })
const reading: fc.Arbitrary<Reading> = fc.record({ minute: fc.double({ min: -5, max: 110, noNaN: true }).map((value) => Math.round(value * 60) / 60), wh: fc.integer({ min: -2000, max: 30_000 }), named: fc.boolean(), connectorId: fc.constant(1) })
/** A car that charges evenly, with gaps and rests. */
const steady = fc.array(fc.tuple(fc.integer({ min: 0, max: 89 }), fc.boolean()), { maxLength: 40 })
  .map((list) => list.map(([at, named]): Reading => ({ minute: at, wh: at < 30 ? at * 180 : at < 60 ? 5400 : 5400 + (at - 60) * 150, named, connectorId: 1 })))
const day: fc.Arbitrary<Day> = fc.record({
  readings: fc.oneof(steady, fc.tuple(steady, fc.array(reading, { maxLength: 6 })).map(([a, b]) => [...a, ...b])),
  data: fc.array(reading, { maxLength: 4 }),
  statuses: fc.array(fc.record({ minute, status: fc.constantFrom('Preparing' as const, 'Charging' as const, 'SuspendedEV' as const, 'SuspendedEVSE' as const) }), { maxLength: 8 }),
  stop: fc.record({ minute: fc.integer({ min: 60, max: 100 }), wh: fc.oneof(fc.integer({ min: 9000, max: 10_000 }), fc.integer({ min: -500, max: 60_000 })) }),
  order: fc.array(fc.integer({ min: 0, max: 10_000 }), { maxLength: 60 }),
  again: fc.array(fc.integer({ min: 0, max: 10_000 }), { maxLength: 12 }),
  aheadS: fc.constantFrom(0, 0, 4, 3600),
})

const meterStart = 3_000

type Frame = (stand: Stand, transactionId: number) => Promise<unknown>

/** The frames of a day, in the order it happened. */
function framesOf(day: Day, iso: (minute: number) => string): { readonly start: RequestOf<'StartTransaction'>; readonly frames: readonly Frame[] } {
  const start = { connectorId: 1, idTag: 'T', meterStart, timestamp: iso(0) }
  const value = ({ minute: at, wh }: Reading) => meterValue(iso(at), { energyWh: Math.max(0, meterStart + wh) })
  const timed: [number, Frame][] = [
    ...day.statuses.map(({ minute: at, status }): [number, Frame] => [at, (stand) => stand.send('StatusNotification', { connectorId: 1, errorCode: 'NoError', status, timestamp: iso(at) })]),
    ...day.readings.map((one): [number, Frame] => [one.minute, (stand, transactionId) => stand.send('MeterValues', { connectorId: one.connectorId, ...(one.named ? { transactionId } : {}), meterValue: [value(one)] })]),
    [day.stop.minute, (stand, transactionId) => stand.send('StopTransaction', {
      transactionId, meterStop: Math.max(0, meterStart + day.stop.wh), timestamp: iso(day.stop.minute), ...(day.data.length === 0 ? {} : { transactionData: day.data.map(value) }),
    })],
  ]
  return { start, frames: timed.toSorted(([a], [b]) => a - b).map(([, frame]) => frame) }
}

function shuffled(frames: readonly Frame[], { order, again }: Day): Frame[] {
  const mixed = frames.map((frame, at) => ({ frame, key: order[at % Math.max(1, order.length)] ?? at, at })).toSorted((a, b) => a.key - b.key || a.at - b.at).map(({ frame }) => frame)
  return [...mixed, ...again.flatMap((at) => mixed[at % mixed.length] ?? [])]
}

const told = (record: TransactionRecord) => ({ ...record, trail: [], id: 0, view: { ...toView({ ...record, trail: [], id: 1 }) } })

async function play(day: Day, options: { readonly plain: boolean; readonly restartAt?: number }): Promise<unknown> {
  const histories: MeterHistory[] = []
  const with_: StandOptions = {
    billing: () => ({ timezone: 'Europe/Berlin', tariff }),
    history: (store, clock) => {
      const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
      const history = new MeterHistory({ siteID: 'depot', store, clock, log, keepMs: () => 86_400_000 })
      histories.push(history)
      return history
    },
  }
  let stand = await openStand(with_)
  await stand.boot()
  // All of it comes after it was over, as after an outage.
  const beganMs = stand.clock.wall() - 130 * minuteMs + day.aheadS * 1000
  const { start, frames } = framesOf(day, (at) => new Date(beganMs + Math.round(at * minuteMs)).toISOString())
  if (day.aheadS > 0) await stand.send('StatusNotification', { connectorId: 2, errorCode: 'NoError', status: 'Available', timestamp: stand.iso(day.aheadS * 1000) })
  const { transactionId } = await stand.send('StartTransaction', start)
  for (const [at, frame] of (options.plain ? frames : shuffled(frames, day)).entries()) {
    if (at === options.restartAt) {
      await histories.at(-1)?.flush()
      stand = await stand.restart()
      stand.connect()
    }
    await frame(stand, transactionId)
    if (!options.plain && at % 7 === 3) expect(await stand.send('StartTransaction', start)).toMatchObject({ transactionId })
  }
  await stand.clock.advance(0)
  const record = asRecord(stand.scope.get(`tx:${transactionId}`))
  stand.family.stop()
  await histories.at(-1)?.flush()
  return record === null ? null : told(record)
}

test('any order, any repetition', async () => {
  await fc.assert(fc.asyncProperty(day, async (one) => {
    const plain = await play(one, { plain: true })
    expect(plain).toMatchObject({ status: 'stopped' })
    expect(await play(one, { plain: false })).toEqual(plain)
  }), { numRuns: 60 })
})

test('and with a restart between two of them', async () => {
  await fc.assert(fc.asyncProperty(day, fc.nat({ max: 60 }), async (one, restartAt) => {
    expect(await play(one, { plain: false, restartAt })).toEqual(await play(one, { plain: true }))
  }), { numRuns: 40 })
})
