// What a transaction could not have because of limits: the seconds and watt-hours of each, and when it may draw nothing.
import { z } from 'zod'

/** When it may draw nothing, by what it was told and had accepted, by the wall clock. */
export interface HeldPiece { readonly fromMs: number; readonly untilMs: number }

/** By the source of the limit (`grid-limit`, `curtailment:<id>`, a circuit …), `other` for those beyond the 19th. */
export interface Limited {
  readonly limitedS: Readonly<Record<string, number>>
  /** What it could have taken meanwhile, as far as that is known, less what it was told and had accepted. */
  readonly lostWh: Readonly<Record<string, number>>
  readonly held: readonly HeldPiece[]
}

export const otherReason = 'other'
const mostReasons = 19
const mostPieces = 500

const limitedSchema = z.object({
  limitedS: z.record(z.string(), z.number()),
  lostWh: z.record(z.string(), z.number()),
  held: z.array(z.object({ fromMs: z.number(), untilMs: z.number() })),
})

/** What a record of a transaction says of it; null = nothing. */
export function limitedIn(record: unknown): Limited | null {
  return limitedSchema.safeParse(record).data ?? null
}

/** Counts it for one transaction, exactly; what is shown is rounded. */
export class LimitedTally {
  private readonly ms = new Map<string, number>()
  private readonly wattMs = new Map<string, number>()
  private readonly held: { fromMs: number; untilMs: number }[] = []

  /** Goes on from what was counted before. */
  constructor(known: Limited | null) {
    for (const [reason, seconds] of Object.entries(known?.limitedS ?? {})) this.ms.set(reason, seconds * 1_000)
    for (const [reason, wattHours] of Object.entries(known?.lostWh ?? {})) this.wattMs.set(reason, wattHours * 3_600_000)
    for (const piece of known?.held ?? []) this.held.push({ ...piece })
  }

  /** A limit has held it for so long, ms, at so much less than it could take, W. */
  lose(reason: string, durationMs: number, lostW: number): void {
    if (durationMs <= 0) return
    const as = this.ms.has(reason) || this.ms.size < mostReasons ? reason : otherReason
    this.ms.set(as, (this.ms.get(as) ?? 0) + durationMs)
    this.wattMs.set(as, (this.wattMs.get(as) ?? 0) + lostW * durationMs)
  }

  /** It may draw nothing. Pieces that touch are one; beyond 500 the two that are closest become one: that makes nobody idle who was not. */
  hold(fromMs: number, untilMs: number): void {
    if (untilMs <= fromMs) return
    const last = this.held.at(-1)
    if (last !== undefined && fromMs <= last.untilMs) {
      last.untilMs = Math.max(last.untilMs, untilMs)
      last.fromMs = Math.min(last.fromMs, fromMs)
    } else this.held.push({ fromMs, untilMs })
    if (this.held.length <= mostPieces) return
    let closest = 1
    for (let index = 2; index < this.held.length; index++) if (gapBefore(this.held, index) < gapBefore(this.held, closest)) closest = index
    const [joined] = this.held.splice(closest, 1)
    this.held[closest - 1]!.untilMs = joined!.untilMs
  }

  /** As it is now: whole seconds, tenths of a watt-hour. */
  shown(): Limited {
    return {
      limitedS: Object.fromEntries([...this.ms].map(([reason, ms]) => [reason, Math.round(ms / 1_000)])),
      lostWh: Object.fromEntries([...this.wattMs].map(([reason, wattMs]) => [reason, Math.round(wattMs / 360_000) / 10])),
      held: this.held.map((piece) => ({ ...piece })),
    }
  }

  copy(): LimitedTally {
    const copy = new LimitedTally(null)
    for (const [reason, ms] of this.ms) copy.ms.set(reason, ms)
    for (const [reason, wattMs] of this.wattMs) copy.wattMs.set(reason, wattMs)
    for (const piece of this.held) copy.held.push({ ...piece })
    return copy
  }
}

function gapBefore(held: readonly HeldPiece[], index: number): number {
  return held[index]!.fromMs - held[index - 1]!.untilMs
}
