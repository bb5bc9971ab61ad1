// The configuration keys of a simulated charge point, and what may be changed.
import type { RequestOf, ResponseOf } from '../protocol/messages/index.ts'
import type { Behaviour } from './behaviours.ts'
import { usualLimits } from './profile-memory.ts'

interface Key { value: string; readonly readonly: boolean }

export interface Configuration {
  read(request: RequestOf<'GetConfiguration'>): ResponseOf<'GetConfiguration'>
  change(request: RequestOf<'ChangeConfiguration'>): ResponseOf<'ChangeConfiguration'>
  /** A whole number of seconds under `key`; 0 = off. */
  seconds(key: 'HeartbeatInterval' | 'MeterValueSampleInterval'): number
  set(key: 'HeartbeatInterval', seconds: number): void
}

/** Case-insensitive keys, as CiString asks. */
export function createConfiguration(options: { readonly connectors: number; readonly sampleS: number; readonly behaviour: () => Behaviour }): Configuration {
  const keys = new Map<string, Key & { readonly name: string }>()
  const put = (name: string, value: string | number, readonly = true): unknown => keys.set(name.toLowerCase(), { name, value: String(value), readonly })
  put('HeartbeatInterval', 300, false)
  put('MeterValueSampleInterval', options.sampleS, false)
  put('MeterValuesSampledData', 'Current.Import,Power.Active.Import,Voltage,Energy.Active.Import.Register', false)
  put('ConnectionTimeOut', 60, false)
  put('WebSocketPingInterval', 0, false)
  put('AuthorizeRemoteTxRequests', 'false')
  put('NumberOfConnectors', options.connectors)
  put('SupportedFeatureProfiles', 'Core,SmartCharging,RemoteTrigger')
  put('ChargeProfileMaxStackLevel', usualLimits.maxStackLevel)
  put('ChargingScheduleMaxPeriods', usualLimits.maxPeriods)
  put('MaxChargingProfilesInstalled', usualLimits.maxInstalled)
  put('ConnectorSwitch3to1PhaseSupported', 'false')

  function shown(key: { readonly name: string; readonly value: string; readonly readonly: boolean }) {
    return { key: key.name, readonly: key.readonly, value: key.value }
  }
  function all() {
    return [...keys.values(), { name: 'ChargingScheduleAllowedChargingRateUnit', value: options.behaviour().rateUnits ?? 'Current,Power', readonly: true }]
  }

  return {
    read(request) {
      const asked = request.key ?? []
      if (asked.length === 0) return { configurationKey: all().map(shown) }
      const known = new Map(all().map((key) => [key.name.toLowerCase(), key]))
      const found = asked.flatMap((name) => known.get(name.toLowerCase()) ?? [])
      const unknownKey = asked.filter((name) => !known.has(name.toLowerCase()))
      return { configurationKey: found.map(shown), ...(unknownKey.length > 0 ? { unknownKey } : {}) }
    },
    change(request) {
      const key = keys.get(request.key.toLowerCase())
      if (key === undefined) return { status: 'NotSupported' }
      const numeric = /^\d+$/.test(key.value)
      if (key.readonly || (numeric && !/^\d{1,9}$/.test(request.value))) return { status: 'Rejected' }
      key.value = request.value
      return { status: 'Accepted' }
    },
    seconds: (name) => Number(keys.get(name.toLowerCase())?.value ?? 0),
    set: (name, seconds) => { put(name, seconds, false) },
  }
}
