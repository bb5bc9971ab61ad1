// The whole stack of limits of a site at an instant, what comes next, and the stepped line of the day that follows.
import { byPermanence, effectiveLimit, hasLapsed, type GridLimit, type TimedLimit } from '../power/limits.ts'
import { perPhase, phases, type SiteConfig } from '../power/site.ts'
import { shownAmount } from './curtailment-record.ts'
import type { LimitEntry, LimitStackView, LimitStep } from './limit-views.ts'

/** Who asked for a limit, why, and what kind it is. */
export interface LimitWords { readonly kind: LimitEntry['kind']; readonly reason: string | null; readonly source: string | null }

/** Times by the engine's time, `aheadMs` before those of the wall clock. */
export interface StackInputs {
  readonly site: SiteConfig
  readonly grid: GridLimit | null
  readonly aheadMs: number
  /** Those that touch the time from `fromMs` until `untilMs`; when they began is not looked for before `sinceMs` (absent = fromMs). */
  readonly timedOver: (fromMs: number, untilMs: number, sinceMs?: number) => readonly TimedLimit[]
  readonly wordsOf: (source: string) => LimitWords
}

const dayMs = 86_400_000
/** Schedules come again every week, curtailments end within one. */
const furthestDays = 8

/** The lowest limit from each change on; the first step is at `fromMs`, and no two in a row are the same. */
export function outlook({ site, grid, timedOver, aheadMs }: StackInputs, fromMs: number, untilMs: number): LimitStep[] {
  const timed = timedOver(fromMs, untilMs)
  const all = new Set([fromMs, ...timed.flatMap((one) => [one.fromMs, one.untilMs]), grid?.expiresAtMs ?? fromMs])
  const edges = [...all].filter((edge) => edge >= fromMs && edge < untilMs).sort((a, b) => a - b)
  const steps: LimitStep[] = []
  let lastLowest: TimedLimit | undefined
  let wasLapsed: boolean | undefined
  for (const [index, lowest] of lowestFrom(edges, timed, site).entries()) {
    const ms = edges[index]!
    const lapsed = hasLapsed(grid, ms)
    if (lastLowest === lowest && wasLapsed === lapsed) continue
    lastLowest = lowest
    wasLapsed = lapsed
    const limit = effectiveLimit(site, grid, ms, lowest === undefined ? [] : [lowest])
    const last = steps.at(-1)
    if (last?.currentA !== limit.currentA || last.powerW !== limit.powerW || last.binding !== limit.binding) steps.push({ at: iso(ms + aheadMs), ...limit })
  }
  return steps
}

/** Of those for a time the one that leaves least from each edge to the next; there may be thousands. */
function lowestFrom(edges: readonly number[], timed: readonly TimedLimit[], site: SiteConfig): (TimedLimit | undefined)[] {
  const lowest = edges.map((): TimedLimit | undefined => undefined)
  // From each stretch to the first from there on that nobody has yet.
  const free = [...edges.keys(), edges.length]
  const firstFree = (index: number): number => {
    while (free[index] !== index) index = free[index] = free[free[index]!]!
    return index
  }
  const place = new Map(edges.map((edge, index) => [edge, index]))
  for (const one of [...timed].sort((a, b) => ampsOf(a, site) - ampsOf(b, site) || byPermanence(a, b))) {
    const end = place.get(one.untilMs) ?? edges.length
    for (let index = firstFree(place.get(one.fromMs) ?? 0); index < end; index = firstFree(index + 1)) {
      lowest[index] = one
      free[index] = index + 1
    }
  }
  return lowest
}

/** When the effective limit next becomes another, and what it is then; null = not within 8 days. */
export function nextStep(inputs: StackInputs, nowMs: number): { readonly at: string; readonly currentA: number } | null {
  const { currentA: nowA } = effectiveLimit(inputs.site, inputs.grid, nowMs, inputs.timedOver(nowMs, nowMs + 1))
  for (let day = 0; day < furthestDays; day++) {
    const step = outlook(inputs, nowMs + day * dayMs, nowMs + (day + 1) * dayMs).find(({ currentA }) => currentA !== nowA)
    if (step !== undefined) return { at: step.at, currentA: step.currentA }
  }
  return null
}

export function stackView(inputs: StackInputs, atMs: number): LimitStackView {
  const { site, grid, aheadMs, wordsOf } = inputs
  const sinceMs = atMs - dayMs
  const timed = inputs.timedOver(atMs, atMs + furthestDays * dayMs, sinceMs)
  const effective = effectiveLimit(site, grid, atMs, timed.filter((one) => one.fromMs <= atMs && atMs < one.untilMs))
  const fuse = perPhase(site.fuseA)
  const fuseA = Math.min(...phases.map((phase) => fuse[phase]))
  const until = (ms: number) => (ms >= atMs + furthestDays * dayMs ? null : iso(ms + aheadMs))
  const entry = (id: string, amount: { readonly currentA?: number; readonly powerW?: number }, time: { fromMs: number | null; untilMs: number }): LimitEntry => {
    const words = wordsOf(id)
    const amps = ampsOf(amount, site)
    const holds = (time.fromMs ?? -Infinity) <= atMs && atMs < time.untilMs
    return {
      id, kind: words.kind, ...shownAmount(amount, site), state: !holds ? 'inactive' : effective.binding === id ? 'binding' : words.kind !== 'imbalance' && amps < fuseA ? 'limiting' : 'ok',
      from: time.fromMs === null || time.fromMs === sinceMs ? null : iso(time.fromMs + aheadMs), until: until(time.untilMs), reason: words.reason, source: words.source,
    }
  }
  const always = { fromMs: null, untilMs: Infinity }
  const limits = [entry('fuse', { currentA: fuseA }, always)]
  if (site.limitW !== undefined) limits.push(entry(`circuit:${site.id}`, { powerW: site.limitW }, always))
  if (site.imbalanceLimitA !== undefined) limits.push(entry(`imbalance:${site.id}`, { currentA: site.imbalanceLimitA, powerW: site.imbalanceLimitA * site.voltage }, always))
  if (grid !== null) {
    limits.push(entry('grid-limit', grid, { fromMs: grid.setAtMs, untilMs: grid.expiresAtMs ?? Infinity }))
    if (grid.expiresAtMs !== undefined) limits.push(entry('failsafe', { currentA: site.failsafeA }, { fromMs: grid.expiresAtMs, untilMs: Infinity }))
  }
  for (const [source, one] of shownOf(timed, atMs, site)) limits.push(entry(source, one, one))
  return { siteID: site.id, at: iso(atMs + aheadMs), effective, limits, outlook: outlook(inputs, atMs, atMs + dayMs) }
}

/** Of each source the lowest that holds then, or the next to come. */
function shownOf(timed: readonly TimedLimit[], atMs: number, site: SiteConfig): [string, TimedLimit][] {
  const shown = new Map<string, TimedLimit>()
  const holds = (one: TimedLimit) => one.fromMs <= atMs && atMs < one.untilMs
  const amps = (one: TimedLimit) => ampsOf(one, site)
  for (const one of timed) {
    const other = shown.get(one.source)
    const better = other === undefined || (holds(one) ? !holds(other) || amps(one) < amps(other) : !holds(other) && one.fromMs < other.fromMs)
    if (better) shown.set(one.source, one)
  }
  return [...shown].sort(([a], [b]) => (a < b ? -1 : 1))
}

function ampsOf({ currentA, powerW }: { readonly currentA?: number; readonly powerW?: number }, { voltage }: SiteConfig): number {
  return currentA ?? (powerW ?? 0) / (3 * voltage)
}

function iso(ms: number): string {
  return new Date(Math.round(ms)).toISOString()
}
