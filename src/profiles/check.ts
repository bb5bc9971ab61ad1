// Is a charging profile one that OCPP 1.6 allows? What is wrong with it, in words a person understands; knows nothing of charge points.
import type { ChargingProfile } from '../protocol/messages/index.ts'
import { readInstant } from './instant.ts'

/** What a charge point has said of itself; undefined = not known. */
export interface Abilities {
  readonly maxPeriods?: number | undefined
  readonly maxStackLevel?: number | undefined
  /** `A`, `W` or both. */
  readonly units?: readonly string[] | undefined
  /** MaxChargingProfilesInstalled. */
  readonly maxInstalled?: number | undefined
  /** False = SupportedFeatureProfiles does not name it. */
  readonly smartCharging?: boolean | undefined
}

/** `pointer` into the profile. */
export interface Fault { readonly pointer: string; readonly message: string }

/** The first fault, or null (OCPP 1.6, 3.13 and 7.8; errata 3.56). */
export function profileFault(profile: ChargingProfile, abilities: Abilities = {}): Fault | null {
  return scheduleFault(profile, abilities) ?? timeFault(profile) ?? transactionFault(profile) ?? (abilities.maxStackLevel !== undefined && profile.stackLevel > abilities.maxStackLevel
    ? { pointer: '/stackLevel', message: `the charge point takes at most ${abilities.maxStackLevel} (ChargeProfileMaxStackLevel)` } : null)
}

function scheduleFault({ chargingSchedule }: ChargingProfile, { maxPeriods, units }: Abilities): Fault | null {
  const { chargingSchedulePeriod: periods, duration, chargingRateUnit, minChargingRate } = chargingSchedule
  const at = '/chargingSchedule'
  if (units !== undefined && !units.includes(chargingRateUnit)) return { pointer: `${at}/chargingRateUnit`, message: `the charge point takes ${units.join(' and ')} only (ChargingScheduleAllowedChargingRateUnit)` }
  if (maxPeriods !== undefined && periods.length > maxPeriods) return { pointer: `${at}/chargingSchedulePeriod`, message: `${periods.length} periods; the charge point takes at most ${maxPeriods} (ChargingScheduleMaxPeriods)` }
  if (duration !== undefined && duration <= 0) return { pointer: `${at}/duration`, message: `${duration}; must be above 0` }
  if (minChargingRate !== undefined && minChargingRate < 0) return { pointer: `${at}/minChargingRate`, message: 'must not be negative' }
  for (const [index, { startPeriod, limit, numberPhases }] of periods.entries()) {
    const here = `${at}/chargingSchedulePeriod/${index}`
    const before = periods[index - 1]
    if (before === undefined && startPeriod !== 0) return { pointer: `${here}/startPeriod`, message: `first startPeriod is ${startPeriod}, must be 0` }
    if (before !== undefined && startPeriod <= before.startPeriod) return { pointer: `${here}/startPeriod`, message: `${startPeriod} does not come after ${before.startPeriod}` }
    if (limit < 0) return { pointer: `${here}/limit`, message: 'must not be negative' }
    if (numberPhases !== undefined && (numberPhases < 1 || numberPhases > 3)) return { pointer: `${here}/numberPhases`, message: '1, 2 or 3' }
  }
  return null
}

function transactionFault({ chargingProfilePurpose: purpose, transactionId }: ChargingProfile): Fault | null {
  return transactionId === undefined || purpose === 'TxProfile' ? null : { pointer: '/transactionId', message: 'only a TxProfile names a transaction' }
}

function timeFault({ chargingProfileKind: kind, recurrencyKind, validFrom, validTo, chargingSchedule: { startSchedule } }: ChargingProfile): Fault | null {
  for (const [pointer, text] of [['/validFrom', validFrom], ['/validTo', validTo], ['/chargingSchedule/startSchedule', startSchedule]] as const) {
    if (text !== undefined && readInstant(text) === null) return { pointer, message: `${text} is no date-time` }
  }
  if (kind === 'Recurring' && recurrencyKind === undefined) return { pointer: '/recurrencyKind', message: 'a Recurring profile says Daily or Weekly' }
  if (kind !== 'Recurring' && recurrencyKind !== undefined) return { pointer: '/recurrencyKind', message: 'only a Recurring profile has one' }
  if (kind === 'Recurring' && startSchedule === undefined) return { pointer: '/chargingSchedule/startSchedule', message: 'a Recurring profile says when it began' }
  if (validFrom !== undefined && validTo !== undefined && (readInstant(validTo) ?? 0) <= (readInstant(validFrom) ?? 0)) return { pointer: '/validTo', message: 'must come after validFrom' }
  return null
}
