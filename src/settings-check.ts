// What settings say that cannot be, beyond what their schema sees: configuration keys and their values, a policy nobody can follow.
import { faultOf } from './configuration-check.ts'
import type { ChargePointConfig } from './power/site.ts'
import type { Settings } from './settings.ts'

export interface SettingsFault { readonly path: readonly (string | number)[]; readonly problem: string; readonly fix: string; readonly code?: 'unknown-tariff' }

/** `external` = there is a service that the policy of this name can ask; `tariffs` = the ids of those there are, absent = not known. */
export interface Means { readonly external: boolean; readonly tariffs?: readonly string[] }

/** Set by a conversation about who the charge point is, and never by repeating what some settings say. */
export const neverRepeated: ReadonlySet<string> = new Set(['authorizationkey', 'securityprofile'])

/** Empty when all is well. Paths begin inside the settings. */
export function settingsFaults({ authorisation = [], configuration = {}, tariffId }: Settings, { external, tariffs }: Means): SettingsFault[] {
  const seen = new Set<string>()
  const faults = Object.entries(configuration).flatMap(([key, value]): SettingsFault[] => {
    const at = ['configuration', key]
    const name = key.toLowerCase()
    if (seen.has(name)) return [{ path: at, problem: 'is named twice', fix: 'name it once; upper and lower case count as the same' }]
    seen.add(name)
    if (neverRepeated.has(name)) return [{ path: at, problem: 'is never set by itself', fix: 'leave it out here, and PUT it to the configuration of the charge point' }]
    const fault = faultOf(key, value)
    return fault === null ? [] : [{ path: at, problem: fault, fix: 'write a value that the key may have, or leave it out' }]
  })
  if (!external && authorisation.includes('external')) {
    faults.push({ path: ['authorisation'], problem: 'external has nobody to ask', fix: 'add authorisationService with its url to kwota.yaml, or leave external out' })
  }
  if (tariffId !== undefined && tariffs !== undefined && !tariffs.includes(tariffId)) {
    faults.push({ path: ['tariffId'], problem: `there is no tariff ${tariffId}`, fix: 'name one that exists, or make it first', code: 'unknown-tariff' })
  }
  return faults
}

/** Of a site: its settings alone. */
export function siteFaults({ settings = {} }: { readonly settings?: Settings | undefined }, means: Means): SettingsFault[] {
  return below(['settings'], settingsFaults(settings, means))
}

/** Of a charge point: its settings and those of its connectors. */
export function pointFaults({ settings = {}, connectors }: Pick<ChargePointConfig, 'connectors'> & { readonly settings?: Settings | undefined }, means: Means): SettingsFault[] {
  return [
    ...below(['settings'], settingsFaults(settings, means)),
    ...connectors.flatMap((connector, at) => below(['connectors', at, 'settings'], settingsFaults(connector.settings ?? {}, means))),
  ]
}

function below(path: SettingsFault['path'], faults: readonly SettingsFault[]): SettingsFault[] {
  return faults.map((fault) => ({ ...fault, path: [...path, ...fault.path] }))
}
