// Transactions without a stop, one with a stop, and orphans in the living house of these tests.
import type { Directory } from '../../src/actors/directory.ts'
import { orphanId, orphanKey } from '../../src/actors/orphan-record.ts'
import { keepStop } from '../../src/actors/orphans.ts'
import { closeUnconfirmed, openRecord, recordKey, stopRecord } from '../../src/sessions/record.ts'

/** Ids of transactions: two have no stop. */
export const unmatched = { first: 8_001, stopped: 8_002, second: 8_003 }
/** Long ago, so that what sums up the last weeks has nothing to say of them. */
const nowMs = Date.now() - 400 * 86_400_000
/** RFC 3339, so many minutes before that. */
export const minutesAgo = (minutes: number): string => new Date(nowMs - minutes * 60_000).toISOString()

/** The third cannot be the end of any of them. */
const stops = ([[4_711, 5_000], [4_712, 5_000], [4_713, 999]] as const).map(([transactionId, meterStop]) => ({ transactionId, meterStop, timestamp: minutesAgo(10), idTag: '=SUM(A1)' }))
export const orphanIds = stops.map((one) => orphanId(orphanKey('CP1', [one.transactionId, one.timestamp, one.meterStop])))

export async function makeUnmatched({ estate }: Directory): Promise<void> {
  const { scope } = estate.sites.get('main')!
  for (const id of Object.values(unmatched)) {
    const begun = openRecord({
      id, siteID: 'main', clientID: 'CP1', connectorId: 1, idTag: 'forgettable', idTagInfo: { status: 'Accepted' }, startedAtMs: nowMs - 3_600_000, startedAtStation: minutesAgo(60),
      receivedAtMs: nowMs - 3_600_000, meterStartWh: 1_000, reservationId: null, maxPowerW: 22_000,
    })
    const stop = { meterStopWh: 4_000, stoppedAtMs: nowMs - 1_800_000, stoppedAtStation: minutesAgo(30), receivedAtMs: nowMs, reason: 'Local', idTag: null }
    scope.put(recordKey(id), id === unmatched.stopped ? stopRecord(begun, stop) : closeUnconfirmed(begun, nowMs - 1_800_000))
  }
  for (const stop of stops) keepStop({ clientID: 'CP1', siteID: 'main', scope, condition: () => undefined }, stop, Date.now())
  await scope.flush()
}
