// The shapes OCPP messages are made of: limited strings, tenths, date-times, and the objects several messages share.
import { z } from 'zod'

export type Direction = 'station' | 'central' | 'both'
export type Profile =
  | 'Core' | 'FirmwareManagement' | 'LocalAuthListManagement' | 'Reservation' | 'SmartCharging' | 'RemoteTrigger' | 'Security'

/** One row of the table. `direction` names who sends the request: the charge point (`station`), us (`central`), or both. */
export interface Message<D extends Direction = Direction, Q extends z.ZodType = z.ZodType, R extends z.ZodType = z.ZodType> {
  readonly direction: D
  readonly profile: Profile
  readonly summary: string
  readonly request: Q
  readonly response: R
}

export function message<const D extends Direction, Q extends z.ZodType, R extends z.ZodType>(row: Message<D, Q, R>): Message<D, Q, R> {
  return row
}

/** What a refined schema says about the fault it found; `judge` sorts hard from soft by it. */
export type FaultKind = 'too-long' | 'not-tenths' | 'not-a-date' | 'not-a-uri'

function fits(value: string, max: number): boolean {
  if (value.length <= max) return true
  let count = 0
  for (const _ of value) if (++count > max) return false
  return true
}

/** A string of at most `max` characters (code points, not bytes). */
export function text(max: number) {
  return z.string()
    .refine((value) => fits(value, max), { params: { fault: 'too-long' satisfies FaultKind }, error: `longer than ${max} characters` })
    .meta({ maxLength: max })
}

/** A number with at most one decimal. Compared with its own nearest tenth, because 8.1 % 0.1 is not 0. */
export const tenths = z.number()
  .refine((value) => Math.round(value * 10) / 10 === value, { params: { fault: 'not-tenths' satisfies FaultKind }, error: 'more than one decimal' })
  .meta({ multipleOf: 0.1 })

const dateTimePattern = /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?(?:([Zz])|([+-])(\d{2}):?(\d{2})?)?$/

/**
 * Ms since the Unix epoch of a date-time as charge points write it: with Z, an offset, or neither (then UTC), with any number
 * of decimals. A leap second counts as the first of the next minute. Undefined when it is no date-time.
 */
export function readDateTime(value: string): number | undefined {
  if (value !== lastRead.text) lastRead = { text: value, ms: parseDateTime(value) }
  return lastRead.ms
}

// One message asks for the same time several times: to judge, to count and to keep it.
let lastRead: { readonly text: string; readonly ms: number | undefined } = { text: '', ms: undefined }

/** Nearly all are written like this: with Z, and with three decimals or none. */
const usualLengths: ReadonlySet<number> = new Set(['2026-01-01T00:00:00Z'.length, '2026-01-01T00:00:00.000Z'.length])

function parseDateTime(value: string): number | undefined {
  return usualLengths.has(value.length) ? parseUsual(value) ?? parseAny(value) : parseAny(value)
}

/** Undefined also for what is only written otherwise. */
function parseUsual(value: string): number | undefined {
  const hasMs = value.length > 20
  if (value[4] !== '-' || value[7] !== '-' || value[10] !== 'T' || value[13] !== ':' || value[16] !== ':' || (hasMs && value[19] !== '.') || value[value.length - 1] !== 'Z') return undefined
  const [year, month, day] = [digits(value, 0, 4), digits(value, 5, 2), digits(value, 8, 2)]
  const [hour, minute, second, ms] = [digits(value, 11, 2), digits(value, 14, 2), digits(value, 17, 2), hasMs ? digits(value, 20, 3) : 0]
  // What is rare is for the other way: years before 1000, the ends of months, leap seconds, what is no digit (-1).
  if (year < 1_000 || month < 1 || month > 12 || day < 1 || day > 28 || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 || ms < 0) return undefined
  return Date.UTC(year, month - 1, day, hour, minute, second, ms)
}

/** The whole number that `count` digits are; -1 where one is none. */
function digits(value: string, from: number, count: number): number {
  let number = 0
  for (let at = from; at < from + count; at++) {
    const digit = value.charCodeAt(at) - 0x30
    if (digit < 0 || digit > 9) return -1
    number = number * 10 + digit
  }
  return number
}

function parseAny(value: string): number | undefined {
  const part = dateTimePattern.exec(value)
  if (part === null) return undefined
  const [year, month, day, hour, minute, second] = [1, 2, 3, 4, 5, 6].map((at) => Number(part[at] ?? 0)) as [number, number, number, number, number, number]
  const offsetHours = Number(part[10] ?? 0)
  const offsetMinutes = Number(part[11] ?? 0)
  if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 60 || offsetHours > 23 || offsetMinutes > 59) return undefined
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  if (date.getUTCDate() !== day) return undefined
  const ms = Math.trunc(Number(`0.${part[7] ?? 0}`) * 1000)
  const offset = (offsetHours * 60 + offsetMinutes) * (part[9] === '-' ? -1 : 1)
  return date.getTime() + ((hour * 60 + minute - offset) * 60 + second) * 1000 + ms
}

/** ISO 8601 date-time; see `readDateTime` for what is accepted. */
export const dateTime = z.string()
  .refine((value) => readDateTime(value) !== undefined, { params: { fault: 'not-a-date' satisfies FaultKind }, error: 'not a date-time' })
  .meta({ format: 'date-time' })

export const uri = z.string()
  .refine((value) => URL.canParse(value), { params: { fault: 'not-a-uri' satisfies FaultKind }, error: 'not a URI' })
  .meta({ format: 'uri' })

export const integer = z.int()
/** How many, how often, how many seconds. */
export const amount = integer.min(0)
/** 0 = the charge point as a whole. */
export const connectorOrAll = integer.min(0)
/** For what only a single connector can do. */
export const connector = integer.min(1)
export const empty = z.strictObject({})
export const accepted = z.strictObject({ status: z.enum(['Accepted', 'Rejected']) })

export const idTagInfo = z.strictObject({
  expiryDate: dateTime.optional(),
  parentIdTag: text(20).optional(),
  status: z.enum(['Accepted', 'Blocked', 'Expired', 'Invalid', 'ConcurrentTx']),
})

export const rateUnit = z.enum(['A', 'W'])
export const profilePurpose = z.enum(['ChargePointMaxProfile', 'TxDefaultProfile', 'TxProfile'])

export const chargingSchedule = z.strictObject({
  duration: integer.optional(),
  startSchedule: dateTime.optional(),
  chargingRateUnit: rateUnit,
  chargingSchedulePeriod: z.array(z.strictObject({
    startPeriod: integer,
    limit: tenths,
    numberPhases: integer.optional(),
  })).min(1),
  minChargingRate: tenths.optional(),
})

export const chargingProfile = z.strictObject({
  chargingProfileId: integer,
  transactionId: integer.optional(),
  stackLevel: amount,
  chargingProfilePurpose: profilePurpose,
  chargingProfileKind: z.enum(['Absolute', 'Recurring', 'Relative']),
  recurrencyKind: z.enum(['Daily', 'Weekly']).optional(),
  validFrom: dateTime.optional(),
  validTo: dateTime.optional(),
  chargingSchedule,
})

export const sampledValue = z.strictObject({
  value: z.string(),
  context: z.enum([
    'Interruption.Begin', 'Interruption.End', 'Other', 'Sample.Clock', 'Sample.Periodic', 'Transaction.Begin', 'Transaction.End', 'Trigger',
  ]).optional(),
  format: z.enum(['Raw', 'SignedData']).optional(),
  measurand: z.enum([
    'Current.Export', 'Current.Import', 'Current.Offered',
    'Energy.Active.Export.Register', 'Energy.Active.Import.Register', 'Energy.Reactive.Export.Register', 'Energy.Reactive.Import.Register',
    'Energy.Active.Export.Interval', 'Energy.Active.Import.Interval', 'Energy.Reactive.Export.Interval', 'Energy.Reactive.Import.Interval',
    'Frequency', 'Power.Active.Export', 'Power.Active.Import', 'Power.Reactive.Export', 'Power.Reactive.Import', 'Power.Factor', 'Power.Offered',
    'RPM', 'SoC', 'Temperature', 'Voltage',
  ]).optional(),
  phase: z.enum(['L1', 'L2', 'L3', 'N', 'L1-N', 'L2-N', 'L3-N', 'L1-L2', 'L2-L3', 'L3-L1']).optional(),
  location: z.enum(['Body', 'Cable', 'EV', 'Inlet', 'Outlet']).optional(),
  unit: z.enum([
    'Wh', 'kWh', 'varh', 'kvarh', 'W', 'kW', 'VA', 'kVA', 'var', 'kvar', 'A', 'V', 'Celsius', 'Celcius', 'Fahrenheit', 'K', 'Percent',
  ]).optional(),
})

export const meterValue = z.strictObject({ timestamp: dateTime, sampledValue: z.array(sampledValue).min(1) })

export type IdTagInfo = z.infer<typeof idTagInfo>
export type ChargingSchedule = z.infer<typeof chargingSchedule>
export type ChargingProfile = z.infer<typeof chargingProfile>
export type SampledValue = z.infer<typeof sampledValue>
export type MeterValue = z.infer<typeof meterValue>
