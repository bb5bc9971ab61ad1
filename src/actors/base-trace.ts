// The building's load as it was counted, kept as a series of its site, so that what was can be played again with another limit.
import type { PhaseAmps } from '../power/site.ts'
import type { SeriesEntry } from '../store/port.ts'
import type { CountedBase } from './readings.ts'

export const baseSeries = 'base-load'
/** Older entries are dropped, once a day. */
export const keptBaseMs = 90 * 86_400_000

/** An entry of the series: amps per phase from then on. */
export interface BaseEntry extends PhaseAmps { readonly status: CountedBase['status'] }

/** Smaller changes, and more often than this, are not worth an entry; after a while one says that nothing has changed. */
const rule = { changeA: 0.5, restMs: 5_000, againMs: 300_000, tidyMs: 86_400_000 }

/** `note` after every review; what cannot be written is lost: history is not the ledger. */
export function openBaseTrace(append: (series: string, entries: readonly SeriesEntry[]) => Promise<void>, expire: (series: string, beforeMs: number) => Promise<void> = () => Promise.resolve()): { note(base: CountedBase, atMs: number): void } {
  let last: { readonly base: CountedBase; readonly atMs: number } | null = null
  let tidiedMs = -Infinity
  return {
    note(base, atMs) {
      if (atMs >= tidiedMs + rule.tidyMs || atMs < tidiedMs) {
        tidiedMs = atMs
        expire(baseSeries, atMs - keptBaseMs).catch(() => undefined)
      }
      if (last !== null) {
        const changed = base.status !== last.base.status || (['L1', 'L2', 'L3'] as const).some((phase) => Math.abs(base.amps[phase] - last!.base.amps[phase]) >= rule.changeA)
        if (atMs < last.atMs + (changed ? rule.restMs : rule.againMs) && atMs >= last.atMs) return
      }
      last = { base, atMs }
      const value: BaseEntry = { ...base.amps, status: base.status }
      append(baseSeries, [{ atMs, value }]).catch(() => undefined)
    },
  }
}
