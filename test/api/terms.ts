// Transactions with a tariff in the living house of these tests: one that has stopped, one that runs.
import type { Directory } from '../../src/actors/directory.ts'
import { openTransaction } from '../../src/actors/handlers/running.ts'
import { recount } from '../../src/actors/recount.ts'
import { openRecord, recordKey, stopRecord, type Start } from '../../src/sessions/record.ts'
import { tariffVersionSchema } from '../../src/sessions/tariff.ts'

export const priced = { stopped: 8_101, running: 8_102, free: 8_103 }
const tariff = tariffVersionSchema.parse({ id: 'seeded', currency: 'EUR', perKWhMinor: 30.5, version: 4 })

export async function makePriced({ estate }: Directory): Promise<void> {
  const { scope } = estate.sites.get('main')!
  const nowMs = estate.options.clock.wall()
  const start = (id: number, agoMs: number): Start => ({
    id, siteID: 'main', clientID: 'RDAM 123', connectorId: 1, idTag: 'payer', idTagInfo: { status: 'Accepted' }, startedAtMs: nowMs - agoMs, startedAtStation: new Date(nowMs - agoMs).toISOString(),
    receivedAtMs: nowMs - agoMs, meterStartWh: 1_000, reservationId: null, maxPowerW: 22_000, tariff,
  })
  for (const [id, more] of [[priced.stopped, {}], [priced.free, { tariff: null }]] as const) {
    const stopped = stopRecord(openRecord({ ...start(id, 40 * 86_400_000), ...more }), { meterStopWh: 11_000, stoppedAtMs: nowMs - 40 * 86_400_000 + 3_600_000, stoppedAtStation: '', receivedAtMs: nowMs, reason: 'Local', idTag: null })
    scope.put(recordKey(id), recount(stopped, [], nowMs))
  }
  openTransaction(estate.familyOf('RDAM 123')!.station, openRecord(start(priced.running, 40 * 86_400_000)))
  await scope.flush()
}
