// What has to follow at once when the settings of a charge point may have changed; everything else reads them when it needs them.
import { bringSoon } from './configuration-desk.ts'
import type { Station } from './handlers/station.ts'
import { watchLimits } from './transaction-limits.ts'

/** After a change of what is said for it, its site or its connectors, and when it comes back. */
export function followSettings(station: Station): void {
  bringSoon(station)
  watchLimits(station)
}
