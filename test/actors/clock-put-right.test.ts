// A clock that is put right, or wrong, while a car charges: nobody pays for time that has not passed, and what has passed is counted.
import { describe, expect, test } from 'vitest'
import { asRecord } from '../../src/sessions/record.ts'
import { tariffSchema } from '../../src/sessions/tariff.ts'
import { meterValue, openStand, type Stand } from './family-stand.ts'

const minuteMs = 60_000
const hourS = 3_600
const tariff = { version: 1, ...tariffSchema.parse({ id: 'time', currency: 'EUR', perMinuteMinor: 10 }) }

interface Case { /** How far the charge point's clock is ahead, s: until it is put right, and after. */ readonly beforeS: number; readonly afterS: number; readonly measured: boolean; /** By how much the server's is turned on instead, s. */ readonly turnedS?: number; readonly named?: boolean }

/** Ten minutes, then something happens to a clock, then an hour; 6 kW all the time. */
async function charge({ beforeS, afterS, measured, turnedS = 0, named = true }: Case) {
  const stand: Stand = await openStand({ billing: () => ({ timezone: 'UTC', tariff }) })
  await stand.boot()
  const status = (aheadS: number) => stand.send('StatusNotification', { connectorId: 2, errorCode: 'NoError', status: 'Available', timestamp: stand.iso(aheadS * 1_000) })
  if (measured) {
    for (let nth = 0; nth < 5; nth++) {
      await status(beforeS)
      await stand.clock.advance(20_000)
    }
  }
  const { transactionId } = await stand.send('StartTransaction', { connectorId: 1, idTag: 'T', meterStart: 0, timestamp: stand.iso(beforeS * 1_000) })
  const beganMs = stand.clock.wall()
  let shownS = beforeS
  for (let half = 1; half <= 140; half++) {
    await stand.clock.advance(minuteMs / 2)
    if (half === 20) {
      shownS = afterS - turnedS
      stand.clock.jumpWall(turnedS * 1_000)
    }
    await stand.send('MeterValues', { connectorId: 1, ...(named ? { transactionId } : {}), meterValue: [meterValue(stand.iso(shownS * 1_000), { energyWh: half * 50 })] })
  }
  const [running] = stand.family.transactions()
  await stand.send('StopTransaction', { transactionId, meterStop: 7_000, timestamp: stand.iso(shownS * 1_000) })
  const record = asRecord(stand.scope.get(`tx:${transactionId}`)) ?? expect.fail('no record')
  return { beganMs, running, record }
}

/** 70 min at 10 an minute. */
const fair = { status: 'stopped', energyMWh: 7_000_000, cost: { amountMinor: 700 }, idleMs: 0 }

describe('of a charge point', () => {
  test.each<Case>([
    { beforeS: -hourS, afterS: 0, measured: true }, { beforeS: hourS, afterS: 0, measured: true }, { beforeS: -2 * hourS, afterS: -hourS, measured: true },
    { beforeS: 0, afterS: hourS, measured: true }, { beforeS: 0, afterS: -hourS, measured: true }, { beforeS: -hourS, afterS: 0, measured: true, named: false },
    // What it was off by is not known before it has charged for a minute: all of it counts by one clock.
    { beforeS: -hourS, afterS: -hourS, measured: false }, { beforeS: hourS, afterS: hourS, measured: false },
  ])('%j', async (one) => {
    const { beganMs, running, record } = await charge(one)
    expect(record).toMatchObject(fair)
    expect(record.stoppedAtMs! - record.startedAtMs).toBe(70 * minuteMs)
    if (one.measured) expect(record.startedAtMs).toBe(beganMs)
    expect(running).toMatchObject({ energyWh: 7_000, cost: { amountMinor: 700 } })
  })
})

test.each([-hourS, hourS])('of the server, by %d s: the charge point\'s counts on', async (turnedS) => {
  const { record, running } = await charge({ beforeS: 0, afterS: 0, measured: true, turnedS })
  expect(record).toMatchObject(fair)
  expect(running).toMatchObject({ energyWh: 7_000, cost: { amountMinor: 700 } })
})
