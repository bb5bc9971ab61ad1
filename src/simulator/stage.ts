// Where a scenario's events happen: each acts on the cars, the building, the grid limit or kwota itself at its time.
import type { Subscription } from 'rxjs'
import type { House } from '../actors/house.ts'
import type { Clock } from '../clock.ts'
import { phases, type PhaseAmps } from '../power/site.ts'
import type { CarModel } from './car.ts'
import type { Depot } from './depot.ts'
import type { SimulatedKwota } from './kwota.ts'
import type { RunRecord } from './record.ts'
import type { Scenario } from './scenario.ts'
import type { ScenarioCar, ScenarioEvent } from './scenario-schema.ts'
import { createSiteMeter, totalAt } from './site-meter.ts'
import { createOutsideLimits } from './outside-limits.ts'
import type { Witness } from './witness.ts'

export interface Stage {
  /** Starts kwota. Rejects with Refusal when it does not take the configuration. */
  open(): Promise<House>
  /** Arms every event of the file. `zeroMs` = mono of time 0. */
  begin(zeroMs: number): void
  end(): void
  /** Runs when everything an event started has come to rest. */
  afterEvent(): void
  /** Brings record and witness up to now. */
  look(): void
  house(): House | null
}

const meterEveryMs = 5_000
const caller = { name: 'simulate', requestId: 'simulate' }

export function createStage(options: {
  readonly scenario: Scenario; readonly clock: Clock; readonly kwota: SimulatedKwota; readonly depot: Depot
  readonly record: RunRecord; readonly witness: Witness; readonly nowMs: () => number
}): Stage {
  const { scenario, clock, kwota, depot, record, witness, nowMs } = options
  const siteID = scenario.site.id
  let house: House | null = null
  let listening: Subscription | null = null
  let news = true
  let baseA: PhaseAmps = { L1: 0, L2: 0, L3: 0 }
  const limits = createOutsideLimits(scenario.site)
  let cancelTtl: (() => void) | null = null
  /** What was to be told to a kwota that was not there. */
  const untold: ((to: House) => void)[] = []

  const meter = createSiteMeter({
    clock, everyMs: meterEveryMs,
    read() {
      depot.step()
      return totalAt(baseA, depot.loads())
    },
    push: (currentA) => house?.pushBaseLoad(siteID, { currentA }),
  })
  depot.onJoin.add((clientID) => {
    outside()
    record.say('join', { chargePoint: clientID })
  })

  function outside(): void {
    witness.outsideEvent(nowMs())
  }

  async function open(): Promise<House> {
    const opened = await kwota.start()
    house = opened
    news = true
    listening = opened.events$.subscribe(() => { news = true })
    for (const tell of untold.splice(0)) tell(opened)
    return opened
  }

  function toHouse(tell: (to: House) => Promise<unknown> | void): void {
    const run = (to: House) => {
      void Promise.resolve().then(() => tell(to)).catch((error: unknown) => {
        record.fail(`kwota refused at ${nowMs() / 1000} s: ${error instanceof Error ? error.message : String(error)}`)
      })
    }
    if (house === null) untold.push(run)
    else run(house)
  }

  function plugIn(key: string, car: ScenarioCar): void {
    const { chargePoint, connectorId, maxA, phases: wired } = depot.connector(key)
    const vehiclePhases = car.phases ?? 3
    const model: CarModel = { maxA: car.maxA ?? maxA, phases: vehiclePhases, energyNeededWh: car.energyNeededWh ?? Infinity }
    const departureAt = car.departureS === undefined ? null : new Date(clock.wall() - nowMs() + car.departureS * 1000).toISOString()
    toHouse((to) => to.patchConnector(chargePoint.id, connectorId, {
      priority: car.priority, weight: car.weight, departureAt, energyNeededWh: car.energyNeededWh ?? null,
      vehicleMaxA: model.maxA, vehiclePhases: Math.min(vehiclePhases, wired) as 1 | 2 | 3,
    }, caller))
    chargePoint.plugIn(connectorId, model)
  }

  function setLimit(limit: NonNullable<ScenarioEvent['gridLimit']>): void {
    const { currentA, powerW, ttlS, forS, kind } = limit
    const chosen = { ...(currentA === undefined ? {} : { currentA }), ...(powerW === undefined ? {} : { powerW }) }
    outside()
    if (forS !== undefined) {
      const untilMs = clock.wall() + forS * 1000
      limits.curtail({ ...chosen, ...(kind === 'dimming' ? { dimming: true } : {}) }, untilMs)
      return toHouse((to) => to.limits.createCurtailment(siteID, { ...chosen, ...(kind === undefined ? {} : { kind }), expiresAt: new Date(untilMs).toISOString() }, caller))
    }
    limits.stand(chosen)
    cancelTtl?.()
    cancelTtl = ttlS === undefined ? null : clock.after(ttlS * 1000, () => {
      limits.stand({ currentA: scenario.site.failsafeA })
      outside()
      record.say('grid-limit-expired', { failsafeA: scenario.site.failsafeA })
    })
    toHouse((to) => to.setGridLimit(siteID, { ...chosen, ...(ttlS === undefined ? {} : { ttlS }) }, caller))
  }

  function setBaseLoad(load: NonNullable<ScenarioEvent['baseLoad']>): void {
    if (load === 'silent') return meter.stop()
    baseA = load
    outside()
    if (!meter.running) meter.start()
  }

  function restart(): void {
    listening?.unsubscribe()
    house = null
    kwota.crash()
    open().catch((error: unknown) => record.fail(`kwota did not start again: ${error instanceof Error ? error.message : String(error)}`))
  }

  function act(event: ScenarioEvent): void {
    if (event.plugIn !== undefined) plugIn(event.plugIn, event.car ?? { priority: 0, weight: 1 })
    if (event.unplug !== undefined) onConnector(event.unplug, (each, id) => each.unplug(id))
    if (event.suspend !== undefined) onConnector(event.suspend, (each, id) => each.suspend(id, true))
    if (event.resume !== undefined) onConnector(event.resume, (each, id) => each.suspend(id, false))
    for (const [key, amps] of Object.entries(event.drawsA ?? {})) onConnector(key, (each, id) => each.drawAtMost(id, amps))
    for (const [clientID, names] of Object.entries(event.behaviour ?? {})) depot.chargePoint(clientID).behave(names)
    if (event.silent !== undefined) depot.chargePoint(event.silent).goSilent()
    if (event.offline !== undefined) depot.chargePoint(event.offline).goOffline()
    if (event.online !== undefined) depot.chargePoint(event.online).goOnline()
    if (event.reboot !== undefined) depot.chargePoint(event.reboot).reboot()
    if (event.gridLimit !== undefined) setLimit(event.gridLimit)
    if (event.baseLoad !== undefined) setBaseLoad(event.baseLoad)
    if (event.restart !== undefined) restart()
  }

  function onConnector(key: string, run: (chargePoint: ReturnType<Depot['chargePoint']>, connectorId: number) => void): void {
    const { chargePoint, connectorId } = depot.connector(key)
    run(chargePoint, connectorId)
  }

  /** What dimming does not bound: the building, and what nobody steers at its worst. */
  function besideW(): number {
    const unsteeredA = scenario.chargePoints.filter(({ config: { control } }) => control === 'none').flatMap(({ config: { connectors } }) => connectors)
      .reduce((sum, { maxA, maxW = 0, efficiency = 0.9, current, phases: wired }) => sum + (current === 'DC' ? maxW / efficiency / scenario.site.voltage : maxA * (wired?.length ?? 3)), 0)
    return scenario.site.voltage * (unsteeredA + phases.reduce((sum, phase) => sum + Math.max(0, baseA[phase]), 0))
  }

  function observe(): void {
    witness.observe({ atMs: nowMs(), baseA, limits: limits.at(clock.wall(), besideW()), loads: depot.loads() })
  }

  function look(): void {
    observe()
    if (house !== null) record.look(house)
  }

  return {
    open,
    begin(zeroMs) {
      for (const event of scenario.timeline) {
        clock.after(zeroMs + event.at * 1000 - clock.mono(), () => {
          const { at: _at, ...details } = event
          record.say('event', details)
          act(event)
        })
      }
    },
    end() {
      meter.stop()
      cancelTtl?.()
      listening?.unsubscribe()
    },
    afterEvent() {
      if (depot.takeChange() || news) observe()
      if (news && house !== null) record.look(house)
      news = false
    },
    look,
    house: () => house,
  }
}
