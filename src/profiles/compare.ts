// What a charge point says it will permit against what it should: two step functions laid over each other.
import type { ResponseOf } from '../protocol/messages/index.ts'
import type { Composite } from './composite.ts'
import { cursorOver } from './cursor.ts'
import { readInstant } from './instant.ts'

/** A stretch of the window, s from the start of the expected one; limits in the expected unit, null = nothing limits. */
export interface Difference {
  readonly startPeriod: number
  readonly durationS: number
  readonly expected: number | null
  readonly reported: number | null
}

export interface Comparison {
  /** Nominal, phase to neutral, V. */
  readonly voltage: number
  /** Where a limit does not say how many phases it is for; default 3. */
  readonly phases?: number
  /** The hardware, A per phase: nobody has to say more than this, on either side. Absent = unknown. */
  readonly capA?: number
  /** Add this to a time of the charge point to get ours, ms; default 0. */
  readonly offsetMs?: number
}

interface Step { readonly fromMs: number; readonly limit: number | null }

/** A clock that counts whole seconds, and an answer that takes its time. */
const tolerableShiftMs = 2_000
/** A clock further off than this moves steps by what matters. */
const mostSkewMs = 60_000

/**
 * Where the answer to a GetCompositeSchedule differs from what was expected, in order, over the time that both speak of. Null when
 * there is nothing to compare: one of them was Rejected, the answer holds no schedule, or they speak of different times. No difference: up to
 * 0.1 A per phase or 0.5 %, for up to 2 s and as long as its clock is off (absolute times are kept by that), and all that is above the hardware.
 * A reported limit below 0, and an answer without periods, say that nothing limits (facts, 8.5).
 */
export function differencesOf(expected: Composite, reported: ResponseOf<'GetCompositeSchedule'>, how: Comparison): readonly Difference[] | null {
  if (expected.status !== 'Accepted' || reported.status !== 'Accepted' || reported.chargingSchedule === undefined) return null
  const startMs = Date.parse(expected.scheduleStart)
  const endMs = startMs + expected.durationS * 1000
  const theirStartMs = startOf(reported, startMs, endMs, how.offsetMs ?? 0)
  const theirEndMs = theirStartMs + (reported.chargingSchedule.duration ?? Infinity) * 1000
  const ours = expected.periods.map(({ startPeriod, limit }): Step => ({ fromMs: startMs + startPeriod * 1000, limit }))
  const theirs = stepsOf(reported, expected.rateUnit, theirStartMs, how)
  const fromMs = Math.max(startMs, theirStartMs)
  const untilMs = Math.min(endMs, theirEndMs)
  if (untilMs <= fromMs) return null
  const { capA, voltage, phases = 3 } = how
  const scale = expected.rateUnit === 'A' ? 1 : voltage * phases
  const cap = capA === undefined ? Infinity : capA * scale
  const moments = [...new Set([fromMs, ...[...ours, ...theirs].map((step) => step.fromMs).filter((ms) => ms > fromMs && ms < untilMs)])].sort((a, b) => a - b)
  const [ourStep, theirStep] = [cursorOver(ours, begins), cursorOver(theirs, begins)]
  const stretches = moments.map((ms, index) => {
    const wanted = Math.min(ourStep(ms)?.limit ?? Infinity, cap)
    const said = theirStep(ms)?.limit ?? Infinity
    return { fromMs: ms, untilMs: moments[index + 1] ?? untilMs, expected: shown(wanted), reported: shown(said), differs: differs(wanted, Math.min(said, cap), 0.1 * scale) }
  })
  return lastingRuns(stretches, tolerableShiftMs + Math.min(Math.abs(how.offsetMs ?? 0), mostSkewMs)).map((one) => ({
    startPeriod: Math.round((one.fromMs - startMs) / 1000), durationS: Math.round((one.untilMs - one.fromMs) / 1000), expected: one.expected, reported: one.reported,
  }))
}

/** A time that has nothing to do with the window is one of a clock nobody has measured: the answer begins when it was asked for. */
function startOf({ scheduleStart, chargingSchedule }: ResponseOf<'GetCompositeSchedule'>, startMs: number, endMs: number, offsetMs: number): number {
  const said = scheduleStart ?? chargingSchedule?.startSchedule
  const ms = ((said === undefined ? null : readInstant(said)) ?? NaN) + offsetMs
  return ms < endMs && ms > startMs - (endMs - startMs) ? ms : startMs
}

function stepsOf({ chargingSchedule }: ResponseOf<'GetCompositeSchedule'>, unit: 'A' | 'W', startMs: number, { voltage, phases = 3 }: Comparison): Step[] {
  return (chargingSchedule?.chargingSchedulePeriod ?? []).map(({ startPeriod, limit, numberPhases }) => {
    const perAmp = voltage * (numberPhases ?? phases)
    // Charge points say -1 where nothing limits.
    if (limit < 0) return { fromMs: startMs + startPeriod * 1000, limit: null }
    const converted = chargingSchedule?.chargingRateUnit === unit ? limit : unit === 'A' ? limit / perAmp : limit * perAmp
    return { fromMs: startMs + startPeriod * 1000, limit: converted }
  }).sort((a, b) => a.fromMs - b.fromMs)
}

function begins({ fromMs }: Step): number {
  return fromMs
}

function differs(wanted: number, said: number, least: number): boolean {
  return wanted !== said && Math.abs(wanted - said) > Math.max(least, Math.min(wanted, said) * 0.005) + 1e-6
}

/** One decimal, as limits are sent. */
function shown(limit: number): number | null {
  return limit === Infinity ? null : Math.round(limit * 10) / 10
}

interface Stretch extends Omit<Difference, 'startPeriod' | 'durationS'> { readonly fromMs: number; readonly untilMs: number; readonly differs: boolean }

/** Without those that are over sooner than two clocks can tell; neighbours that say the same are one. */
function lastingRuns(stretches: readonly Stretch[], leastMs: number): Stretch[] {
  const runs: Stretch[][] = []
  for (const [index, one] of stretches.entries()) {
    if (!one.differs) continue
    if (stretches[index - 1]?.differs === true) runs.at(-1)?.push(one)
    else runs.push([one])
  }
  return runs.filter((run) => (run.at(-1)?.untilMs ?? 0) - (run[0]?.fromMs ?? 0) > leastMs).flatMap((run) => {
    const merged: Stretch[] = []
    for (const one of run) {
      const last = merged.at(-1)
      if (last !== undefined && last.expected === one.expected && last.reported === one.reported) merged[merged.length - 1] = { ...last, untilMs: one.untilMs }
      else merged.push(one)
    }
    return merged
  })
}
