// What the record of a transaction holds besides its own facts: limits, how it was stopped, what bound it, and who changed it.
import { z } from 'zod'

/** Set on this transaction; absent = its settings and its id tag say. */
export const limitsSchema = z.object({ energyWh: z.number().exactOptional(), durationS: z.number().exactOptional(), costMinor: z.number().exactOptional() })

export const stopCauses = ['energy-limit', 'duration-limit', 'cost-limit', 'idle-timeout', 'remote-stop', 'disobeying', 'correction'] as const
export type StopCause = (typeof stopCauses)[number]
export const stoppedBySchema = z.object({ cause: z.enum(stopCauses), by: z.string(), atMs: z.number() })

/** Seconds, or Wh, by the reason that bound it. */
export const byReasonSchema = z.record(z.string(), z.number())
export type ByReason = Readonly<Record<string, number>>

export const trailEntrySchema = z.object({
  atMs: z.number(),
  by: z.string(),
  requestId: z.string().exactOptional(),
  what: z.string(),
  reason: z.string().exactOptional(),
  before: z.record(z.string(), z.unknown()).exactOptional(),
  after: z.record(z.string(), z.unknown()).exactOptional(),
})
export type TrailEntry = Readonly<z.infer<typeof trailEntrySchema>>

const mostReasons = 20
const mostTrail = 50

/** Of more than 20 reasons the 19 largest stay by name, the rest is `other`. */
export function boundReasons(amounts: ByReason): ByReason {
  const all = Object.entries(amounts)
  if (all.length <= mostReasons) return amounts
  const named = all.filter(([reason]) => reason !== 'other').toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
  const rest = [...named.slice(mostReasons - 1), ...all.filter(([reason]) => reason === 'other')]
  return Object.fromEntries([...named.slice(0, mostReasons - 1), ['other', rest.reduce((sum, [, amount]) => sum + amount, 0)]])
}

/** A record with one more entry in its trail, newest last; of more than 50 the first and the newest stay. */
export function withTrail<T extends { readonly trail: readonly TrailEntry[] }>(record: T, entry: TrailEntry): T {
  const trail = [...record.trail, entry]
  return { ...record, trail: trail.length <= mostTrail ? trail : [trail[0]!, ...trail.slice(1 - mostTrail)] }
}
