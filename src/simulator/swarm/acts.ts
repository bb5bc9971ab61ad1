// What each event of a world does: to a car, a charge point, the network, the store, the machine, or as a request to kwota.
import { Refusal, type House } from '../../actors/house.ts'
import type { Clock } from '../../clock.ts'
import { perPhase, type PhaseAmps } from '../../power/site.ts'
import type { FaultyStore } from '../faulty-store.ts'
import type { Findings } from './finding.ts'
import type { Imposed } from './imposed.ts'
import type { Machine } from './machine.ts'
import type { Network } from './network.ts'
import type { GridWish, RecordsWitness } from './records-witness.ts'
import type { Tenant } from './tenant.ts'
import type { KillMoment, World, WorldCar, WorldEvent } from './world.ts'
import type { Yard } from './yard.ts'

export interface Stagehand {
  act(event: WorldEvent): void
  /** A moment at which the process may be meant to die. */
  happened(moment: KillMoment): void
  /** Ends every fault. */
  heal(): void
  readonly baseA: PhaseAmps
  readonly meterRunning: boolean
}

type Kill = Extract<WorldEvent, { kind: 'kill' }>
type Curtailment = Extract<WorldEvent, { kind: 'curtail' }>

const caller = { name: 'swarm', requestId: 'swarm' }
const liftAgainMs = 1_000

export function createStagehand(options: {
  readonly world: World; readonly clock: Clock; readonly machine: Machine; readonly store: FaultyStore; readonly network: Network; readonly tenant: Tenant
  readonly yard: Yard; readonly records: RecordsWitness; readonly imposed: Imposed; readonly findings: Findings
  /** Something that kwota could not foresee. */
  readonly outside: () => void
}): Stagehand {
  const { world, clock, machine, store, network, tenant, yard, records, imposed, findings, outside } = options
  const siteID = world.site.id
  let baseA: PhaseAmps = world.base
  let meterRunning = world.meter !== null
  let storeTurn = 0
  let ttlTurn = 0
  let armed: Kill | null = null

  /** A refusal is an answer; anything else that a request ends with is a failure of kwota. */
  function ask(run: (house: House) => Promise<unknown>, answered: () => void = () => undefined): void {
    tenant.tell((house) => {
      Promise.resolve().then(() => run(house)).then(answered, (error: unknown) => {
        if (!(error instanceof Refusal)) findings.add('failure', `a request ends with ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`)
      })
    })
  }

  function connector(key: string): { client: string; connectorId: number } {
    const slash = key.lastIndexOf('/')
    return { client: key.slice(0, slash), connectorId: Number(key.slice(slash + 1)) }
  }

  function lookAt(key: string) {
    const { client, connectorId } = connector(key)
    return yard.chargePoint(client).look().find((each) => each.connectorId === connectorId)
  }

  function setLimit(limit: GridWish, ttlS: number | undefined): void {
    const turn = ++ttlTurn
    ask((house) => {
      const known = records.asked(limit, ttlS !== undefined)
      outside()
      if (ttlS !== undefined) {
        clock.after(ttlS * 1000, () => {
          if (turn !== ttlTurn) return
          records.lapsed(world.site.failsafeA)
          outside()
        })
      }
      return house.setGridLimit(siteID, { ...limit, ...(ttlS === undefined ? {} : { ttlS }) }, caller).then(() => { known(); happened('limit-set') })
    })
  }

  /** Until it is lifted: kwota may be down just now, and after one that has lapsed only a fresh one ends the failsafe. */
  function lift(): void {
    const again = (): void => void clock.after(liftAgainMs, lift)
    if (tenant.house === null) return again()
    ttlTurn++
    ask((house) => {
      const known = records.asked(null)
      return house.clearGridLimit(siteID, caller).then(known, (error: unknown) => {
        if (error instanceof Refusal && error.code === 'failsafe-holds') setLimit({ currentA: perPhase(world.site.fuseA).L1 }, undefined)
        again()
        throw error
      })
    })
  }

  function tellOfCar(key: string, { told, departS, energyNeededWh, maxA, phases }: WorldCar): void {
    const { client, connectorId } = connector(key)
    const wired = yard.placeOf(key)?.phases.length ?? 3
    if (told !== true && departS === undefined) return
    ask((house) => house.patchConnector(client, connectorId, {
      ...(told === true ? { vehicleMaxA: maxA, vehiclePhases: Math.min(phases, wired) as 1 | 2 | 3 } : {}),
      ...(departS === undefined ? {} : { departureAt: new Date(machine.wall() + departS * 1000).toISOString(), energyNeededWh: energyNeededWh ?? null }),
    }, caller))
  }

  function curtail({ currentA, powerW, forS, liftedAfterMs }: Curtailment): void {
    const limit = currentA === undefined ? { powerW: powerW ?? 0 } : { currentA }
    ask((house) => {
      const known = imposed.curtail(limit, forS * 1000)
      outside()
      return house.limits.createCurtailment(siteID, { ...limit, expiresAt: new Date(machine.wall() + forS * 1000).toISOString() }, caller).then(({ value }) => {
        known.acknowledged(value.id)
        happened('limit-set')
        if (liftedAfterMs !== undefined) clock.after(liftedAfterMs, () => ask((then) => { known.lifted(); return then.limits.cancelCurtailment(siteID, value.id, caller) }))
      }, (error: unknown) => {
        known.refused(error instanceof Refusal && error.code === 'store-down')
        throw error
      })
    })
  }

  function command(key: string, action: 'RemoteStopTransaction' | 'RemoteStartTransaction' | 'UnlockConnector'): void {
    const { client, connectorId } = connector(key)
    const transactionId = lookAt(key)?.transactionId ?? null
    if (action === 'RemoteStopTransaction' && transactionId === null) return
    const body = action === 'RemoteStopTransaction' ? { transactionId } : action === 'RemoteStartTransaction' ? { connectorId, idTag: 'REMOTE' } : { connectorId }
    ask((house) => house.commands.issue(client, action, body, {}, caller))
  }

  function kill({ keeps, downMs }: Kill): void {
    armed = null
    if (tenant.house === null) return
    tenant.kill(keeps)
    outside()
    clock.after(downMs, () => { tenant.start(); outside() })
  }

  function act(event: WorldEvent): void {
    if ('client' in event && !yard.joined(event.client)) return
    if ('key' in event && !yard.joined(connector(event.key).client)) return
    switch (event.kind) {
      case 'plug': {
        const { client, connectorId } = connector(event.key)
        if (lookAt(event.key)?.plugged !== false) return
        tellOfCar(event.key, event.car)
        const { maxA, phases, followS, energyNeededWh = Infinity, takesA } = event.car
        yard.plug(event.key, { maxA, phases, followS, energyNeededWh })
        if (takesA !== undefined) yard.chargePoint(client).drawAtMost(connectorId, takesA)
        return
      }
      case 'unplug': {
        const { client, connectorId } = connector(event.key)
        if (lookAt(event.key)?.plugged === true) yard.chargePoint(client).unplug(connectorId)
        return
      }
      case 'suspend': return yard.chargePoint(connector(event.key).client).suspend(connector(event.key).connectorId, event.suspended)
      case 'draws': return yard.chargePoint(connector(event.key).client).drawAtMost(connector(event.key).connectorId, event.amps)
      case 'behave': outside(); return yard.behave(event.client, event.names)
      case 'reboot': return yard.chargePoint(event.client).reboot()
      case 'offline': return yard.chargePoint(event.client).goOffline()
      case 'silent': return yard.chargePoint(event.client).goSilent()
      case 'online': return yard.chargePoint(event.client).goOnline()
      case 'base':
        baseA = event.amps
        return outside()
      case 'meter':
        meterRunning = event.running && world.meter !== null
        return outside()
      case 'limit': return setLimit({ ...(event.currentA === undefined ? {} : { currentA: event.currentA }), ...(event.powerW === undefined ? {} : { powerW: event.powerW }) }, event.ttlS)
      case 'clear-limit':
        ttlTurn++
        return ask((house) => { const known = records.asked(null); return house.clearGridLimit(siteID, caller).then(known) })
      case 'curtail': return curtail(event)
      case 'patch': {
        const { client, connectorId } = connector(event.key)
        return ask((house) => house.patchConnector(client, connectorId, { priority: event.priority, weight: event.weight }, caller))
      }
      case 'remote-stop': return command(event.key, 'RemoteStopTransaction')
      case 'remote-start': return command(event.key, 'RemoteStartTransaction')
      case 'unlock': return command(event.key, 'UnlockConnector')
      case 'weather': return network.weather(event.client, event.what, event.forMs)
      case 'intruder': return network.intrude(event.client, event.forMs)
      case 'store': {
        const turn = ++storeTurn
        store.become(event.what)
        return void clock.after(event.forMs, () => { if (turn === storeTurn) store.become('well') })
      }
      case 'kill':
        if (event.upon === undefined) return kill(event)
        armed = event
        return
      case 'freeze': return machine.freeze(event.forMs)
      case 'wall-step':
        imposed.stepped()
        return machine.stepWall(event.byMs)
    }
  }

  function happened(moment: KillMoment): void {
    const due = armed
    if (due?.upon !== moment) return
    // In the next turn: what was said is said, and nothing that was put off is done.
    clock.after(0, () => { if (armed === due) kill(due) })
  }

  return {
    act,
    happened,
    heal() {
      storeTurn++
      armed = null
      store.become('well')
      network.clear()
      lift()
      if (world.meter !== null) meterRunning = true
      for (const { config } of world.chargePoints) if (yard.joined(config.id)) yard.heal(config.id)
    },
    get baseA() { return baseA },
    get meterRunning() { return meterRunning },
  }
}
