// When a charging profile says what: the schedules of OCPP 1.6 as a charge point reads them, independent of the engine's own reading.
import { readDateTime, type ChargingProfile } from '../protocol/messages/index.ts'

/** What one profile allows: amps per phase, or watts in all; `numberPhases` is what it converts by, 3 where it names none. */
export interface Rate { readonly unit: 'A' | 'W'; readonly limit: number; readonly numberPhases?: number }

const dayS = 86_400
const recurrenceS = { Daily: dayS, Weekly: 7 * dayS }

/** What `profile` says at `atMs`, or null where it says nothing (not yet valid, over, before its start). `anchorMs` = what one without a start of its own counts from. */
export function rateAt(profile: ChargingProfile, anchorMs: number, atMs: number): Rate | null {
  if (!isValidAt(profile, atMs)) return null
  const schedule = profile.chargingSchedule
  const intoS = secondsInto(profile, anchorMs, atMs)
  if (intoS === null || (schedule.duration !== undefined && intoS >= schedule.duration)) return null
  const period = schedule.chargingSchedulePeriod.findLast((each) => each.startPeriod <= intoS)
  return period === undefined ? null : { unit: schedule.chargingRateUnit, limit: period.limit, ...(period.numberPhases === undefined ? {} : { numberPhases: period.numberPhases }) }
}

/** Every moment in [fromMs, toMs) at which `profile` may begin to say something else. */
export function changesOf(profile: ChargingProfile, anchorMs: number, fromMs: number, toMs: number): number[] {
  const moments: number[] = []
  const { from, to } = timesOf(profile)
  for (const ms of [from, to]) if (ms !== undefined) moments.push(ms)
  const schedule = profile.chargingSchedule
  const offsets = schedule.chargingSchedulePeriod.map((period) => period.startPeriod)
  if (schedule.duration !== undefined) offsets.push(schedule.duration)
  const everyS = profile.chargingProfileKind === 'Recurring' ? recurrenceS[profile.recurrencyKind ?? 'Daily'] : null
  const startMs = startOf(profile, anchorMs)
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
  if (periods.some(({ numberPhases = 3 }) => numberPhases < 1 || numberPhases > 3)) return 'a number of phases that no connector has'
  if ((profile.chargingSchedule.duration ?? 1) <= 0) return 'a schedule without length'
  if ((profile.chargingSchedule.minChargingRate ?? 0) < 0) return 'a least rate below 0'
  const { from, to } = timesOf(profile)
  if (from !== undefined && to !== undefined && to <= from) return 'over before it is valid'
  if (profile.chargingProfileKind === 'Recurring' && profile.recurrencyKind === undefined) return 'recurring without recurrencyKind'
  if (profile.chargingProfileKind === 'Recurring' && profile.chargingSchedule.startSchedule === undefined) return 'recurring without startSchedule'
  if (profile.chargingProfileKind !== 'Recurring' && profile.recurrencyKind !== undefined) return 'recurrencyKind without recurring'
  return null
}

interface Times { readonly from: number | undefined; readonly to: number | undefined; readonly start: number | undefined }

/** Profiles are never altered, and a simulated charge point reads its own with every step. */
const timesRead = new WeakMap<ChargingProfile, Times>()

function timesOf(profile: ChargingProfile): Times {
  const known = timesRead.get(profile)
  if (known !== undefined) return known
  const read = (text: string | undefined): number | undefined => (text === undefined ? undefined : readDateTime(text))
  const times = { from: read(profile.validFrom), to: read(profile.validTo), start: read(profile.chargingSchedule.startSchedule) }
  timesRead.set(profile, times)
  return times
}

function isValidAt(profile: ChargingProfile, atMs: number): boolean {
  const { from, to } = timesOf(profile)
  return (from === undefined || atMs >= from) && (to === undefined || atMs < to)
}

function startOf(profile: ChargingProfile, anchorMs: number): number {
  return (profile.chargingProfileKind === 'Relative' ? undefined : timesOf(profile).start) ?? anchorMs
}

function secondsInto(profile: ChargingProfile, anchorMs: number, atMs: number): number | null {
  const intoS = (atMs - startOf(profile, anchorMs)) / 1000
  if (profile.chargingProfileKind !== 'Recurring') return intoS < 0 ? null : intoS
  const everyS = recurrenceS[profile.recurrencyKind ?? 'Daily']
  return ((intoS % everyS) + everyS) % everyS
}
