// The yard of a scenario: every simulated charge point with its cars, as seen from the street.
import type { Clock } from '../clock.ts'
import { connectorKey, type ChargePointConfig, type ConnectorConfig } from '../power/site.ts'
import { unruly, type BehaviourName } from './behaviours.ts'
import { createChargePoint, type ChargePointFact, type ConnectorLook, type SimulatedChargePoint } from './charge-point.ts'
import type { Direct } from './outlet.ts'
import { between, forkRandom } from './random.ts'
import type { RunRecord } from './record.ts'
import type { Scenario } from './scenario.ts'
import type { Exchange } from './transport.ts'
import type { Wiring } from './wiring.ts'
import type { WitnessedLoad } from './witness.ts'

export interface Depot {
  /** Connects everything that is there from the beginning and arms `joinsAt`; cars move from now on. `zeroMs` = mono of time 0. */
  begin(zeroMs: number): void
  stop(): void
  /** Cars follow up to now. */
  step(): void
  chargePoint(clientID: string): SimulatedChargePoint
  connector(key: string): { readonly chargePoint: SimulatedChargePoint; readonly connectorId: number; readonly maxA: number; readonly phases: number }
  /** Every connector with a car, as the witness sees it. */
  loads(): readonly WitnessedLoad[]
  /** Since time 0, Wh. */
  deliveredWh(key: string): number
  delivered(): Readonly<Record<string, number>>
  /** True once after something that may have changed what can be drawn. */
  takeChange(): boolean
  /** Charge points that appear for the first time are news to the grid. */
  readonly onJoin: Set<(clientID: string) => void>
}

interface Station {
  readonly config: ChargePointConfig
  readonly joinsAtS: number | null
  readonly behaviour: readonly BehaviourName[]
  readonly simulated: SimulatedChargePoint
  readonly path: readonly string[]
  joined: boolean
  /** It has refused the last limit it was told. */
  refused: boolean
  /** What each connector was last told, A. */
  readonly ordered: Map<number, number>
  /** Lowerings that are not followed, by connector. */
  readonly unfollowed: Map<number, NonNullable<WitnessedLoad['unfollowed']>>
}

const tickMs = 1_000
const firstDialToMs = 2_000
/** After this long the others are to give way for a lowering that is not followed, by its answer (power.md, the decision 7). */
const overdueAfterMs = { Accepted: 10_000, none: 5_000, Rejected: 0, NotSupported: 0 } as const

export function createDepot(options: {
  readonly scenario: Scenario; readonly wiring: Wiring; readonly clock: Clock; readonly seed: number
  readonly exchange: Exchange; readonly record: RunRecord
}): Depot {
  const { scenario, wiring, clock, seed, exchange, record } = options
  const stations = new Map<string, Station>()
  const onJoin = new Set<(clientID: string) => void>()
  let changed = true
  let zeroMs = 0
  let stopped = false

  for (const { config, sampleS, joinsAtS, behaviour } of scenario.chargePoints) {
    const simulated = createChargePoint({
      id: config.id,
      connectors: config.connectors.map((each) => ({ id: each.id, maxA: mostOf(each), phases: wiring.phasesOf(config, each.id).length, direct: directOf(each) })),
      voltage: scenario.site.voltage, sampleS, behaviours: joinsAtS === null ? behaviour.filter((name) => name !== 'silent') : behaviour, idTag: `CAR-${config.id}`.slice(0, 20),
      clock, random: forkRandom(seed, config.id), dial: exchange.dial,
      tell: (fact) => hear(config.id, fact),
    })
    stations.set(config.id, { config, joinsAtS, behaviour, simulated, path: wiring.pathOf(config), joined: false, refused: false, ordered: new Map(), unfollowed: new Map() })
  }

  function directOf({ current, maxW, efficiency = 0.9 }: ConnectorConfig): Direct | null {
    return current === 'DC' && maxW !== undefined ? { maxW, efficiency } : null
  }

  /** What the hardware can draw from the grid, A per phase. */
  function mostOf(connector: ConnectorConfig | undefined): number {
    const direct = connector === undefined ? null : directOf(connector)
    return direct === null ? connector?.maxA ?? 0 : direct.maxW / direct.efficiency / (3 * scenario.site.voltage)
  }

  function hear(clientID: string, fact: ChargePointFact): void {
    changed = true
    const { type, ...details } = fact
    if (fact.type !== 'profile') return record.say(type, { chargePoint: clientID, ...details })
    const { profile, connectorId, status, raises } = fact
    const station = stations.get(clientID)
    if (station !== undefined && status !== 'none') station.refused = status !== 'Accepted'
    if (station !== undefined) noteOrder(station, overdueAfterMs[status])
    record.told({ clientID, connectorId, purpose: profile.chargingProfilePurpose, raises })
    record.say('profile', {
      chargePoint: clientID, connectorId, purpose: profile.chargingProfilePurpose, unit: profile.chargingSchedule.chargingRateUnit,
      periods: profile.chargingSchedule.chargingSchedulePeriod.map(({ startPeriod, limit }) => ({ startPeriod, limit })),
      startSchedule: profile.chargingSchedule.startSchedule, answer: status, raises,
    })
  }

  /** A lowering counts as not followed where all that was told before it was. */
  function noteOrder({ simulated, ordered, unfollowed }: Station, graceMs: number): void {
    for (const each of simulated.look()) {
      const [beforeA, nowA] = [ordered.get(each.connectorId) ?? Infinity, simulated.orderedA(each.connectorId)]
      ordered.set(each.connectorId, nowA)
      if (nowA >= beforeA || follows(each, nowA) || !follows(each, beforeA) || unfollowed.has(each.connectorId)) continue
      const toldMs = clock.mono() - zeroMs
      unfollowed.set(each.connectorId, { toldMs, overdueMs: toldMs + graceMs })
    }
  }

  function unfollowedBy({ simulated, unfollowed }: Station, each: ConnectorLook): Pick<WitnessedLoad, 'unfollowed'> {
    const lowering = unfollowed.get(each.connectorId)
    if (lowering === undefined) return {}
    if (!follows(each, simulated.orderedA(each.connectorId))) return { unfollowed: lowering }
    unfollowed.delete(each.connectorId)
    return {}
  }

  function tick(): void {
    if (stopped) return
    step()
    changed = true
    clock.after(tickMs, tick)
  }

  function step(): void {
    for (const { simulated } of stations.values()) simulated.step()
  }

  function at(clientID: string): Station {
    const station = stations.get(clientID)
    if (station === undefined) throw new Error(`there is no charge point ${clientID}`)
    return station
  }

  function loadsOf(station: Station): WitnessedLoad[] {
    const { config, simulated, path, refused } = station
    const isUnruly = refused || simulated.silent || !simulated.online || simulated.behaviours.some((name) => unruly.has(name))
    return simulated.look().filter((each) => each.plugged).map((each) => ({
      key: connectorKey(config.id, each.connectorId), path, drawA: each.drawA, permitA: each.permitA, unruly: isUnruly, ...unfollowedBy(station, each),
      phases: wiring.phasesOf(config, each.connectorId).slice(0, each.phases),
    }))
  }

  function delivered(): Record<string, number> {
    const entries = [...stations.values()].flatMap(({ config, simulated }) => simulated.look().map((each): [string, number] => (
      [connectorKey(config.id, each.connectorId), Math.round(each.deliveredWh * 10) / 10])))
    return Object.fromEntries(entries)
  }

  return {
    begin(atMs) {
      zeroMs = atMs
      clock.after(tickMs, tick)
      for (const station of stations.values()) {
        // Before the first event of the file; until then its profiles must have been confirmed.
        if (station.joinsAtS === null && station.behaviour.includes('silent')) clock.after(zeroMs - clock.mono() - 1, () => station.simulated.behave(station.behaviour))
        const random = forkRandom(seed, `join ${station.config.id}`)
        const delayMs = station.joinsAtS === null ? between(random, 0, firstDialToMs) : zeroMs + station.joinsAtS * 1000 - clock.mono()
        clock.after(delayMs, () => {
          station.joined = true
          if (station.joinsAtS !== null) for (const tell of onJoin) tell(station.config.id)
          station.simulated.start()
        })
      }
    },
    stop() {
      stopped = true
      for (const { simulated } of stations.values()) simulated.stop()
    },
    step,
    chargePoint: (clientID) => at(clientID).simulated,
    connector(key) {
      const slash = key.lastIndexOf('/')
      const connectorId = Number(key.slice(slash + 1))
      const { config, simulated } = at(key.slice(0, slash))
      const maxA = mostOf(config.connectors.find((each) => each.id === connectorId))
      return { chargePoint: simulated, connectorId, maxA, phases: wiring.phasesOf(config, connectorId).length }
    },
    loads: () => [...stations.values()].filter((station) => station.joined).flatMap(loadsOf),
    deliveredWh: (key) => delivered()[key] ?? 0,
    delivered,
    takeChange() {
      const was = changed
      changed = false
      return was
    },
    onJoin,
  }
}

/** As live samples tell it: within 0.5 A or 3 % of the limit. */
function follows({ plugged, drawA, permitA }: ConnectorLook, limitA: number): boolean {
  return !plugged || Math.max(drawA, permitA) <= limitA + Math.max(0.5, 0.03 * limitA)
}
