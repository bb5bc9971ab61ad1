// What a transaction costs: the section "Money" of docs/transactions.md, in exact fractions.
import { energyUntil, type Counted } from './energy.ts'
import type { Piece } from './rest.ts'
import type { Rules } from './rules.ts'
import { localTime } from './zone.ts'

export interface Terms {
  readonly currency: string
  readonly perKWhMinor?: number; readonly perMinuteMinor?: number; readonly perSessionMinor?: number; readonly idlePerMinuteMinor?: number
  readonly idleGraceS?: number
  readonly blocks?: readonly { readonly days: readonly string[]; readonly from: string; readonly to: string; readonly perKWhMinor?: number; readonly perMinuteMinor?: number }[]
}

/** Minor units in parts of this: rates have six decimals, a kWh a million mWh, a minute 60,000 ms. */
const whole = 3_000_000_000_000n
const minuteMs = 60_000

/** In whole minor units. */
export function priceOf(counted: Counted, idle: readonly Piece[], terms: Terms, timezone: string, rules: Rules): bigint {
  const lines: bigint[] = []
  const { startMs, endMs } = counted
  for (let fromMs = startMs; fromMs < endMs;) {
    const rate = rateAt(terms, timezone, fromMs, startMs, rules)
    let untilMs = nextMinute(fromMs)
    while (untilMs < endMs && same(rate, rateAt(terms, timezone, untilMs, startMs, rules))) untilMs = nextMinute(untilMs)
    untilMs = Math.min(untilMs, endMs)
    lines.push((energyUntil(counted, untilMs) - energyUntil(counted, fromMs)) * rate.kWh * 3n, BigInt(untilMs - fromMs) * rate.minute * 50n)
    fromMs = untilMs
  }
  // What was counted in no time at all flowed nowhere in particular.
  if (startMs === endMs) lines.push(counted.mWh * rateAt(terms, timezone, startMs, startMs, rules).kWh * 3n)
  if (counted.mWh > 0n) lines.push(micros(terms.perSessionMinor) * 3_000_000n)
  lines.push(BigInt(paidIdleMs(idle, (terms.idleGraceS ?? 0) * 1000, rules)) * micros(terms.idlePerMinuteMinor) * 50n)
  const sum = rules.rounds === 'lines' ? lines.reduce((total, line) => total + round(line) * whole, 0n) : lines.reduce((total, line) => total + line, 0n)
  return round(sum)
}

function round(parts: bigint): bigint {
  return (2n * parts + whole) / (2n * whole)
}

function paidIdleMs(idle: readonly Piece[], graceMs: number, rules: Rules): number {
  const lengths = idle.map(({ fromMs, untilMs }) => untilMs - fromMs)
  const total = lengths.reduce((sum, ms) => sum + ms, 0)
  if (rules.grace === 'never') return total
  if (rules.grace === 'once') return Math.max(0, total - graceMs)
  return lengths.reduce((sum, ms) => sum + Math.max(0, ms - graceMs), 0)
}

interface Rate { readonly kWh: bigint; readonly minute: bigint }

function rateAt(terms: Terms, timezone: string, atMs: number, startMs: number, rules: Rules): Rate {
  const { weekday, minute } = localTime(timezone, atMs - rules.edgeShiftMinutes * minuteMs, rules.zoneAt === 'start' ? startMs : atMs)
  const block = rules.blocks ? terms.blocks?.find((one) => covers(one, weekday, minute)) : undefined
  return { kWh: micros(block?.perKWhMinor ?? terms.perKWhMinor), minute: micros(block?.perMinuteMinor ?? terms.perMinuteMinor) }
}

const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

function covers({ days: on, from, to }: NonNullable<Terms['blocks']>[number], weekday: number, minute: number): boolean {
  const [begins, ends] = [minuteOf(from), minuteOf(to)]
  const [today, yesterday] = [on.includes(days[weekday]!), on.includes(days[(weekday + 6) % 7]!)]
  return begins < ends ? today && minute >= begins && minute < ends : (today && minute >= begins) || (yesterday && minute < ends)
}

function minuteOf(text: string): number {
  return Number(text.slice(0, 2)) * 60 + Number(text.slice(3))
}

/** A rate in millionths of a minor unit. */
function micros(rate = 0): bigint {
  const [units = '0', decimals = ''] = String(rate).split('.')
  return BigInt(units) * 1_000_000n + BigInt(decimals.padEnd(6, '0'))
}

function same(a: Rate, b: Rate): boolean {
  return a.kWh === b.kWh && a.minute === b.minute
}

function nextMinute(ms: number): number {
  return (Math.floor(ms / minuteMs) + 1) * minuteMs
}
