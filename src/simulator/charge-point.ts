// A simulated OCPP 1.6 charge point over any text transport: it boots, charges cars, reports, and answers as its behaviours let it.
import type { Clock } from '../clock.ts'
import { combineBehaviours, type Behaviour, type BehaviourName } from './behaviours.ts'
import type { CarModel } from './car.ts'
import { createConfiguration } from './configuration.ts'
import { createLink, type Dial } from './link.ts'
import { createOutlet, phasesInUse, plugInto, statusOf, stepOutlet, type Direct, type Outlet } from './outlet.ts'
import { createProfileDesk, type ProfileStatus } from './profile-desk.ts'
import type { ChargingProfile } from '../protocol/messages/index.ts'
import type { Random } from './random.ts'
import { createReporter } from './reporter.ts'

export interface ConnectorSetup {
  readonly id: number
  /** A per phase. */
  readonly maxA: number
  /** How many phases are wired. */
  readonly phases: number
  /** Absent = AC. */
  readonly direct?: Direct | null
}

export interface ChargePointSetup {
  readonly id: string
  readonly connectors: readonly ConnectorSetup[]
  /** Phase to neutral, V. */
  readonly voltage: number
  readonly sampleS: number
  /** When inside the interval of the wall clock it samples, 0 to 1; absent = counted from the start of each transaction. */
  readonly samplePhase?: number
  readonly behaviours: readonly BehaviourName[]
  readonly idTag: string
  readonly clock: Clock
  readonly random: Random
  readonly dial: Dial
  /** Everything that happened to it, as it happens. */
  readonly tell: (fact: ChargePointFact) => void
}

export type ChargePointFact =
  | { readonly type: 'connected' | 'disconnected' | 'booted' }
  | { readonly type: 'status'; readonly connectorId: number; readonly status: string }
  | { readonly type: 'transaction-started' | 'transaction-stopped'; readonly connectorId: number; readonly transactionId: number | null }
  | { readonly type: 'profile'; readonly connectorId: number; readonly profile: ChargingProfile; readonly status: ProfileStatus | 'none'; readonly raises: boolean }

/** What an outsider with an ammeter and a look into the charger's memory sees of one connector. */
export interface ConnectorLook {
  readonly connectorId: number
  readonly plugged: boolean
  /** How many of its wired phases carry current. */
  readonly phases: number
  readonly drawA: number
  /** What it could draw now, A per phase in use: profiles, hardware and car; 0 without a car. */
  readonly permitA: number
  readonly transactionId: number | null
  readonly status: string
  /** Since the scenario began, Wh. */
  readonly deliveredWh: number
}

export interface SimulatedChargePoint {
  readonly id: string
  /** Connects for the first time, and keeps connecting. */
  start(): void
  stop(): void
  plugIn(connectorId: number, model: CarModel): void
  unplug(connectorId: number): void
  /** The car takes no more than this per phase; null = as much as it can. */
  drawAtMost(connectorId: number, amps: number | null): void
  suspend(connectorId: number, suspended: boolean): void
  goSilent(): void
  goOffline(): void
  /** Ends silent and offline. */
  goOnline(): void
  /** Offline for 30 s, then BootNotification. */
  reboot(): void
  behave(names: readonly BehaviourName[]): void
  /** Lets the cars follow up to now. Call it at least once a second. */
  step(): void
  look(): readonly ConnectorLook[]
  /** What it was last told that a connector may draw, obeyed or not, A per phase in use. */
  orderedA(connectorId: number): number
  readonly behaviours: readonly BehaviourName[]
  readonly silent: boolean
  readonly online: boolean
  /** It has lost profiles that stood there. */
  readonly hasForgotten: boolean
}

const rebootMs = 30_000
const startDelayMs = 500

export function createChargePoint(setup: ChargePointSetup): SimulatedChargePoint {
  const { clock, tell, voltage } = setup
  let names = setup.behaviours
  let behaviour: Behaviour = combineBehaviours(names)
  let muted = false
  let powered = true
  let hasForgotten = false
  let steppedAt = clock.mono()
  const outlets: readonly Outlet[] = setup.connectors.map((each) => createOutlet(each.id, each.maxA, each.phases, each.direct))
  const registerAtStart = new Map(outlets.map((outlet) => [outlet.id, outlet.registerWh]))
  const isSilent = () => muted || behaviour.silent === true
  const configuration = createConfiguration({ connectors: outlets.length, sampleS: setup.sampleS, behaviour: () => behaviour })
  const profiles = createProfileDesk({
    outlets, voltage, clock, behaviour: () => behaviour, beforeChange: step,
    told: (message) => { tell({ type: 'profile', ...message }); clock.after(0, step) },
  })
  const reporter = createReporter({ setup, outlets, configuration, profiles, behaviour: () => behaviour, isSilent, reboot, step })
  const link = createLink({
    clientID: setup.id, clock, random: setup.random, dial: setup.dial, behaviour: () => behaviour, isSilent,
    opened() {
      tell({ type: 'connected' })
      reporter.lineOpened(link.send)
    },
    closed() {
      tell({ type: 'disconnected' })
      reporter.lineClosed()
      if (behaviour.forgetsOnDisconnect === true) forget()
    },
    received: (text) => reporter.received(text, link.send),
  })

  function outletAt(connectorId: number): Outlet {
    const outlet = outlets.find((each) => each.id === connectorId)
    if (outlet === undefined) throw new Error(`${setup.id} has no connector ${connectorId}`)
    return outlet
  }

  function step(): void {
    const nowMs = clock.mono()
    const dtS = (nowMs - steppedAt) / 1000
    steppedAt = nowMs
    for (const outlet of outlets) {
      const allowedA = profiles.allowedA(outlet)
      stepOutlet(outlet, allowedA, powered, dtS, voltage, behaviour)
      const status = statusOf(outlet, profiles.allowedA(outlet))
      if (status === outlet.status || !powered) continue
      outlet.status = status
      tell({ type: 'status', connectorId: outlet.id, status })
      reporter.reportStatus(outlet.id)
    }
  }

  function forget(): void {
    hasForgotten ||= profiles.memory.installed.length > 0
    profiles.forget()
  }

  function reboot(): void {
    step()
    powered = false
    link.hold()
    reporter.unbooted()
    if (behaviour.forgetsOnReboot === true) forget()
    for (const outlet of outlets) if (outlet.car !== null) outlet.car = { ...outlet.car, currentA: 0 }
    clock.after(rebootMs, () => {
      step()
      powered = true
      tell({ type: 'booted' })
      link.release()
    })
  }

  function look(outlet: Outlet): ConnectorLook {
    const { car, transaction } = outlet
    const permitA = car === null || !powered ? 0 : Math.min(profiles.allowedA(outlet), outlet.maxA, car.model.maxA)
    return {
      connectorId: outlet.id, plugged: car !== null, phases: phasesInUse(outlet, behaviour), drawA: car?.currentA ?? 0, permitA,
      transactionId: transaction?.id ?? null, status: outlet.status, deliveredWh: outlet.registerWh - (registerAtStart.get(outlet.id) ?? 0),
    }
  }

  return {
    id: setup.id,
    start: () => link.release(),
    stop() {
      link.hold()
      reporter.stop()
    },
    plugIn(connectorId, model) {
      const outlet = outletAt(connectorId)
      if (outlet.car !== null) throw new Error(`${setup.id}/${connectorId} has a car already`)
      step()
      plugInto(outlet, model)
      step()
      clock.after(startDelayMs, () => { if (outlet.car !== null && outlet.transaction === null) reporter.present(outlet, setup.idTag) })
    },
    unplug(connectorId) {
      const outlet = outletAt(connectorId)
      step()
      if (outlet.transaction !== null) reporter.end(outlet, 'EVDisconnected')
      outlet.car = null
      step()
    },
    drawAtMost(connectorId, amps) {
      step()
      const outlet = outletAt(connectorId)
      if (outlet.car !== null) outlet.car = { ...outlet.car, cappedA: amps }
    },
    suspend(connectorId, suspended) {
      step()
      const outlet = outletAt(connectorId)
      if (outlet.car !== null) outlet.car = { ...outlet.car, suspended }
      step()
    },
    goSilent() { muted = true; reporter.lineClosed() },
    goOffline: () => link.hold(),
    goOnline() {
      const was = isSilent()
      muted = false
      if (was && link.isOpen) reporter.lineOpened(link.send)
      link.release()
    },
    reboot,
    behave(next) {
      step()
      const was = isSilent()
      names = next
      behaviour = combineBehaviours(next)
      if (was && !isSilent() && link.isOpen) reporter.lineOpened(link.send)
      if (!was && isSilent()) reporter.lineClosed()
      step()
    },
    step,
    look: () => outlets.map(look),
    orderedA: (connectorId) => profiles.orderedA(outletAt(connectorId)),
    get behaviours() { return names },
    get silent() { return isSilent() },
    get online() { return link.isOpen },
    get hasForgotten() { return hasForgotten },
  }
}
