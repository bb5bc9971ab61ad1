// What is written of the availability of connectors, and what of it is known afterwards: rows on change, and a beat that shows that somebody looked.
import { z } from 'zod'
import type { SeriesEntry } from '../store/port.ts'

export const availabilitySeries = 'availability'

export const availabilityTimes = {
  /** A row says at least so often that what was said still holds. */
  beatMs: 300_000,
  /** After a longer silence nobody knows what was; a beat may be late. */
  silentMs: 330_000,
  /** Everything is said again. */
  allMs: 6 * 3_600_000,
} as const

/** By connector: 1 = online, and neither Faulted nor Unavailable; 0 = not. */
type States = Readonly<Record<string, 0 | 1>>
/** `start`: whatever was said before no longer holds. `all`: this and nothing else. `change`: these are others now. `beat`: as before. */
export type AvailabilityRow = { readonly k: 'start' } | { readonly k: 'beat' } | { readonly k: 'all' | 'change'; readonly s: States }

const states = z.record(z.string(), z.union([z.literal(0), z.literal(1)]))
const rowSchema = z.union([z.object({ k: z.enum(['start', 'beat']) }), z.object({ k: z.enum(['all', 'change']), s: states })])

/** A stretch in which a connector was known to be available or not. */
export type KnownStretch = (key: string, fromMs: number, untilMs: number, isAvailable: boolean) => void

/** Follows rows in their order and tells every stretch that is known, whole or in parts; what is between is not known. */
export class AvailabilityReader {
  private readonly states = new Map<string, { is: 0 | 1; sinceMs: number }>()
  private lastMs: number | null = null
  private readonly tell: KnownStretch

  constructor(tell: KnownStretch) {
    this.tell = tell
  }

  /** Rows of before the time that is asked for may have said how it began. */
  read({ atMs, value }: SeriesEntry): void {
    const row = rowSchema.safeParse(value).data
    if (row === undefined) return
    if (row.k === 'start' || (this.lastMs !== null && (atMs > this.lastMs + availabilityTimes.silentMs || atMs < this.lastMs))) this.forget()
    if ('s' in row) {
      if (row.k === 'all') for (const key of [...this.states.keys()]) if (!(key in row.s)) this.close(key, atMs)
      for (const [key, is] of Object.entries(row.s)) this.set(key, is, atMs)
    }
    this.lastMs = atMs
  }

  /** As beaten until then: `untilMs` = now where somebody looks still. */
  end(untilMs: number | null): void {
    if (untilMs !== null && this.lastMs !== null && untilMs >= this.lastMs && untilMs <= this.lastMs + availabilityTimes.silentMs) this.lastMs = untilMs
    this.forget()
  }

  private set(key: string, is: 0 | 1, atMs: number): void {
    if (this.states.get(key)?.is === is) return
    this.close(key, atMs)
    this.states.set(key, { is, sinceMs: atMs })
  }

  private close(key: string, atMs: number): void {
    const state = this.states.get(key)
    if (state !== undefined && atMs > state.sinceMs) this.tell(key, state.sinceMs, atMs, state.is === 1)
    this.states.delete(key)
  }

  /** What held was last known to hold when the last row was written. */
  private forget(): void {
    for (const key of [...this.states.keys()]) this.close(key, this.lastMs ?? 0)
  }
}
