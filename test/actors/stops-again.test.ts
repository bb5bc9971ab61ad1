// Stops that come again, and otherwise: the first one counts, and nothing that any of them brings along is lost.
import { expect, test } from 'vitest'
import { MeterHistory } from '../../src/actors/meter-history.ts'
import { asRecord } from '../../src/sessions/record.ts'
import { meterValue, openStand, type StandOptions } from './family-stand.ts'

const hourMs = 3_600_000
const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }

async function stopped() {
  const histories: MeterHistory[] = []
  const history: NonNullable<StandOptions['history']> = (store, clock) => {
    const one = new MeterHistory({ siteID: 'depot', store, clock, log, keepMs: () => 86_400_000 })
    histories.push(one)
    return one
  }
  const stand = await openStand({ history })
  await stand.boot()
  const { transactionId: id } = await stand.send('StartTransaction', { connectorId: 1, idTag: 'T', meterStart: 1_000, timestamp: stand.iso(-hourMs) })
  // Not plausible, so that what is read in between counts.
  const stop = { transactionId: id, meterStop: 10, timestamp: stand.iso() }
  await stand.send('StopTransaction', stop)
  const record = (of = stand) => asRecord(of.scope.get(`tx:${id}`)) ?? expect.fail('no record')
  const rows = async () => (await histories.at(-1)!.rows('CP1/1', 0, stand.clock.wall() + hourMs)).map(({ transactionId, values }) => [transactionId, values[0]?.value])
  return { stand, id, stop, record, rows }
}

test('another time is a conflict as another meter is; the same instant in other words is not', async () => {
  const { stand, stop, record } = await stopped()
  await stand.send('StopTransaction', { ...stop, timestamp: stop.timestamp.replace('Z', '+00:00') })
  expect([record().conflicts, stand.alerts]).toEqual([[], []])
  const before = record()
  for (let times = 0; times < 2; times++) await stand.send('StopTransaction', { ...stop, timestamp: stand.iso(-60_000) })
  expect(record()).toEqual({ ...before, conflicts: [{ meterStopWh: 10, stoppedAtStation: stand.iso(-60_000), receivedAtMs: stand.clock.wall() }] })
  expect(stand.alerts.map(({ code, message }) => [code, message])).toEqual([['stop-conflict', `transaction ${record().id} was stopped at 10 Wh (${stop.timestamp}) and again at 10 Wh (${stand.iso(-60_000)}); the first stop counts`]])
})

test.each([['the same', {}], ['another one', { meterStop: 20 }]])('the readings that %s brings along count, and are in the history once', async (_, change) => {
  const { stand, stop, record, rows } = await stopped()
  const again = { ...stop, ...change, transactionData: [meterValue(stand.iso(-hourMs / 2), { energyWh: 3_000 })] }
  for (let times = 0; times < 3; times++) await stand.send('StopTransaction', again)
  expect(record()).toMatchObject({ meterStopWh: 10, energyMWh: 2_000_000, conflicts: 'meterStop' in change ? [{ meterStopWh: 20 }] : [] })
  expect(await rows()).toEqual([[record().id, '3000']])
  const second = await stand.restart()
  second.connect()
  await second.send('MeterValues', { connectorId: 1, transactionId: record().id, meterValue: [meterValue(second.iso(-hourMs / 4), { energyWh: 5_000 })] })
  expect(record(second)).toMatchObject({ energyMWh: 4_000_000 })
})

test('people are told of a stop that cannot be, until one of that connector can', async () => {
  const { stand, id, stop } = await stopped()
  const told = () => stand.conditions.get('meter-anomaly 1 transaction')
  expect(told()).toBe(`Transaction ${id} of CP1/1 went from 1000 Wh to 10 Wh in a way that hardware of 22080 W cannot deliver; 0 Wh are counted. See whether its meter was exchanged and whether its entry is as strong as it is; POST /api/v1/transactions/${id}/correct changes what is on record.`)
  const another = async (meterStop: number) => {
    const { transactionId } = await stand.send('StartTransaction', { connectorId: 1, idTag: 'T', meterStart: 10, timestamp: stand.iso() })
    await stand.clock.advance(hourMs)
    await stand.send('StopTransaction', { transactionId, meterStop, timestamp: stand.iso() })
  }
  await another(5_000)
  expect(told()).toBeUndefined()
  await stand.send('StopTransaction', stop)
  expect(told()).toBeUndefined()
  await another(9_000_000)
  expect(told()).toContain('0 Wh are counted')
})
