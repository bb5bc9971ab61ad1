// The root actor of one charge point: its session, boot and notices as facts; connectors, transactions and commands as its children.
import { assign, enqueueActions, setup, type SnapshotFrom } from 'xstate'
import type { Clock } from '../clock.ts'
import { hasEnded } from '../sessions/record.ts'
import { noSkew } from '../sessions/skew.ts'
import { portsOf } from './actor-ports.ts'
import { alarmBy, alarmWithoutClock } from './alarm.ts'
import { maxSecurityEvents, updateLastsMs, updating, type ChargePointContext, type ChargePointEvent, type ChargePointInput } from './charge-point-facts.ts'
import { connectorName, transactionName } from './child-names.ts'
import { commandMachine } from './command.ts'
import { connectorMachine } from './connector.ts'
import { farAlarmBy } from './far-alarm.ts'
import { noting } from './inspection/transition-notes.ts'
import { reservationMachine } from './reservation.ts'
import { transactionMachine, transactionStates } from './transaction.ts'

const commandName = (commandId: string): string => `command-${commandId}`
const reservationName = (reservationId: number): string => `reservation-${reservationId}`

type Parent = { getSnapshot(): { readonly children: Readonly<Record<string, unknown>> } }

/** XState fails on a message to a child that is not there; what is said to one that has ended concerns nobody. */
function whenThere(self: Parent, name: string, then: (name: string) => void): void {
  if (self.getSnapshot().children[name] !== undefined) then(name)
}

export const chargePointMachine = setup({
  types: {} as { context: ChargePointContext; events: ChargePointEvent; input: ChargePointInput },
  actors: { connector: connectorMachine, transaction: transactionMachine, command: commandMachine, reservation: reservationMachine, alarm: alarmWithoutClock },
  guards: {
    isGone: ({ context }) => context.session === null,
    isAccepted: ({ context }) => context.session !== null && context.accepted,
    isStranger: ({ context }) => context.session !== null && !context.accepted,
    updates: ({ context }) => context.updateDueAtMs !== null,
    hasUpdated: ({ context }) => context.updateDueAtMs === null,
  },
}).createMachine({
  id: 'charge-point',
  context: ({ input, spawn }) => {
    for (const connectorId of input.connectorIds) spawn('connector', { id: connectorName(connectorId), input: { connectorId } })
    return {
      clientID: input.clientID,
      session: null,
      everConnected: input.accepted,
      connectionSinceMs: null,
      lastSeenAtMs: null,
      accepted: input.accepted,
      held: null,
      boot: null,
      boots: 0,
      bootedAtMs: null,
      skew: noSkew,
      whole: null,
      running: {},
      notices: {},
      securityEvents: [],
      updateDueAtMs: null,
    }
  },
  on: {
    CONNECTED: {
      // A connection that was replaced may be heard of late: the newest generation stays.
      guard: ({ context, event }) => context.session === null || event.session.generation > context.session.generation,
      actions: assign(({ event }) => ({ session: event.session, everConnected: true, connectionSinceMs: event.atMs })),
    },
    DISCONNECTED: {
      guard: ({ context, event }) => context.session?.id === event.sessionId,
      actions: assign(({ event }) => ({ session: null, connectionSinceMs: event.atMs, lastSeenAtMs: event.lastSeenAtMs })),
    },
    RESTORED: { actions: enqueueActions(({ context, event, enqueue, self }) => {
      if (context.session !== null) enqueue.assign({ session: null, connectionSinceMs: event.atMs })
      for (const id of Object.values(context.running)) whenThere(self, transactionName(id), (name) => enqueue.sendTo(name, event))
    }) },
    BOOT_ACCEPTED: {
      guard: ({ context }) => context.session !== null,
      // A boot ends an update, whether or not it said so.
      actions: assign(({ context, event }) => ({ accepted: true, held: null, boot: event.boot, boots: context.boots + 1, bootedAtMs: event.atMs, updateDueAtMs: null })),
    },
    BOOT_HELD: {
      guard: ({ context }) => context.session !== null,
      actions: assign(({ event }) => ({ accepted: false, held: event.held, boot: event.boot, updateDueAtMs: null })),
    },
    SKEW_MEASURED: { actions: assign(({ event }) => ({ skew: event.skew })) },
    NOTICED: {
      actions: assign(({ context, event }) => {
        const notice = { status: event.status, atMs: event.atMs, requestId: event.requestId }
        const notices = { ...context.notices, [event.topic]: notice }
        if (event.topic !== 'firmware' && event.topic !== 'signedFirmware') return { notices }
        return { notices, updateDueAtMs: updating.has(event.status) ? context.updateDueAtMs ?? event.atMs + updateLastsMs : null }
      }),
    },
    SECURITY_EVENT: {
      actions: assign(({ context, event }) => ({ securityEvents: [...context.securityEvents, event.event].slice(-maxSecurityEvents) })),
    },
    CONNECTOR_ADDED: {
      actions: enqueueActions(({ enqueue, event, self }) => {
        const name = connectorName(event.connectorId)
        if (self.getSnapshot().children[name] === undefined) enqueue.spawnChild('connector', { id: name, input: { connectorId: event.connectorId } })
      }),
    },
    STATUS_REPORTED: {
      actions: enqueueActions(({ context, event, enqueue, self }) => {
        if (event.connectorId === 0) {
          enqueue.assign({ whole: { status: event.status, errorCode: event.errorCode, info: event.info, atMs: event.atMs } })
          return
        }
        enqueue.sendTo(connectorName(event.connectorId), event)
        const transactionId = context.running[event.connectorId]
        if (transactionId !== undefined) whenThere(self, transactionName(transactionId), (name) => enqueue.sendTo(name, event))
      }),
    },
    LIMIT_MIRRORED: { actions: enqueueActions(({ event, enqueue }) => enqueue.sendTo(connectorName(event.connectorId), event)) },
    FLOWED: { actions: enqueueActions(({ event, enqueue, self }) => whenThere(self, transactionName(event.transactionId), (name) => enqueue.sendTo(name, event))) },
    TRANSACTION_TOLD: { actions: enqueueActions(({ event, enqueue, self }) => whenThere(self, transactionName(event.transactionId), (name) => enqueue.sendTo(name, event))) },
    STOP_ORDERED: { actions: enqueueActions(({ event, enqueue, self }) => whenThere(self, transactionName(event.transactionId), (name) => enqueue.sendTo(name, event))) },
    TRANSACTION_STARTED: {
      // Whoever starts a second one ends the first before.
      guard: ({ context, event }) => context.running[event.record.connectorId] === undefined && !hasEnded(event.record),
      actions: enqueueActions(({ context, event, enqueue }) => {
        const { record, bootsAtStart } = event
        enqueue.assign({ running: { ...context.running, [record.connectorId]: record.id } })
        enqueue.spawnChild('transaction', { id: transactionName(record.id), input: { record, bootsAtStart } })
      }),
    },
    TRANSACTION_ENDED: {
      guard: ({ context, event }) => context.running[event.record.connectorId] === event.record.id,
      actions: enqueueActions(({ context, event, enqueue, self }) => {
        const { [event.record.connectorId]: _, ...others } = context.running
        whenThere(self, transactionName(event.record.id), (name) => {
          enqueue.sendTo(name, event)
          enqueue.stopChild(name)
        })
        enqueue.assign({ running: others })
      }),
    },
    COMMAND_ISSUED: { actions: enqueueActions(({ event: { command }, enqueue }) => enqueue.spawnChild('command', { id: commandName(command.id), input: { command } })) },
    COMMAND_SENT: { actions: enqueueActions(({ event, enqueue, self }) => whenThere(self, commandName(event.commandId), (name) => enqueue.sendTo(name, event))) },
    COMMAND_ENDED: {
      actions: enqueueActions(({ event, enqueue, self }) => whenThere(self, commandName(event.commandId), (name) => {
        enqueue.sendTo(name, event)
        enqueue.stopChild(name)
      })),
    },
    RESERVATION_REQUESTED: {
      actions: enqueueActions(({ event: { reservation, granted, cancelling }, enqueue, self }) => {
        const name = reservationName(reservation.id)
        // Asked for anew under the same id: its actor begins anew, with the new deadline.
        if (self.getSnapshot().children[name] !== undefined) enqueue.stopChild(name)
        enqueue.spawnChild('reservation', { id: name, input: { reservation, granted, cancelling } })
      }),
    },
    RESERVATION_GRANTED: { actions: enqueueActions(({ event, enqueue, self }) => whenThere(self, reservationName(event.reservationId), (name) => enqueue.sendTo(name, event))) },
    RESERVATION_CANCELLING: { actions: enqueueActions(({ event, enqueue, self }) => whenThere(self, reservationName(event.reservationId), (name) => enqueue.sendTo(name, event))) },
    RESERVATION_ENDED: {
      actions: enqueueActions(({ event, enqueue, self }) => whenThere(self, reservationName(event.reservationId), (name) => {
        enqueue.sendTo(name, event)
        enqueue.stopChild(name)
      })),
    },
    QUARANTINED: { target: '.quarantined' },
    DUE: { actions: assign({ updateDueAtMs: null }) },
  },
  initial: 'offline',
  states: {
    offline: {
      always: [
        { guard: 'updates', target: 'updating' },
        { guard: 'isAccepted', target: 'online' },
        { guard: 'isStranger', target: 'booting' },
      ],
    },
    booting: { always: [{ guard: 'isGone', target: 'offline' }, { guard: 'isAccepted', target: 'online' }] },
    online: { always: [{ guard: 'isGone', target: 'offline' }, { guard: 'isStranger', target: 'booting' }, { guard: 'updates', target: 'updating' }] },
    updating: {
      invoke: { src: 'alarm', input: ({ context }) => ({ dueAtMs: context.updateDueAtMs ?? 0 }) },
      always: { guard: 'hasUpdated', target: 'offline' },
    },
    // Facts are no longer believed here: one of them breaks the machine. A restart of kwota tries again.
    quarantined: { on: { RESTORED: { target: 'offline', actions: assign({ session: null }) }, '*': {} } },
  },
})

const clockOf = (system: object): Clock => portsOf(system).clock
const alarm = alarmBy(clockOf)
const farAlarm = farAlarmBy(clockOf)

/** The machine and its children as they run, for a root actor that was given its ports. Made once: of each machine made XState keeps the whole table. */
export const runningMachine = noting(chargePointMachine.provide({
  actors: {
    connector: connectorMachine,
    transaction: noting(transactionMachine.provide({ actors: { alarm } })),
    command: noting(commandMachine.provide({ actors: { alarm: farAlarm }, actions: { tellDue: ({ context, system }) => portsOf(system).told.commandDue(context.command.id) } })),
    reservation: noting(reservationMachine.provide({ actors: { alarm: farAlarm }, actions: { tellDue: ({ context, system }) => portsOf(system).told.reservationDue(context.reservation.id) } })),
    alarm,
  },
}))

export type ChargePointSnapshot = SnapshotFrom<typeof chargePointMachine>

/** Has it an actor for that connector? */
export function hasConnector(snapshot: ChargePointSnapshot, connectorId: number): boolean {
  return snapshot.children[connectorName(connectorId)] !== undefined
}

/** One connector: context and limit state; null when it has none with that id. */
export function connectorOf(snapshot: ChargePointSnapshot, connectorId: number) {
  const state = snapshot.children[connectorName(connectorId)]?.getSnapshot()
  if (state === undefined || !('context' in state) || !('connectorId' in state.context)) return null
  const value = state.value
  return { ...state.context, limit: typeof value === 'object' && 'limit' in value ? value.limit : 'none' as const }
}

/** The connectors, by id. */
export function connectorsOf(snapshot: ChargePointSnapshot) {
  const ids = Object.keys(snapshot.children).filter((name) => name.startsWith('connector-')).map((name) => Number(name.slice('connector-'.length)))
  return ids.sort((a, b) => a - b).map((id) => connectorOf(snapshot, id)).filter((one) => one !== null)
}

/** What the actor of a running transaction knows, as it is, and its state; null when there is none. */
export function transactionState(snapshot: ChargePointSnapshot, transactionId: number) {
  const state = snapshot.children[transactionName(transactionId)]?.getSnapshot()
  if (state === undefined || !('context' in state) || !('record' in state.context)) return null
  const status = transactionStates.find((name) => name === state.value)
  return status === undefined ? null : { context: state.context, status }
}

/** The transactions that have not ended, as their actors know them; `record.status` says the actor's state. */
export function transactionsOf(snapshot: ChargePointSnapshot) {
  return Object.values(snapshot.context.running).flatMap((id) => {
    const found = transactionState(snapshot, id)
    return found === null ? [] : [{ ...found.context, record: { ...found.context.record, status: found.status } }]
  })
}

/** The commands that have not ended. */
export function commandsOf(snapshot: ChargePointSnapshot) {
  const found = []
  for (const child of Object.values(snapshot.children)) {
    const state = child?.getSnapshot()
    if (state !== undefined && 'context' in state && 'command' in state.context) found.push({ ...state.context.command, state: state.value })
  }
  return found
}
