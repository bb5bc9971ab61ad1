// What a session costs: exact fractions of what was counted, by the rates of its tariff, rounded once.
import { z } from 'zod'
import { energyAt, type Count, type Session } from './count.ts'
import { idleBeyond, type Piece } from './idle.ts'
import { millionthsText, readMillionths, roundHalfUp } from './money.ts'
import { covers, edgesOf, type Tariff } from './tariff.ts'

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

/** A line with its exact amount. */
interface Item { readonly kind: Line['kind']; readonly fromMs: number | null; readonly untilMs: number | null; readonly quantity: number; readonly rate: bigint; readonly parts: bigint }

/** A span of time with one rate. */
interface Span { readonly fromMs: number; readonly untilMs: number; readonly rate: bigint }

/**
 * Prices a session from its start to `count.untilMs` (docs/transactions.md, money). `offsets` cover that time in order; before the first
 * and after the last the nearest holds. Lines without an amount are left out; of more than 200 those of one kind and rate become one.
 */
export function priceSession(input: { readonly session: Session; readonly count: Count; readonly idle: readonly Piece[]; readonly tariff: Tariff; readonly offsets: readonly OffsetSpan[] }): Cost {
  const { session, count, idle, tariff, offsets } = input
  const fromMs = Math.floor(session.startedAtMs)
  const slots = slotsOf(tariff, fromMs, count.untilMs, offsets)
  const items: Item[] = []
  let doneMWh = 0
  for (const span of joined(slots, ({ energyRate }) => energyRate)) {
    const uptoMWh = energyAt(count, span.untilMs)
    items.push({ kind: 'energy', ...span, quantity: uptoMWh - doneMWh, parts: BigInt(uptoMWh - doneMWh) * span.rate * perMWh })
    doneMWh = uptoMWh
  }
  for (const span of joined(slots, ({ timeRate }) => timeRate)) {
    const ms = span.untilMs - span.fromMs
    items.push({ kind: 'time', ...span, quantity: ms, parts: BigInt(ms) * span.rate * perMs })
  }
  if (count.energyMWh > 0) {
    const rate = millionths(tariff.perSessionMinor)
    items.push({ kind: 'session', fromMs: null, untilMs: null, quantity: 1, rate, parts: rate * perSession })
  }
  const idleRate = millionths(tariff.idlePerMinuteMinor)
  for (const piece of idle) {
    const ms = idleBeyond([piece], tariff.idleGraceS)
    items.push({ kind: 'idle', fromMs: piece.untilMs - ms, untilMs: piece.untilMs, quantity: ms, rate: idleRate, parts: BigInt(ms) * idleRate * perMs })
  }
  const counted = items.filter(({ parts }) => parts > 0n)
  const total = counted.reduce((sum, { parts }) => sum + parts, 0n)
  return { amountMinor: Number(roundHalfUp(total, denominator)), currency: tariff.currency, lines: bounded(counted).map(shown) }
}

function millionths(rate: number): bigint {
  const value = readMillionths(String(rate))
  if (value === null) throw new RangeError(`${rate} is no rate with at most six decimals`)
  return value
}

interface Slot { readonly fromMs: number; readonly untilMs: number; readonly energyRate: bigint; readonly timeRate: bigint }

/** The time cut where blocks begin and end by the clock on the wall; of no length, it is one slot. */
function slotsOf(tariff: Tariff, fromMs: number, untilMs: number, offsets: readonly OffsetSpan[]): Slot[] {
  const blocks = (tariff.blocks ?? []).map((block) => ({
    block, energyRate: millionths(block.perKWhMinor ?? tariff.perKWhMinor), timeRate: millionths(block.perMinuteMinor ?? tariff.perMinuteMinor),
  }))
  const own = { energyRate: millionths(tariff.perKWhMinor), timeRate: millionths(tariff.perMinuteMinor) }
  if (blocks.length === 0) return [{ fromMs, untilMs, ...own }]
  const edges = edgesOf(tariff.blocks ?? [])
  const slots: Slot[] = []
  const slot = (startMs: number, endMs: number, offsetMs: number): void => {
    const { energyRate, timeRate } = blocks.find(({ block }) => covers(block, startMs + offsetMs)) ?? own
    slots.push({ fromMs: startMs, untilMs: endMs, energyRate, timeRate })
  }
  for (const span of offsets.length === 0 ? [{ fromMs, untilMs, offsetMs: 0 }] : offsets) {
    // Within one offset the clock on the wall runs like any other, so edges are plain sums.
    const last = span === offsets.at(-1) ? untilMs : Math.min(span.untilMs, untilMs)
    let startMs = slots.at(-1)?.untilMs ?? fromMs
    while (startMs < last) {
      const localMs = startMs + span.offsetMs
      const midnightMs = Math.floor(localMs / dayMs) * dayMs
      const edgeMs = edges.find((ms) => midnightMs + ms > localMs) ?? dayMs
      const endMs = Math.min(midnightMs + edgeMs - span.offsetMs, last)
      slot(startMs, endMs, span.offsetMs)
      startMs = endMs
    }
  }
  if (slots.length === 0) slot(fromMs, untilMs, offsets.at(-1)?.offsetMs ?? 0)
  return slots
}

/** Neighbours of one rate as one. */
function joined(slots: readonly Slot[], rateOf: (slot: Slot) => bigint): Span[] {
  const spans: Span[] = []
  for (const slot of slots) {
    const last = spans.at(-1)
    const rate = rateOf(slot)
    if (last?.rate === rate) spans[spans.length - 1] = { ...last, untilMs: slot.untilMs }
    else spans.push({ fromMs: slot.fromMs, untilMs: slot.untilMs, rate })
  }
  return spans
}

function bounded(items: readonly Item[]): Item[] {
  if (items.length <= mostLines) return [...items]
  const sums = new Map<string, Item>()
  for (const item of items) {
    const key = `${item.kind} ${item.rate}`
    const sum = sums.get(key)
    sums.set(key, sum === undefined ? { ...item, fromMs: null, untilMs: null } : { ...sum, quantity: sum.quantity + item.quantity, parts: sum.parts + item.parts })
  }
  return [...sums.values()]
}

function shown({ kind, fromMs, untilMs, quantity, rate, parts }: Item): Line {
  return {
    kind,
    ...(fromMs === null ? {} : { fromAt: new Date(fromMs).toISOString() }),
    ...(untilMs === null ? {} : { untilAt: new Date(untilMs).toISOString() }),
    quantity: kind === 'session' ? quantity : quantity / 1000,
    unit: kind === 'energy' ? 'Wh' : kind === 'session' ? 'session' : 's',
    rateMinor: millionthsText(rate),
    amountMinor: Number(millionthsText(roundHalfUp(parts * 1_000_000n, denominator))),
  }
}
