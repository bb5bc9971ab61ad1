// The time on which the engine begins: what its records know is not forgotten because the machine starts on an earlier clock.
import { z } from 'zod'
import type { Log } from '../log.ts'
import { curtailmentRecordSchema, stateOfCurtailment, type CurtailmentRecord } from './curtailment-record.ts'
import { noteStep, steppedMs, stepMs } from './engine-time.ts'
import { moveGridRecord } from './grid-limit.ts'
import type { Scope } from './scope.ts'

const key = 'engine-now'
/** Kept with what waits for the store before a review, and at least this often, so that what a review books may be so much newer: a limit that had begun so long before a power cut has begun after it. */
const keptEveryMs = 30_000

export const recordSchema = z.object({
  v: z.literal(1),
  /** The newest time of the engine that is known. */
  atMs: z.number(),
  /** Curtailments for whose sake the engine is on this time although the machine's clock is behind it; absent = it went by the machine's. */
  heldFor: z.array(z.string()).exactOptional(),
})

export interface KeptCurtailments {
  list(): readonly CurtailmentRecord[]
  keep(record: CurtailmentRecord, nowMs: number): void
}

/** Made before anything else of the scope is read: a step of the clock that nobody noticed is noted here, for all who move their records by it. */
export class EngineStart {
  /** The engine's time at the start, ms since the epoch. */
  readonly atMs: number
  /** The time of the records at the start is so much ahead of the one they were written in, ms. */
  readonly laterMs: number
  /** The machine's clock is behind its own records, and charge points are set by it. */
  readonly setBack: boolean
  private readonly scope: Scope
  private keptAtMs: number
  /** They were open at the power cut: until the machine's clock has caught up, the engine goes by the time of the records. */
  private heldFor: readonly string[]

  constructor({ scope, wallMs, log }: { readonly scope: Scope; readonly wallMs: number; readonly log: Pick<Log, 'warn'> }) {
    this.scope = scope
    const kept = recordSchema.safeParse(scope.get(key))
    const { atMs: formerMs, heldFor } = kept.success ? kept.data : { atMs: -Infinity }
    const open = openCurtailments(scope, formerMs)
    const held = open.filter((id) => heldFor?.includes(id) ?? true)
    // Steps of a clock that was never right say nothing.
    if (heldFor !== undefined && held.length > 0) noteStep(scope, 0)
    const knownMs = formerMs + steppedMs(scope)
    const behindMs = Math.max(0, knownMs - wallMs)
    this.setBack = behindMs > stepMs
    this.heldFor = behindMs > 0 ? held : []
    const ahead = this.heldFor.length > 0
    // Where no limit was asked for by the clock, durations are all that counts: they move to the clock there is, so that one that was wrong in the future is left behind.
    if (behindMs > 0 && !ahead) noteStep(scope, wallMs - formerMs)
    if (this.setBack) log.warn({ siteID: scope.name, behindS: Math.round(behindMs / 1000), keepsTime: ahead }, 'the clock of this machine is behind its own records')
    this.laterMs = steppedMs(scope)
    moveGridRecord(scope, this.laterMs)
    this.atMs = ahead ? knownMs : wallMs
    this.keptAtMs = this.atMs
    this.put(this.atMs)
  }

  /** Before every review. */
  look(nowMs: number, wallMs: number, curtailments: KeptCurtailments): void {
    if (this.heldFor.length > 0 && wallMs >= nowMs - stepMs) this.catchUp(Math.round(wallMs - nowMs), curtailments, nowMs)
    if (this.scope.waiting() > 0 || nowMs - this.keptAtMs >= keptEveryMs) this.put(nowMs)
  }

  /** The machine's clock was set right: limits from before the start hold at the times they were asked for, as if it had been right then. */
  private catchUp(aheadMs: number, curtailments: KeptCurtailments, nowMs: number): void {
    const held = new Set(this.heldFor)
    this.heldFor = []
    this.put(nowMs)
    if (aheadMs <= stepMs) return
    // Those that were asked for by the wrong clock know by how much.
    for (const record of curtailments.list()) if (held.has(record.id) && record.aheadMs === 0 && isOpen(record, nowMs)) curtailments.keep({ ...record, aheadMs }, nowMs)
  }

  private put(atMs: number): void {
    this.keptAtMs = atMs
    this.scope.put(key, { v: 1, atMs, ...(this.heldFor.length === 0 ? {} : { heldFor: this.heldFor }) })
  }
}

function openCurtailments(scope: Scope, nowMs: number): string[] {
  return scope.entries('curtailment:').flatMap(([, value]) => {
    const { success, data } = curtailmentRecordSchema.safeParse(value)
    return success && isOpen(data, nowMs) ? [data.id] : []
  })
}

function isOpen(record: CurtailmentRecord, nowMs: number): boolean {
  return ['scheduled', 'active'].includes(stateOfCurtailment(record, nowMs))
}
