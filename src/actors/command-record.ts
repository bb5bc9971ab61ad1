// What is kept of a command: who asked for what, what became of it, and how it is shown.
import { z } from 'zod'
import { Refusal } from './house.ts'
import { commandStatuses, type CommandEnd, type CommandStatus } from './command.ts'
import { isSecretName } from '../secret-names.ts'

const json = z.record(z.string(), z.unknown())

export const commandRecordSchema = z.object({
  v: z.literal(1),
  id: z.string(),
  siteID: z.string(),
  clientID: z.string(),
  action: z.string(),
  /** As it goes out, secrets left out. */
  request: json,
  status: z.enum(commandStatuses),
  createdAtMs: z.number(),
  createdBy: z.string(),
  requestId: z.string(),
  batchId: z.string().nullable(),
  /** Until then it may wait for the charge point; null = it does not wait. */
  expiresAtMs: z.number().nullable(),
  sentAtMs: z.number().nullable(),
  /** One that waited was about to leave then, and nobody knows whether it did before it is `sent`. */
  leavingAtMs: z.number().nullable().default(null),
  finishedAtMs: z.number().nullable(),
  latencyMs: z.number().nullable(),
  /** The charge point's own answer, also one that came after the time-out. */
  response: json.nullable(),
  /** Why there is no answer: a CALLERROR, a lost connection, a reason of ours. */
  error: z.object({ code: z.string(), description: z.string() }).nullable(),
  /** What followed from the answer, where there is more to say. */
  result: z.record(z.string(), z.unknown()).nullable().default(null),
  /** What its notifications said afterwards, oldest first. */
  progress: z.array(z.object({ status: z.string(), atMs: z.number() })),
})
export type CommandRecord = Readonly<z.infer<typeof commandRecordSchema>>

export interface CommandView {
  readonly id: string
  readonly siteID: string
  readonly clientID: string
  readonly action: string
  readonly status: CommandStatus
  readonly request: Readonly<Record<string, unknown>>
  readonly response: Readonly<Record<string, unknown>> | null
  readonly error: { readonly code: string; readonly description: string } | null
  readonly createdAt: string
  readonly createdBy: string
  readonly requestId: string
  readonly batchId: string | null
  readonly expiresAt: string | null
  readonly sentAt: string | null
  readonly finishedAt: string | null
  readonly latencyMs: number | null
  /** Of ClearChargingProfile: ids of the stored profiles that are gone, and how many. */
  readonly removed?: readonly number[]
  readonly count?: number
  readonly progress: readonly { readonly status: string; readonly at: string }[]
}

const iso = (ms: number): string => new Date(ms).toISOString()
const isoOrNull = (ms: number | null): string | null => (ms === null ? null : iso(ms))

export function commandView(record: CommandRecord): CommandView {
  const { v: _, createdAtMs, expiresAtMs, sentAtMs, leavingAtMs: _leaving, finishedAtMs, progress, result, ...rest } = record
  return {
    ...rest, ...result, createdAt: iso(createdAtMs), expiresAt: isoOrNull(expiresAtMs), sentAt: isoOrNull(sentAtMs), finishedAt: isoOrNull(finishedAtMs),
    progress: progress.map(({ status, atMs }) => ({ status, at: iso(atMs) })),
  }
}

/** A new one, not sent yet. */
export function beginRecord(given: Pick<CommandRecord, 'id' | 'siteID' | 'clientID' | 'action' | 'createdAtMs' | 'createdBy' | 'requestId' | 'batchId' | 'expiresAtMs'> & { readonly request: unknown }): CommandRecord {
  return {
    v: 1, ...given, request: withoutSecrets(given.action, given.request as Record<string, unknown>), status: 'queued',
    sentAtMs: null, leavingAtMs: null, finishedAtMs: null, latencyMs: null, response: null, error: null, result: null, progress: [],
  }
}

export const longestWaitMs = 30 * 86_400_000

/** Refusal invalid unless the deadline lies ahead, by at most 30 days. */
export function checkDeadline(expiresAtMs: number, nowMs: number, pointer = '/expiresAt'): void {
  if (expiresAtMs > nowMs && expiresAtMs <= nowMs + longestWaitMs) return
  throw new Refusal('invalid', 'expires-at', 'expiresAt must lie ahead, by at most 30 days.', { errors: [{ pointer, message: 'a time within the next 30 days' }] })
}

export function hasFinished({ status }: Pick<CommandRecord, 'status'>): boolean {
  return status !== 'queued' && status !== 'sent'
}

/** Answers that say no; NotFound of GetInstalledCertificateIds says that there are none, which is an answer. */
const refusing = new Set(['Rejected', 'NotSupported', 'UnlockFailed', 'Failed', 'VersionMismatch', 'NotFound', 'Unknown', 'UnknownMessageId', 'UnknownVendorId', 'NotImplemented', 'Faulted', 'Occupied', 'Unavailable', 'InvalidCertificate', 'RevokedCertificate'])

export function endOf(action: string, response: Readonly<Record<string, unknown>>): CommandEnd {
  if (action === 'GetInstalledCertificateIds') return 'accepted'
  return typeof response['status'] === 'string' && refusing.has(response['status']) ? 'rejected' : 'accepted'
}

/** Key of the request of a command that may wait, as it will go out: its record leaves secrets out. */
export function requestKey(id: string): string {
  return `request:${id}`
}

/** Secrets out, for whoever reads records, logs and messages. */
export function withoutSecrets(action: string, request: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const hidden = action === 'ChangeConfiguration' && isSecretName(String(request['key'])) ? { value: '…' } : {}
  const told = action === 'GetConfiguration' && Array.isArray(request['configurationKey']) ? { configurationKey: request['configurationKey'].map(withoutSecretValue) } : {}
  const log = request['log']
  return {
    ...request, ...hidden, ...told,
    ...(typeof request['location'] === 'string' ? { location: withoutUrlSecrets(request['location']) } : {}),
    ...(typeof log === 'object' && log !== null && 'remoteLocation' in log ? { log: { ...log, remoteLocation: withoutUrlSecrets(String(log.remoteLocation)) } } : {}),
    ...(typeof request['firmware'] === 'object' && request['firmware'] !== null && 'location' in request['firmware'] ? { firmware: { ...request['firmware'], location: withoutUrlSecrets(String(request['firmware'].location)) } } : {}),
  }
}

function withoutSecretValue(one: unknown): unknown {
  return typeof one === 'object' && one !== null && 'key' in one && 'value' in one && isSecretName(String(one.key)) ? { ...one, value: '…' } : one
}

/**
 * `ftp://user:secret@host/x?sig=1` → `ftp://…@host/x?…`; up to the last @, because people forget to encode. A one-time address for
 * uploads loses its token.
 */
export function withoutUrlSecrets(location: string): string {
  const begin = location.indexOf('://') + 3
  if (begin < 3) return location
  const at = location.lastIndexOf('@')
  const query = location.indexOf('?', begin)
  // A question mark before the @ may be one of the password.
  if (query >= 0 && query < at) return `${location.slice(0, begin)}…@…`
  const shown = query < 0 || query + 1 === location.length ? location : `${location.slice(0, query + 1)}…`
  return (at < begin ? shown : `${shown.slice(0, begin)}…${shown.slice(at)}`).replace(/(\/uploads\/)[\w-]{22}(?=\/|$)/, '$1…')
}
