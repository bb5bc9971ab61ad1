// A charging profile as people give it, made complete for the charge point it is for; and what that charge point says it can keep.
import { messages, type ChargingProfile } from '../protocol/messages/index.ts'
import type { Abilities } from '../profiles/check.ts'
import { replaces } from '../profiles/stack.ts'
import type { z } from 'zod'
import { knownValue, readConfiguration } from './configuration-record.ts'
import { runningOn } from './handlers/running.ts'
import type { Station } from './handlers/station.ts'
import type { Refusal } from './house.ts'
import { quirksIn, readLearnt } from './learnt.ts'
import { conflict } from './orders/order.ts'
import { freeProfileId, mayStand, readProfiles } from './stored-profiles.ts'

const own = messages.SetChargingProfile.request.shape.csChargingProfiles
/** As in the path that names it. */
const addressable = (id: number): boolean => id >= 0 && id <= 9_999_999_999
/** With no id of its own it gets the smallest free one of the charge point. */
export const givenProfileSchema = own.extend({ chargingProfileId: own.shape.chargingProfileId.refine(addressable, 'must be 0 to 9999999999').optional().describe('0 to 9999999999, kept as it is; absent = the smallest free one.') })
export type GivenProfile = z.output<typeof givenProfileSchema>

/** `templateId` = the template it comes from. */
export interface GivenRequest { readonly connectorId: number; readonly csChargingProfiles: GivenProfile; readonly templateId?: string | undefined }

/** A TxProfile of a template is for the transaction that runs on the connector; in any other it is named. */
export function completeProfile(station: Station, { connectorId, csChargingProfiles, templateId }: GivenRequest): ChargingProfile {
  const { chargingProfileId = freeProfileId(station.scope, station.clientID), ...rest } = csChargingProfiles
  const transactionId = templateId !== undefined && rest.chargingProfilePurpose === 'TxProfile' ? runningOn(station, connectorId)?.record.id : undefined
  return { chargingProfileId, ...(transactionId === undefined ? {} : { transactionId }), ...rest }
}

/** What it has said of itself, as far as it was asked: by its configuration, or as the engine has learnt it. */
export function abilitiesOf(station: Pick<Station, 'scope' | 'clientID'>): Abilities {
  const known = readConfiguration(station.scope, station.clientID, () => undefined)
  const learnt = readLearnt(station.scope, station.clientID)
  const number = (key: string): number | undefined => {
    const value = knownValue(known, key)
    return value !== null && value !== undefined && /^\d{1,6}$/.test(value) ? Number(value) : undefined
  }
  const units = knownValue(known, 'ChargingScheduleAllowedChargingRateUnit')?.split(',').map((unit) => unit.trim().toLowerCase()).flatMap((unit) => (unit === 'current' ? ['A'] : unit === 'power' ? ['W'] : []))
  return {
    maxPeriods: number('ChargingScheduleMaxPeriods') ?? learnt?.maxPeriods, maxStackLevel: number('ChargeProfileMaxStackLevel') ?? learnt?.stackLevel ?? undefined,
    maxInstalled: number('MaxChargingProfilesInstalled') ?? learnt?.maxInstalled,
    units: units !== undefined && units.length > 0 ? units : learnt?.from === 'own' && learnt.quirks?.unit === 'W' ? ['W'] : undefined,
  }
}

/** Conflict `too-many-profiles-installed` when the charge point has no room for it beside those of people and all that the engine may need. */
export function refuseCrowd(station: Station, connectorId: number, profile: ChargingProfile): Refusal | null {
  const { maxInstalled } = abilitiesOf(station)
  if (maxInstalled === undefined) return null
  const others = readProfiles(station.scope, station.clientID).filter((other) => mayStand(other.status) && !replaces({ connectorId, profile }, other)).length
  const engines = engineNeeds(station)
  if (others + engines < maxInstalled) return null
  return conflict('too-many-profiles-installed', `${station.clientID} keeps at most ${maxInstalled} charging profiles (MaxChargingProfilesInstalled): ${others} of people may stand there${engines === 0 ? '' : `, and ${engines} are the engine's`}.`,
    others > 0 ? `Clear one first: GET /api/v1/chargepoints/${encodeURIComponent(station.clientID)}/charging-profiles lists them.` : 'With control: none the engine leaves the charge point alone (and counts its maximum, always).')
}

/** ChargePointMaxProfile, and on each connector its TxDefaultProfile and TxProfile, as far as it takes them. */
function engineNeeds(station: Station): number {
  const { control, connectors: { length } } = station.config
  if (control !== 'engine') return 0
  return { tx: 1 + 2 * length, default: 1 + length, 'connector-0': 2, 'max-0': 1 }[quirksIn(readLearnt(station.scope, station.clientID)).ladder]
}
