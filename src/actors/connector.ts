// One connector as an actor: what the charge point last said about it, and beside it a mirror of its ledger row for people to see.
import { assign, setup } from 'xstate'
import { z } from 'zod'
import { noting } from './inspection/transition-notes.ts'

export const limitStates = ['none', 'sending', 'confirmed', 'settled', 'unknown', 'refused'] as const
export type LimitState = (typeof limitStates)[number]

/** What its meter said last. Kept beside the machine: it comes too often to be an event, and after a restart the next one says it again. */
export interface ConnectorReading {
  readonly currentA: Partial<Record<'L1' | 'L2' | 'L3', number>> | null
  readonly powerW: number | null
  readonly energyWh: number | null
  readonly voltageV: number | null
  readonly socPercent: number | null
  readonly measuredAtMs: number
  readonly receivedAtMs: number
  readonly live: boolean
}

export const connectorContextSchema = z.object({
  connectorId: z.int(),
  /** As reported; `Unknown` until then. */
  status: z.string(),
  errorCode: z.string(),
  info: z.string().nullable(),
  vendorErrorCode: z.string().nullable(),
  statusAtMs: z.number().nullable(),
  /** The same as the charge point's own clock said it; by ours where it said nothing. */
  statusStationMs: z.number().nullable(),
})
export type ConnectorContext = z.infer<typeof connectorContextSchema>

export interface StatusReported {
  readonly type: 'STATUS_REPORTED'
  readonly connectorId: number
  readonly status: string
  readonly errorCode: string
  readonly info: string | null
  readonly vendorErrorCode: string | null
  readonly atMs: number
  readonly stationMs: number
}
export interface LimitMirrored { readonly type: 'LIMIT_MIRRORED'; readonly connectorId: number; readonly limit: LimitState }
export type ConnectorEvent = StatusReported | LimitMirrored

export function newConnector(connectorId: number): ConnectorContext {
  return { connectorId, status: 'Unknown', errorCode: 'NoError', info: null, vendorErrorCode: null, statusAtMs: null, statusStationMs: null }
}

export const connectorMachine = noting(setup({
  types: {} as { context: ConnectorContext; events: ConnectorEvent; input: { connectorId: number } },
  guards: {
    reports: ({ event }, statuses: readonly string[]) => event.type === 'STATUS_REPORTED' && statuses.includes(event.status),
    mirrors: ({ event }, limit: LimitState) => event.type === 'LIMIT_MIRRORED' && event.limit === limit,
  },
  actions: {
    keepStatus: assign(({ event }) => event.type !== 'STATUS_REPORTED' ? {} : {
      status: event.status,
      errorCode: event.errorCode,
      info: event.info,
      vendorErrorCode: event.vendorErrorCode,
      statusAtMs: event.atMs,
      statusStationMs: event.stationMs,
    }),
  },
}).createMachine({
  id: 'connector',
  type: 'parallel',
  context: ({ input }) => newConnector(input.connectorId),
  states: {
    // Each region takes its own event itself: a transition of the root into one region would reset the other.
    status: {
      initial: 'unavailable',
      on: {
        // A status the specification does not know is kept as a fact and moves nothing.
        STATUS_REPORTED: [
          { guard: { type: 'reports', params: ['Available'] }, target: '.available', actions: 'keepStatus' },
          { guard: { type: 'reports', params: ['Preparing'] }, target: '.preparing', actions: 'keepStatus' },
          { guard: { type: 'reports', params: ['Charging'] }, target: '.charging', actions: 'keepStatus' },
          { guard: { type: 'reports', params: ['SuspendedEV', 'SuspendedEVSE'] }, target: '.suspended', actions: 'keepStatus' },
          { guard: { type: 'reports', params: ['Finishing'] }, target: '.finishing', actions: 'keepStatus' },
          { guard: { type: 'reports', params: ['Reserved'] }, target: '.reserved', actions: 'keepStatus' },
          { guard: { type: 'reports', params: ['Unavailable'] }, target: '.unavailable', actions: 'keepStatus' },
          { guard: { type: 'reports', params: ['Faulted'] }, target: '.faulted', actions: 'keepStatus' },
          { actions: 'keepStatus' },
        ],
      },
      states: { available: {}, preparing: {}, charging: {}, suspended: {}, finishing: {}, reserved: {}, unavailable: {}, faulted: {} },
    },
    limit: {
      initial: 'none',
      on: {
        LIMIT_MIRRORED: [
          { guard: { type: 'mirrors', params: 'none' }, target: '.none' },
          { guard: { type: 'mirrors', params: 'sending' }, target: '.sending' },
          { guard: { type: 'mirrors', params: 'confirmed' }, target: '.confirmed' },
          { guard: { type: 'mirrors', params: 'settled' }, target: '.settled' },
          { guard: { type: 'mirrors', params: 'unknown' }, target: '.unknown' },
          { guard: { type: 'mirrors', params: 'refused' }, target: '.refused' },
        ],
      },
      states: { none: {}, sending: {}, confirmed: {}, settled: {}, unknown: {}, refused: {} },
    },
  },
}))
