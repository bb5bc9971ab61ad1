// What is kept of a message about a transaction that could not be matched, and how it is shown.
import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Scope } from './scope.ts'

export const orphanKinds = ['stop', 'readings', 'start'] as const
export type OrphanKind = (typeof orphanKinds)[number]
export const orphanStates = ['open', 'assigned', 'dismissed'] as const
export type OrphanState = (typeof orphanStates)[number]
/** Why nothing could be done with it. */
export const orphanCauses = ['unknown-transaction', 'no-transaction-id', 'of-another-charge-point', 'impossible-connector'] as const
export type OrphanCause = (typeof orphanCauses)[number]

const json = z.record(z.string(), z.unknown())

export const orphanSchema = z.object({
  v: z.literal(2),
  id: z.string(),
  kind: z.enum(orphanKinds),
  siteID: z.string(),
  clientID: z.string(),
  connectorId: z.int().nullable(),
  /** As the charge point named it. */
  transactionId: z.number().nullable(),
  cause: z.enum(orphanCauses),
  /** The first, the newest, and how many: readings come again and again. */
  receivedAtMs: z.number(),
  lastReceivedAtMs: z.number(),
  count: z.int(),
  /** As it came. */
  request: json,
  lastRequest: json.nullable(),
  state: z.enum(orphanStates),
  closedAtMs: z.number().nullable(),
  closedBy: z.string().nullable(),
  closedRequestId: z.string().nullable(),
  reason: z.string().nullable(),
  /** The transaction it was given to. */
  assignedTo: z.int().nullable(),
})
export type OrphanRecord = Readonly<z.infer<typeof orphanSchema>>

/** Of 0.1 to 0.4: a stop, and nothing else was known of it. */
const firstSchema = z.object({ v: z.literal(1), clientID: z.string(), receivedAtMs: z.number(), request: json })

export interface OrphanView {
  readonly id: string
  readonly kind: OrphanKind
  readonly siteID: string
  readonly clientID: string
  readonly connectorId: number | null
  readonly transactionId: number | null
  readonly cause: OrphanCause
  readonly receivedAt: string
  readonly lastReceivedAt: string
  readonly count: number
  readonly request: Readonly<Record<string, unknown>>
  readonly lastRequest: Readonly<Record<string, unknown>> | null
  readonly state: OrphanState
  readonly closedAt: string | null
  readonly closedBy: string | null
  readonly closedRequestId: string | null
  readonly reason: string | null
  readonly assignedTo: number | null
  /** What it may belong to, best first. */
  readonly candidates: readonly OrphanCandidate[]
}

export interface OrphanCandidate {
  readonly transactionId: number
  readonly connectorId: number
  readonly idTag: string
  readonly status: string
  readonly startedAt: string
  readonly meterStartWh: number
}

export const orphanPrefix = 'orphan:'

/** The same thing again has the same key; stops have the one they have always had. */
export function orphanKey(clientID: string, text: readonly unknown[]): string {
  return `${orphanPrefix}${clientID}:${createHash('sha256').update(JSON.stringify(text)).digest('hex').slice(0, 32)}`
}

export function orphanId(key: string): string {
  return `orp_${createHash('sha256').update(key).digest('hex').slice(0, 20)}`
}

/** What the scope holds under such a key; null for what cannot be read. */
export function readOrphan(siteID: string, key: string, value: unknown): OrphanRecord | null {
  // Only kwota writes there, and many are looked at with each that comes: its version is proof enough.
  if (typeof value === 'object' && value !== null && 'v' in value && value.v === 2 && 'request' in value) return value as OrphanRecord
  const first = firstSchema.safeParse(value).data
  if (first === undefined) return null
  const { clientID, receivedAtMs, request } = first
  const named = request['transactionId']
  const transactionId = typeof named === 'number' ? named : null
  return {
    v: 2, id: orphanId(key), kind: 'stop', siteID, clientID, connectorId: null, transactionId, cause: 'unknown-transaction',
    receivedAtMs, lastReceivedAtMs: receivedAtMs, count: 1, request, lastRequest: null,
    state: 'open', closedAtMs: null, closedBy: null, closedRequestId: null, reason: null, assignedTo: null,
  }
}

/** All of a site by key; those of one charge point with its `clientID`. */
export function orphansIn(scope: Pick<Scope, 'name' | 'entries'>, clientID?: string): readonly (readonly [key: string, orphan: OrphanRecord])[] {
  const prefix = clientID === undefined ? orphanPrefix : `${orphanPrefix}${clientID}:`
  return scope.entries(prefix).flatMap(([key, value]) => {
    const orphan = readOrphan(scope.name, key, value)
    return orphan === null || (clientID !== undefined && orphan.clientID !== clientID) ? [] : [[key, orphan] as const]
  })
}

const iso = (ms: number): string => new Date(ms).toISOString()

export function orphanView(orphan: OrphanRecord, candidates: readonly OrphanCandidate[]): OrphanView {
  const { v: _, receivedAtMs, lastReceivedAtMs, closedAtMs, ...rest } = orphan
  return { ...rest, receivedAt: iso(receivedAtMs), lastReceivedAt: iso(lastReceivedAtMs), closedAt: closedAtMs === null ? null : iso(closedAtMs), candidates }
}
