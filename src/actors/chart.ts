// A site over time: what was traced, put into equal steps, and the limits that are known to come.
import type { SiteConfig } from '../power/site.ts'
import type { ChartView, Column, PastStep } from './chart-views.ts'
import { CurtailmentDesk } from './curtailment-desk.ts'
import { movedWords } from './decision-words.ts'
import type { Estate, SiteEntry } from './estate.ts'
import { Refusal } from './house.ts'
import type { DecisionLine } from './overview-views.ts'
import { unreadable } from './records.ts'
import { seriesPages } from './series-pages.ts'
import { tooMuch } from './session-readings.ts'
import { traceSeries, weightOf, type Amps3, type TraceEntry, type TracedDecision } from './site-trace.ts'
import { spread, type TimeBucket } from './time-buckets.ts'

export interface ChartQuery { readonly from?: string | undefined; readonly to?: string | undefined; readonly stepS?: number | undefined }

type Traced = TraceEntry & { readonly untilMs: number }

const hourMs = 3_600_000
export const chartRule = {
  beforeMs: 2 * hourMs, afterMs: 22 * hourMs, longestMs: 8 * 24 * hourMs,
  mostPoints: 2_000, mostDecisions: 300, mostEntries: 50_000, pageEntries: 2_000,
  /** A pause between stretches that is longer is a gap. */
  gapMs: 10_000,
}
const stepsS = [60, 120, 300, 600, 900, 1_800, 3_600]

/** Rejects with Refusal: invalid (`range-backwards`, `range-too-long`), store-down. */
export async function chartOf(estate: Estate, entry: SiteEntry, query: ChartQuery): Promise<ChartView> {
  const { record: { site }, room } = entry
  const nowMs = estate.options.clock.wall()
  const [fromMs, toMs] = rangeOf(query, nowMs)
  const untilMs = Math.min(toMs, nowMs)
  const stepS = stepOf(query.stepS, (untilMs - fromMs) / 1000)
  const buckets = steps(fromMs, untilMs, stepS * 1000)
  const traced = await tracedOf(estate, entry, fromMs, untilMs, nowMs)
  return {
    siteID: site.id, at: iso(nowMs), from: iso(fromMs), to: iso(toMs), stepS, voltage: site.voltage,
    measured: measuredOf(site, traced, buckets),
    limits: { past: pastOf(traced, fromMs, untilMs, stepS * 1000), future: toMs <= nowMs ? [] : room.limits.outlook(Math.max(fromMs, nowMs), toMs) },
    curtailments: new CurtailmentDesk(room.limits).list().flatMap(({ value: { id, kind, state, limit, startsAt, expiresAt, endedAt, reason = null, source = null } }) => {
      const endsAt = endedAt ?? expiresAt
      return Date.parse(startsAt) < toMs && Date.parse(endsAt) > Math.max(fromMs, Date.parse(startsAt)) ? [{ id, kind, state, limit, startsAt, endsAt, reason, source }] : []
    }),
    decisions: thinned(traced.flatMap(({ decisions = [] }) => decisions).filter(({ atMs }) => atMs >= fromMs && atMs < toMs), fromMs, untilMs),
  }
}

function rangeOf({ from, to }: ChartQuery, nowMs: number): readonly [fromMs: number, toMs: number] {
  const fromMs = from !== undefined ? Date.parse(from) : (to === undefined ? nowMs : Math.min(nowMs, Date.parse(to))) - chartRule.beforeMs
  const toMs = to !== undefined ? Date.parse(to) : Math.max(nowMs, fromMs) + chartRule.afterMs
  const at = (pointer: string, message: string) => ({ errors: [{ pointer, message }] })
  if (fromMs >= toMs) throw new Refusal('invalid', 'range-backwards', 'from must be before to.', { hint: 'Without to, the range ends 22 h from now.', ...at('/from', 'must be before to') })
  if (toMs - fromMs > chartRule.longestMs) throw new Refusal('invalid', 'range-too-long', 'A chart is at most 8 days long.', { hint: 'Ask for less at a time; GET /api/v1/analytics/energy tells of months.', ...at('/from', 'is more than 8 days before to') })
  if (toMs > nowMs + chartRule.longestMs) throw new Refusal('invalid', 'range-too-long', 'The limits of the next 8 days are drawn, not later ones.', { hint: 'Ask for an earlier to.', ...at('/to', 'is more than 8 days ahead') })
  return [fromMs, toMs]
}

/** As it was asked for, or the shortest that is usual; longer where it would be too many. */
function stepOf(asked: number | undefined, rangeS: number): number {
  const leastS = rangeS / (chartRule.mostPoints - 2)
  if (asked !== undefined) return asked >= leastS ? asked : Math.ceil(leastS / 60) * 60
  return stepsS.find((stepS) => stepS >= Math.max(leastS, rangeS / 720)) ?? Math.ceil(leastS / 60) * 60
}

/** Whole multiples of the step; the last ends now. */
function steps(fromMs: number, untilMs: number, stepMs: number): TimeBucket[] {
  const buckets: TimeBucket[] = []
  for (let ms = Math.floor(fromMs / stepMs) * stepMs; ms < untilMs; ms += stepMs) buckets.push({ fromMs: ms, toMs: Math.min(ms + stepMs, untilMs) })
  return buckets
}

async function tracedOf({ options: { store } }: Estate, { record: { site }, room }: SiteEntry, fromMs: number, untilMs: number, nowMs: number): Promise<Traced[]> {
  const traced: Traced[] = []
  if (untilMs <= fromMs) return traced
  try {
    // The stretch that ends after it touches it too.
    for await (const page of seriesPages(store, site.id, traceSeries, { fromMs, toMs: untilMs + 2 * 60_000 }, chartRule.pageEntries)) {
      for (const { atMs, value } of page) traced.push({ ...value as TraceEntry, untilMs: atMs })
      if (traced.length > chartRule.mostEntries) throw tooMuch(`more than ${chartRule.mostEntries} stretches of its record`)
    }
  } catch (error) {
    unreadable(error)
  }
  const last = room.trace.current(nowMs)
  return (last === null ? traced : [...traced, last]).filter((one) => one.fromMs < untilMs)
}

interface Sums { readonly powerW: number[]; readonly highestA: number[]; readonly knownMs: number[] }

function measuredOf({ id, voltage, circuits }: SiteConfig, traced: readonly Traced[], buckets: readonly TimeBucket[]): ChartView['measured'] {
  const parents = new Map<string, string | null>([[id, null], ...circuits.map((circuit) => [circuit.id, circuit.parent ?? id] as const)])
  const named = new Set(traced.flatMap(({ cars }) => Object.keys(cars)))
  const nodes = [...parents].filter(([node]) => node === id || named.has(node)).map(([node, parent]) => ({ id: node, parent, sums: empty(buckets.length) }))
  const building = empty(buckets.length)
  for (const one of traced) {
    spread(buckets, one.fromMs, one.untilMs, (index, beginMs, endMs) => {
      const forMs = endMs - beginMs
      add(building, index, one.building, forMs, voltage)
      for (const node of nodes) add(node.sums, index, one.cars[node.id] === undefined ? zero : one.cars[node.id]!, forMs, voltage)
    })
  }
  const told = (sums: Sums, values: readonly number[], digits: number): Column => buckets.map(({ fromMs, toMs }, index) => {
    const knownMs = sums.knownMs[index]!
    return knownMs < (toMs - fromMs) / 2 || knownMs === 0 ? null : Math.round((values[index]! / knownMs) * digits) / digits
  })
  const cars = told(nodes[0]!.sums, nodes[0]!.sums.powerW, 1)
  const buildingW = told(building, building.powerW, 1)
  return {
    times: buckets.map(({ fromMs }) => Math.round(fromMs / 1000)), buildingW,
    totalW: buildingW.map((watts, index) => (watts === null || cars[index] === null ? null : watts + cars[index]!)),
    nodes: nodes.map(({ id: node, parent, sums }) => ({ id: node, parent, powerW: told(sums, sums.powerW, 1), currentA: told(sums, sums.highestA, 10) })),
  }
}

const zero: Amps3 = [0, 0, 0]

function empty(length: number): Sums {
  const zeros = () => Array.from({ length }, () => 0)
  return { powerW: zeros(), highestA: zeros(), knownMs: zeros() }
}

function add(sums: Sums, index: number, amps: Amps3 | null, forMs: number, voltage: number): void {
  if (amps === null) return
  sums.powerW[index]! += (amps[0] + amps[1] + amps[2]) * voltage * forMs
  sums.highestA[index]! += Math.max(...amps) * forMs
  sums.knownMs[index]! += forMs
}

/** A step for each change and for each gap; where they are too many, the last of each step of the chart. */
function pastOf(traced: readonly Traced[], fromMs: number, untilMs: number, stepMs: number): PastStep[] {
  const found: { readonly atMs: number; readonly step: PastStep }[] = []
  const put = (atMs: number, limit: TraceEntry['limit'] | null): void => {
    const last = found.at(-1)?.step
    const step: PastStep = limit === null ? { at: iso(atMs), currentA: null, powerW: null, binding: null } : { at: iso(atMs), currentA: limit.currentA, powerW: limit.powerW, binding: limit.binding }
    if (last?.currentA !== step.currentA || last?.powerW !== step.powerW || last.binding !== step.binding) found.push({ atMs, step })
  }
  let endMs = fromMs
  for (const one of traced) {
    if (one.fromMs > endMs + chartRule.gapMs) put(endMs, null)
    put(Math.max(one.fromMs, fromMs), one.limit)
    endMs = Math.max(endMs, one.untilMs)
  }
  if (endMs + chartRule.gapMs < untilMs) put(endMs, null)
  if (found.length <= chartRule.mostPoints) return found.map(({ step }) => step)
  return found.filter(({ atMs }, index) => Math.floor(atMs / stepMs) !== Math.floor((found[index + 1]?.atMs ?? Infinity) / stepMs)).map(({ step }) => step)
}

/** The weightiest of each of so many equal parts of the time. */
function thinned(all: readonly TracedDecision[], fromMs: number, untilMs: number): DecisionLine[] {
  const partMs = Math.max(1, (untilMs - fromMs) / chartRule.mostDecisions)
  const best = new Map<number, TracedDecision>()
  const sorted = all.length <= chartRule.mostDecisions ? [...all] : []
  if (sorted.length === 0) {
    for (const one of all) {
      const part = Math.floor((one.atMs - fromMs) / partMs)
      const other = best.get(part)
      if (other === undefined || weightOf(one) > weightOf(other)) best.set(part, one)
    }
    sorted.push(...best.values())
  }
  return sorted.sort((a, b) => a.atMs - b.atMs).map(({ id, atMs, cause, lowered, raised, state }) => ({ id, at: iso(atMs), cause, state, words: movedWords(cause, lowered, raised) }))
}

function iso(ms: number): string {
  return new Date(Math.round(ms)).toISOString()
}
