// What limits that hold for a time are called when people are told of them.
import { scheduleID } from '../power/limit-schedule.ts'
import type { GridLimit, TimedLimit } from '../power/limits.ts'
import type { SiteConfig } from '../power/site.ts'
import type { CurtailmentRecord } from './curtailment-record.ts'
import type { LimitWords } from './limit-stack.ts'
import { untilWords } from './profile-words.ts'

/** `40 A`, `27600 W`, `50 % of the fuse`. */
function amountWords({ currentA, powerW, percent }: { readonly currentA?: number; readonly powerW?: number; readonly percent?: number }): string {
  return percent !== undefined ? `${percent} % of the fuse` : currentA !== undefined ? `${currentA} A` : `${powerW ?? 0} W`
}

/** `curtailment to 20 A until 18:30 (grid operator, transformer)`. */
export function curtailmentWords(record: CurtailmentRecord, { timezone }: SiteConfig, wallMs: number): string {
  const said = [record.source, record.reason].filter((one) => one !== undefined).join(', ')
  return `${record.kind} to ${amountWords(record)}${untilWords({ nowMs: wallMs, untilMs: record.expiresAtMs, timezone })}${said === '' ? '' : ` (${said})`}`
}

/** `schedule night to 9000 W until 06:00`. */
export function scheduleWords({ reason }: LimitWords, limit: TimedLimit, { timezone }: SiteConfig, nowMs: number, aheadMs: number): string {
  const untilMs = limit.untilMs - nowMs > 86_400_000 ? null : limit.untilMs + aheadMs
  return `schedule ${reason ?? limit.source.slice('schedule:'.length)} to ${amountWords(limit)}${untilWords({ nowMs: nowMs + aheadMs, untilMs, timezone })}`
}

/** `dimming, grid operator, transformer`; null = nobody said anything. */
export function saidOf({ kind, source, reason }: LimitWords): string | null {
  const words = [kind === 'dimming' ? kind : null, source, reason].filter((one) => one !== null)
  return words.length === 0 ? null : words.join(', ')
}

/** `grid limit of 40 A (maintenance)`. */
export function gridWords(limit: GridLimit): string {
  return `grid limit of ${amountWords(limit)}${limit.reason === undefined ? '' : ` (${limit.reason})`}`
}

interface Known { readonly site: SiteConfig; readonly grid: GridLimit | null; readonly curtailment: (id: string) => CurtailmentRecord | undefined }

/** What was said of a limit by whoever asked for it. */
export function wordsOfSource(source: string, { site, grid, curtailment }: Known): LimitWords {
  const at = source.indexOf(':')
  const [kind, id] = at < 0 ? [source, ''] : [source.slice(0, at), source.slice(at + 1)]
  switch (kind) {
    case 'curtailment': {
      const record = curtailment(id)
      return { kind: record?.kind ?? 'curtailment', reason: record?.reason ?? null, source: record?.source ?? null }
    }
    case 'schedule':
      return { kind: 'schedule', reason: site.limitSchedules?.find((one, index) => scheduleID(one, index) === id)?.name ?? null, source: null }
    case 'grid-limit':
      return { kind: 'grid-limit', reason: grid?.reason ?? null, source: null }
    case 'failsafe':
      return { kind: 'failsafe', reason: 'the energy manager is silent', source: null }
    case 'demand-window':
      return { kind: 'demand-window', reason: null, source: null }
    case 'imbalance':
      return { kind: 'imbalance', reason: 'between any two phases', source: null }
    case 'circuit':
      return { kind: 'circuit', reason: null, source: null }
    default:
      return { kind: 'fuse', reason: null, source: null }
  }
}
