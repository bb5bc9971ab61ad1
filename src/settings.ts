// What can be set per charge point: one object, said for everybody, a site, a charge point or a connector; the nearest word counts.
import { z } from 'zod'
import { tariffIdSchema } from './sessions/tariff.ts'

const seconds = (least: number, most: number) => z.int().min(least).max(most)
const whole = z.int().min(0)

/** Asked in this order; the first that knows the tag decides (protocol.md, Authorisation). */
export const authorisationPolicies = ['local', 'cache', 'external', 'accept-all'] as const
const measurands = z.array(z.string().min(1).max(64)).max(32)
export const transactionLimits = z.strictObject({
  energyWh: z.number().positive().max(10_000_000).exactOptional(),
  durationS: seconds(60, 30 * 86_400).exactOptional(),
  /** In minor units of the currency of its tariff; without a tariff it limits nothing. */
  costMinor: z.int().min(1).max(1_000_000_000_000).exactOptional(),
}).describe('What ends a transaction. Energy and cost count once two readings agree, so up to a sampling interval more may be taken; one whose start is told 60 s late or more is not limited in its first 150 s, until it is known whether the clock of its charge point is slow.')

/** What changes how the text around it is shown, or cannot be written in UTF-8. */
const unprintable = /[\p{Cc}\p{Cs}\p{Cf}\p{Zl}\p{Zp}]/u
const name = (longest: number) => z.string().min(1).max(longest)
  .refine((text) => text === text.trim(), 'begins or ends with a space; leave the space out')
  .refine((text) => !unprintable.test(text), 'holds a character that cannot be shown; leave that character out')
  .refine((text) => text !== '.' && text !== '..', 'cannot be addressed in a URL; choose another name')
const idToken = name(20)
const places = z.array(name(48)).min(1).max(1_000).refine((list) => new Set(list).size === list.length, 'a place is named twice; name each once')

/** A card or app that may charge: one schema for kwota.yaml, REST and tables. Compared without regard to case. */
export const idTagSchema = z.strictObject({
  id: idToken,
  status: z.enum(['Accepted', 'Blocked', 'Expired', 'Invalid']).default('Accepted'),
  expiryDate: z.iso.datetime({ offset: true }).exactOptional(),
  /** Tags with the same parent may stop each other's transactions. */
  parentIdTag: idToken.exactOptional(),
  /** Where it may charge: at these sites, and at these charge points; absent = everywhere. */
  sites: places.exactOptional(),
  chargePoints: places.exactOptional(),
  /** May charge at several connectors at once. */
  concurrent: z.boolean().default(false),
  limits: transactionLimits.refine((limits) => Object.keys(limits).length > 0, 'name a limit, or leave it out').exactOptional(),
  /** Before what its charge point and its site say. */
  tariffId: tariffIdSchema.exactOptional(),
})

/** From where on a meter's reading is told as an anomaly; 0 = never. */
const meterAlerts = {
  /** A register that falls by at least this much, Wh. */
  registerBackwardsWh: z.number().min(0).max(1e9),
  /** A register that rises by more than this many times what the hardware can deliver in that time, and 100 Wh. */
  registerJumpFactor: z.number().max(1_000).refine((factor) => factor === 0 || factor >= 1, '0, or at least 1'),
  /** Current or power above what the hardware can deliver by more than this, %. */
  powerAboveHardwarePercent: z.number().min(0).max(1_000),
  /** Voltage below, or above, this part of the site's, %. */
  voltageMinPercent: z.number().min(0).max(100),
  voltageMaxPercent: z.number().max(1_000).refine((percent) => percent === 0 || percent >= 100, '0, or at least 100'),
  /** No reading of a car that charges for so long, s, and for three sample intervals. */
  silenceS: seconds(0, 7 * 86_400),
  /** So many messages in a row with values that are no numbers, or at times that cannot be. */
  unusableReadings: whole.max(1_000),
  /** The site meter sees this much more than the charge point reports, A on a phase, for so long, s. */
  underReportingA: z.number().min(0).max(1_000),
  underReportingS: seconds(10, 86_400),
}
export type MeterAlerts = { readonly [K in keyof typeof meterAlerts]: number }

const shape = {
  authorisation: z.array(z.enum(authorisationPolicies)).min(1).refine((list) => new Set(list).size === list.length, 'a policy is named twice; name each once'),
  /** How long an external answer may be used again. */
  authorisationCacheTtlS: seconds(1, 30 * 86_400),
  /** What holds while the external service does not answer: its last answer whatever its age, everybody, nobody. */
  authorisationUnreachable: z.enum(['cache', 'accept', 'reject']),
  /** May it come in: accepted as it boots, told to wait, told to stay away. */
  bootPolicy: z.enum(['accept', 'pending', 'reject']),
  heartbeatIntervalS: seconds(10, 86_400),
  /** Applied as MeterValueSampleInterval, ClockAlignedDataInterval, MeterValuesSampledData, MeterValuesAlignedData, StopTxnSampledData. */
  meterSampleIntervalS: seconds(0, 86_400),
  clockAlignedIntervalS: seconds(0, 86_400),
  measurands,
  alignedMeasurands: measurands,
  stopMeasurands: measurands,
  /** Further configuration keys it is to have, as text. */
  configuration: z.record(z.string().min(1).max(50), z.string().max(500)),
  /** Its local authorisation list is kept in step with the id tags. */
  localList: z.boolean(),
  callTimeoutS: seconds(1, 600),
  /** 0 = no limit. */
  messagesPerSecond: whole.max(100_000),
  /** Soft faults of its messages are refused too. */
  strict: z.boolean(),
  /** Let in although it offers no subprotocol. */
  withoutSubprotocol: z.boolean(),
  /** A clock further off is alerted. */
  clockSkewAlertS: seconds(1, 86_400),
  /** Charging profiles that somebody else left there, at the first contact; only where the engine controls it. */
  foreignProfiles: z.enum(['clear', 'keep']),
  /** So often a charge point is asked what its profiles come to, s; 0 = never. */
  profileCheckIntervalS: seconds(0, 30 * 86_400).refine((s) => s === 0 || s >= 60, '0, or at least 60'),
  transactionLimits,
  /** A transaction that has been idle for so long (docs/transactions.md) is stopped; 0 = never. */
  idleTimeoutS: seconds(0, 7 * 86_400).refine((s) => s === 0 || s >= 300, '0, or at least 300').describe('So long without charging, s, and a transaction is stopped; 0 = never. Told 300 s before, of less than 600 s when half of it is over, where a reading comes between; a rest shorter than 300 s is not idle.'),
  /** What its transactions cost; the tag's own tariff stands before it. */
  tariffId: tariffIdSchema,
  /** A transaction whose charge point has been away for so long is taken to be over; 0 = never. */
  zombieAfterS: seconds(0, 365 * 86_400).refine((s) => s === 0 || s >= 3_600, '0, or at least 3600'),
  /** Merged key by key. */
  meterAlerts: z.strictObject(meterAlerts).partial(),
}

/** All optional: what is absent is said further away. */
export const settingsSchema = z.strictObject(shape).partial()
/** What makes sense for one connector alone. */
export const connectorSettingsSchema = settingsSchema.pick({ authorisation: true, transactionLimits: true, idleTimeoutS: true })

export type Settings = z.output<typeof settingsSchema>
export type FullSettings = { [K in keyof Settings]-?: NonNullable<Settings[K]> }
export type SettingKey = keyof Settings
export const settingKeys = Object.keys(shape) as readonly SettingKey[]

export const defaultMeterAlerts: MeterAlerts = {
  registerBackwardsWh: 1, registerJumpFactor: 1.2, powerAboveHardwarePercent: 10, voltageMinPercent: 85, voltageMaxPercent: 115,
  silenceS: 300, unusableReadings: 3, underReportingA: 6, underReportingS: 20,
}

/** How long what is kept, in whole days: bounds, and what holds where nobody says. */
export const retentionDays = {
  meterValues: { least: 1, most: 3_650, usual: 90 },
  rollups: { least: 1, most: 3_650, usual: 1_095 },
  transactions: { least: 30, most: 36_500, usual: 3_650 },
  orphans: { least: 1, most: 3_650, usual: 365 },
  messages: { least: 1, most: 90, usual: 7 },
  decisions: { least: 1, most: 7, usual: 7 },
  baseLoad: { least: 1, most: 90, usual: 90 },
  commands: { least: 1, most: 3_650, usual: 90 },
  availability: { least: 1, most: 3_650, usual: 1_095 },
  /** The most = for ever. */
  auditLog: { least: 90, most: 36_500, usual: 36_500 },
} as const
export type RetentionKind = keyof typeof retentionDays
export const retentionKinds = Object.keys(retentionDays) as readonly RetentionKind[]
const daysOf = (kind: RetentionKind) => z.int().min(retentionDays[kind].least).max(retentionDays[kind].most)
const retentionShape = Object.fromEntries(retentionKinds.map((kind) => [kind, daysOf(kind)])) as Record<RetentionKind, ReturnType<typeof daysOf>>
/** Days by kind; null = what holds where nobody says. */
export const retentionChangeSchema = z.strictObject(Object.fromEntries(retentionKinds.map((kind) => [kind, daysOf(kind).nullable()])) as Record<RetentionKind, z.ZodNullable<ReturnType<typeof daysOf>>>).partial()
/** In kwota.yaml; messages have `messageLog.keepDays`. */
export const retentionSchema = z.strictObject(retentionShape).omit({ messages: true }).partial()

/** kwota.yaml may say otherwise; `engine.*`, `messagesPerSecond` and `authorisation` of the file stand before these too. */
export const defaultSettings: Omit<FullSettings, 'meterSampleIntervalS' | 'clockAlignedIntervalS' | 'measurands' | 'alignedMeasurands' | 'stopMeasurands' | 'meterAlerts' | 'tariffId'> & { readonly meterAlerts: MeterAlerts } = {
  authorisation: ['local', 'accept-all'],
  authorisationCacheTtlS: 3_600,
  authorisationUnreachable: 'cache',
  bootPolicy: 'accept',
  heartbeatIntervalS: 300,
  configuration: {},
  localList: false,
  callTimeoutS: 30,
  messagesPerSecond: 20,
  strict: false,
  withoutSubprotocol: false,
  clockSkewAlertS: 30,
  profileCheckIntervalS: 3_600,
  foreignProfiles: 'clear',
  transactionLimits: {},
  idleTimeoutS: 0,
  zombieAfterS: 7 * 86_400,
  meterAlerts: defaultMeterAlerts,
}

export type SettingSource = 'connector' | 'chargePoint' | 'site' | 'default'
export interface Layers {
  readonly default: Settings
  readonly site?: Settings | undefined
  readonly chargePoint?: Settings | undefined
  readonly connector?: Settings | undefined
  /** What is said for each connector, to choose `connector` from. */
  readonly connectors?: Readonly<Record<number, Settings>>
}

/** Nearest first. */
const order = ['connector', 'chargePoint', 'site', 'default'] as const

/** These are merged key by key, the nearest word for each. */
const merged: ReadonlySet<SettingKey> = new Set(['configuration', 'transactionLimits', 'meterAlerts'])

/** The value of one setting and who says it; undefined when nobody does. */
export function resolve<K extends SettingKey>(layers: Layers, key: K): { readonly value: NonNullable<Settings[K]>; readonly source: SettingSource } | undefined {
  const source = order.find((one) => layers[one]?.[key] !== undefined)
  if (source === undefined) return undefined
  const value = layers[source]?.[key] as NonNullable<Settings[K]>
  if (!merged.has(key)) return { value, source }
  return { value: Object.assign({}, key === 'meterAlerts' ? defaultMeterAlerts : {}, ...order.map((one) => layers[one]?.[key]).reverse()) as NonNullable<Settings[K]>, source }
}

/** What holds: every setting that anybody says. Asked with every message. */
export function settingsOf(layers: Layers): Settings & typeof defaultSettings {
  const found: Record<string, unknown> = { ...defaultSettings }
  for (const key of settingKeys) {
    const one = resolve(layers, key)
    if (one !== undefined) found[key] = one.value
  }
  return found as Settings & typeof defaultSettings
}
