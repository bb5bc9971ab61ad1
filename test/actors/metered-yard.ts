// A site whose meter is not exact, played through the real actors and simulated charge points, with a witness at the chargers.
import { perPhase, phases, type PhaseAmps } from '../../src/power/site.ts'
import { createDepot, type Depot } from '../../src/simulator/depot.ts'
import { createKwota } from '../../src/simulator/kwota.ts'
import { forkRandom } from '../../src/simulator/random.ts'
import { createRecord, type TimelineEntry } from '../../src/simulator/record.ts'
import { readScenario } from '../../src/simulator/scenario.ts'
import { createSiteMeter, totalAt } from '../../src/simulator/site-meter.ts'
import { createExchange } from '../../src/simulator/transport.ts'
import { createVirtualClock } from '../../src/simulator/virtual-clock.ts'
import { wireSite } from '../../src/simulator/wiring.ts'
import { createWitness } from '../../src/simulator/witness.ts'

/** A limit of a transaction as its charger took it. */
export interface Told { readonly atS: number; readonly key: string; readonly limitA: number; /** Null = the first one. */ readonly wasA: number | null }

export interface Yard {
  readonly depot: Depot
  /** What the building really takes; may be changed. */
  readonly base: PhaseAmps
  plugIn(key: string): void
  /** What kwota counts for the building. */
  counted(): PhaseAmps
  /** A new standing limit, A per phase. */
  limit(currentA: number): Promise<unknown>
}

export interface Played {
  readonly told: readonly Told[]
  /** Of what cars that take all they can get could have had from `fromS` on, 0 to 1. */
  readonly deliveredShare: number
  /** The least that was left under the limit outside the 10 s after an event from outside, A. */
  readonly worstMarginA: number
}

const prologueMs = 120_000

/** `text` = site and charge points of a scenario file. `act` runs every second from 0 on; the meter reads every 5 s, each phase wrong by up to `noiseA`. */
export async function playYard(text: string, options: { readonly noiseA: number; readonly seed: number; readonly forS: number; readonly fromS: number; readonly baseA: number; readonly act: (atS: number, yard: Yard) => void }): Promise<Played> {
  const { noiseA, seed, forS, fromS, baseA, act } = options
  const scenario = readScenario(text, 'yard.yaml')
  const { id: siteID, voltage, fuseA } = scenario.site
  const clock = createVirtualClock({ wallAtZero: Date.UTC(2026, 0, 1) - prologueMs })
  const nowMs = () => clock.mono() - prologueMs
  const record = createRecord(siteID, nowMs)
  const wiring = wireSite(scenario.site)
  const exchange = createExchange({ clock, random: forkRandom(seed, 'network'), latencyMs: [5, 60] })
  const kwota = createKwota({ scenario, clock, random: forkRandom(seed, 'ids'), exchange })
  const depot = createDepot({ scenario, wiring, clock, seed, exchange, record })
  const witness = createWitness(wiring.nodes, voltage)
  const noise = forkRandom(seed, 'noise')
  const house = await settle(kwota.start())
  const base = { ...perPhase(baseA) }
  let limitA = perPhase(fuseA).L1
  const yard: Yard = {
    depot, base,
    plugIn(key) {
      const { chargePoint, connectorId, maxA } = depot.connector(key)
      chargePoint.plugIn(connectorId, { maxA, phases: 3, energyNeededWh: Infinity })
    },
    counted: () => house.power(siteID).baseLoad.countedA,
    limit(currentA) {
      limitA = currentA
      witness.outsideEvent(nowMs())
      return house.setGridLimit(siteID, { currentA }, { name: 'test', requestId: 'test' })
    },
  }
  const meter = createSiteMeter({ clock, everyMs: 5_000, read, push: (currentA) => house.pushBaseLoad(siteID, { currentA }) })
  depot.begin(prologueMs)
  await clock.runUntil(prologueMs)
  meter.start()
  let allowedWh = 0
  let before = 0
  for (let atS = 0; atS < forS; atS++) {
    if (atS === fromS) before = sumWh()
    const was = { ...base }
    act(atS, yard)
    if (phases.some((phase) => base[phase] !== was[phase])) witness.outsideEvent(nowMs())
    const loads = depot.loads()
    if (atS >= fromS) allowedWh += (Math.min(loads.reduce((sum, { key }) => sum + depot.connector(key).maxA, 0), limitA - Math.max(base.L1, base.L2, base.L3)) * 3 * voltage) / 3600
    await clock.runUntil(prologueMs + atS * 1000 + 500)
    observe()
    await clock.runUntil(prologueMs + atS * 1000 + 1000)
    observe()
  }
  const deliveredWh = sumWh() - before
  meter.stop()
  depot.stop()
  await settle(kwota.stop())
  return { told: toldIn(record.timeline), deliveredShare: deliveredWh / allowedWh, worstMarginA: witness.worstMarginA ?? Infinity }

  function read(): PhaseAmps {
    depot.step()
    const total = { ...totalAt(base, depot.loads()) }
    for (const phase of phases) total[phase] += (noise() - 0.5) * 2 * noiseA
    return total
  }

  function observe(): void {
    depot.step()
    witness.observe({ atMs: nowMs(), baseA: base, limits: [{ currentA: limitA }], loads: depot.loads() })
  }

  function sumWh(): number {
    return Object.values(depot.delivered()).reduce((sum, wh) => sum + wh, 0)
  }

  /** Lets time pass until it is done. */
  async function settle<T>(promise: Promise<T>): Promise<T> {
    let waiting = true
    const done = promise.finally(() => { waiting = false })
    done.catch(() => undefined)
    for (let turn = 0; waiting && turn < 1_000; turn++) await clock.runUntil(clock.mono() + 10)
    return done
  }
}

function toldIn(timeline: readonly TimelineEntry[]): Told[] {
  const last = new Map<string, number>()
  return timeline.filter(({ type, purpose }) => type === 'profile' && purpose === 'TxProfile').map((entry) => {
    const key = `${String(entry['chargePoint'])}/${String(entry['connectorId'])}`
    const limitA = firstLimit(entry['periods'])
    const told: Told = { atS: entry.at, key, limitA, wasA: last.get(key) ?? null }
    last.set(key, limitA)
    return told
  })
}

function firstLimit(periods: unknown): number {
  const first: unknown = Array.isArray(periods) ? periods[0] : null
  return typeof first === 'object' && first !== null && 'limit' in first ? Number(first.limit) : Number.NaN
}
