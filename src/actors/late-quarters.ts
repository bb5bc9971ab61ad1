// Quarter hours that rows came late for: noted beside those rows in the store, so that a restart knows them, until they are made again.
import type { Clock } from '../clock.ts'
import type { SeriesEntry, Store } from '../store/port.ts'
import { quarterOf } from './meter-fold.ts'

/** Which quarters are to be made again, in the same writes as the rows that came late. */
export const lateSeries = 'rollup-late'

const most = 50_000
const dayMs = 86_400_000

export interface LateOptions {
  readonly siteID: string
  readonly store: Pick<Store, 'range' | 'replace'>
  readonly clock: Clock
}

export class LateQuarters {
  private readonly options: LateOptions
  private readonly quarters = new Map<string, Set<number>>()
  private count = 0
  private oldestMarkMs: number | null = null
  /** The marks in the store are known, up to the first that there was no room for. */
  private recalled = false
  private beyondMs: number | null = null

  constructor(options: LateOptions) {
    this.options = options
  }

  get size(): number { return this.quarters.size }
  keys(): string[] { return [...this.quarters.keys()] }
  has(key: string, quarter?: number): boolean { return quarter === undefined ? this.quarters.has(key) : this.quarters.get(key)?.has(quarter) === true }

  /** The mark that must be kept with the row; null when there is one. */
  mark(key: string, quarter: number): { readonly series: string; readonly entry: SeriesEntry } | null {
    const atMs = this.options.clock.wall()
    return this.put(key, quarter, atMs) ? { series: lateSeries, entry: { atMs, value: [key, quarter] } } : null
  }

  /** The earliest of a connector before `beforeMs`, which is here no more; null = none. */
  take(key: string, beforeMs: number): number | null {
    const quarters = this.quarters.get(key)
    if (quarters === undefined) return null
    let earliest = Infinity
    for (const quarter of quarters) if (quarter < earliest) earliest = quarter
    if (earliest >= beforeMs) return null
    quarters.delete(earliest)
    this.count--
    if (quarters.size === 0) this.quarters.delete(key)
    return earliest
  }

  /** It could not be made. */
  putBack(key: string, quarter: number): void {
    this.put(key, quarter, this.options.clock.wall())
  }

  /** Reads the marks of before the start, and those there was no room for once there is. Rejects with StoreUnavailable. */
  async recall(): Promise<void> {
    if (this.recalled) return
    const { store, siteID, clock } = this.options
    const marks = await store.range(siteID, lateSeries, 0, clock.wall() + dayMs, most)
    for (const { atMs, value } of marks) {
      const [key, quarter] = Array.isArray(value) ? value as unknown[] : []
      if (typeof key === 'string' && typeof quarter === 'number') this.put(key, quarterOf(quarter), atMs)
    }
    const last = marks.at(-1)
    if (last !== undefined && marks.length >= most) this.noRoomFrom(last.atMs)
    this.recalled = true
  }

  /** Drops the marks of what was made, once all that is here is. */
  async clear(): Promise<void> {
    const { store, siteID, clock } = this.options
    if (this.oldestMarkMs === null || this.quarters.size > 0) return
    const nowMs = clock.wall()
    // So many of one instant cannot be told apart: without that it would never end.
    const toMs = this.beyondMs === null ? nowMs + 1 : Math.max(this.beyondMs, this.oldestMarkMs + 1)
    const fromMs = Math.max(this.oldestMarkMs, nowMs - 365 * dayMs)
    this.recalled = this.beyondMs === null
    this.oldestMarkMs = null
    this.beyondMs = null
    if (fromMs < toMs) await store.replace(siteID, lateSeries, fromMs, toMs, [])
  }

  private noRoomFrom(markedMs: number): void {
    this.beyondMs = Math.min(this.beyondMs ?? markedMs, markedMs)
  }

  /** False when it is here already. Beyond the cap only its mark is kept: it comes in when the others are made. */
  private put(key: string, quarter: number, markedMs: number): boolean {
    const quarters = this.quarters.get(key) ?? new Set<number>()
    if (quarters.has(quarter)) return false
    this.oldestMarkMs = Math.min(this.oldestMarkMs ?? markedMs, markedMs)
    if (this.count >= most) {
      this.noRoomFrom(markedMs)
      return true
    }
    this.quarters.set(key, quarters.add(quarter))
    this.count++
    return true
  }
}
