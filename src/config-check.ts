// Contradictions inside a configuration that its schema alone cannot see: names used twice, references to what is not there.
import type { ChargePointConfig, SiteConfig } from './power/site.ts'
import { pointFaults, settingsFaults, siteFaults, type SettingsFault } from './settings-check.ts'
import type { Settings } from './settings.ts'
import type { Path } from './yaml-file.ts'

export interface Contradiction { readonly at: Path; readonly problem: string; readonly fix: string }

export interface Provision {
  readonly sites: readonly SiteConfig[]
  readonly chargePoints: readonly ChargePointConfig[]
  readonly idTags: readonly { readonly id: string }[]
  readonly tariffs: readonly { readonly id: string }[]
  readonly authorisation: readonly string[]
  readonly authorisationService?: unknown
  readonly settings: Settings
}

/** Empty when all is well. A charge point may belong to a site that only the store knows. */
export function contradictions(file: Provision): Contradiction[] {
  const faults: Contradiction[] = []
  const twice = (at: Path, ids: readonly (string | number)[]) => {
    const first = new Map<string, number>()
    for (const [index, id] of ids.entries()) {
      const same = first.get(String(id).toLowerCase())
      if (same === undefined) first.set(String(id).toLowerCase(), index)
      else faults.push({ at: [...at, index, 'id'], problem: `${JSON.stringify(id)} is already the id of item ${same + 1}`, fix: 'give each its own id; upper and lower case count as the same' })
    }
  }
  const { sites, chargePoints, idTags, tariffs } = file
  twice(['sites'], sites.map(({ id }) => id))
  twice(['chargePoints'], chargePoints.map(({ id }) => id))
  twice(['idTags'], idTags.map(({ id }) => id))
  twice(['tariffs'], tariffs.map(({ id }) => id))
  if (file.authorisation.includes('external') && file.authorisationService === undefined) {
    faults.push({ at: ['authorisation'], problem: 'external has nobody to ask', fix: 'add authorisationService with its url, or leave external out' })
  }
  const means = { external: file.authorisationService !== undefined }
  const wrong = (at: Path, found: readonly SettingsFault[]) => faults.push(...found.map(({ path, problem, fix }) => ({ at: [...at, ...path], problem, fix })))
  wrong(['settings'], settingsFaults(file.settings, means))
  sites.forEach((site, at) => wrong(['sites', at], siteFaults(site, means)))
  chargePoints.forEach((chargePoint, at) => wrong(['chargePoints', at], pointFaults(chargePoint, means)))
  const circuitsOf = (siteID: string) => sites.find(({ id }) => id === siteID)?.circuits.map(({ id }) => id)
  const unknown = (at: Path, circuit: string | undefined, known: readonly string[] | undefined) => {
    if (circuit === undefined || known === undefined || known.includes(circuit)) return
    faults.push({ at, problem: `there is no circuit ${JSON.stringify(circuit)} on this site`, fix: known.length > 0 ? `name one of: ${known.join(', ')}` : 'leave it out, or add the circuit to the site' })
  }
  sites.forEach((site, at) => {
    twice(['sites', at, 'circuits'], site.circuits.map(({ id }) => id))
    site.circuits.forEach((circuit, index) => unknown(['sites', at, 'circuits', index, 'parent'], circuit.parent, circuitsOf(site.id)?.filter((id) => id !== circuit.id)))
  })
  chargePoints.forEach((chargePoint, at) => {
    twice(['chargePoints', at, 'connectors'], chargePoint.connectors.map(({ id }) => id))
    unknown(['chargePoints', at, 'circuit'], chargePoint.circuit, circuitsOf(chargePoint.site))
  })
  return faults
}
