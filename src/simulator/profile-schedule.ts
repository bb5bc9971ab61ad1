// When a charging profile says what: the schedules of OCPP 1.6 as a charge point reads them, independent of the engine's own reading.
import { readDateTime, type ChargingProfile } from '../protocol/messages/index.ts'

/** What one profile allows: amps per phase, or watts in all. */
export interface Rate { readonly unit: 'A' | 'W'; readonly limit: number }

const dayS = 86_400
const recurrenceS = { Daily: dayS, Weekly: 7 * dayS }

/** When a profile came and what it is anchored to. */
export interface Anchor {
  /** Start of the transaction it is for, ms; where none runs, the moment that is asked about. */
  readonly transactionStartMs: number
  /** When it was installed, ms: the anchor of an Absolute profile without startSchedule. */
  readonly installedMs: number
}

/** What `profile` says at `atMs`, or null where it says nothing (not yet valid, over, before its start). */
export function rateAt(profile: ChargingProfile, anchor: Anchor, atMs: number): Rate | null {
  if (!isValidAt(profile, atMs)) return null
  const schedule = profile.chargingSchedule
  const intoS = secondsInto(profile, anchor, atMs)
  if (intoS === null || (schedule.duration !== undefined && intoS >= schedule.duration)) return null
  const period = schedule.chargingSchedulePeriod.findLast((each) => each.startPeriod <= intoS)
  return period === undefined ? null : { unit: schedule.chargingRateUnit, limit: period.limit }
}

/** Every moment in [fromMs, toMs) at which `profile` may begin to say something else. */
export function changesOf(profile: ChargingProfile, anchor: Anchor, fromMs: number, toMs: number): number[] {
  const moments: number[] = []
  for (const text of [profile.validFrom, profile.validTo]) {
    const ms = text === undefined ? undefined : readDateTime(text)
    if (ms !== undefined) moments.push(ms)
  }
  const schedule = profile.chargingSchedule
  const offsets = schedule.chargingSchedulePeriod.map((period) => period.startPeriod)
  if (schedule.duration !== undefined) offsets.push(schedule.duration)
  const everyS = profile.chargingProfileKind === 'Recurring' ? recurrenceS[profile.recurrencyKind ?? 'Daily'] : null
  const startMs = startOf(profile, anchor)
  if (everyS === null) for (const offset of offsets) moments.push(startMs + offset * 1000)
  else {
    const first = Math.floor((fromMs - startMs) / (everyS * 1000))
    for (let round = first; startMs + round * everyS * 1000 < toMs; round++) {
      for (const offset of [...offsets, everyS]) moments.push(startMs + (round * everyS + offset) * 1000)
    }
  }
  return moments.filter((ms) => ms >= fromMs && ms < toMs)
}

/** Null when the profile could be executed, or why not. */
export function faultOf(profile: ChargingProfile): string | null {
  const periods = profile.chargingSchedule.chargingSchedulePeriod
  if (periods[0]?.startPeriod !== 0) return 'the first period must start at 0'
  if (periods.some((period, at) => at > 0 && period.startPeriod <= (periods[at - 1]?.startPeriod ?? 0))) return 'periods must ascend'
  if (periods.some((period) => period.limit < 0)) return 'a limit below 0'
  if (profile.chargingProfileKind === 'Recurring' && profile.recurrencyKind === undefined) return 'recurring without recurrencyKind'
  if (profile.chargingProfileKind === 'Recurring' && profile.chargingSchedule.startSchedule === undefined) return 'recurring without startSchedule'
  if (profile.chargingProfileKind !== 'Recurring' && profile.recurrencyKind !== undefined) return 'recurrencyKind without recurring'
  return null
}

function isValidAt(profile: ChargingProfile, atMs: number): boolean {
  const from = profile.validFrom === undefined ? undefined : readDateTime(profile.validFrom)
  const to = profile.validTo === undefined ? undefined : readDateTime(profile.validTo)
  return (from === undefined || atMs >= from) && (to === undefined || atMs < to)
}

function startOf(profile: ChargingProfile, anchor: Anchor): number {
  if (profile.chargingProfileKind === 'Relative') return anchor.transactionStartMs
  const start = profile.chargingSchedule.startSchedule
  return (start === undefined ? undefined : readDateTime(start)) ?? anchor.installedMs
}

function secondsInto(profile: ChargingProfile, anchor: Anchor, atMs: number): number | null {
  const intoS = (atMs - startOf(profile, anchor)) / 1000
  if (profile.chargingProfileKind !== 'Recurring') return intoS < 0 ? null : intoS
  const everyS = recurrenceS[profile.recurrencyKind ?? 'Daily']
  return ((intoS % everyS) + everyS) % everyS
}
