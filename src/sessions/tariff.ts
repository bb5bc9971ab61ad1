// What charging costs: rates per energy, time, session and idle time, with blocks of the week that have rates of their own.
import { z } from 'zod'
import { readMillionths } from './money.ts'

const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
const mostBlocks = 30

/** In minor units of the currency: a number with at most six decimals, which is kept as it is written. */
const rate = z.number().min(0).max(1_000_000_000)
  .refine((value) => readMillionths(String(value)) !== null, 'at most six decimals, like 27.5 or 0.000125')

const block = z.strictObject({
  days: z.array(z.enum(days)).min(1).max(7).refine((list) => new Set(list).size === list.length, 'a day is named twice').describe('The days it begins on, by the clock of the site.'),
  from: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a local time like 17:30'),
  to: z.string().regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'a local time like 21:00, or 24:00').describe('Not included; earlier than `from` = on the next day.'),
  perKWhMinor: rate.exactOptional().describe('Absent = that of the tariff.'),
  perMinuteMinor: rate.exactOptional().describe('Absent = that of the tariff.'),
}).refine(({ from, to }) => from !== to, { error: 'from and to are the same; a whole day is 00:00 to 24:00', path: ['to'] })
  .refine(({ perKWhMinor, perMinuteMinor }) => perKWhMinor !== undefined || perMinuteMinor !== undefined, 'a block needs perKWhMinor or perMinuteMinor')

export const tariffIdSchema = z.string().min(1).max(48).regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'letters, digits, dot, dash and underscore only, beginning with a letter or digit')

/** A tariff as people write it. Rates are in minor units of `currency` (cents of EUR). */
export const tariffSchema = z.strictObject({
  id: tariffIdSchema,
  name: z.string().max(200).default(''),
  currency: z.string().regex(/^[A-Z]{3}$/, 'three capital letters like EUR').describe('ISO 4217.'),
  perKWhMinor: rate.default(0),
  perMinuteMinor: rate.default(0).describe('For all of the time, charging or not.'),
  perSessionMinor: rate.default(0).describe('Once, when any energy flowed.'),
  idlePerMinuteMinor: rate.default(0).describe('Comes on top of perMinuteMinor.'),
  idleGraceS: z.int().min(0).max(7 * 86_400).default(0).describe('Free at the beginning of each idle piece.'),
  blocks: z.array(block).max(mostBlocks).exactOptional().describe('Of several that cover an instant the first counts.'),
})

export type Tariff = Readonly<z.output<typeof tariffSchema>>

/** One version of a tariff, which never changes. */
export const tariffVersionSchema = tariffSchema.extend({ version: z.int().positive() })
export type TariffVersion = Readonly<z.output<typeof tariffVersionSchema>>
export type TariffBlock = z.output<typeof block>

const dayMs = 86_400_000

/** Does a block hold while the clock of the site shows `localMs` (ms since the epoch, as if the clock were UTC)? */
export function covers({ days: begins, from, to }: Pick<TariffBlock, 'days' | 'from' | 'to'>, localMs: number): boolean {
  const day = Math.floor(localMs / dayMs)
  const ms = localMs - day * dayMs
  const [fromMs, toMs] = [clockMs(from), clockMs(to)]
  if (toMs > fromMs) return ms >= fromMs && ms < toMs && begins.includes(weekdayOf(day))
  return (ms >= fromMs && begins.includes(weekdayOf(day))) || (ms < toMs && begins.includes(weekdayOf(day - 1)))
}

/** The moments of a day, ms since midnight, at which the rates may change, in order; midnight always. */
export function edgesOf(blocks: readonly TariffBlock[]): readonly number[] {
  return [...new Set([0, ...blocks.flatMap(({ from, to }) => [clockMs(from), clockMs(to) % dayMs])])].toSorted((a, b) => a - b)
}

/** Day 0 of the epoch was a Thursday. */
function weekdayOf(day: number): (typeof days)[number] {
  return days[(((day + 3) % 7) + 7) % 7]!
}

function clockMs(text: string): number {
  return (Number(text.slice(0, 2)) * 60 + Number(text.slice(3))) * 60_000
}
