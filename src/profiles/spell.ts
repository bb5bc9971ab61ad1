// What one profile says at an instant, and until when it goes on saying so: validity, kind, recurrence, duration, periods.
import type { ChargingProfile } from '../protocol/messages/index.ts'
import { readInstant } from './instant.ts'
import type { Installed } from './stack.ts'

/** A profile with its times read once, all in ms. */
export interface Prepared {
  readonly fromMs: number
  readonly toMs: number
  /** Null = counted from the anchor: Relative, or Absolute without startSchedule. */
  readonly startMs: number | null
  /** How often it begins anew; Infinity = once. */
  readonly everyMs: number
  /** How long it speaks after each beginning. */
  readonly lengthMs: number
  readonly offsetsMs: readonly number[]
}

const dayMs = 86_400_000
const prepared = new WeakMap<ChargingProfile, Prepared>()

/** Read once per profile object; profiles never change in place. */
export function prepare(profile: ChargingProfile): Prepared {
  const known = prepared.get(profile)
  if (known !== undefined) return known
  const { validFrom, validTo, chargingProfileKind: kind, recurrencyKind, chargingSchedule: { duration, startSchedule, chargingSchedulePeriod } } = profile
  const everyMs = kind !== 'Recurring' ? Infinity : recurrencyKind === 'Weekly' ? 7 * dayMs : dayMs
  const made: Prepared = {
    fromMs: (validFrom === undefined ? null : readInstant(validFrom)) ?? -Infinity,
    toMs: (validTo === undefined ? null : readInstant(validTo)) ?? Infinity,
    startMs: kind === 'Relative' || startSchedule === undefined ? null : readInstant(startSchedule),
    everyMs,
    lengthMs: Math.min(everyMs, duration === undefined ? Infinity : duration * 1_000),
    offsetsMs: chargingSchedulePeriod.map(({ startPeriod }) => startPeriod * 1_000),
  }
  prepared.set(profile, made)
  return made
}

/** An installed profile as one moves forward in time: `period` is the index of the one that speaks (−1 = silent) from the last instant sought until `untilMs`. */
export class Spell {
  readonly entry: Installed
  period = -1
  untilMs = -Infinity
  private readonly times: Prepared
  private readonly anchorMs: number | null

  /** `anchorMs` is what a schedule without a start of its own counts from; null = always from the instant asked about. */
  constructor(entry: Installed, anchorMs: number | null) {
    this.entry = entry
    this.times = prepare(entry.profile)
    this.anchorMs = this.times.startMs ?? anchorMs
  }

  seek(atMs: number): void {
    const { fromMs, toMs, everyMs, lengthMs } = this.times
    if (atMs < fromMs) return this.set(-1, fromMs)
    if (atMs >= toMs) return this.set(-1, Infinity)
    if (this.anchorMs === null) return this.set(lengthMs > 0 ? this.indexAt(0) : -1, toMs)
    let intoMs = atMs - this.anchorMs
    if (everyMs === Infinity) {
      if (intoMs < 0) return this.set(-1, this.anchorMs)
      if (intoMs >= lengthMs) return this.set(-1, Infinity)
    } else {
      intoMs = ((intoMs % everyMs) + everyMs) % everyMs
      if (intoMs >= lengthMs) return this.set(-1, atMs + everyMs - intoMs)
    }
    const period = this.indexAt(intoMs)
    const nextMs = Math.min(this.times.offsetsMs[period + 1] ?? Infinity, lengthMs)
    this.set(period, Math.min(atMs + nextMs - intoMs, toMs))
  }

  private set(period: number, untilMs: number): void {
    this.period = period
    this.untilMs = untilMs
  }

  /** The last period that has begun; they ascend. */
  private indexAt(intoMs: number): number {
    const { offsetsMs } = this.times
    let low = 0
    let high = offsetsMs.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((offsetsMs[middle] ?? Infinity) <= intoMs) low = middle + 1
      else high = middle
    }
    return low - 1
  }
}
