// Where a simulated charge point takes, refuses, forgets and obeys charging profiles, with its bad habits.
import type { Clock } from '../clock.ts'
import type { ChargingProfile, RequestOf, ResponseOf } from '../protocol/messages/index.ts'
import type { Behaviour } from './behaviours.ts'
import { compositeSchedule } from './composite.ts'
import { batteryV, phasesInUse, runningOf, wattsPerA, type Outlet } from './outlet.ts'
import { ampsOf, createProfileMemory, usualLimits, type ClearFilter, type ProfileMemory, type Running } from './profile-memory.ts'
import type { Rate } from './profile-schedule.ts'

export type ProfileStatus = ResponseOf<'SetChargingProfile'>['status']

export interface ProfileDesk {
  /** Decides, applies (now or late) and answers. */
  set(connectorId: number, profile: ChargingProfile): ProfileStatus
  /** A message that came while nothing is answered or applied: only counted. */
  overhear(connectorId: number, profile: ChargingProfile): void
  clear(filter: ClearFilter): ResponseOf<'ClearChargingProfile'>
  composite(request: RequestOf<'GetCompositeSchedule'>): ResponseOf<'GetCompositeSchedule'>
  /** What the connector may draw now, A per phase in use; never above its hardware. */
  allowedA(outlet: Outlet): number
  /** What it was last told that the connector may draw, obeyed or not, A per phase in use. */
  orderedA(outlet: Outlet): number
  endTransaction(outlet: Outlet): void
  forget(): void
  readonly memory: ProfileMemory
}

export interface ProfileDeskOptions {
  readonly outlets: readonly Outlet[]
  readonly voltage: number
  readonly clock: Clock
  readonly behaviour: () => Behaviour
  /** Runs before what is allowed changes: physics catch up under the old limit. */
  readonly beforeChange: () => void
  /** Every SetChargingProfile, answered or not. `raises` = some connector would be allowed more than by all messages before it. */
  readonly told: (message: { connectorId: number; profile: ChargingProfile; status: ProfileStatus | 'none'; raises: boolean }) => void
}

const slackA = 0.01

export function createProfileDesk(options: ProfileDeskOptions): ProfileDesk {
  const { outlets, voltage, clock, behaviour } = options
  const limits = { ...usualLimits, connectors: outlets.length }
  let memory = createProfileMemory(limits)
  /** What was ever asked of it, obeyed or not: what a raising is measured against. */
  let heard = createProfileMemory(limits)

  function runningAt(connectorId: number): Running | null {
    const outlet = outlets.find((each) => each.id === connectorId)
    return outlet === undefined ? null : runningOf(outlet)
  }

  /** Amps said to a DC connector are those of its cable. */
  function ampsOn(outlet: Outlet, rate: Rate | null): number {
    if (outlet.direct === null || rate === null) return ampsOf(rate, phasesInUse(outlet, behaviour()), voltage)
    return (rate.unit === 'W' ? rate.limit : rate.limit * batteryV) / wattsPerA(outlet, voltage, behaviour())
  }

  function share(of: ProfileMemory, outlet: Outlet): number {
    const ownA = (each: Outlet) => Math.min(each.maxA, ampsOn(each, of.connectorRate(each.id, runningOf(each), clock.wall())))
    const whole = of.wholeRate(clock.wall())
    if (whole === null) return ownA(outlet)
    const using = outlets.filter((each) => each.car !== null || each === outlet)
    const asked = using.reduce((sum, each) => sum + ownA(each) * (whole.unit === 'W' ? wattsPerA(each, voltage, behaviour()) : each.direct === null ? 1 : wattsPerA(each, voltage, behaviour()) / batteryV), 0)
    return asked <= whole.limit ? ownA(outlet) : (ownA(outlet) * whole.limit) / asked
  }

  function hear(connectorId: number, profile: ChargingProfile, status: ProfileStatus | 'none'): void {
    const before = outlets.map((outlet) => share(heard, outlet))
    heard.install(connectorId, profile, runningAt(connectorId), clock.wall())
    const raises = outlets.some((outlet, at) => share(heard, outlet) > (before[at] ?? 0) + slackA)
    options.told({ connectorId, profile, status, raises })
  }

  function judge(connectorId: number, profile: ChargingProfile): ProfileStatus {
    const refused = behaviour().refuseProfile?.(connectorId, profile) ?? null
    if (refused !== null) return refused
    return memory.copy().install(connectorId, profile, runningAt(connectorId), clock.wall()).accepted ? 'Accepted' : 'Rejected'
  }

  function apply(connectorId: number, profile: ChargingProfile): void {
    options.beforeChange()
    memory.install(connectorId, profile, runningAt(connectorId), clock.wall())
    for (const outlet of outlets) if (connectorId === 0 || outlet.id === connectorId) outlet.unbridled = false
  }

  return {
    set(connectorId, profile) {
      const status = judge(connectorId, profile)
      hear(connectorId, profile, status)
      if (status !== 'Accepted') return status
      const delayMs = behaviour().applyDelayMs ?? 0
      if (delayMs === 0) apply(connectorId, profile)
      else clock.after(delayMs, () => apply(connectorId, profile))
      return status
    },
    overhear: (connectorId, profile) => hear(connectorId, profile, 'none'),
    clear(filter) {
      options.beforeChange()
      heard.clear(filter)
      return { status: memory.clear(filter) > 0 ? 'Accepted' : 'Unknown' }
    },
    composite(request) {
      const known = request.connectorId === 0 || outlets.some((outlet) => outlet.id === request.connectorId)
      const { composite } = behaviour()
      if (!known || request.duration <= 0 || composite === 'none') return { status: 'Rejected' }
      return compositeSchedule(composite === 'lies' ? createProfileMemory(limits) : memory, outlets.map((outlet) => ({ connectorId: outlet.id, maxA: outlet.maxA, running: runningOf(outlet) })), request, clock.wall(), voltage)
    },
    allowedA(outlet) {
      return behaviour().ignoresProfiles === true || outlet.unbridled ? outlet.maxA : share(memory, outlet)
    },
    orderedA: (outlet) => share(heard, outlet),
    endTransaction(outlet) {
      memory.endTransaction(outlet.id)
      heard.endTransaction(outlet.id)
    },
    forget() {
      options.beforeChange()
      memory = createProfileMemory(limits)
      heard = createProfileMemory(limits)
    },
    get memory() { return memory },
  }
}
