// Says when the clock of a charge point is further off than its settings allow.
import type { Station } from './handlers/station.ts'

/** Those whose clock was right when it was looked at last: with every message of theirs, so that looking again must cost nothing. */
const right = new WeakSet<Station>()

/** After each measure of its clock; resolves itself once the clock is right. */
export function judgeClock(station: Station): void {
  const offS = Math.round(station.offsetMs / 1000)
  if (offS === 0 && right.has(station)) return
  if (offS === 0) right.add(station)
  else right.delete(station)
  const { clockSkewAlertS } = station.settings()
  station.condition('clock-skew', Math.abs(offS) <= clockSkewAlertS ? null
    : `The clock of ${station.clientID} is ${Math.abs(offS)} s ${offS > 0 ? 'behind' : 'ahead'}; its times are corrected by that. Check its time source.`)
}
