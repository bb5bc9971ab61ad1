// The machines that people may look at, by the type of actor that runs them.
import { chargePointMachine } from '../charge-point.ts'
import { commandMachine } from '../command.ts'
import { connectorMachine } from '../connector.ts'
import { reservationMachine } from '../reservation.ts'
import { siteMachine } from '../site.ts'
import { transactionMachine } from '../transaction.ts'
import { definitionOf, type MachineDefinition } from './machine-definition.ts'

export const machineTypes = ['site', 'charge-point', 'connector', 'transaction', 'reservation', 'command'] as const
export type MachineType = (typeof machineTypes)[number]

/** The `id` of each is its type. */
export const machineDefinitions: Readonly<Record<MachineType, MachineDefinition>> = {
  site: definitionOf(siteMachine),
  'charge-point': definitionOf(chargePointMachine),
  connector: definitionOf(connectorMachine),
  transaction: definitionOf(transactionMachine),
  reservation: definitionOf(reservationMachine),
  command: definitionOf(commandMachine),
}
