// Says when the clock of a charge point is further off than its settings allow.
import type { Station } from './handlers/station.ts'

/** With every message of thousands: what has not changed is looked at again, by settings that may be others, after so long. */
const againMs = 5_000
const judged = new WeakMap<Station, { readonly offS: number; readonly atMs: number }>()

/** After each measure of its clock; resolves itself once the clock is right. */
export function judgeClock(station: Station): void {
  const offS = Math.round(station.offsetMs / 1000)
  const before = judged.get(station)
  if (before?.offS === 0 && offS === 0) return
  const nowMs = station.clock.mono()
  if (before?.offS === offS && nowMs - before.atMs < againMs) return
  judged.set(station, { offS, atMs: nowMs })
  const { clockSkewAlertS } = station.settings()
  station.condition('clock-skew', Math.abs(offS) <= clockSkewAlertS ? null
    : `The clock of ${station.clientID} is ${Math.abs(offS)} s ${offS > 0 ? 'behind' : 'ahead'}; its times are corrected by that. Check its time source.`)
}
