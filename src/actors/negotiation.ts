// What to try next when a charge point refuses a profile: another shape of the same limit, or nothing any more. Pure.
import type { Quirks } from '../power/quirks.ts'
import type { RequestOf } from '../protocol/messages/index.ts'

export type ProfileRequest = RequestOf<'SetChargingProfile'>

/** How a profile is put: the quirks it is built for, and its stack level. */
export interface Shape { readonly quirks: Quirks; readonly level: number }

/** What a charge point has shown to take, by accepting a profile that had it. */
export type Facet = 'A' | 'W' | 'periods' | 'zero' | 'connector' | 'TxProfile' | 'TxDefaultProfile' | 'ChargePointMaxProfile'

/** `unsupported`: it says that it does not do this at all. */
export type Refused = 'rejected' | 'unsupported' | 'forbidden'

export interface Known {
  readonly took: readonly Facet[]
  /** The lowest level that nothing of people stands at or above, and nothing of ours above. */
  readonly lowestLevel: number
  /** It has accepted a profile for this transaction. */
  readonly knowsTransaction: boolean
}

/** The lowest current a car can be told: below it the pilot signal means stop (IEC 61851). */
export const leastPauseA = 6

/** What an accepted request proves. */
export function facetsOf({ connectorId, csChargingProfiles: { chargingProfilePurpose, chargingSchedule: { chargingRateUnit, chargingSchedulePeriod } } }: ProfileRequest): Facet[] {
  return [
    chargingRateUnit, chargingProfilePurpose,
    ...(chargingSchedulePeriod.length > 1 ? ['periods' as const] : []),
    ...(chargingSchedulePeriod[0]?.limit === 0 ? ['zero' as const] : []),
    ...(connectorId > 0 ? ['connector' as const] : []),
  ]
}

/** In its own unit; undefined = it says none. */
export function limitOf({ csChargingProfiles }: ProfileRequest): number | undefined {
  return csChargingProfiles?.chargingSchedule.chargingSchedulePeriod[0]?.limit
}

export function shapeKey({ quirks: { unit, ladder, pauseA, lease }, level }: Shape): string {
  return `${unit} ${ladder} ${pauseA} ${lease} ${level}`
}

/**
 * The next shape for `request`, which was built for `first` and refused; null = there is none. In the order of what a shape costs: one period
 * (the lease is lost), the other unit (nothing), no pause below 6 A (the others give way); each of these again at a lower level (people have
 * fewer), then on connector 0 (siblings share it). What was accepted before is not the reason, so it is not changed. `tried` = keys of this
 * request's shapes that were refused since, `first` not among them unless it was sent twice.
 */
export function nextShape(request: ProfileRequest, first: Shape, tried: ReadonlySet<string>, answer: Refused, known: Known): Shape | null {
  if (answer === 'forbidden' || (answer === 'unsupported' && known.took.length === 0)) return null
  const perTransaction = request.csChargingProfiles.chargingProfilePurpose === 'TxProfile'
  // It takes the other purpose; that it does not do this one is said once for all.
  if (answer === 'unsupported' && perTransaction) return null
  // It may have been of the moment, or the transaction may not be noted yet: nothing is learnt from one refusal.
  if (answer === 'rejected' && !(perTransaction && known.knowsTransaction) && !tried.has(shapeKey(first))) return first
  for (const rung of [first, ...levels(first, known), ...(perTransaction ? [] : rungs(request, first, known))]) {
    for (const shape of variants(request, rung, known)) if (shapeKey(shape) !== shapeKey(first) && !tried.has(shapeKey(shape))) return shape
  }
  return null
}

function variants({ csChargingProfiles: { chargingSchedule: { chargingSchedulePeriod: periods } } }: ProfileRequest, rung: Shape, { took }: Known): Shape[] {
  const leases = rung.quirks.lease && periods.length > 1 && !took.includes('periods') ? [true, false] : [rung.quirks.lease]
  const units = took.includes(rung.quirks.unit) ? [rung.quirks.unit] : [rung.quirks.unit, other(rung.quirks.unit)]
  const pauses = rung.quirks.pauseA === 0 && periods[0]?.limit === 0 && !took.includes('zero') ? [0, leastPauseA] : [rung.quirks.pauseA]
  return pauses.flatMap((pauseA) => units.flatMap((unit) => leases.map((lease) => ({ ...rung, quirks: { ...rung.quirks, unit, pauseA, lease } }))))
}

/** Many that say N count N levels from 0, so N − 1 is the highest; some have only one. */
function levels(first: Shape, { lowestLevel }: Known): Shape[] {
  return [...new Set([first.level - 1, 0])].filter((level) => level >= lowestLevel && level < first.level).map((level) => ({ ...first, level }))
}

function rungs({ connectorId }: ProfileRequest, first: Shape, { took }: Known): Shape[] {
  const whole = [
    ...(connectorId > 0 && !took.includes('connector') ? ['connector-0' as const] : []),
    ...(first.quirks.ladder === 'max-0' || took.includes('TxDefaultProfile') ? [] : ['max-0' as const]),
  ]
  return whole.map((ladder) => ({ ...first, quirks: { ...first.quirks, ladder } }))
}

function other(unit: Quirks['unit']): Quirks['unit'] {
  return unit === 'A' ? 'W' : 'A'
}
