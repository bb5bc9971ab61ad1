// What a session costs: exact fractions of what was counted, by the rates of its tariff, rounded once.
import { z } from 'zod'
import { energyAt, type Count, type Session } from './count.ts'
import { idleBeyond, type Piece } from './idle.ts'
import { millionthsText, readMillionths, roundHalfUp } from './money.ts'
import { covers, edgesOf, type Tariff, type TariffBlock } from './tariff.ts'

/** From `fromMs` until `untilMs` the clock of the site is `offsetMs` ahead of UTC. */
export interface OffsetSpan { readonly fromMs: number; readonly untilMs: number; readonly offsetMs: number }

export const costSchema = z.object({
  /** Whole minor units. */
  amountMinor: z.number(),
  currency: z.string(),
  lines: z.array(z.object({
    kind: z.enum(['energy', 'time', 'session', 'idle']),
    /** Absent where it is about no span, or about many. */
    fromAt: z.string().exactOptional(),
    untilAt: z.string().exactOptional(),
    quantity: z.number(),
    unit: z.enum(['Wh', 's', 'session']),
    /** A decimal number: per kWh, minute or session. */
    rateMinor: z.string(),
    /** With six decimals, to be read; the sum is made of the exact ones. */
    amountMinor: z.number(),
  })),
})
export type Cost = Readonly<z.infer<typeof costSchema>>
type Line = Cost['lines'][number]

/** Amounts are whole parts of this: a minor unit divides into millionths × (10⁶ mWh per kWh and 60,000 ms per minute). */
const denominator = 3_000_000_000_000n
const perMWh = 3n
const perMs = 50n
const perSession = 3_000_000n
const mostLines = 200
const dayMs = 86_400_000

/** A line: whole mWh, ms or sessions at one rate, so that its amount is exact. */
interface Item { readonly kind: Line['kind']; readonly fromMs: number | null; readonly untilMs: number | null; readonly quantity: number; readonly rate: bigint }
const perOne = { energy: perMWh, time: perMs, idle: perMs, session: perSession } as const

/** A span of time with one rate. */
interface Span { readonly fromMs: number; untilMs: number; readonly rate: bigint }

/**
 * Prices a session from its start to `count.untilMs` (docs/transactions.md, money). `offsets` cover that time in order; before the first
 * and after the last the nearest holds. Lines without an amount are left out; of more than 200 those of one kind and rate become one.
 */
export function priceSession(input: { readonly session: Session; readonly count: Count; readonly idle: readonly Piece[]; readonly tariff: Tariff; readonly offsets: readonly OffsetSpan[] }): Cost {
  const { session, count, idle, tariff, offsets } = input
  const fromMs = Math.floor(session.startedAtMs)
  const spans = spansOf(tariff, fromMs, count.untilMs, offsets)
  const items: Item[] = []
  const add = (item: Item): void => { if (item.quantity > 0 && item.rate > 0n) items.push(item) }
  let doneMWh = 0
  for (const { fromMs: beginMs, untilMs, rate } of spans.energy) {
    const uptoMWh = energyAt(count, untilMs)
    add({ kind: 'energy', fromMs: beginMs, untilMs, rate, quantity: uptoMWh - doneMWh })
    doneMWh = uptoMWh
  }
  for (const { fromMs: beginMs, untilMs, rate } of spans.time) add({ kind: 'time', fromMs: beginMs, untilMs, rate, quantity: untilMs - beginMs })
  if (count.energyMWh > 0) add({ kind: 'session', fromMs: null, untilMs: null, quantity: 1, rate: millionths(tariff.perSessionMinor) })
  const idleRate = millionths(tariff.idlePerMinuteMinor)
  for (const piece of idle) {
    const ms = idleBeyond([piece], tariff.idleGraceS)
    add({ kind: 'idle', fromMs: piece.untilMs - ms, untilMs: piece.untilMs, quantity: ms, rate: idleRate })
  }
  const lines = bounded(items)
  const total = lines.reduce((sum, item) => sum + partsOf(item), 0n)
  return { amountMinor: Number(roundHalfUp(total, denominator)), currency: tariff.currency, lines: lines.map(shown) }
}

function partsOf({ kind, quantity, rate }: Item): bigint {
  return BigInt(quantity) * rate * perOne[kind]
}

function millionths(rate: number): bigint {
  const value = readMillionths(String(rate))
  if (value === null) throw new RangeError(`${rate} is no rate with at most six decimals`)
  return value
}

interface Rates { readonly energy: bigint; readonly time: bigint }

/** The time cut where the rates change by the clock on the wall, for each kind of rate; of no length, it is one span. A start may be years ago by a clock that was lost: a cut costs next to nothing. */
function spansOf(tariff: Tariff, fromMs: number, untilMs: number, offsets: readonly OffsetSpan[]): { readonly energy: readonly Span[]; readonly time: readonly Span[] } {
  const ratesOf = (rates: Pick<TariffBlock, 'perKWhMinor' | 'perMinuteMinor'>): Rates => ({ energy: millionths(rates.perKWhMinor ?? tariff.perKWhMinor), time: millionths(rates.perMinuteMinor ?? tariff.perMinuteMinor) })
  const own = ratesOf({})
  const [energy, time]: [Span[], Span[]] = [[], []]
  const cut = (startMs: number, endMs: number, rates: Rates): void => {
    extend(energy, startMs, endMs, rates.energy)
    extend(time, startMs, endMs, rates.time)
  }
  const blocks = (tariff.blocks ?? []).map((block) => ({ block, rates: ratesOf(block) }))
  const edges = edgesOf(tariff.blocks ?? [])
  const at = (localMs: number): Rates => blocks.find(({ block }) => covers(block, localMs))?.rates ?? own
  // By day of the week, as the days of the epoch are counted: what holds from each edge on.
  const week = Array.from({ length: 7 }, (_, day) => edges.map((edgeMs) => at(day * dayMs + edgeMs)))
  let startMs = fromMs
  for (const span of offsets.length === 0 ? [{ fromMs, untilMs, offsetMs: 0 }] : offsets) {
    // Within one offset the clock on the wall runs like any other, so edges are plain sums.
    const last = span === offsets.at(-1) ? untilMs : Math.min(span.untilMs, untilMs)
    while (startMs < last) {
      const day = Math.floor((startMs + span.offsetMs) / dayMs)
      const midnightMs = day * dayMs - span.offsetMs
      const rates = week[((day % 7) + 7) % 7]!
      for (let index = 0; index < edges.length && startMs < last; index++) {
        const endMs = Math.min(midnightMs + (edges[index + 1] ?? dayMs), last)
        if (endMs <= startMs) continue
        cut(startMs, endMs, rates[index]!)
        startMs = endMs
      }
    }
  }
  if (energy.length === 0) cut(fromMs, untilMs, at(fromMs + (offsets.at(-1)?.offsetMs ?? 0)))
  return { energy, time }
}

/** Neighbours of one rate are one. */
function extend(spans: Span[], fromMs: number, untilMs: number, rate: bigint): void {
  const last = spans.at(-1)
  if (last?.rate === rate) last.untilMs = untilMs
  else spans.push({ fromMs, untilMs, rate })
}

function bounded(items: readonly Item[]): Item[] {
  if (items.length <= mostLines) return [...items]
  const sums = new Map<Item['kind'], Map<bigint, { quantity: number }>>()
  for (const { kind, rate, quantity } of items) {
    const ofKind = sums.get(kind) ?? new Map<bigint, { quantity: number }>()
    sums.set(kind, ofKind)
    const sum = ofKind.get(rate)
    if (sum === undefined) ofKind.set(rate, { quantity })
    else sum.quantity += quantity
  }
  return [...sums].flatMap(([kind, ofKind]) => [...ofKind].map(([rate, { quantity }]) => ({ kind, fromMs: null, untilMs: null, quantity, rate })))
}

function shown(item: Item): Line {
  const { kind, fromMs, untilMs, quantity, rate } = item
  return {
    kind,
    ...(fromMs === null ? {} : { fromAt: new Date(fromMs).toISOString() }),
    ...(untilMs === null ? {} : { untilAt: new Date(untilMs).toISOString() }),
    quantity: kind === 'session' ? quantity : quantity / 1000,
    unit: kind === 'energy' ? 'Wh' : kind === 'session' ? 'session' : 's',
    rateMinor: millionthsText(rate),
    amountMinor: Number(millionthsText(roundHalfUp(partsOf(item) * 1_000_000n, denominator))),
  }
}
