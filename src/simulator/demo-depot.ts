// The depot of the demo: eight charge points on real sockets, cars that come and go, a building, and a grid that asks for less.
import type { House } from '../actors/house.ts'
import type { Clock } from '../clock.ts'
import { chargePointSchema, siteSchema, type ChargePointConfig, type PhaseAmps, type SiteConfig } from '../power/site.ts'
import type { BehaviourName } from './behaviours.ts'
import type { CarModel } from './car.ts'
import { createChargePoint, type SimulatedChargePoint } from './charge-point.ts'
import { tariffSchema } from '../sessions/tariff.ts'
import { between, forkRandom } from './random.ts'
import { createSiteMeter, totalAt } from './site-meter.ts'
import { wireSite } from './wiring.ts'
import { createWebSocketDial } from './ws-client.ts'

export interface DemoDepot {
  start(): void
  /** Hangs up everywhere; cars stay where they are. */
  stop(): void
}

/** 60 kW: 87 A on each of three phases, two rows of four charge points. */
export const demoSite: SiteConfig = siteSchema.parse({
  id: 'main', name: 'Demo depot, 60 kW', fuseA: 87,
  circuits: [{ id: 'row-a', limitA: 63 }, { id: 'row-b', limitA: 63 }],
  baseLoad: { worstCaseA: 20 }, settings: { tariffId: 'day' },
})

export const demoTariffs = [tariffSchema.parse({ id: 'day', name: 'Day', currency: 'EUR', perKWhMinor: 39 })]

interface Place { readonly id: string; readonly circuit: string; readonly maxA: number; readonly behaviour: readonly BehaviourName[]; readonly car: CarModel; readonly afterS: number }

const kWh = 1000
/** The fifth accepts every limit and obeys none. */
const places: readonly Place[] = [
  { id: 'CP-01', circuit: 'row-a', maxA: 32, behaviour: [], afterS: 3, car: { maxA: 32, phases: 3, energyNeededWh: 38 * kWh, batteryWh: 60 * kWh } },
  { id: 'CP-02', circuit: 'row-a', maxA: 32, behaviour: [], afterS: 4, car: { maxA: 16, phases: 3, energyNeededWh: 30 * kWh, batteryWh: 52 * kWh } },
  { id: 'CP-03', circuit: 'row-a', maxA: 32, behaviour: [], afterS: 5, car: { maxA: 32, phases: 1, energyNeededWh: 20 * kWh, batteryWh: 40 * kWh } },
  { id: 'CP-04', circuit: 'row-a', maxA: 16, behaviour: [], afterS: 6, car: { maxA: 16, phases: 3, energyNeededWh: 0.3 * kWh } },
  { id: 'CP-05', circuit: 'row-b', maxA: 16, behaviour: ['ignores-profiles'], afterS: 7, car: { maxA: 16, phases: 3, energyNeededWh: 25 * kWh, batteryWh: 50 * kWh } },
  { id: 'CP-06', circuit: 'row-b', maxA: 32, behaviour: [], afterS: 8, car: { maxA: 32, phases: 3, energyNeededWh: 44 * kWh, batteryWh: 77 * kWh } },
  { id: 'CP-07', circuit: 'row-b', maxA: 32, behaviour: [], afterS: 10, car: { maxA: 32, phases: 3, energyNeededWh: 9 * kWh, batteryWh: 60 * kWh } },
  { id: 'CP-08', circuit: 'row-b', maxA: 32, behaviour: ['meter-in-kw'], afterS: 12, car: { maxA: 16, phases: 2, energyNeededWh: 12 * kWh, batteryWh: 30 * kWh } },
]

export const demoChargePoints: readonly ChargePointConfig[] = places.map(({ id, circuit, maxA }) => chargePointSchema.parse({ id, circuit, connectors: [{ id: 1, maxA }] }))

/** From the start, seconds: the grid asks for less, and takes it back; later the grid operator curtails for a while; then all of it again. */
const cut = { fromS: 20, toS: 65, limitA: 50 }
const curtailment = { fromS: 95, forS: 75, percent: 40 }
const roundS = 240
/** What is known ahead, to be seen in the chart. */
const planned = { inS: 2 * 3600, forS: 3600, percent: 60 }

const caller = { name: 'demo', requestId: 'demo' }
const sampleS = 5
const tickMs = 1_000
const fullWithinWh = 1
const seed = 8

/** `say` tells people what the demo itself does. */
export function createDemoDepot(options: { readonly house: House; readonly ocppUrl: string; readonly clock: Clock; readonly say: (text: string) => void }): DemoDepot {
  const { house, clock, say } = options
  const wiring = wireSite(demoSite)
  const random = forkRandom(seed, 'building')
  const dial = createWebSocketDial(options.ocppUrl)
  const cancels = new Set<() => void>()
  const yard = places.map((place, at) => ({ place, config: demoChargePoints[at], simulated: chargePointAt(place), beforeWh: 0 }))
  const leaving = new Set<(typeof yard)[number]>()

  function chargePointAt(place: Place): SimulatedChargePoint {
    return createChargePoint({
      id: place.id, connectors: [{ id: 1, maxA: place.maxA, phases: 3 }], voltage: demoSite.voltage, sampleS, behaviours: place.behaviour,
      idTag: `DEMO-${place.id}`, clock, random: forkRandom(seed, place.id), dial, tell: () => undefined,
    })
  }

  function later(seconds: number, fn: () => void): void {
    const cancel = clock.after(seconds * 1000, () => {
      cancels.delete(cancel)
      fn()
    })
    cancels.add(cancel)
  }

  /** What goes wrong while it is being told is told to people, not thrown at a timer. */
  function attempt(what: string, told: Promise<unknown>): void {
    told.catch((error: unknown) => say(`${what}: ${error instanceof Error ? error.message : String(error)}`))
  }

  function plugIn({ place, simulated }: (typeof yard)[number]): void {
    attempt(place.id, house.patchConnector(place.id, 1, {
      priority: 0, weight: 1, departureAt: null, energyNeededWh: place.car.energyNeededWh, vehicleMaxA: place.car.maxA, vehiclePhases: place.car.phases,
    }, caller))
    simulated.plugIn(1, place.car)
  }

  /** Who has what it wants drives off, and somebody else comes. */
  function leaveWhenFull(each: (typeof yard)[number]): void {
    const [look] = each.simulated.look()
    if (look?.plugged !== true || leaving.has(each) || look.deliveredWh - each.beforeWh < each.place.car.energyNeededWh - fullWithinWh) return
    leaving.add(each)
    later(between(random, 15, 40), () => {
      each.simulated.unplug(1)
      each.beforeWh = look.deliveredWh
      leaving.delete(each)
      later(between(random, 10, 30), () => plugIn(each))
    })
  }

  function tick(): void {
    for (const each of yard) {
      each.simulated.step()
      leaveWhenFull(each)
    }
    later(tickMs / 1000, tick)
  }

  function building(): PhaseAmps {
    const baseA = { L1: between(random, 70, 90) / 10, L2: between(random, 80, 100) / 10, L3: between(random, 60, 80) / 10 }
    return totalAt(baseA, yard.flatMap(({ simulated, config }) => simulated.look().map((each) => (
      { drawA: each.drawA, phases: config === undefined ? [] : wiring.phasesOf(config, each.connectorId).slice(0, each.phases) }))))
  }
  const meter = createSiteMeter({
    clock, everyMs: 5_000, read: building,
    push(currentA) {
      try {
        house.pushBaseLoad(demoSite.id, { currentA })
      } catch (error) {
        say(`site meter: ${error instanceof Error ? error.message : String(error)}`)
      }
    },
  })

  function play(): void {
    later(cut.fromS, () => {
      say(`The grid asks for less: ${cut.limitA} A per phase.`)
      attempt('limit', house.setGridLimit(demoSite.id, { currentA: cut.limitA, reason: 'Demo: the grid asks for less' }, caller))
    })
    later(cut.toS, () => {
      say('The grid limit is lifted; the fuse remains.')
      attempt('limit', house.clearGridLimit(demoSite.id, caller))
    })
    later(curtailment.fromS, () => {
      say(`The grid operator curtails to ${curtailment.percent} % for ${curtailment.forS} s.`)
      attempt('curtailment', curtail(0, curtailment))
    })
    later(roundS, play)
  }

  function curtail(inS: number, { forS, percent }: { readonly forS: number; readonly percent: number }): Promise<unknown> {
    const startsAtMs = clock.wall() + inS * 1000
    const at = (ms: number): string => new Date(ms).toISOString()
    return house.limits.createCurtailment(demoSite.id, { percent, ...(inS > 0 && { startsAt: at(startsAtMs) }), expiresAt: at(startsAtMs + forS * 1000), reason: 'Demo: peak in the network', source: 'grid operator' }, caller)
  }

  return {
    start() {
      tick()
      meter.start()
      for (const each of yard) {
        each.simulated.start()
        later(each.place.afterS, () => plugIn(each))
      }
      play()
      attempt('curtailment', curtail(planned.inS, planned))
    },
    stop() {
      for (const cancel of cancels) cancel()
      cancels.clear()
      meter.stop()
      for (const { simulated } of yard) simulated.stop()
    },
  }
}
