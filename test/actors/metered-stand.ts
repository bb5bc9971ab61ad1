// A charge point on its stand with a history of its meters, and the messages of a session by how many ms before now they say they were.
import { expect } from 'vitest'
import { MeterHistory } from '../../src/actors/meter-history.ts'
import { asRecord, type TransactionRecord } from '../../src/sessions/record.ts'
import { meterValue, openStand, type Stand, type StandOptions } from './family-stand.ts'

export const minuteMs = 60_000
export const hourMs = 3_600_000

type Status = 'Preparing' | 'SuspendedEVSE' | 'SuspendedEV' | 'Charging' | 'Available'

const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
const histories = new WeakMap<object, MeterHistory>()

export async function bootedWithMeters(options: StandOptions = {}): Promise<Stand> {
  const stand = await openStand({
    history: (store, clock) => {
      const history = new MeterHistory({ siteID: 'depot', store, clock, log: quiet, keepMs: () => 86_400_000 })
      histories.set(store, history)
      return history
    },
    ...options,
  })
  await stand.boot()
  return stand
}

/** All that came so far is on its disk. */
export async function written(stand: Stand): Promise<void> {
  await histories.get(stand.store)?.flush()
  await stand.scope.flush()
}

/** Killed and begun again, with a connection. */
export async function killed(stand: Stand): Promise<Stand> {
  await written(stand)
  const again = await stand.restart()
  again.connect()
  return again
}

export function recordIn(stand: Stand, id: number): TransactionRecord {
  return asRecord(stand.scope.get(`tx:${id}`)) ?? expect.fail('no record')
}

export async function start(stand: Stand, ms: number, connectorId = 1): Promise<number> {
  return (await stand.send('StartTransaction', { connectorId, idTag: 'T', meterStart: 1_000, timestamp: stand.iso(ms) })).transactionId
}

export function stop(stand: Stand, transactionId: number, meterStop: number, ms = 0) {
  return stand.send('StopTransaction', { transactionId, meterStop, timestamp: stand.iso(ms) })
}

export function reading(stand: Stand, energyWh: number, ms: number, transactionId?: number, connectorId = 1) {
  return stand.send('MeterValues', { connectorId, ...(transactionId === undefined ? {} : { transactionId }), meterValue: [meterValue(stand.iso(ms), { energyWh })] })
}

export function status(stand: Stand, said: Status, ms: number, connectorId = 1) {
  return stand.send('StatusNotification', { connectorId, errorCode: 'NoError', status: said, timestamp: stand.iso(ms) })
}

/** Its clock is so far ahead, and said so often enough to be measured. */
export async function measured(stand: Stand, aheadMs: number): Promise<void> {
  for (let nth = 0; nth < 5; nth++) {
    await status(stand, 'Available', aheadMs, 2)
    await stand.clock.advance(20_000)
  }
}
