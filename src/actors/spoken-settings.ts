// Settings on their way in and out: what cannot be is refused at its place; what is secret is shown as `…`, and `…` keeps it.
import type { ChargePointConfig, SiteConfig } from '../power/site.ts'
import { isSecretName } from '../secret-names.ts'
import { pointFaults, settingsFaults, siteFaults, type Means } from '../settings-check.ts'
import type { Settings } from '../settings.ts'
import type { Estate } from './estate.ts'
import { Refusal } from './house.ts'
import { withFuseAsStated } from './provisioned-site.ts'
import { knownTariffs } from './tariff-use.ts'

export const concealed = '…'

interface Fault { readonly path: readonly (string | number)[]; readonly problem: string; readonly code?: 'unknown-tariff' }
type WithSettings = { readonly settings?: Settings }

/** With the values of secret configuration keys as `…`. */
export function shownSettings<S extends Settings>(settings: S): S {
  const { configuration } = settings
  if (configuration === undefined || !Object.keys(configuration).some(isSecretName)) return settings
  return { ...settings, configuration: Object.fromEntries(Object.entries(configuration).map(([key, value]) => [key, isSecretName(key) ? concealed : value])) }
}

/** A site or a charge point with its settings as they are shown. */
export function shown<C extends WithSettings>(config: C): C {
  return config.settings === undefined ? config : { ...config, settings: shownSettings(config.settings) }
}

/** A site as it will be kept. Throws Refusal `invalid` with a pointer to each fault. */
export function acceptSite(estate: Estate, given: SiteConfig, before: SiteConfig | undefined): SiteConfig {
  const { config, faults } = kept(withFuseAsStated(given, before), before)
  refuse([...siteFaults(config, meansOf(estate)), ...faults], hintOf(estate))
  return config
}

/** A charge point as it will be kept. Throws Refusal `invalid` with a pointer to each fault. */
export function acceptPoint(estate: Estate, given: ChargePointConfig, before: ChargePointConfig | undefined): ChargePointConfig {
  const { config, faults } = kept(given, before)
  refuse([...pointFaults(config, meansOf(estate)), ...faults], hintOf(estate))
  return config
}

/** What is wrong with settings that are given by themselves; paths begin inside them. */
export function faultsOfSettings(estate: Estate, settings: Settings, before: Settings | undefined): Fault[] {
  return [...settingsFaults(settings, meansOf(estate)), ...withKept(settings, before).faults]
}

/** Throws Refusal `invalid` when there are any. */
export function refuse(faults: readonly Fault[], hint?: string): void {
  const errors = faults.map(({ path, problem }) => ({ pointer: path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join(''), message: problem }))
  const [first] = errors
  if (first === undefined) return
  const code = faults.every((fault) => fault.code === faults[0]!.code) ? faults[0]!.code : undefined
  throw new Refusal('invalid', code ?? 'invalid', `${first.pointer}: ${first.message}`, { errors, ...(code === undefined || hint === undefined ? {} : { hint }) })
}

function meansOf({ options, tariffs }: Estate): Means {
  return { external: options.externalAuthority !== undefined, tariffs: idsOf(tariffs) }
}

/** What to do about a tariff that does not exist. */
export function hintOf({ tariffs }: Estate): string {
  return knownTariffs(idsOf(tariffs))
}

function idsOf(tariffs: Estate['tariffs']): readonly string[] {
  return tariffs.list().map(({ value }) => value.id)
}

function kept<C extends WithSettings>(given: C, before: WithSettings | undefined): { readonly config: C; readonly faults: readonly Fault[] } {
  if (given.settings === undefined) return { config: given, faults: [] }
  const { settings, faults } = withKept(given.settings, before?.settings)
  return { config: { ...given, settings }, faults: faults.map((fault) => ({ ...fault, path: ['settings', ...fault.path] })) }
}

function withKept(settings: Settings, before: Settings = {}): { readonly settings: Settings; readonly faults: readonly Fault[] } {
  const { configuration } = settings
  if (configuration === undefined || !Object.values(configuration).includes(concealed)) return { settings, faults: [] }
  const standing = new Map(Object.entries(before.configuration ?? {}).map(([key, value]) => [key.toLowerCase(), value]))
  const faults: Fault[] = []
  const entries = Object.entries(configuration).map(([key, value]): [string, string] => {
    if (value !== concealed || !isSecretName(key)) return [key, value]
    const secret = standing.get(key.toLowerCase())
    if (secret === undefined) faults.push({ path: ['configuration', key], problem: `${concealed} keeps a value, and there is none; write it` })
    return [key, secret ?? value]
  })
  return { settings: { ...settings, configuration: Object.fromEntries(entries) }, faults }
}
