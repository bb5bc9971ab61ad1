// What a charge point's root actor knows and is told: its context, its events, and the bounds of both.
import { z } from 'zod'
import { skewSchema, type Skew } from '../sessions/skew.ts'
import type { CommandFact, CommandInput } from './command.ts'
import type { LimitMirrored, StatusReported } from './connector.ts'
import type { ReservationFact, ReservationInput } from './reservation.ts'
import type { Flowed, Restored, StopOrdered, TransactionEnded, TransactionInput, TransactionTold } from './transaction.ts'

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
  /** Its last BootNotification was accepted; from then on a reconnect without boot resumes. */
  accepted: z.boolean(),
  /** What its last BootNotification was answered when it was not accepted. */
  held: z.enum(['pending', 'rejected']).nullable(),
  boot: z.record(z.string(), z.string()).nullable(),
  boots: z.int(),
  /** When its last boot was answered, our wall clock. */
  bootedAtMs: z.number().nullable(),
  skew: skewSchema,
  /** Connector 0: the charge point as a whole. */
  whole: z.object({ status: z.string(), errorCode: z.string(), info: z.string().nullable(), atMs: z.number() }).nullable(),
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
  /** No socket survives that. */
  | Restored
  | { type: 'BOOT_ACCEPTED'; boot: Record<string, string>; atMs: number }
  | { type: 'BOOT_HELD'; boot: Record<string, string>; held: 'pending' | 'rejected' }
  | { type: 'SKEW_MEASURED'; skew: Skew }
  | { type: 'NOTICED'; topic: NoticeTopic; status: string; atMs: number; requestId: number | null }
  | { type: 'SECURITY_EVENT'; event: z.infer<typeof securityEventSchema> }
  | { type: 'CONNECTOR_ADDED'; connectorId: number }
  | ({ type: 'TRANSACTION_STARTED' } & TransactionInput)
  | StatusReported | LimitMirrored | Flowed | TransactionTold | StopOrdered | TransactionEnded
  | ({ type: 'COMMAND_ISSUED' } & CommandInput) | CommandFact
  | ({ type: 'RESERVATION_REQUESTED' } & ReservationInput) | ReservationFact
  | { type: 'QUARANTINED' }
  | { type: 'DUE' }

export interface ChargePointInput { readonly clientID: string; readonly connectorIds: readonly number[]; readonly accepted: boolean }

/** More connectors than any charge point has: what names others is confirmed and forgotten. */
export const maxConnectorId = 1000
export const maxConnectors = 100
export const maxSecurityEvents = 20
export const updateLastsMs = 30 * 60_000
export const updating: ReadonlySet<string> = new Set([
  'Downloading', 'Downloaded', 'Installing', 'InstallRebooting', 'SignatureVerified', 'DownloadPaused',
])
