// Random sites, cars and misfortunes for the property tests.
import fc from 'fast-check'
import type { GridLimit } from '../../src/power/limits.ts'
import { usualQuirks, type Quirks } from '../../src/power/quirks.ts'
import { chargePointSchema, phases, policies, siteSchema, type ChargePointConfig, type Phase, type SiteConfig } from '../../src/power/site.ts'
import { buildTree, type Tree } from '../../src/power/tree.ts'
import { Play, type PlayOptions } from './harness.ts'
import { prompt, type Treatment } from './modelled-charger.ts'

const rotations = [['L1', 'L2', 'L3'], ['L2', 'L3', 'L1'], ['L3', 'L1', 'L2'], ['L1', 'L3', 'L2'], ['L3', 'L2', 'L1'], ['L2', 'L1', 'L3']] satisfies Phase[][]

const limitA = fc.oneof(fc.integer({ min: 0, max: 120 }), fc.record({ L1: fc.integer({ min: 0, max: 90 }), L2: fc.integer({ min: 0, max: 90 }), L3: fc.integer({ min: 0, max: 90 }) }))

export interface Layout {
  readonly site: SiteConfig
  readonly chargePoints: readonly ChargePointConfig[]
  readonly quirks: readonly Quirks[]
  /** Whose samples do not say on which phases the current flows. */
  readonly vague: readonly boolean[]
}

const circuits = fc.array(
  fc.record({
    parent: fc.nat(), limitA: fc.option(limitA, { nil: undefined }), limitW: fc.option(fc.integer({ min: 0, max: 60_000 }), { nil: undefined, freq: 4 }),
    rotation: fc.option(fc.constantFrom(...rotations), { nil: undefined }), imbalanceLimitA: fc.option(fc.integer({ min: 5, max: 40 }), { nil: undefined, freq: 5 }),
  }),
  { maxLength: 4 },
).map((list) => list.map(({ parent, ...rest }, index) => ({ id: `c${index}`, ...(parent % (index + 1) === index ? {} : { parent: `c${parent % (index + 1)}` }), ...rest })))

const connector = (id: number) => fc.record({
  id: fc.constant(id), maxA: fc.constantFrom(16, 20, 32, 32.5, 4), minA: fc.constantFrom(6, 6, 7, 8.5), stepA: fc.constantFrom(1, 1, 0.1, 0.5, 2),
  phases: fc.option(fc.oneof(fc.constantFrom(...rotations), fc.constantFrom(...phases).map((phase) => [phase])), { nil: undefined, freq: 3 }),
})

const direct = (id: number) => fc.record({ id: fc.constant(id), current: fc.constant('DC' as const), maxW: fc.constantFrom(11_000, 22_000, 50_000), efficiency: fc.constantFrom(0.9, 0.95), stepA: fc.constantFrom(1, 0.5) })

const quirks: fc.Arbitrary<Quirks> = fc.oneof(
  fc.constant(usualQuirks),
  fc.record({
    unit: fc.constantFrom('A' as const, 'W' as const), ladder: fc.constantFrom('tx' as const, 'default' as const, 'connector-0' as const, 'max-0' as const),
    pauseA: fc.constantFrom(0, 0, 6), lease: fc.boolean(),
  }),
)

const chargePoint = fc.record({
  quirks, vague: fc.boolean(),
  circuit: fc.nat(), fallbackA: fc.constantFrom(0, 0, 6, 8, 10), obeysLease: fc.boolean(), keepsProfiles: fc.boolean(),
  control: fc.constantFrom('engine' as const, 'engine' as const, 'engine' as const, 'engine' as const, 'none' as const),
  connectors: fc.oneof({ weight: 4, arbitrary: fc.tuple(connector(1)) }, { weight: 4, arbitrary: fc.tuple(connector(1), connector(2)) }, { weight: 1, arbitrary: fc.tuple(direct(1)) }, { weight: 1, arbitrary: fc.tuple(direct(1), connector(2)) }),
})

/** Trees up to four levels deep with rotations and power limits, and one to five charge points. */
export const layouts: fc.Arbitrary<Layout> = fc.record({
  fuseA: fc.constantFrom(16, 32, 63, 100), limitW: fc.option(fc.integer({ min: 4_000, max: 60_000 }), { nil: undefined, freq: 4 }), imbalanceLimitA: fc.option(fc.integer({ min: 5, max: 60 }), { nil: undefined, freq: 4 }), policy: fc.constantFrom(...policies),
  circuits, chargePoints: fc.array(chargePoint, { minLength: 1, maxLength: 5 }),
}).map(({ circuits, chargePoints, ...site }) => ({
  site: siteSchema.parse(JSON.parse(JSON.stringify({ id: 'main', ...site, circuits }))),
  quirks: chargePoints.map((one) => one.quirks), vague: chargePoints.map((one) => one.vague),
  chargePoints: chargePoints.map(({ circuit, ...rest }, index) => chargePointSchema.parse(JSON.parse(JSON.stringify({
    id: `CP${index}`, ...(circuit % (circuits.length + 1) === circuits.length ? {} : { circuit: `c${circuit % (circuits.length + 1)}` }), ...rest, quirks: undefined, vague: undefined,
  })))),
}))

export function treeOf({ site, chargePoints }: Layout): Tree {
  return buildTree(site, chargePoints)
}

export const cars = fc.record({
  demandA: fc.constantFrom(32, 32, 16, 9.2, 0), phases: fc.constantFrom(1, 2, 3), known: fc.boolean(), vehicleMaxA: fc.constantFrom(null, null, 32, 16, 10.5, 5),
  priority: fc.constantFrom(0, 0, 0, 1, 2), weight: fc.constantFrom(1, 1, 2, 0.5), leavesS: fc.constantFrom(null, null, 60, 600, 3_600, 20_000), needsWh: fc.constantFrom(null, null, 0, 500, 11_000, 60_000),
})
export type RandomCar = typeof cars extends fc.Arbitrary<infer T> ? T : never

export const grids: fc.Arbitrary<GridLimit | null> = fc.oneof(
  fc.constant(null),
  fc.record({ currentA: fc.integer({ min: 0, max: 100 }), setAtMs: fc.constant(0) }),
  fc.record({ powerW: fc.integer({ min: 0, max: 60_000 }), setAtMs: fc.constant(0) }),
)

export const treatments: fc.Arbitrary<Treatment> = fc.oneof(
  { weight: 14, arbitrary: fc.record({ applyMs: fc.integer({ min: 0, max: 400 }), answerMs: fc.integer({ min: 400, max: 1_000 }), verdict: fc.constant('Accepted' as const) }) },
  { weight: 1, arbitrary: fc.record({ applyMs: fc.constant(null), answerMs: fc.constant(300), verdict: fc.constant('Rejected' as const) }) },
  { weight: 1, arbitrary: fc.constant({ applyMs: null, answerMs: null, verdict: 'Accepted' as const }) },
  { weight: 1, arbitrary: fc.record({ applyMs: fc.integer({ min: 0, max: 20_000 }), answerMs: fc.constant(null), verdict: fc.constant('Accepted' as const) }) },
  { weight: 2, arbitrary: fc.record({ applyMs: fc.integer({ min: 0, max: 20_000 }), answerMs: fc.integer({ min: 20_000, max: 45_000 }), verdict: fc.constant('Accepted' as const) }) },
)

export type Happening =
  | { readonly type: 'plug'; readonly place: number; readonly car: RandomCar }
  | { readonly type: 'unplug'; readonly place: number }
  | { readonly type: 'switch'; readonly place: number; readonly phases: number }
  | { readonly type: 'learn'; readonly place: number; readonly quirks: Quirks }
  | { readonly type: 'disconnect'; readonly place: number }
  | { readonly type: 'connect'; readonly place: number }
  | { readonly type: 'reboot'; readonly place: number; readonly bootMs: number; readonly forgets: boolean }
  | { readonly type: 'grid'; readonly grid: GridLimit | null }
  | { readonly type: 'base'; readonly baseA: { readonly L1: number; readonly L2: number; readonly L3: number } }
  | { readonly type: 'restart' }

const place = fc.nat({ max: 19 })
const baseLoad = fc.record({ L1: fc.integer({ min: 0, max: 40 }), L2: fc.integer({ min: 0, max: 40 }), L3: fc.integer({ min: 0, max: 40 }) })
const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant('plug' as const), place, car: cars }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('unplug' as const), place }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('switch' as const), place, phases: fc.constantFrom(1, 2, 3) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('learn' as const), place, quirks }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('disconnect' as const), place }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('connect' as const), place }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('reboot' as const), place, bootMs: fc.integer({ min: 1_000, max: 30_000 }), forgets: fc.boolean() }) },
  { weight: 5, arbitrary: fc.record({ type: fc.constant('grid' as const), grid: grids }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('base' as const), baseA: baseLoad }) },
  { weight: 1, arbitrary: fc.constant({ type: 'restart' as const }) },
)

export interface Story {
  readonly layout: Layout
  readonly happenings: readonly { readonly afterMs: number; readonly what: Happening }[]
  readonly treatments: readonly Treatment[]
  readonly leaseMs: number
}

export const stories: fc.Arbitrary<Story> = fc.record({
  layout: layouts,
  happenings: fc.array(fc.record({ afterMs: fc.constantFrom(100, 700, 3_000, 11_000, 21_000, 70_000), what: happening }), { minLength: 3, maxLength: 25 }),
  treatments: fc.array(treatments, { minLength: 1, maxLength: 40 }),
  leaseMs: fc.constantFrom(60_000, 900_000),
})

/** Stories in which every charge point answers well, stays connected, and goes on as it began. */
export const honestStories: fc.Arbitrary<Story> = stories.map((story) => ({
  ...story,
  treatments: [prompt],
  leaseMs: 900_000,
  happenings: story.happenings.filter(({ what }) => what.type !== 'disconnect' && what.type !== 'reboot' && what.type !== 'learn'),
}))

/** Plays a story to its end; returns the play, not yet calmed down. */
export function playStory(story: Story, onPlan?: PlayOptions['onPlan']): Play {
  const tree = treeOf(story.layout)
  const { chargePoints } = story.layout
  const quirks = new Map(chargePoints.map(({ id }, index) => [id, story.layout.quirks[index]!]))
  const vague = new Set(chargePoints.flatMap(({ id }, index) => (story.layout.vague[index] ? [id] : [])))
  const play = new Play({ tree, quirks, vague, leaseMs: story.leaseMs, followMs: 3_000, ...(onPlan === undefined ? {} : { onPlan }) })
  let calls = 0
  for (const station of play.stations.values()) {
    play.treat(station.id, () => story.treatments[calls++ % story.treatments.length]!)
    play.connect(station.id)
  }
  const keys = [...tree.outlets.keys()]
  let transactionId = 1
  play.until(20_000)
  for (const { afterMs, what } of story.happenings) {
    play.at(play.nowMs + afterMs, () => happen(play, what, keys, vague, () => transactionId++))
    play.until(play.nowMs + afterMs)
  }
  return play
}

function happen(play: Play, what: Happening, keys: readonly string[], vague: ReadonlySet<string>, nextTransactionId: () => number): void {
  if (what.type === 'grid') return play.limit(what.grid)
  if (what.type === 'base') return play.base(what.baseA)
  if (what.type === 'restart') return play.restart()
  const key = keys[what.place % keys.length]!
  const { clientID, phases: wired, dc = null } = play.outlet(key)
  if (what.type === 'disconnect') return play.disconnect(clientID)
  if (what.type === 'connect') return play.connect(clientID)
  if (what.type === 'reboot') return play.reboot(clientID, what.bootMs, what.forgets && !play.outlet(key).keepsProfiles)
  if (what.type === 'learn') return play.learn(clientID, what.quirks)
  if (what.type === 'unplug') return play.stop(key)
  // Where no sample names the phases, what is said of a car must be true.
  if (what.type === 'switch') return vague.has(clientID) || dc !== null ? undefined : play.switchPhases(key, Math.min(what.phases, wired.length))
  if (play.connectors.get(key)!.transactionId !== null) return
  const { car } = what
  const count = dc === null ? Math.min(car.phases, wired.length) : 3
  play.start(key, nextTransactionId(), { demandA: car.demandA, phases: count }, {
    vehiclePhases: car.known ? count : null, vehicleMaxA: car.vehicleMaxA, profileCap: null, priority: car.priority, weight: car.weight,
    departureAtMs: car.leavesS === null ? null : play.nowMs + car.leavesS * 1_000, remainingWh: car.needsWh,
  })
}
