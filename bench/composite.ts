// Composite schedules per second: five stacked profiles over a day, on one core, no answer ever given twice.
import { summarise, type Summary } from './statistics.ts'
import { span } from './words.ts'
import type { Part } from './part.ts'
import type { PerScale, Scale } from './scale.ts'

export interface CompositeResult {
  readonly profiles: number
  readonly windowH: number
  readonly rounds: number
  /** Periods of an answer, on average. */
  readonly periods: number
  readonly perS: Summary
  /** The same with profiles that were never looked at before. */
  readonly firstSightPerS: Summary
}

export interface CompositeOptions { readonly rounds: number; readonly windowMs: number; readonly warmUpMs: number }

interface Entry { readonly connectorId: number; readonly installedAtMs: number; readonly profile: unknown }
interface Asked { readonly connectorId: number; readonly durationS: number; readonly unit: 'A' | 'W'; readonly startMs: number }
interface Ground { readonly connectors: readonly number[]; readonly transactions: readonly { connectorId: number; transactionId: number; startedAtMs: number }[]; readonly voltage: number; readonly phases: number }
interface Built { readonly compositeSchedule: (stack: readonly Entry[], ground: Ground, asked: Asked) => { readonly status: string; readonly periods: readonly unknown[] } }

const dayS = 86_400
const baseMs = Date.UTC(2026, 10, 22)
const ground: Ground = { connectors: [1, 2], transactions: [{ connectorId: 1, transactionId: 7, startedAtMs: baseMs }], voltage: 230, phases: 3 }

export async function measureComposite({ rounds, windowMs, warmUpMs }: CompositeOptions, progress: (line: string) => void): Promise<CompositeResult> {
  const { compositeSchedule } = await import(new URL('../profiles/composite.js', import.meta.url).href) as Built
  let answered = 0
  let periods = 0
  const ask = (stack: readonly Entry[], number: number) => {
    const { status, periods: said } = compositeSchedule(stack, ground, askedOf(number))
    if (status !== 'Accepted' || said.length < 2) throw new Error(`composite schedule ${number} has ${said.length} periods`)
    answered += 1
    periods += said.length
  }
  const known = stacksFrom(0)
  let number = 0
  const round = (windowMs: number) => {
    const begunMs = performance.now()
    let count = 0
    while (performance.now() - begunMs < windowMs) for (let at = 0; at < 50; at++, count++) ask(known[number % known.length]!, number++)
    return (count / (performance.now() - begunMs)) * 1_000
  }
  const firstSight = (seed: number) => {
    const fresh = stacksFrom(seed)
    const begunMs = performance.now()
    for (const stack of fresh) ask(stack, number++)
    return (fresh.length / (performance.now() - begunMs)) * 1_000
  }
  round(warmUpMs)
  const perS: number[] = []
  const firstSightPerS: number[] = []
  for (let at = 0; at < rounds; at++) {
    perS.push(round(windowMs))
    firstSightPerS.push(firstSight(1 + at))
    progress(`round ${at + 1} of ${rounds}: ${Math.round(perS.at(-1)!)} composite schedules/s`)
  }
  return { profiles: known[0]!.length, windowH: dayS / 3_600, rounds, periods: periods / answered, perS: summarise(perS), firstSightPerS: summarise(firstSightPerS) }
}

/** Another second, another unit, sometimes the whole charge point. */
function askedOf(number: number): Asked {
  return { connectorId: number % 4 === 0 ? 0 : 1, durationS: dayS, unit: number % 2 === 0 ? 'A' : 'W', startMs: baseMs + (number * 7_919 % dayS) * 1_000 }
}

/** A thousand charge points, no two alike: a daily maximum by the hour, a default for all and one for the connector, two TxProfiles. */
function stacksFrom(seed: number): Entry[][] {
  return Array.from({ length: 1_000 }, (_, index) => {
    const vary = seed * 1_000 + index
    const steps = (count: number, everyS: number, from: number) => Array.from({ length: count }, (__, step) => ({ startPeriod: step * everyS + (step === 0 ? 0 : vary % 60), limit: from + ((step * 5 + vary) % 17) }))
    return [
      entry(0, 1, 'ChargePointMaxProfile', 0, { recurrencyKind: 'Daily' }, { chargingRateUnit: 'A', chargingSchedulePeriod: steps(24, 3_600, 16) }),
      entry(0, 2, 'TxDefaultProfile', 0, { recurrencyKind: 'Daily' }, { chargingRateUnit: 'W', chargingSchedulePeriod: steps(12, 7_200, 6_000) }),
      entry(1, 3, 'TxDefaultProfile', 1, { recurrencyKind: 'Weekly' }, { chargingRateUnit: 'A', duration: 5 * dayS, chargingSchedulePeriod: steps(14, 43_200, 8) }),
      entry(1, 4, 'TxProfile', 0, { transactionId: 7 }, { chargingRateUnit: 'A', duration: 20 * 3_600 + vary % 600, chargingSchedulePeriod: steps(24, 3_000, 6) }),
      entry(1, 5, 'TxProfile', 1, { transactionId: 7, validTo: new Date(baseMs + (8 * 3_600 + vary % 900) * 1_000).toISOString() }, { chargingRateUnit: 'W', chargingSchedulePeriod: steps(8, 1_800, 4_000) }),
    ]
  })
}

function entry(connectorId: number, chargingProfileId: number, chargingProfilePurpose: string, stackLevel: number, patch: Record<string, unknown>, schedule: Record<string, unknown>): Entry {
  return { connectorId, installedAtMs: baseMs, profile: {
    chargingProfileId, stackLevel, chargingProfilePurpose, chargingProfileKind: 'recurrencyKind' in patch ? 'Recurring' : 'Absolute', ...patch,
    chargingSchedule: { startSchedule: new Date(baseMs).toISOString(), ...schedule },
  } }
}

const options: PerScale<CompositeOptions> = {
  full: { rounds: 5, windowMs: 2_000, warmUpMs: 2_000 },
  quick: { rounds: 2, windowMs: 700, warmUpMs: 700 },
  smoke: { rounds: 1, windowMs: 200, warmUpMs: 50 },
}

export async function composite(scale: Scale, progress: (line: string) => void): Promise<Part<CompositeResult>> {
  const data = await measureComposite(options[scale], progress)
  return { data, rows: [{
    what: `composite schedules per second, ${data.profiles} stacked profiles over ${data.windowH} h, one core`, brief: true,
    figure: span(data.perS), beside: `each of ${Math.round(data.periods)} periods; of profiles never seen before: ${span(data.firstSightPerS)}`,
  }] }
}
