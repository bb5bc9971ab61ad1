// Security events as charge points report them: kept for 90 days within bounds, and how much each should worry a person.
import { z } from 'zod'
import type { Scope } from './scope.ts'

const eventSchema = z.object({
  id: z.string(),
  type: z.string(),
  /** As the charge point wrote it. */
  timestamp: z.string(),
  /** The same by our clock. */
  atMs: z.number(),
  receivedAtMs: z.number(),
  techInfo: z.string().nullable(),
  level: z.enum(['critical', 'warning', 'info']),
})
export const recordSchema = z.object({ v: z.literal(1), next: z.int(), events: z.array(eventSchema) })
export type SecurityEvent = Readonly<z.infer<typeof eventSchema>>
export type SecurityLevel = SecurityEvent['level']

/** Per charge point; the oldest go. */
const mostKept = 500
const keptMs = 90 * 86_400_000

/** Marked critical in the security whitepaper (appendix 1); the list is open, so that the rest is a warning. */
const critical: ReadonlySet<string> = new Set([
  'FirmwareUpdated', 'SettingSystemTime', 'StartupOfTheDevice', 'ResetOrReboot', 'SecurityLogWasCleared', 'MemoryExhaustion', 'TamperDetectionActivated',
])
/** The other types of the whitepaper's list. */
const known: ReadonlySet<string> = new Set([
  ...critical, 'FailedToAuthenticateAtCentralSystem', 'CentralSystemFailedToAuthenticate', 'ReconfigurationOfSecurityParameters', 'InvalidMessages', 'AttemptedReplayAttacks',
  'InvalidFirmwareSignature', 'InvalidFirmwareSigningCertificate', 'InvalidCentralSystemCertificate', 'InvalidChargePointCertificate', 'InvalidTLSVersion', 'InvalidTLSCipherSuite',
])
/** What also happens when all is well, and when it does. */
const ordinary: Readonly<Record<string, keyof Circumstances>> = { StartupOfTheDevice: 'booted', ResetOrReboot: 'booted', FirmwareUpdated: 'updated', SettingSystemTime: 'booted' }

export interface Circumstances {
  /** It booted within the last minutes, or we have reset it. */
  readonly booted: boolean
  /** We have sent it firmware lately. */
  readonly updated: boolean
}

/** `info` for what is expected now: working as designed is never an alarm. */
export function levelOf(type: string, now: Circumstances): SecurityLevel {
  const when = Object.hasOwn(ordinary, type) ? ordinary[type] : undefined
  if (when !== undefined && now[when]) return 'info'
  return critical.has(type) ? 'critical' : 'warning'
}

/** What is told apart by alerts and in the log: the types of the whitepaper, and `other` for all that a charge point may invent. */
export function kindOf(type: string): string {
  return known.has(type) ? type : 'other'
}

export function securityKey(clientID: string): string {
  return `security:${clientID}`
}

/** Oldest first. */
export function readSecurityEvents(scope: Scope, clientID: string): readonly SecurityEvent[] {
  return read(scope, clientID).events
}

/** Keeps it; the caller makes it durable. */
export function keepSecurityEvent(scope: Scope, clientID: string, event: Omit<SecurityEvent, 'id'>): void {
  const { next, events } = read(scope, clientID)
  const young = events.filter(({ receivedAtMs }) => receivedAtMs > event.receivedAtMs - keptMs)
  scope.put(securityKey(clientID), { v: 1, next: next + 1, events: [...young, { id: `sec_${next}`, ...event }].slice(-mostKept) })
}

function read(scope: Scope, clientID: string): z.infer<typeof recordSchema> {
  const parsed = recordSchema.safeParse(scope.get(securityKey(clientID)))
  return parsed.success ? parsed.data : { v: 1, next: 1, events: [] }
}
