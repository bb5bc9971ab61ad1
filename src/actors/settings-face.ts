// The settings of a charge point as people see and change them: its own word, and what holds with whose word it is.
import type { ChargePointConfig } from '../power/site.ts'
import { connectorSettingsSchema, resolve, settingKeys, type Layers, type SettingKey, type SettingSource, type Settings } from '../settings.ts'
import type { Estate } from './estate.ts'
import type { Caller, House, Versioned } from './house.ts'
import { pointEntry } from './lookup.ts'
import { faultsOfSettings, hintOf, refuse, shownSettings } from './spoken-settings.ts'

export type ConnectorSettings = Pick<Settings, keyof typeof connectorSettingsSchema.shape>
export type Effective = Readonly<Partial<Record<SettingKey, { readonly value: unknown; readonly source: SettingSource }>>>

export interface SettingsView {
  /** What is said for this charge point itself. */
  readonly settings: Settings
  /** What is said for its connectors, where something is. */
  readonly connectors: Readonly<Record<string, ConnectorSettings>>
  /** What holds: every setting that anybody says. */
  readonly effective: Effective
  readonly effectiveConnectors: Readonly<Record<string, Effective>>
}

export interface SettingsFace {
  /** Version and author are those of the charge point. */
  get(clientID: string): Versioned<SettingsView>
  /** Replaces all that is said for the charge point and its connectors; it stays connected. Rejects with Refusal as putChargePoint does. */
  put(clientID: string, settings: Settings, connectors: Readonly<Record<string, ConnectorSettings>>, caller: Caller): Promise<Versioned<SettingsView>>
}

const connectorKeys = Object.keys(connectorSettingsSchema.shape) as readonly (keyof ConnectorSettings)[]

export class SettingsOffice implements SettingsFace {
  private readonly estate: Estate
  private readonly putChargePoint: House['putChargePoint']

  constructor(estate: Estate, putChargePoint: House['putChargePoint']) {
    this.estate = estate
    this.putChargePoint = putChargePoint
  }

  get(clientID: string): Versioned<SettingsView> {
    const { config, version, changedAt, changedBy } = pointEntry(this.estate, clientID).record
    return { value: viewSettings(config, this.estate.layersOf(config.id)), version, changedAt, changedBy }
  }

  async put(clientID: string, settings: Settings, connectors: Readonly<Record<string, ConnectorSettings>>, caller: Caller): Promise<Versioned<SettingsView>> {
    const { config: { settings: before, ...config } } = pointEntry(this.estate, clientID).record
    refuse([
      ...faultsOfSettings(this.estate, settings, before),
      ...Object.entries(connectors).flatMap(([id, one]) => faultsOfSettings(this.estate, one, undefined).map((fault) => ({ ...fault, path: ['connectors', id, ...fault.path] }))),
      ...unknownConnectors(config, connectors),
    ], hintOf(this.estate))
    const changed: ChargePointConfig = {
      ...config, ...own(settings),
      connectors: config.connectors.map(({ settings: __, ...connector }) => ({ ...connector, ...own(connectors[connector.id] ?? {}) })),
    }
    await this.putChargePoint(changed, undefined, caller)
    return this.get(config.id)
  }
}

/** Nothing said is nothing kept. */
function own<S extends Settings>(settings: S): { readonly settings?: S } {
  return Object.keys(settings).length === 0 ? {} : { settings }
}

function viewSettings(config: ChargePointConfig, { connectors = {}, ...layers }: Layers): SettingsView {
  return {
    settings: shownSettings(config.settings ?? {}),
    connectors: Object.fromEntries(config.connectors.flatMap(({ id, settings }) => (settings === undefined ? [] : [[id, settings]]))),
    effective: effectiveOf(settingKeys, layers),
    effectiveConnectors: Object.fromEntries(config.connectors.map(({ id }) => [id, effectiveOf(connectorKeys, { ...layers, connector: connectors[id] })])),
  }
}

function effectiveOf(keys: readonly SettingKey[], layers: Layers): Effective {
  return Object.fromEntries(keys.flatMap((key) => {
    const found = resolve(layers, key)
    return found === undefined ? [] : [[key, { value: shownSettings({ [key]: found.value })[key], source: found.source }]]
  }))
}

function unknownConnectors(config: Pick<ChargePointConfig, 'id' | 'connectors'>, connectors: Readonly<Record<string, unknown>>) {
  return Object.keys(connectors).filter((id) => !config.connectors.some((one) => String(one.id) === id))
    .map((id) => ({ path: ['connectors', id], problem: `${config.id} has no such connector` }))
}
