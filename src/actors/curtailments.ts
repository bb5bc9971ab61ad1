// The curtailments of one site: kept in its scope, those that have ended for a while, so that people can look back.
import type { TimedLimit } from '../power/limits.ts'
import type { SiteConfig } from '../power/site.ts'
import { amountOf, curtailmentRecordSchema, holdsFrom, stateOfCurtailment, type CurtailmentRecord } from './curtailment-record.ts'
import type { Scope } from './scope.ts'

/** Scheduled and active ones; beyond that none is taken. */
export const mostOpenCurtailments = 100
/** Ended ones beyond that go, the oldest first. */
const mostEnded = 200
const longestKeptMs = 30 * 86_400_000
/** The clock may drift that far from the engine's time without having stepped. */
const driftMs = 30_000
const prefix = 'curtailment:'

export class Curtailments {
  private readonly records = new Map<string, CurtailmentRecord>()
  private readonly scope: Scope

  /** `laterMs` = how far the wall clock was ahead of the engine's time when these records were written: they hold that much later by it. What cannot be read is said and left alone. */
  constructor(scope: Scope, laterMs: number, unreadable: (key: string) => void) {
    this.scope = scope
    for (const [key, value] of scope.entries(prefix)) {
      const parsed = curtailmentRecordSchema.safeParse(value)
      if (parsed.success) this.records.set(parsed.data.id, parsed.data)
      else unreadable(key)
    }
    for (const record of this.records.values()) this.move(record, laterMs)
  }

  /** Newest first. */
  list(): CurtailmentRecord[] {
    return [...this.records.values()].toSorted((a, b) => b.createdAtMs - a.createdAtMs || (a.id < b.id ? 1 : -1))
  }

  find(id: string): CurtailmentRecord | undefined {
    return this.records.get(id)
  }

  open(nowMs: number): CurtailmentRecord[] {
    return [...this.records.values()].filter((record) => isOpen(record, nowMs))
  }

  /** Put, not yet durable. */
  keep(record: CurtailmentRecord, nowMs: number): void {
    this.records.set(record.id, record)
    this.scope.put(prefix + record.id, record)
    const ended = this.list().filter((one) => !isOpen(one, nowMs))
    for (const [index, one] of ended.entries()) if (index >= mostEnded || (one.cancelledAtMs ?? one.expiresAtMs) < one.aheadMs + nowMs - longestKeptMs) this.drop(one.id)
  }

  /** As if it had never been. */
  drop(id: string): void {
    this.records.delete(id)
    this.scope.delete(prefix + id)
  }

  /** Of a former run: the engine's time begins anew on the wall clock. */
  private move(record: CurtailmentRecord, laterMs: number): void {
    if (laterMs === 0 && record.aheadMs === 0) return
    const byMs = Math.abs(laterMs - record.aheadMs) <= driftMs ? 0 : laterMs - record.aheadMs
    const moved = { ...record, startsAtMs: record.startsAtMs + byMs, expiresAtMs: record.expiresAtMs + byMs, aheadMs: 0 }
    this.records.set(record.id, moved)
    this.scope.put(prefix + record.id, moved)
  }
}

function isOpen(record: CurtailmentRecord, nowMs: number): boolean {
  const state = stateOfCurtailment(record, nowMs)
  return state === 'scheduled' || state === 'active'
}

/** A curtailment as the plan takes it. Dimming leaves the charge points so much together, so what comes on top is `besideW`: the building, and what may charge uncontrolled. */
export function timedOf(record: CurtailmentRecord, site: SiteConfig, steered: number, besideW: number): TimedLimit {
  const { currentA, powerW } = amountOf(record, site, steered)
  const watts = powerW === undefined || record.kind !== 'dimming' ? powerW : powerW + besideW
  return { source: `curtailment:${record.id}`, ...(currentA === undefined ? {} : { currentA }), ...(watts === undefined ? {} : { powerW: watts }), ...holdsFrom(record) }
}
