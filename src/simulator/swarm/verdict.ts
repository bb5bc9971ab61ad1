// What must hold once everything has been put right: everybody is online, holds what is planned, and nothing is alarmed.
import type { House } from '../../actors/house.ts'
import { perPhase, phases, type Phase, type PhaseAmps } from '../../power/site.ts'
import { unruly } from '../behaviours.ts'
import type { Wiring } from '../wiring.ts'
import type { Findings } from './finding.ts'
import { round } from './grid-witness.ts'
import type { World } from './world.ts'
import type { Yard } from './yard.ts'

const urgent: ReadonlySet<string> = new Set(['over-limit', 'unenforceable', 'disobeying', 'meter-stale', 'engine-not-ticking', 'store-down', 'quarantined', 'deaf', 'offline-in-transaction'])

const ofLimits: ReadonlySet<string> = new Set(['over-limit', 'unenforceable'])

/** Less is not worth a message (calm). */
const raisingA = 1

const stableMs = 70_000

/** What is not as it must be at this moment, by subject; what stays so through several moments is a failure. `shareOf` = since when a connector is to have something, ms, and when that last rose; null = it had it before all that was heard. */
export function livenessFaults(house: House, world: World, yard: Yard, nowMs: number, shareOf: (key: string) => { readonly sinceMs: number; readonly risenMs: number } | null): Map<string, string> {
  const power = house.power(world.site.id)
  const faults = new Map<string, string>()
  /** Charge points that ended a transaction under another number than its own: kwota still counts it until the car leaves, and says so. */
  const astray = new Set<string>()
  /** Charge points that ignored their limits until they were put right: they stay counted, and alarmed, until a car of theirs has shown that they obey. */
  const distrusted = distrustedIn(house, world)
  for (const row of power.connectors) {
    const key = `${row.clientID}/${row.connectorId}`
    if (!yard.joined(row.clientID)) continue
    if (!row.online) { faults.set(row.clientID, `${row.clientID} is not back`); continue }
    const running = yard.chargePoint(row.clientID).look().find((each) => each.connectorId === row.connectorId)?.transactionId ?? null
    if (running !== row.transactionId) {
      if (yard.hasMisnumbered(row.clientID)) astray.add(row.clientID)
      else faults.set(key, `${key} has transaction ${running ?? 'none'}, and kwota knows ${row.transactionId ?? 'none'}`)
      continue
    }
    // While that is too much for the site nobody is raised.
    if (distrusted.size > 0 && power.state === 'unenforceable' && row.confirmedA !== null && row.confirmedA <= row.allocatedA + 0.05) continue
    const config = world.chargePoints.find(({ config: each }) => each.id === row.clientID)?.config
    // A paused one waits for 60 s of stable headroom; any other for a lowering that waits for its minute (four profiles in each), and is then proven.
    const share = shareOf(key)
    const waitedMs = share === null ? Infinity : nowMs - (row.confirmedA === 0 ? share.sinceMs : share.risenMs)
    if (row.confirmedA !== null && row.allocatedA > row.confirmedA && waitedMs < stableMs) continue
    if (config?.control === 'engine' && row.transactionId !== null && (row.confirmedA === null || row.confirmedA > row.allocatedA + 0.05 || row.allocatedA >= row.confirmedA + raisingA)) {
      // Where something was confirmed meanwhile it follows a plan that moves.
      faults.set(`${key} ${row.confirmedA}`, `${key} is to have ${row.allocatedA} A and has confirmed ${row.confirmedA}`)
    }
  }
  for (const { id, code, clientID, message, resolvedAt } of house.alerts()) {
    if (resolvedAt !== null || !urgent.has(code) || (astray.size > 0 && (clientID === null ? ofLimits.has(code) : astray.has(clientID)))) continue
    if (distrusted.size > 0 && (clientID === null ? ofLimits.has(code) : code === 'disobeying' && distrusted.has(clientID))) continue
    faults.set(id, `${code} is still open: ${message}`)
  }
  if (power.state === 'unenforceable' && astray.size === 0 && distrusted.size === 0) faults.set('state', 'the limit cannot be enforced')
  return faults
}

function distrustedIn(house: House, world: World): ReadonlySet<string> {
  const behaved = [...world.chargePoints.map(({ config, behaviours }) => ({ client: config.id, names: behaviours })), ...world.events.flatMap((event) => (event.kind === 'behave' ? [event] : []))]
  const ignoring = new Set(behaved.flatMap(({ client, names }) => (names.some((name) => unruly.has(name)) ? [client] : [])))
  return new Set(house.alerts().flatMap(({ code, clientID, resolvedAt }) => (code === 'disobeying' && resolvedAt === null && clientID !== null && ignoring.has(clientID) ? [clientID] : [])))
}

/**
 * With no faults at least 95 % of what is feasible is granted. Feasible: everybody rises together by a tenth of an amp until a node,
 * a phase or his own maximum stops him; said only where everybody gets his minimum, so that nobody has to wait.
 */
export function judgeShare(house: House, world: World, wiring: Wiring, yard: Yard, baseA: PhaseAmps, findings: Findings): void {
  // Who is served before others may leave less in sum, and so does a tilt that must not grow.
  if ((world.site.policy !== 'equal' && world.site.policy !== 'weighted') || wiring.nodes.some(({ imbalanceLimitA }) => imbalanceLimitA !== null)) return
  // Of a car nobody was told of all phases count.
  const told = new Set(world.events.flatMap((event) => (event.kind === 'plug' && event.car.told === true ? [event.key] : [])))
  const steered = new Set(world.chargePoints.flatMap(({ config }) => (config.control === 'engine' ? [config.id] : [])))
  const loads = yard.loads().filter((load) => load.transactionId !== null && steered.has(load.client)).map((load) => (told.has(load.key) ? load : { ...load, phases: yard.placeOf(load.key)?.phases ?? load.phases }))
  const power = house.power(world.site.id)
  const rows = new Map(power.connectors.map((row) => [`${row.clientID}/${row.connectorId}`, row]))
  const idleA = (load: string) => rows.get(load)?.reservedA ?? 0
  const idle = power.connectors.filter((row) => !loads.some(({ key }) => key === `${row.clientID}/${row.connectorId}`))
  const room = wiring.nodes.map((node) => {
    const root = node.parent === null
    const taken = (phase: Phase) => (root ? Math.max(0, baseA[phase], power.baseLoad.countedA[phase]) : 0) + idle.reduce((sum, row) => {
      const place = yard.placeOf(`${row.clientID}/${row.connectorId}`)
      return place !== undefined && place.path.includes(node.id) && place.phases.includes(phase) ? sum + idleA(`${row.clientID}/${row.connectorId}`) : sum
    }, 0)
    const limit = root ? perPhase(world.site.fuseA) : node.limitA
    return { id: node.id, amps: new Map(phases.map((phase) => [phase, (limit?.[phase] ?? Infinity) - taken(phase)])), watts: (node.limitW ?? Infinity) / world.site.voltage - phases.reduce((sum, phase) => sum + taken(phase), 0) }
  })
  const cars = new Map(world.events.flatMap((event) => (event.kind === 'plug' ? [[event.key, event.car.maxA] as const] : [])))
  const mostOf = (key: string) => Math.min(yard.placeOf(key)?.maxA ?? 0, cars.get(key) ?? Infinity)
  const stepA = 0.1
  const share = new Map(loads.map((load) => [load.key, 0]))
  const going = new Set(loads)
  while (going.size > 0) {
    for (const load of [...going]) {
      const nodes = room.filter(({ id }) => load.path.includes(id))
      const most = mostOf(load.key)
      const fits = (share.get(load.key) ?? 0) + stepA <= most + 1e-9 && nodes.every(({ amps, watts }) => load.phases.every((phase) => (amps.get(phase) ?? 0) >= stepA) && watts >= stepA * load.phases.length)
      if (!fits) { going.delete(load); continue }
      share.set(load.key, (share.get(load.key) ?? 0) + stepA)
      for (const node of nodes) {
        for (const phase of load.phases) node.amps.set(phase, (node.amps.get(phase) ?? 0) - stepA)
        node.watts -= stepA * load.phases.length
      }
    }
  }
  if (loads.some((load) => (share.get(load.key) ?? 0) < (yard.placeOf(load.key)?.minA ?? 6) + 1)) return
  const feasibleA = [...share.values()].reduce((sum, amps) => sum + Math.floor(amps + 1e-6), 0)
  const grantedA = loads.reduce((sum, { key }) => sum + Math.min(rows.get(key)?.allocatedA ?? 0, mostOf(key)), 0)
  if (grantedA < 0.95 * feasibleA - loads.length) findings.add('feasible', `${round(grantedA)} A are granted where ${round(feasibleA)} A are feasible`)
}
