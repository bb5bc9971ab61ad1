// The supervised root actor of a family and its durable snapshot: restored at the start, put again after everything it was told.
import { createActor, type AnyActor } from 'xstate'
import type { Clock } from '../clock.ts'
import { noMachineClock } from '../clock.ts'
import { givePorts, type Told } from './actor-ports.ts'
import { runningMachine, type ChargePointSnapshot } from './charge-point.ts'
import type { ChargePointEvent, ChargePointInput } from './charge-point-facts.ts'
import { familyKey, readFamily, wasAccepted, writeFamily } from './family-snapshot.ts'
import type { Scope } from './scope.ts'
import { supervise, type Supervised } from './supervise.ts'

/** Told the root actor once it runs; what it answers is called when that one has ended. */
export type Running = (actor: AnyActor) => () => void

export interface FamilyActorOptions {
  readonly clientID: string
  readonly connectorIds: readonly number[]
  readonly scope: Scope
  readonly clock: Clock
  readonly told: Told
  readonly onRestarted: (error: unknown) => void
  readonly onQuarantined: (error: unknown) => void
  /** Absent: nobody looks in. */
  readonly running?: Running | undefined
}

export interface FamilyActor {
  snapshot(): ChargePointSnapshot
  send(event: ChargePointEvent): void
  sendLossy(event: ChargePointEvent): void
  isQuarantined(): boolean
  /** Why the stored snapshot could not be read; it was set aside and the family began afresh. */
  readonly setAside: string | null
  stop(options: { save: boolean }): void
}

const lossyForMs = 10_000

export function openFamilyActor(options: FamilyActorOptions): FamilyActor {
  const { clientID, scope, clock } = options
  const key = familyKey(clientID)
  let setAside: string | null = null
  let saving = false
  const actor = restored() ?? begin(false)

  function begin(accepted: boolean, snapshot?: unknown): Supervised<typeof runningMachine> {
    const input: ChargePointInput = { clientID, connectorIds: options.connectorIds, accepted }
    return supervise({
      // The type of a persisted snapshot is only known to be right because readFamily has checked it.
      start: (from) => givePorts(createActor(runningMachine, { input, clock: noMachineClock, ...(from === undefined ? {} : { snapshot: from as ChargePointSnapshot }) }), { clock, told: options.told }),
      snapshot,
      clock,
      onRestarted: options.onRestarted,
      ...(options.running === undefined ? {} : { running: options.running }),
      onQuarantined(error, last) {
        last?.send({ type: 'QUARANTINED' })
        options.onQuarantined(error)
      },
    })
  }

  function restored(): Supervised<typeof runningMachine> | null {
    const stored = scope.get(key)
    if (stored === undefined) {
      setAside = scope.aside.find((one) => one.key === key)?.reason ?? null
      return null
    }
    try {
      const found = begin(false, readFamily(stored))
      found.send({ type: 'RESTORED', atMs: clock.wall() })
      return found
    } catch (error) {
      setAside = error instanceof Error ? error.message : String(error)
      scope.setAside(key, setAside)
      return begin(wasAccepted(stored))
    }
  }

  function save(): void {
    scope.put(key, writeFamily(actor.checkpoint()))
    if (saving) return
    saving = true
    clock.after(0, () => {
      saving = false
      // The scope reports a failure itself and tries again.
      scope.flush().catch(() => undefined)
    })
  }

  let lossy: (() => void) | null = null
  for (const connectorId of options.connectorIds) actor.send({ type: 'CONNECTOR_ADDED', connectorId })
  save()

  return {
    snapshot: () => actor.snapshot(),
    send(event) {
      actor.send(event)
      save()
    },
    sendLossy(event) {
      actor.send(event)
      lossy ??= clock.after(lossyForMs, () => {
        lossy = null
        save()
      })
    },
    isQuarantined: () => actor.quarantined,
    setAside,
    stop({ save: last }) {
      if (last) scope.put(key, writeFamily(actor.checkpoint()))
      actor.stop()
    },
  }
}
