// The charge points of a seed with their cars, seen from the street: what each connector draws, could draw, and whether it keeps its word.
import type { Clock } from '../../clock.ts'
import type { Phase } from '../../power/site.ts'
import type { BehaviourName } from '../behaviours.ts'
import type { CarModel } from '../car.ts'
import { createChargePoint, type ChargePointFact, type SimulatedChargePoint } from '../charge-point.ts'
import type { Dial } from '../link.ts'
import { between, forkRandom } from '../random.ts'
import type { Wiring } from '../wiring.ts'
import { hardwareA, type World } from './world.ts'

export interface Load {
  readonly key: string
  readonly client: string
  readonly connectorId: number
  readonly path: readonly string[]
  readonly phases: readonly Phase[]
  readonly drawA: number
  readonly permitA: number
  readonly transactionId: number | null
  /** It does what it has accepted, and kwota has had the time to commission it. */
  readonly trusted: boolean
  /** What the car itself takes at most, A. */
  readonly carA: number
  /** Something that kwota cannot see: it tells no currents. */
  readonly unmetered: boolean
}

export interface Yard {
  begin(): void
  stop(): void
  step(): void
  chargePoint(client: string): SimulatedChargePoint
  /** Every connector with a car. */
  loads(): readonly Load[]
  /** Wiring of a connector, whatever stands there. */
  placeOf(key: string): { readonly path: readonly string[]; readonly phases: readonly Phase[]; readonly maxA: number; readonly minA: number; readonly efficiency: number; readonly direct: boolean } | undefined
  joined(client: string): boolean
  plug(key: string, model: CarModel): void
  /** When one was there for the first time last, ms. */
  readonly lastJoinMs: number
  /** It has told of transactions by another number than theirs. */
  hasMisnumbered(client: string): boolean
  /** True once after something that may have changed what can be drawn. */
  takeChange(): boolean
  /** It follows what it is told from now on, or not. */
  behave(client: string, names: readonly BehaviourName[]): void
  /** Healing: honest, and what it forgot is told anew after a boot. */
  heal(client: string): void
}

/** What a charge point with one of these draws is not what it was told. */
const faithless: ReadonlySet<BehaviourName> = new Set(['ignores-profiles', 'applies-late', 'forgets-on-disconnect', 'forgets-on-reboot', 'full-power-after-pause'])
/** These tell kwota no currents, or false ones. */
const unreadable: ReadonlySet<BehaviourName> = new Set(['no-meter', 'meter-negative', 'meter-not-a-number', 'silent', 'meter-in-kw', 'clock-ahead'])
/** How long after a first contact or a boot the fallbacks are being confirmed. */
const commissioningMs = 60_000
const tickMs = 1_000
/** The contactor is open: what the car drew until its last step says nothing. */
const resting: ReadonlySet<string> = new Set(['Preparing', 'Finishing', 'Available', 'Unavailable'])

interface Station { readonly simulated: SimulatedChargePoint; readonly path: readonly string[]; joinedAtMs: number | null; trustedFromMs: number; forgetful: boolean; misnumbers: boolean; readonly keeps: boolean }

export function createYard(options: {
  readonly world: World; readonly wiring: Wiring; readonly clock: Clock; readonly part: (name: string) => Clock
  readonly dial: Dial; readonly tell: (client: string, fact: ChargePointFact) => void
}): Yard {
  const { world, wiring, clock, tell } = options
  const stations = new Map<string, Station>()
  const carA = new Map<string, number>()
  let changed = true
  let stopped = false
  let lastJoinMs = -Infinity

  for (const { config, sampleS, behaviours } of world.chargePoints) {
    const simulated = createChargePoint({
      id: config.id, voltage: world.site.voltage, sampleS, behaviours, idTag: `CAR-${config.id}`.slice(0, 20),
      connectors: config.connectors.map((each) => ({
        id: each.id, maxA: hardwareA(each, world.site.voltage), phases: wiring.phasesOf(config, each.id).length,
        direct: each.current === 'DC' ? { maxW: each.maxW ?? 0, efficiency: each.efficiency ?? 0.9 } : null,
      })),
      clock: options.part(config.id), random: forkRandom(world.seed, config.id), dial: options.dial,
      tell: (fact) => hear(config.id, fact),
    })
    stations.set(config.id, { simulated, path: wiring.pathOf(config), joinedAtMs: null, trustedFromMs: Infinity, forgetful: false, misnumbers: false, keeps: config.keepsProfiles })
    note(config.id, behaviours)
  }

  function hear(client: string, fact: ChargePointFact): void {
    changed = true
    const station = stations.get(client)
    if (station !== undefined && fact.type === 'booted') {
      // Who is said to keep its profiles is not told anew what it has lost.
      station.forgetful = station.simulated.behaviours.some((name) => faithless.has(name)) || (station.keeps && station.simulated.hasForgotten)
      station.trustedFromMs = clock.mono() + commissioningMs
    }
    tell(client, fact)
  }

  function note(client: string, names: readonly BehaviourName[]): void {
    const station = stations.get(client)
    if (station === undefined) return
    if (names.some((name) => faithless.has(name))) station.forgetful = true
    if (names.includes('transaction-id-zero')) station.misnumbers = true
  }

  function at(client: string): Station {
    const station = stations.get(client)
    if (station === undefined) throw new Error(`there is no charge point ${client}`)
    return station
  }

  function tick(): void {
    if (stopped) return
    for (const { simulated } of stations.values()) simulated.step()
    changed = true
    clock.after(tickMs, tick)
  }

  return {
    begin() {
      clock.after(tickMs, tick)
      for (const { config, joinsAtMs } of world.chargePoints) {
        clock.after(joinsAtMs + between(forkRandom(world.seed, `join ${config.id}`), 0, 500), () => {
          const station = at(config.id)
          station.joinedAtMs = lastJoinMs = clock.mono()
          station.trustedFromMs = clock.mono() + commissioningMs
          station.simulated.start()
        })
      }
    },
    stop() {
      stopped = true
      for (const { simulated } of stations.values()) simulated.stop()
    },
    step() { for (const { simulated } of stations.values()) simulated.step() },
    chargePoint: (client) => at(client).simulated,
    loads() {
      const nowMs = clock.mono()
      return world.chargePoints.flatMap(({ config }) => {
        const { simulated, path, joinedAtMs, trustedFromMs, forgetful } = at(config.id)
        if (joinedAtMs === null) return []
        const trusted = !forgetful && nowMs >= trustedFromMs
        const unmetered = !simulated.online || simulated.silent || simulated.behaviours.some((name) => unreadable.has(name))
        return simulated.look().filter((each) => each.plugged).map((each): Load => ({
          key: `${config.id}/${each.connectorId}`, client: config.id, connectorId: each.connectorId, path, trusted, unmetered, carA: carA.get(`${config.id}/${each.connectorId}`) ?? Infinity,
          phases: wiring.phasesOf(config, each.connectorId).slice(0, each.phases), drawA: resting.has(each.status) ? 0 : each.drawA, permitA: each.permitA, transactionId: each.transactionId,
        }))
      })
    },
    placeOf(key) {
      const found = world.chargePoints.find(({ config }) => config.connectors.some(({ id }) => key === `${config.id}/${id}`))
      const connector = found?.config.connectors.find(({ id }) => key === `${found.config.id}/${id}`)
      if (found === undefined || connector === undefined) return undefined
      return { path: at(found.config.id).path, phases: wiring.phasesOf(found.config, connector.id), maxA: hardwareA(connector, world.site.voltage), minA: connector.minA, efficiency: connector.efficiency ?? 1, direct: connector.current === 'DC' }
    },
    joined: (client) => at(client).joinedAtMs !== null,
    plug(key, model) {
      const slash = key.lastIndexOf('/')
      carA.set(key, model.maxA)
      at(key.slice(0, slash)).simulated.plugIn(Number(key.slice(slash + 1)), model)
    },
    get lastJoinMs() { return lastJoinMs },
    hasMisnumbered: (client) => at(client).misnumbers,
    takeChange() {
      const was = changed
      changed = false
      return was
    },
    behave(client, names) {
      note(client, names)
      at(client).simulated.behave(names)
    },
    heal(client) {
      const { simulated, forgetful } = at(client)
      simulated.behave([])
      simulated.goOnline()
      if (forgetful) simulated.reboot()
    },
  }
}
