// What the recomputation may know of a day besides its frames: tariffs and who has which, hardware, and time zones.
import type { Day } from './day.ts'
import type { Frame } from './frame.ts'
import type { Terms } from './oracle/money.ts'
import type { Case } from './oracle/oracle.ts'

const phases = 3
const voltageV = 230

export function caseOf(day: Day, frames: readonly Frame[]): Case {
  const terms = new Map<string | undefined, Terms>(day.tariffs.map((one) => [one.id, one]))
  const points = new Map(day.chargePoints.map((one) => [one.id, one]))
  const siteOf = (clientID: string) => points.get(clientID)!.site
  return {
    frames,
    timezoneOf: (clientID) => day.sites.find(({ id }) => id === siteOf(clientID))!.timezone,
    maxPowerW: (clientID, connectorId) => points.get(clientID)!.connectors.find(({ id }) => id === connectorId)!.maxA * phases * voltageV,
    tariffs: {
      ofTag: (idTag) => terms.get(day.tariffOfTag(idTag)),
      ofPoint: (clientID) => terms.get(day.tariffOfPoint(clientID)),
      ofSite: (clientID) => terms.get(day.tariffOfSite(siteOf(clientID)))!,
    },
  }
}
