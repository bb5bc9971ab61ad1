// The electrical description of a site and its charge points: one schema for kwota.yaml, REST and scenario files.
import { z } from 'zod'
import { limitSchedulesSchema } from './limit-schedule.ts'
import { connectorSettingsSchema, settingsSchema } from '../settings.ts'

export const phases = ['L1', 'L2', 'L3'] as const
export type Phase = (typeof phases)[number]
/** One number per phase, in amps. */
export type PhaseAmps = Record<Phase, number>

const amps = z.number().min(0).max(100_000)
const watts = z.number().min(0).max(1_000_000_000)
const id = z.string().min(1).max(48).regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'letters, digits, dot, dash and underscore only, beginning with a letter or digit')
/** What changes how the text around it is shown, or cannot be written in UTF-8. */
const unprintable = /[\p{Cc}\p{Cs}\p{Cf}\p{Zl}\p{Zp}]/u
/** What a charge point may be called: all that it may say of itself when it connects, decoded (OCPP-J 3.1.1). */
export const clientIDSchema = z.string().min(1).max(48)
  .refine((text) => text === text.trim(), 'begins or ends with a space; leave the space out')
  .refine((text) => !unprintable.test(text), 'holds a character that cannot be shown; leave that character out')
  .refine((text) => text !== '.' && text !== '..', 'cannot be addressed in a URL; choose another name')
/** A current per phase: one number for all three, or one per phase. */
export const perPhaseSchema = z.union([amps, z.strictObject({ L1: amps, L2: amps, L3: amps })], { error: 'a number, or {L1, L2, L3}' })
/** How much more than another any phase may carry, A. */
const imbalanceSchema = amps.exactOptional()
const rotationSchema = z.array(z.enum(phases)).length(3).refine((list) => new Set(list).size === 3, 'each of L1, L2, L3 exactly once')

export const circuitSchema = z.strictObject({
  id,
  /** Another circuit of the site; absent = the site itself. */
  parent: id.optional(),
  limitA: perPhaseSchema.optional(),
  limitW: watts.optional(),
  /** The parent's phases that feed this circuit's L1, L2, L3. */
  rotation: rotationSchema.optional(),
  imbalanceLimitA: imbalanceSchema,
})

export const policies = ['equal', 'weighted', 'fifo', 'earliestDeadline', 'leastLaxity'] as const
/** How what is left is shared inside a class. */
export type Policy = (typeof policies)[number]

export const siteSchema = z.strictObject({
  /** `kwota` is where the records of what belongs to no site are kept. */
  id: id.refine((text) => text !== 'kwota', 'kwota itself is called so; choose another id'),
  name: z.string().max(200).optional(),
  timezone: z.string().max(64).refine(isTimeZone, 'not an IANA time zone; write one such as Europe/Berlin').default('UTC'),
  voltage: z.number().min(50).max(1000).default(230),
  fuseA: perPhaseSchema,
  /** Nobody said how big the fuse is: it is the built-in one. Whoever states it, be it the same, leaves this out. */
  fuseAssumed: z.literal(true).exactOptional(),
  limitW: watts.optional(),
  policy: z.enum(policies).default('equal'),
  failsafeA: amps.default(0),
  circuits: z.array(circuitSchema).max(1000).default([]),
  baseLoad: z
    .strictObject({
      worstCaseA: perPhaseSchema.default(0),
      staleAfterS: z.number().min(1).max(3600).default(15),
      creditExport: z.boolean().default(false),
    })
    .prefault({}),
  imbalanceLimitA: imbalanceSchema,
  /** The mean power over a clock quarter of an hour that is to be kept, W. */
  demandWindow: z.strictObject({ targetW: watts }).exactOptional(),
  limitSchedules: limitSchedulesSchema.exactOptional(),
  settings: settingsSchema.exactOptional(),
})

const tenth = (value: number) => Math.abs(value * 10 - Math.round(value * 10)) < 1e-9

export const connectorSchema = z.strictObject({
  id: z.int().min(1).max(1000),
  /** What a DC connector takes from the grid at most is worked out from its maxW. */
  maxA: amps.default(32),
  minA: z.number().min(0.1).max(1000).refine(tenth, 'at most one decimal').default(6),
  stepA: z.number().min(0.1).max(100).refine(tenth, 'at most one decimal').default(1),
  /** The site phases its L1, L2, L3 are wired to, in that order; absent = the circuit's phases in order. */
  phases: z.array(z.enum(phases)).min(1).max(3).refine((list) => new Set(list).size === list.length, 'a phase is named twice; name each once').optional(),
  current: z.enum(['AC', 'DC']).default('AC'),
  /** What a DC connector gives at most, W. */
  maxW: z.number().positive().max(10_000_000).exactOptional(),
  /** What of the power from the grid a DC connector gives; not said = little. */
  efficiency: z.number().min(0.5).max(1).exactOptional(),
  settings: connectorSettingsSchema.exactOptional(),
}).superRefine(({ current, maxW, efficiency, phases: wired }, context) => {
  const say = (message: string, field: string) => context.addIssue({ code: 'custom', message, path: [field] })
  if (current === 'DC') {
    if (maxW === undefined) say('a DC connector is described in watts; say what it gives at most', 'maxW')
    if (wired !== undefined && wired.length !== 3) say('a DC connector is fed by all three phases; name three or leave it out', 'phases')
    return
  }
  if (maxW !== undefined) say('of DC connectors only; use maxA, or add current: DC', 'maxW')
  if (efficiency !== undefined) say('of DC connectors only; leave it out, or add current: DC', 'efficiency')
})

/** The least it may come with: 0 = no password, 1 = HTTP Basic, 2 = that over TLS, 3 = a certificate of its own over TLS (security whitepaper 2.4). */
const securityProfileSchema = z.literal([0, 1, 2, 3], { error: 'expected 0, 1, 2 or 3' })

export const chargePointSchema = z.strictObject({
  id: clientIDSchema,
  site: id.default('main'),
  circuit: id.optional(),
  control: z.enum(['engine', 'none']).default('engine'),
  fallbackA: amps.refine(tenth, 'at most one decimal').default(0),
  obeysLease: z.boolean().default(false),
  keepsProfiles: z.boolean().default(false),
  securityProfile: securityProfileSchema.optional(),
  connectors: z.array(connectorSchema).min(1).max(100).default([connectorSchema.parse({ id: 1 })]),
  settings: settingsSchema.exactOptional(),
})

export type SiteInput = z.input<typeof siteSchema>
export type SiteConfig = z.output<typeof siteSchema>
export type CircuitConfig = z.output<typeof circuitSchema>
export type ChargePointInput = z.input<typeof chargePointSchema>
export type ChargePointConfig = z.output<typeof chargePointSchema>
export type ConnectorConfig = z.output<typeof connectorSchema>

/** `40` → the same on each phase. */
export function perPhase(value: number | PhaseAmps): PhaseAmps {
  return typeof value === 'number' ? { L1: value, L2: value, L3: value } : { L1: value.L1, L2: value.L2, L3: value.L3 }
}

/** Keys as they were made: every reading asks for one, and the same text each time is found faster than an equal one. */
const keys = new Map<string, string[]>()
const mostKeys = 50_000
const mostKept = 64

/** `CP1` and `1` → `CP1/1`, the key of a connector everywhere. */
export function connectorKey(clientID: string, connectorId: number): string {
  if (!Number.isInteger(connectorId) || connectorId < 0 || connectorId > mostKept) return `${clientID}/${connectorId}`
  let known = keys.get(clientID)
  if (known === undefined) {
    if (keys.size >= mostKeys) keys.clear()
    keys.set(clientID, known = [])
  }
  return known[connectorId] ??= `${clientID}/${connectorId}`
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}
