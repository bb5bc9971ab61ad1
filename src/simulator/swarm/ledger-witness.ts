// The ledger witness of a seed: what kwota shows of itself against what stands in the charge points: reserved covers reality, and every share is explained.
import type { House } from '../../actors/house.ts'
import { phases, type SiteConfig } from '../../power/site.ts'
import type { Findings } from './finding.ts'
import { round } from './grid-witness.ts'
import type { Yard } from './yard.ts'

const bindings: ReadonlySet<string> = new Set(['fuse', 'grid-limit', 'curtailment', 'schedule', 'demand-window', 'circuit', 'imbalance', 'vehicle', 'profile', 'failsafe', 'hardware', 'minimum', 'queue', 'none'])

/** `meterSilentMs` = how long the site meter has said nothing; null = there is none. */
export function checkLedger(house: House, site: SiteConfig, yard: Yard, meterSilentMs: number | null, findings: Findings): void {
  const power = house.power(site.id)
  const rows = new Map(power.connectors.map((row) => [`${row.clientID}/${row.connectorId}`, row]))
  for (const load of yard.loads()) {
    const row = rows.get(load.key)
    if (row === undefined) { findings.add('ledger', `${load.key} is not in the ledger`); continue }
    if (load.trusted && row.reservedA < load.permitA - 0.05) findings.add('ledger', `${load.key} could draw ${round(load.permitA)} A, but only ${round(row.reservedA)} A are reserved for it`)
  }
  for (const [key, row] of rows) {
    const place = yard.placeOf(key)
    if (place === undefined) continue
    const { allocatedA, binding } = row
    if (allocatedA !== 0 && (allocatedA < place.minA - 0.01 || allocatedA > place.maxA + 0.01)) findings.add('I3', `${key} is granted ${allocatedA} A, which is neither 0 nor within ${place.minA} to ${place.maxA}`)
    const kind = binding.split(':')[0] ?? ''
    if (!bindings.has(kind)) findings.add('I8', `${key} has ${allocatedA} A because of '${binding}', which nobody knows`)
  }
  const { status, countedA } = power.baseLoad
  for (const phase of phases) if (countedA[phase] < 0 && !site.baseLoad.creditExport) findings.add('I4', `the base load on ${phase} counts as ${countedA[phase]} A`)
  const worst = site.baseLoad.worstCaseA
  const silent = meterSilentMs === null || meterSilentMs > site.baseLoad.staleAfterS * 1000 + 6_000
  if (!silent) return
  if (status === 'fresh') findings.add('I4', 'the site meter is silent, and its last reading still counts')
  for (const phase of phases) {
    const worstA = typeof worst === 'number' ? worst : worst[phase]
    if (countedA[phase] < worstA - 0.01) findings.add('I4', `the site meter is silent, and on ${phase} ${countedA[phase]} A count instead of ${worstA}`)
  }
}
