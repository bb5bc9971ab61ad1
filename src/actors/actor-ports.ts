// What the actors of a charge point reach beyond themselves, found by their system: so machines are made once for everybody, and not once for each charge point.
import type { AnyActor } from 'xstate'
import type { Clock } from '../clock.ts'

/** What the children tell whoever runs them. */
export interface Told {
  /** A command waited as long as it may. */
  commandDue(commandId: string): void
  /** The time of a reservation has come. */
  reservationDue(reservationId: number): void
}

export interface ActorPorts { readonly clock: Clock; readonly told: Told }

const given = new WeakMap<object, ActorPorts>()

/** To a root actor that is not started yet; its children share them. */
export function givePorts<A extends AnyActor>(actor: A, ports: ActorPorts): A {
  given.set(actor.system, ports)
  return actor
}

export function portsOf(system: object): ActorPorts {
  const ports = given.get(system)
  if (ports === undefined) throw new Error('this charge point was started without its ports')
  return ports
}
