// The shape of a scenario file, and what its parts must say about each other.
import { z } from 'zod'
import { chargePointSchema, connectorKey, siteSchema } from '../power/site.ts'
import { behaviourNames } from './behaviours.ts'

const longestS = 7 * 86_400
const seconds = z.number().min(0).max(longestS)
const amps = z.number().min(0).max(100_000)
const signedAmps = z.number().min(-100_000).max(100_000)
const key = z.string().regex(/^.+\/\d+$/, 'a connector is written as charge point, slash, number; write it like CP1/1')
const behaviourList = z.array(z.enum(behaviourNames)).max(behaviourNames.length)

export const alertCodes = [
  'over-limit', 'unenforceable', 'disobeying', 'meter-stale', 'engine-not-ticking', 'store-down', 'quarantined', 'profile-rejected', 'profile-drift',
  'offline-in-transaction', 'starved', 'command-timed-out', 'clock-skew', 'unknown-id-tag', 'orphaned-stop', 'meter-anomaly', 'under-reporting',
  'duplicate-identity', 'deaf', 'limit-active', 'limit-changed', 'limit-expired', 'new-charger',
] as const
export const bindingKinds = [
  'fuse', 'grid-limit', 'curtailment', 'schedule', 'demand-window', 'circuit', 'imbalance', 'vehicle', 'profile', 'failsafe', 'hardware', 'minimum', 'queue',
] as const

const carSchema = z.strictObject({
  maxA: amps.optional(),
  phases: z.union([z.literal(1), z.literal(2), z.literal(3)], { error: 'not a number of phases; write 1, 2 or 3' }).optional(),
  energyNeededWh: z.number().positive().max(10_000_000).optional(),
  departureS: seconds.optional(),
  priority: z.int().min(-1000).max(1000).default(0),
  weight: z.number().positive().max(1000).default(1),
})

const actions = {
  plugIn: key.optional(),
  unplug: key.optional(),
  gridLimit: z.strictObject({
    currentA: amps.optional(), powerW: z.number().min(0).max(1_000_000_000).optional(), ttlS: z.number().positive().max(longestS).optional(), forS: z.number().positive().max(longestS).optional(),
    /** dimming: of the charge points together, the building comes on top. */
    kind: z.enum(['curtailment', 'dimming']).optional(),
  }).optional(),
  baseLoad: z.union([z.literal('silent'), z.strictObject({ L1: signedAmps, L2: signedAmps, L3: signedAmps })], { error: 'not a load; write amps per phase, { L1: 5, L2: 5, L3: 5 }, or silent' }).optional(),
  drawsA: z.record(key, amps).optional(),
  silent: z.string().optional(),
  offline: z.string().optional(),
  online: z.string().optional(),
  reboot: z.string().optional(),
  restart: z.literal('kwota', { error: 'only kwota can be restarted; write restart: kwota, or reboot a charge point with reboot: CP1' }).optional(),
  suspend: key.optional(),
  resume: key.optional(),
  behaviour: z.record(z.string(), behaviourList).optional(),
}
export const actionNames = Object.keys(actions) as readonly (keyof typeof actions)[]

const eventSchema = z.strictObject({ at: seconds, ...actions, car: carSchema.optional() }).superRefine((event, context) => {
  const named = actionNames.filter((name) => event[name] !== undefined)
  const say = (message: string, path: string[] = []) => context.addIssue({ code: 'custom', message, path })
  if (named.length === 0) say(`says nothing to do; name one of ${actionNames.join(', ')}`)
  if (named.length > 1) say(`does ${named.length} things (${named.join(', ')}); write one entry for each`)
  if (event.car !== undefined && event.plugIn === undefined) say('a car without plugIn; add plugIn: CP1/1, or leave the car out', ['car'])
  if (event.gridLimit === undefined) return
  const { currentA, powerW, forS, ttlS, kind } = event.gridLimit
  if (kind !== undefined && forS === undefined) say(`a kind without forS; ${kind} is for a time: add forS, or leave kind out`, ['gridLimit', 'kind'])
  if (forS !== undefined && ttlS !== undefined) say('both forS and ttlS; forS is a curtailment that undoes itself, ttlS a standing limit that lapses into the failsafe', ['gridLimit', 'forS'])
  if ((currentA === undefined) === (powerW === undefined)) say('not one limit; give exactly one of currentA (A per phase) or powerW (W in all)', ['gridLimit'])
})

const span = z.tuple([seconds, seconds], { error: 'not a span; write a pair of seconds: [FROM, TO]' }).refine(([from, to]) => from <= to, 'the first moment is after the second; write the earlier one first: [FROM, TO]')
const valueNames = ['allocatedA', 'confirmedA', 'reservedA', 'measuredA', 'binding', 'state', 'deficitA'] as const
const spanNames = ['neverOver', 'noRaising', 'maxProfiles'] as const
const otherNames = ['deliveredWh', 'alert', 'refused'] as const
/** What was delivered lies between the two. */
const energies = z.tuple([z.number(), z.number()], { error: 'not a range; write a pair of Wh: [LEAST, MOST]' }).refine(([least, most]) => least <= most, 'the first amount is more than the second; write the smaller one first: [LEAST, MOST]')

const expectationSchema = z.strictObject({
  at: seconds.optional(),
  during: span.optional(),
  by: seconds.optional(),
  allocatedA: z.record(key, amps).optional(),
  confirmedA: z.record(key, amps).optional(),
  reservedA: z.record(key, amps).optional(),
  measuredA: z.record(key, amps).optional(),
  binding: z.record(key, z.enum(bindingKinds)).optional(),
  state: z.enum(['enforcing', 'enforced', 'unenforceable']).optional(),
  deficitA: amps.optional(),
  deliveredWh: z.record(key, energies).optional(),
  neverOver: z.literal(true).optional(),
  noRaising: z.literal(true).optional(),
  maxProfiles: z.record(key, z.int().min(0)).optional(),
  alert: z.enum(alertCodes).optional(),
  refused: z.literal(true).optional(),
}).superRefine((entry, context) => {
  const say = (message: string) => context.addIssue({ code: 'custom', message, path: [] })
  const values = valueNames.filter((name) => entry[name] !== undefined)
  const spans = spanNames.filter((name) => entry[name] !== undefined)
  const others = otherNames.filter((name) => entry[name] !== undefined)
  if (values.length + spans.length + others.length === 0) say(`expects nothing; name what should hold: ${[...valueNames, ...spanNames, ...otherNames].join(', ')}`)
  if (values.length > 0 && entry.at === undefined) say(`${values[0]} needs a moment; add at: SECONDS`)
  if (spans.length > 0 && entry.during === undefined) say(`${spans[0]} needs a span; add during: [FROM, TO]`)
  if (entry.alert !== undefined && entry.by === undefined) say('alert needs a deadline; add by: SECONDS')
  if ([entry.at, entry.during, entry.by].filter((time) => time !== undefined).length > 1) say('there is more than one time; keep one of at, during and by')
})

const simulatedChargePoint = chargePointSchema.extend({
  site: z.string().optional(),
  sampleS: z.int().min(1).max(3600).default(10),
  /** Connects for the first time then. */
  joinsAt: seconds.optional(),
  behaviour: behaviourList.default([]),
})

export const scenarioSchema = z.strictObject({
  name: z.string().min(1).max(200).optional(),
  site: siteSchema,
  chargePoints: z.array(simulatedChargePoint).min(1).max(1000),
  timeline: z.array(eventSchema).max(10_000).default([]),
  expect: z.array(expectationSchema).max(10_000).default([]),
}).superRefine((file, context) => {
  const say = (message: string, path: (string | number)[]) => context.addIssue({ code: 'custom', message, path })
  const circuits = new Map(file.site.circuits.map((circuit) => [circuit.id, circuit]))
  const circuitsThere = circuits.size > 0 ? `name one of: ${few(circuits.keys())}` : 'leave it out, or add the circuit to the site'
  if (circuits.size < file.site.circuits.length) say('a circuit id is used twice; give each circuit an id of its own', ['site', 'circuits'])
  file.site.circuits.forEach((circuit, at) => {
    const seen = new Set([circuit.id])
    for (let up = circuit.parent; up !== undefined && up !== file.site.id; up = circuits.get(up)?.parent) {
      if (!circuits.has(up)) return say(`there is no circuit ${up}; ${circuitsThere}`, ['site', 'circuits', at, 'parent'])
      if (seen.has(up)) return say(`${circuit.id} is fed by itself; name a parent that does not hang below it`, ['site', 'circuits', at, 'parent'])
      seen.add(up)
    }
  })
  const joins = new Map<string, number>()
  const keys = new Map<string, string>()
  file.chargePoints.forEach((chargePoint, at) => {
    const { id } = chargePoint
    if (joins.has(id)) say(`there are two charge points ${id}; give each an id of its own`, ['chargePoints', at, 'id'])
    joins.set(id, chargePoint.joinsAt ?? -1)
    if (chargePoint.site !== undefined && chargePoint.site !== file.site.id) say(`the site of this file is ${file.site.id}; write that, or leave site out`, ['chargePoints', at, 'site'])
    if (chargePoint.circuit !== undefined && chargePoint.circuit !== file.site.id && !circuits.has(chargePoint.circuit)) {
      say(`there is no circuit ${chargePoint.circuit}; ${circuitsThere}`, ['chargePoints', at, 'circuit'])
    }
    for (const connector of chargePoint.connectors) {
      if (keys.has(connectorKey(id, connector.id))) say(`there are two connectors ${connectorKey(id, connector.id)}; give each a number of its own`, ['chargePoints', at, 'connectors'])
      keys.set(connectorKey(id, connector.id), id)
    }
  })

  const known = (name: string, path: (string | number)[]) => { if (!keys.has(name)) say(`there is no connector ${name}; there are ${few(keys.keys())}`, path) }
  file.timeline.forEach((event, at) => {
    for (const name of ['plugIn', 'unplug', 'suspend', 'resume'] as const) if (event[name] !== undefined) known(event[name], ['timeline', at, name])
    for (const name of ['silent', 'offline', 'online', 'reboot'] as const) {
      if (event[name] !== undefined && !joins.has(event[name])) say(`there is no charge point ${event[name]}; there are ${few(joins.keys())}`, ['timeline', at, name])
    }
    for (const name of Object.keys(event.drawsA ?? {})) known(name, ['timeline', at, 'drawsA'])
    for (const name of Object.keys(event.behaviour ?? {})) if (!joins.has(name)) say(`there is no charge point ${name}; there are ${few(joins.keys())}`, ['timeline', at, 'behaviour'])
    if (event.plugIn !== undefined && (joins.get(keys.get(event.plugIn) ?? '') ?? -1) > event.at) say('a car cannot come before its charge point joins; let it come at joinsAt or later', ['timeline', at, 'plugIn'])
  })
  const used = new Set<string>()
  for (const { event, at } of file.timeline.map((each, index) => ({ event: each, at: index })).sort((a, b) => a.event.at - b.event.at || a.at - b.at)) {
    if (event.plugIn !== undefined && used.has(event.plugIn)) say(`${event.plugIn} has a car already; unplug that one first`, ['timeline', at, 'plugIn'])
    if (event.plugIn !== undefined) used.add(event.plugIn)
    if (event.unplug !== undefined && !used.delete(event.unplug)) say(`${event.unplug} has no car then; plug one in before`, ['timeline', at, 'unplug'])
  }
  file.expect.forEach((entry, at) => {
    for (const name of ['allocatedA', 'confirmedA', 'reservedA', 'measuredA', 'binding', 'deliveredWh', 'maxProfiles'] as const) {
      for (const each of Object.keys(entry[name] ?? {})) known(each, ['expect', at, name])
    }
  })
})

export type ScenarioFile = z.output<typeof scenarioSchema>
export type ScenarioEvent = ScenarioFile['timeline'][number]
export type Expectation = ScenarioFile['expect'][number]
export type ScenarioCar = z.output<typeof carSchema>

function few(names: Iterable<string>): string {
  const all = [...names]
  return all.length <= 6 ? all.join(', ') : `${all.slice(0, 6).join(', ')} … (${all.length})`
}
