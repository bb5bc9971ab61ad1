// The configuration keys of a charge point as REST and people ask for them: read, asked anew, changed, set back.
import { checkDeadline, type CommandRecord } from './command-record.ts'
import { faultOf, type Known } from '../configuration-check.ts'
import { bring, bringSoon, changeKeys, configurationOf, configuredKeys, firmwareOf, inTurn, keepConfiguration, readKeys, wantedOf, type KeyResult, type Send } from './configuration-desk.ts'
import { knownValue, spellingOf, withDesired, type Desired } from './configuration-record.ts'
import { viewConfiguration, type ConfigurationView, type ShownStatus } from './configuration-view.ts'
import { neverRepeated } from '../settings-check.ts'
import type { Estate } from './estate.ts'
import type { Family } from './family.ts'
import { Refusal, type Caller } from './house.ts'
import { pointEntry } from './lookup.ts'
import { changeConfiguration } from './orders/configuration.ts'
import { outOfReach } from './reach.ts'
import { storeDown } from './records.ts'

export interface KeyOutcomes {
  readonly keys: Readonly<Record<string, ShownStatus>>
  /** The command of each key that was sent. */
  readonly commands: Readonly<Record<string, string>>
  /** Why a key was not taken, where there is more to say than its status. */
  readonly reasons: Readonly<Record<string, string>>
}

export interface ConfigurationFace {
  /** What is known; `refresh` asks the charge point for all keys, or for these, and waits for its answer. */
  get(clientID: string, asked: { readonly keys?: readonly string[] | undefined; readonly refresh?: boolean }, caller: Caller): Promise<ConfigurationView>
  /** Rejects with Refusal `invalid` before anything is sent when a value cannot be. `queue` = while it is away they wait, until `expiresAt`. */
  put(clientID: string, keys: Readonly<Record<string, string>>, how: { readonly queue: boolean; readonly expiresAt?: string | undefined }, caller: Caller): Promise<KeyOutcomes & { readonly queued: boolean }>
  /** Forgets what was asked for by name and brings what the settings say; what they do not speak of is left alone. */
  reset(clientID: string, caller: Caller): Promise<KeyOutcomes & { readonly leftAlone: readonly string[] }>
}

export class ConfigurationOffice implements ConfigurationFace {
  private readonly estate: Estate

  constructor(estate: Estate) {
    this.estate = estate
  }

  async get(clientID: string, { keys, refresh = false }: { readonly keys?: readonly string[] | undefined; readonly refresh?: boolean }, caller: Caller): Promise<ConfigurationView> {
    const family = this.familyOf(clientID)
    const { station } = family
    if (refresh) {
      const unreachable = outOfReach(station)
      if (unreachable !== null) throw new Refusal('conflict', unreachable.code, unreachable.message, { hint: 'Without refresh=true the answer is what is known.' })
      const read = await readKeys(station, keys ?? [], sendAs(family, caller))
      if (read.status !== 'accepted') throw new Refusal('conflict', 'no-answer', `${station.clientID} did not say its configuration: ${read.error?.description ?? read.status}.`, { hint: 'Without refresh=true the answer is what is known.' })
    }
    return viewConfiguration(station.clientID, configurationOf(station), wantedOf(station), { firmware: firmwareOf(station), names: keys })
  }

  async put(clientID: string, keys: Readonly<Record<string, string>>, { queue, expiresAt }: { readonly queue: boolean; readonly expiresAt?: string | undefined }, caller: Caller): Promise<KeyOutcomes & { readonly queued: boolean }> {
    const family = this.familyOf(clientID)
    const { station } = family
    const asked = Object.entries(keys).map(([key, value]) => ({ key, value }))
    this.refuseFaults(clientID, asked, family)
    const expiresAtMs = expiresAt === undefined ? null : Date.parse(expiresAt)
    if (expiresAtMs !== null) checkDeadline(expiresAtMs, station.clock.wall())
    const unreachable = outOfReach(station)
    if (unreachable !== null) {
      const alone = asked.find(({ key }) => neverRepeated.has(key.toLowerCase()))
      if (queue && alone !== undefined) throw new Refusal('conflict', unreachable.code, `${unreachable.message} ${alone.key} is never left waiting.`, { hint: 'Send it when the charge point is there.' })
      if (!queue) throw unreachable
      keepConfiguration(station, (record) => withDesired(record, asked, { atMs: station.clock.wall(), by: caller.name, expiresAtMs }))
      await station.scope.flush().catch((error: unknown) => { throw storeDown(error) })
      // It may have come back while this was written.
      bringSoon(station)
      return { queued: true, keys: Object.fromEntries(asked.map(({ key }) => [key, 'Queued' as const])), commands: {}, reasons: {} }
    }
    const results = await changeKeys(asked, (one) => change(family, one, caller))
    const taken = results.filter(({ key, status }) => (status === 'Accepted' || status === 'RebootRequired') && !neverRepeated.has(key.toLowerCase()))
    if (taken.length > 0) {
      keepConfiguration(station, (record) => withDesired(record, taken.map(({ key }) => ({ key, value: keys[key] ?? '' })), { atMs: station.clock.wall(), by: caller.name, expiresAtMs: null }))
    }
    await kept(family)
    return { queued: false, ...outcomesOf(results) }
  }

  async reset(clientID: string, caller: Caller): Promise<KeyOutcomes & { readonly leftAlone: readonly string[] }> {
    const family = this.familyOf(clientID)
    const { station } = family
    const unreachable = outOfReach(station)
    if (unreachable !== null) throw new Refusal('conflict', unreachable.code, unreachable.message)
    const { desired } = configurationOf(station)
    keepConfiguration(station, (record) => ({ ...record, desired: {} }))
    await station.scope.flush().catch((error: unknown) => {
      keepConfiguration(station, (record) => ({ ...record, desired: { ...desired, ...record.desired } }))
      throw storeDown(error)
    })
    const wanted = configuredKeys(station.settings())
    const results = await inTurn(station, () => bring(station, wanted, sendAs(family, caller), { again: true }))
    await kept(family)
    return { ...outcomesOf(results), leftAlone: Object.entries(desired).filter(([name]) => !wanted.has(name)).map(([, { key }]) => key) }
  }

  /** Throws Refusal `invalid` naming every key that cannot be so. */
  private refuseFaults(clientID: string, asked: readonly Desired[], { station }: Family): void {
    const record = configurationOf(station)
    const { securityProfile } = pointEntry(this.estate, clientID).record.config
    const known: Known = (key) => (key === 'SecurityProfile' ? securityProfile?.toString() ?? null : knownValue(record, key))
    const seen = new Set<string>()
    const errors = asked.flatMap(({ key, value }) => {
      const twice = seen.has(key.toLowerCase())
      seen.add(key.toLowerCase())
      const fault = twice ? 'is named twice; keys are compared without regard to case' : faultOf(key, value, known)
      return fault === null ? [] : [{ pointer: `/keys/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`, message: fault }]
    })
    const [first] = errors
    if (first !== undefined) throw new Refusal('invalid', 'invalid-value', `${first.pointer}: ${first.message}. Nothing was sent.`, { errors })
  }

  private familyOf(clientID: string): Family {
    const { record } = pointEntry(this.estate, clientID)
    const family = this.estate.familyOf(record.config.id)
    if (family === null) throw new Refusal('not-found', 'unknown-charge-point', `There is no charge point ${clientID}.`)
    return family
  }
}

function sendAs({ commands }: Family, caller: Caller): Send {
  return (action, request) => commands.run({ action, request, expiresAtMs: null }, caller)
}

async function change({ station, commands }: Family, { key, value }: Desired, caller: Caller): Promise<CommandRecord> {
  const request = await changeConfiguration.prepare(station, { key: spellingOf(configurationOf(station), key), value })
  return commands.run({ action: 'ChangeConfiguration', request, expiresAtMs: null }, caller)
}

async function kept({ station }: Family): Promise<void> {
  await station.scope.flush().catch((error: unknown) => {
    throw new Refusal('store-down', 'store-down', `The charge point has answered, and that could not be kept: ${error instanceof Error ? error.message : String(error)}.`, { hint: 'Read its configuration when /readyz says the store is back.' })
  })
}

function outcomesOf(results: readonly KeyResult[]): KeyOutcomes {
  return {
    keys: Object.fromEntries(results.map(({ key, status }) => [key, status])),
    commands: Object.fromEntries(results.flatMap(({ key, commandId }) => (commandId === null ? [] : [[key, commandId]]))),
    reasons: Object.fromEntries(results.flatMap(({ key, reason }) => (reason === null ? [] : [[key, reason]]))),
  }
}
