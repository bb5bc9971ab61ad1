// The root actor of one charge point: its session, boot and notices as facts, its connectors and running transactions as children.
import { assign, enqueueActions, setup, type SnapshotFrom } from 'xstate'
import { z } from 'zod'
import type { Clock } from '../clock.ts'
import { noSkew, skewSchema, type Skew } from '../sessions/skew.ts'
import { hasEnded } from '../sessions/record.ts'
import { alarmOn, alarmWithoutClock } from './alarm.ts'
import { connectorMachine, readingSchema, type ConnectorReading, type LimitMirrored, type Sampled, type StatusReported } from './connector.ts'
import {
  transactionMachine, type Metered, type StopOrdered, type TransactionEnded, type TransactionInput, type TransactionTold,
} from './transaction.ts'

export const noticeTopics = ['firmware', 'diagnostics', 'log', 'signedFirmware'] as const
export type NoticeTopic = (typeof noticeTopics)[number]

const noticeSchema = z.object({ status: z.string(), atMs: z.number(), requestId: z.int().nullable() })
const sessionSchema = z.object({ id: z.string(), generation: z.int(), remoteAddress: z.string() })
const securityEventSchema = z.object({ type: z.string(), timestamp: z.string(), techInfo: z.string().nullable(), atMs: z.number() })

export const chargePointContextSchema = z.object({
  clientID: z.string(),
  session: sessionSchema.nullable(),
  everConnected: z.boolean(),
  /** When the connection came or went, our wall clock. */
  connectionSinceMs: z.number().nullable(),
  lastSeenAtMs: z.number().nullable(),
  /** A BootNotification was accepted once; from then on a reconnect without boot resumes. */
  accepted: z.boolean(),
  boot: z.record(z.string(), z.string()).nullable(),
  boots: z.int(),
  skew: skewSchema,
  /** Connector 0: the charge point as a whole. */
  whole: z.object({ status: z.string(), errorCode: z.string(), info: z.string().nullable(), atMs: z.number() }).nullable(),
  mainMeter: readingSchema.nullable(),
  /** Connector → the transaction that runs there: at most one by construction. */
  running: z.record(z.string(), z.int()),
  notices: z.partialRecord(z.enum(noticeTopics), noticeSchema),
  /** The newest 20. */
  securityEvents: z.array(securityEventSchema),
  /** A firmware update is expected to be over by then. */
  updateDueAtMs: z.number().nullable(),
})
export type ChargePointContext = z.infer<typeof chargePointContextSchema>

export type ChargePointEvent =
  | { type: 'CONNECTED'; session: z.infer<typeof sessionSchema>; atMs: number }
  | { type: 'DISCONNECTED'; sessionId: string; atMs: number; lastSeenAtMs: number }
  /** The process has restarted: no socket survives that. */
  | { type: 'RESTORED'; atMs: number }
  | { type: 'BOOT_ACCEPTED'; boot: Record<string, string> }
  | { type: 'SKEW_MEASURED'; skew: Skew }
  | { type: 'NOTICED'; topic: NoticeTopic; status: string; atMs: number; requestId: number | null }
  | { type: 'SECURITY_EVENT'; event: z.infer<typeof securityEventSchema> }
  | { type: 'MAIN_METERED'; reading: ConnectorReading }
  | { type: 'CONNECTOR_ADDED'; connectorId: number }
  | ({ type: 'TRANSACTION_STARTED' } & TransactionInput)
  | StatusReported | Sampled | LimitMirrored | Metered | TransactionTold | StopOrdered | TransactionEnded
  | { type: 'QUARANTINED' }
  | { type: 'DUE' }

export interface ChargePointInput { readonly clientID: string; readonly connectorIds: readonly number[]; readonly accepted: boolean }

/** More connectors than any charge point has: what names others is confirmed and forgotten. */
export const maxConnectorId = 1000
export const maxConnectors = 100
const maxSecurityEvents = 20
const updateLastsMs = 30 * 60_000
const updating: ReadonlySet<string> = new Set([
  'Downloading', 'Downloaded', 'Installing', 'InstallRebooting', 'SignatureVerified', 'DownloadPaused',
])

const connectorName = (connectorId: number): string => `connector-${connectorId}`
const transactionName = (transactionId: number): string => `transaction-${transactionId}`

export const chargePointMachine = setup({
  types: {} as { context: ChargePointContext; events: ChargePointEvent; input: ChargePointInput },
  actors: { connector: connectorMachine, transaction: transactionMachine, alarm: alarmWithoutClock },
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
      boot: null,
      boots: 0,
      skew: noSkew,
      whole: null,
      mainMeter: null,
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
    RESTORED: {
      guard: ({ context }) => context.session !== null,
      actions: assign(({ event }) => ({ session: null, connectionSinceMs: event.atMs })),
    },
    BOOT_ACCEPTED: {
      guard: ({ context }) => context.session !== null,
      // A boot ends an update, whether or not it said so.
      actions: assign(({ context, event }) => ({ accepted: true, boot: event.boot, boots: context.boots + 1, updateDueAtMs: null })),
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
    MAIN_METERED: { actions: assign(({ event }) => ({ mainMeter: event.reading })) },
    CONNECTOR_ADDED: {
      actions: enqueueActions(({ enqueue, event, self }) => {
        const name = connectorName(event.connectorId)
        if (self.getSnapshot().children[name] === undefined) enqueue.spawnChild('connector', { id: name, input: { connectorId: event.connectorId } })
      }),
    },
    STATUS_REPORTED: {
      actions: enqueueActions(({ context, event, enqueue }) => {
        if (event.connectorId === 0) {
          enqueue.assign({ whole: { status: event.status, errorCode: event.errorCode, info: event.info, atMs: event.atMs } })
          return
        }
        enqueue.sendTo(connectorName(event.connectorId), event)
        const transactionId = context.running[event.connectorId]
        if (transactionId !== undefined) enqueue.sendTo(transactionName(transactionId), event)
      }),
    },
    SAMPLED: {
      actions: enqueueActions(({ event, enqueue }) => {
        enqueue.sendTo(connectorName(event.connectorId), event)
        if (event.transactionId !== null) enqueue.sendTo(transactionName(event.transactionId), event)
      }),
    },
    LIMIT_MIRRORED: { actions: enqueueActions(({ event, enqueue }) => enqueue.sendTo(connectorName(event.connectorId), event)) },
    METERED: { actions: enqueueActions(({ event, enqueue }) => enqueue.sendTo(transactionName(event.transactionId), event)) },
    TRANSACTION_TOLD: { actions: enqueueActions(({ event, enqueue }) => enqueue.sendTo(transactionName(event.transactionId), event)) },
    STOP_ORDERED: { actions: enqueueActions(({ event, enqueue }) => enqueue.sendTo(transactionName(event.transactionId), event)) },
    TRANSACTION_STARTED: {
      // Whoever starts a second one ends the first before.
      guard: ({ context, event }) => context.running[event.record.connectorId] === undefined && !hasEnded(event.record),
      actions: enqueueActions(({ context, event, enqueue }) => {
        const { record, bootsAtStart, maxPowerW } = event
        enqueue.assign({ running: { ...context.running, [record.connectorId]: record.id } })
        enqueue.spawnChild('transaction', { id: transactionName(record.id), input: { record, bootsAtStart, maxPowerW } })
      }),
    },
    TRANSACTION_ENDED: {
      guard: ({ context, event }) => context.running[event.record.connectorId] === event.record.id,
      actions: enqueueActions(({ context, event, enqueue }) => {
        const name = transactionName(event.record.id)
        const { [event.record.connectorId]: _, ...others } = context.running
        enqueue.sendTo(name, event)
        enqueue.stopChild(name)
        enqueue.assign({ running: others })
      }),
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
    online: { always: [{ guard: 'isGone', target: 'offline' }, { guard: 'updates', target: 'updating' }] },
    updating: {
      invoke: { src: 'alarm', input: ({ context }) => ({ dueAtMs: context.updateDueAtMs ?? 0 }) },
      always: { guard: 'hasUpdated', target: 'offline' },
    },
    // Facts are no longer believed here: one of them breaks the machine. A restart of kwota tries again.
    quarantined: { on: { RESTORED: { target: 'offline', actions: assign({ session: null }) }, '*': {} } },
  },
})

/** The machine and its children with a clock for their alarms. */
export function chargePointOn(clock: Clock) {
  const alarm = alarmOn(clock)
  return chargePointMachine.provide({ actors: { connector: connectorMachine, transaction: transactionMachine.provide({ actors: { alarm } }), alarm } })
}

export type ChargePointSnapshot = SnapshotFrom<typeof chargePointMachine>

/** The connectors, by id: context, status state and limit state. */
export function connectorsOf(snapshot: ChargePointSnapshot) {
  const found = []
  for (const child of Object.values(snapshot.children)) {
    const state = child?.getSnapshot()
    if (state === undefined || !('context' in state) || !('connectorId' in state.context)) continue
    const value = state.value
    found.push({ ...state.context, limit: typeof value === 'object' && 'limit' in value ? value.limit : 'none' as const })
  }
  return found.toSorted((a, b) => a.connectorId - b.connectorId)
}

/** The transactions that have not ended; `record.status` says the actor's state. */
export function transactionsOf(snapshot: ChargePointSnapshot) {
  const found = []
  for (const child of Object.values(snapshot.children)) {
    const state = child?.getSnapshot()
    if (state === undefined || !('context' in state) || !('record' in state.context) || typeof state.value !== 'string') continue
    found.push({ ...state.context, record: { ...state.context.record, status: state.value } })
  }
  return found
}
