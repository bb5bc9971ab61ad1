// The world of one seed as plain data: a site, its charge points and everything that will happen to them; a replay file holds one.
import { z } from 'zod'
import { chargePointSchema, siteSchema, type ConnectorConfig } from '../../power/site.ts'
import { behaviourNames } from '../behaviours.ts'

const ms = z.number().min(0)
const perPhase = z.strictObject({ L1: z.number(), L2: z.number(), L3: z.number() })
const key = z.string()
const client = z.string()
const at = { atMs: ms }

const carSchema = z.strictObject({
  maxA: z.number().positive(), phases: z.literal([1, 2, 3]), energyNeededWh: z.number().positive().optional(), batteryWh: z.number().positive().optional(), followS: z.number().min(0).max(10),
  /** The engine is told its most and its phases. */
  told: z.boolean().optional(),
  /** The engine is told when it leaves, and how much it still wants. */
  departS: z.int().positive().optional(),
  /** It takes no more than this by itself, whatever was told; until a `draws` says otherwise. */
  takesA: z.number().positive().optional(),
})

/** What the network does to one charge point for a time. */
export const weatherKinds = ['slow', 'stall', 'cut', 'half-open', 'deaf', 'mute'] as const
/** Absent = now; otherwise as soon as kwota has sent such a frame. */
export const killMoments = ['profile-sent', 'start-answered', 'stop-answered', 'limit-set'] as const
export const storeKinds = ['slow', 'failing', 'hanging', 'applied-but-timeout'] as const

export const eventSchema = z.discriminatedUnion('kind', [
  z.strictObject({ ...at, kind: z.literal('plug'), key, car: carSchema }),
  z.strictObject({ ...at, kind: z.literal('unplug'), key }),
  z.strictObject({ ...at, kind: z.literal('suspend'), key, suspended: z.boolean() }),
  z.strictObject({ ...at, kind: z.literal('draws'), key, amps: z.number().nullable() }),
  z.strictObject({ ...at, kind: z.literal('behave'), client, names: z.array(z.enum(behaviourNames)) }),
  z.strictObject({ ...at, kind: z.literal('reboot'), client }),
  z.strictObject({ ...at, kind: z.literal('offline'), client }),
  z.strictObject({ ...at, kind: z.literal('silent'), client }),
  z.strictObject({ ...at, kind: z.literal('online'), client }),
  z.strictObject({ ...at, kind: z.literal('base'), amps: perPhase }),
  z.strictObject({ ...at, kind: z.literal('meter'), running: z.boolean() }),
  z.strictObject({ ...at, kind: z.literal('limit'), currentA: z.number().min(0).optional(), powerW: z.number().min(0).optional(), ttlS: z.number().positive().optional() }),
  z.strictObject({ ...at, kind: z.literal('clear-limit') }),
  z.strictObject({ ...at, kind: z.literal('curtail'), currentA: z.number().min(0).optional(), powerW: z.number().min(0).optional(), forS: z.number().positive(), liftedAfterMs: ms.optional() }),
  z.strictObject({ ...at, kind: z.literal('patch'), key, priority: z.int(), weight: z.number() }),
  z.strictObject({ ...at, kind: z.literal('remote-stop'), key }),
  z.strictObject({ ...at, kind: z.literal('remote-start'), key }),
  z.strictObject({ ...at, kind: z.literal('unlock'), key }),
  z.strictObject({ ...at, kind: z.literal('weather'), client, what: z.enum(weatherKinds), forMs: ms }),
  z.strictObject({ ...at, kind: z.literal('intruder'), client, forMs: ms }),
  z.strictObject({ ...at, kind: z.literal('store'), what: z.enum(storeKinds), forMs: ms }),
  z.strictObject({ ...at, kind: z.literal('kill'), downMs: ms, keeps: z.number().min(0).max(1), upon: z.enum(killMoments).optional() }),
  z.strictObject({ ...at, kind: z.literal('freeze'), forMs: ms }),
  z.strictObject({ ...at, kind: z.literal('wall-step'), byMs: z.number() }),
])

export const worldSchema = z.strictObject({
  seed: z.int(),
  /** What the seed has enabled, with its rates; for people. */
  options: z.record(z.string(), z.union([z.number(), z.boolean(), z.array(z.string())])),
  site: siteSchema,
  chargePoints: z.array(z.strictObject({ config: chargePointSchema, sampleS: z.int().positive(), joinsAtMs: ms, behaviours: z.array(z.enum(behaviourNames)) })).min(1).max(200),
  leaseS: z.int().positive(),
  /** Null = the site has no meter. */
  meter: z.strictObject({ everyMs: ms, noiseA: z.number().min(0) }).nullable(),
  base: perPhase,
  events: z.array(eventSchema).max(100_000),
  /** Until here nothing goes wrong; from `healMs` everything is put right; at `endMs` it is judged. */
  faultsFromMs: ms,
  healMs: ms,
  endMs: ms,
})

export type World = z.output<typeof worldSchema>
export type WorldEvent = z.output<typeof eventSchema>
export type WorldCar = z.output<typeof carSchema>
export type KillMoment = (typeof killMoments)[number]
export type WeatherKind = (typeof weatherKinds)[number]
export type StoreKind = (typeof storeKinds)[number]

/** Time 0 of every world: a Thursday. */
export const startWallMs = Date.UTC(2026, 0, 1)

/** What the hardware can draw from the grid, A per phase. */
export function hardwareA({ current, maxA, maxW = 0, efficiency = 0.9 }: ConnectorConfig, voltage: number): number {
  return current === 'DC' ? maxW / efficiency / (3 * voltage) : maxA
}

/** The connectors of a world by key. */
export function connectorsOf({ chargePoints, site }: Pick<World, 'chargePoints' | 'site'>): { readonly key: string; readonly client: string; readonly connectorId: number; readonly maxA: number; readonly minA: number }[] {
  return chargePoints.flatMap(({ config }) => config.connectors.map((each) => ({ key: `${config.id}/${each.id}`, client: config.id, connectorId: each.id, maxA: hardwareA(each, site.voltage), minA: each.minA })))
}
