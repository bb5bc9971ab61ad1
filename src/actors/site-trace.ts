// What a site drew, under which limit, and what was decided meanwhile: stretches of at most a minute, kept so that its past can be drawn.
import { effectiveLimit } from '../power/limits.ts'
import { phases, type PhaseAmps } from '../power/site.ts'
import type { Tree } from '../power/tree.ts'
import type { SeriesEntry } from '../store/port.ts'
import { openBaseTrace } from './base-trace.ts'
import { isFresh, type CountedBase } from './readings.ts'
import type { Review } from './engine-options.ts'
import type { SiteView } from './site-views.ts'
import type { Limit, PowerView } from './views.ts'

export const traceSeries = 'site-trace'

/** Amps on L1, L2, L3. */
export type Amps3 = readonly [number, number, number]

/** How many connectors have less and more than before; it moved somebody, or somebody asked for it. */
export interface TracedDecision { readonly id: string; readonly atMs: number; readonly cause: string; readonly lowered: number; readonly raised: number; readonly state: PowerView['state']; readonly asked?: true }

/** An entry of the series, written at the end of its stretch. */
export interface TraceEntry {
  readonly fromMs: number
  /** Mean of the cars below each node, the site's own id included; absent = 0, null = cars charged and none of them was measured. */
  readonly cars: Readonly<Record<string, Amps3 | null>>
  /** Mean of the building as its meter was counted; null = it was not fresh. */
  readonly building: Amps3 | null
  readonly limit: Limit
  /** The weightiest. */
  readonly decisions?: readonly TracedDecision[]
}

const rule = {
  stretchMs: 60_000, lookMs: 5_000,
  /** A limit that changes faster than this is not followed. */
  shortestMs: 1_000,
  /** Nobody looked for so long: what was then is not known. */
  awayMs: 20_000,
  mostNodes: 32, mostDecisions: 4,
}

interface Made { readonly id: string; readonly cause: string; readonly asked: boolean }
interface Move { readonly allocatedA: number; readonly beforeA: number | null }
interface Sum { L1: number; L2: number; L3: number; looks: number }
interface Stretch { readonly fromMs: number; readonly cars: Map<string, Sum>; readonly building: Sum; known: boolean; limit: Limit; lookedAtMs: number; seenAtMs: number; decisions: TracedDecision[] }

export class SiteTrace {
  private readonly append: (series: string, entries: readonly SeriesEntry[]) => Promise<void>
  private readonly base: ReturnType<typeof openBaseTrace>
  private open: Stretch | null = null
  private nodes: { readonly tree: Tree; readonly keys: ReadonlyMap<string, readonly string[]> } | null = null

  constructor({ append, expire }: { readonly append: SiteTrace['append']; readonly expire?: ((series: string, beforeMs: number) => Promise<void>) | undefined }) {
    this.append = append
    this.base = openBaseTrace(append, expire)
  }

  /** After every review, with the decision that it came to and whom that moved. What cannot be written is lost: history is not the ledger. */
  note(view: SiteView, { base, plan }: Pick<Review, 'base' | 'plan'>, made: Made | null, moves: readonly Move[], wallMs: number): void {
    this.base.note(base, wallMs)
    const { engine, nowMs } = view
    const limit = effectiveLimit(engine.books.site, engine.grid, nowMs, engine.timed(nowMs))
    if (this.open !== null && (wallMs < this.open.seenAtMs || wallMs - this.open.seenAtMs > rule.awayMs)) this.close(this.open.seenAtMs)
    if (this.open !== null && (wallMs - this.open.fromMs >= rule.stretchMs || (wallMs - this.open.fromMs >= rule.shortestMs && moved(this.open.limit, limit)))) this.close(wallMs)
    const open = this.open ??= { fromMs: wallMs, cars: new Map(), building: { L1: 0, L2: 0, L3: 0, looks: 0 }, known: true, limit, lookedAtMs: -Infinity, seenAtMs: wallMs, decisions: [] }
    open.seenAtMs = wallMs
    open.limit = limit
    if (made !== null && (moves.length > 0 || made.asked)) open.decisions = [...open.decisions, tracedOf(made, moves, plan.state, wallMs)].sort((a, b) => weightOf(b) - weightOf(a) || a.atMs - b.atMs).slice(0, rule.mostDecisions)
    if (wallMs - open.lookedAtMs >= rule.lookMs) this.look(view, base, open, wallMs)
  }

  /** The stretch that is not written yet, as if it ended now; null = none. */
  current(wallMs: number): (TraceEntry & { readonly untilMs: number }) | null {
    return this.open === null || wallMs < this.open.fromMs ? null : { ...entryOf(this.open), untilMs: wallMs }
  }

  private look(view: SiteView, base: CountedBase, open: Stretch, wallMs: number): void {
    open.lookedAtMs = wallMs
    if (base.status === 'fresh') add(open.building, base.amps)
    else open.known = false
    for (const [id, keys] of this.keysOf(view.engine.books.tree)) {
      const amps = measuredOf(view, keys)
      const sum = open.cars.get(id) ?? { L1: 0, L2: 0, L3: 0, looks: 0 }
      open.cars.set(id, sum)
      if (amps !== null) add(sum, amps)
    }
  }

  private close(untilMs: number): void {
    const open = this.open
    this.open = null
    if (open !== null && untilMs > open.fromMs) this.append(traceSeries, [{ atMs: untilMs, value: entryOf(open) }]).catch(() => undefined)
  }

  /** The connectors below the nodes nearest to the site. */
  private keysOf(tree: Tree): ReadonlyMap<string, readonly string[]> {
    if (this.nodes?.tree === tree) return this.nodes.keys
    const keys = new Map<string, string[]>([...tree.nodes].sort((a, b) => a.path.length - b.path.length).slice(0, rule.mostNodes).map(({ id }) => [id, []]))
    for (const outlet of tree.outlets.values()) for (const id of outlet.path) keys.get(id)?.push(outlet.key)
    this.nodes = { tree, keys }
    return keys
  }
}

function tracedOf({ id, cause, asked }: Made, moves: readonly Move[], state: TracedDecision['state'], atMs: number): TracedDecision {
  const rises = moves.map(({ allocatedA, beforeA }) => allocatedA - (beforeA ?? 0))
  return { id, atMs, cause, lowered: rises.filter((rise) => rise < 0).length, raised: rises.filter((rise) => rise > 0).length, state, ...(asked ? { asked: true } : {}) }
}

/** Null = cars charge there, and none of them is measured now. */
function measuredOf({ engine, sampleIntervalMs, nowMs }: SiteView, keys: readonly string[]): PhaseAmps | null {
  const sum: PhaseAmps = { L1: 0, L2: 0, L3: 0 }
  let [running, fresh] = [0, 0]
  for (const key of keys) {
    if ((engine.books.row(key)?.transactionId ?? null) !== null) running++
    const reading = engine.meters.readings.get(key)
    if (!isFresh(reading, sampleIntervalMs, nowMs)) continue
    fresh++
    for (const phase of phases) sum[phase] += reading.siteA[phase]
  }
  return running > 0 && fresh === 0 ? null : sum
}

function add(sum: Sum, amps: PhaseAmps): void {
  for (const phase of phases) sum[phase] += amps[phase]
  sum.looks++
}

function entryOf({ fromMs, cars, building, known, limit, decisions }: Stretch): TraceEntry {
  const told = [...cars].flatMap(([id, sum]): (readonly [string, Amps3 | null])[] => (sum.looks === 0 ? [[id, null]] : sum.L1 + sum.L2 + sum.L3 === 0 ? [] : [[id, meanOf(sum)]]))
  return { fromMs, cars: Object.fromEntries(told), building: known ? meanOf(building) : null, limit, ...(decisions.length === 0 ? {} : { decisions }) }
}

function meanOf({ L1, L2, L3, looks }: Sum): Amps3 {
  const mean = (sum: number) => Math.round((sum / looks) * 10) / 10
  return [mean(L1), mean(L2), mean(L3)]
}

/** The demand window allows something else each second: that is no step. */
function moved(before: Limit, after: Limit): boolean {
  return before.binding !== after.binding || (after.binding !== 'demand-window' && (before.currentA !== after.currentA || before.powerW !== after.powerW))
}

/** What people asked for comes before what came by itself. */
export function weightOf({ asked, lowered, raised }: TracedDecision): number {
  return lowered + raised + (asked === true ? 1_000_000 : 0)
}
