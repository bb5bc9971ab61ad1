// The charging profiles people have sent to a charge point, what it answered, and beside them those the engine keeps there.
import { z } from 'zod'
import { connectorKey } from '../power/site.ts'
import type { ChargingProfile, RequestOf } from '../protocol/messages/index.ts'
import type { Books } from './books.ts'
import type { Scope } from './scope.ts'
import { entryRequest } from './translate.ts'

/** `Sent`: the answer is still to come. `Unknown`: there was none, so it may stand or not. */
export const profileStatuses = ['Sent', 'Accepted', 'Rejected', 'NotSupported', 'Failed', 'Unknown'] as const
export type ProfileStatus = (typeof profileStatuses)[number]

const storedSchema = z.object({
  connectorId: z.int(),
  profile: z.custom<ChargingProfile>((value) => typeof value === 'object' && value !== null && 'chargingProfileId' in value),
  status: z.enum(profileStatuses),
  setAtMs: z.number(),
  commandId: z.string(),
})
const recordSchema = z.object({ v: z.literal(1), profiles: z.array(storedSchema) })
export type StoredProfile = Readonly<z.infer<typeof storedSchema>>

/** Per charge point. */
export const mostProfiles = 100
/** It is at the charge point, or may be. */
export function mayStand(status: ProfileStatus): boolean {
  return status === 'Accepted' || status === 'Unknown' || status === 'Sent'
}

export function readProfiles(scope: Scope, clientID: string): readonly StoredProfile[] {
  const parsed = recordSchema.safeParse(scope.get(profilesKey(clientID)))
  return parsed.success ? parsed.data.profiles : []
}

function write(scope: Scope, clientID: string, profiles: readonly StoredProfile[]): void {
  scope.put(profilesKey(clientID), { v: 1, profiles })
}

export function profilesKey(clientID: string): string {
  return `profiles:${clientID}`
}

/** Keeps what is about to be sent, beside what may still stand under the same id; the caller makes it durable. */
export function keepProfile(scope: Scope, clientID: string, stored: StoredProfile): void {
  const over = ({ profile, status }: StoredProfile): boolean => profile.chargingProfileId === stored.profile.chargingProfileId && !mayStand(status)
  write(scope, clientID, [...readProfiles(scope, clientID).filter((other) => !over(other)), stored])
}

/** What the charge point said to it; null = it never left. Accepted replaces what stood under the same id, or at the same connector, purpose and stack level (OCPP 1.6, 3.13.2). */
export function answerProfile(scope: Scope, clientID: string, commandId: string, status: ProfileStatus | null): void {
  const all = readProfiles(scope, clientID)
  const one = all.find((stored) => stored.commandId === commandId)
  if (one === undefined) return
  const replaced = (other: StoredProfile): boolean => status === 'Accepted' && other !== one && (other.profile.chargingProfileId === one.profile.chargingProfileId
    || (other.connectorId === one.connectorId && other.profile.chargingProfilePurpose === one.profile.chargingProfilePurpose && other.profile.stackLevel === one.profile.stackLevel))
  write(scope, clientID, all.flatMap((other) => (replaced(other) || (other === one && status === null) ? [] : [other === one && status !== null ? { ...one, status } : other])))
}

/** Takes away what the criteria fit (OCPP 1.6, 5.17): with an id only that counts, otherwise all that is said. Answers the ids. */
export function dropProfiles(scope: Scope, clientID: string, criteria: RequestOf<'ClearChargingProfile'>): number[] {
  const all = readProfiles(scope, clientID)
  const { id, connectorId, chargingProfilePurpose: purpose, stackLevel } = criteria
  const fits = ({ connectorId: at, profile }: StoredProfile): boolean => (id !== undefined ? profile.chargingProfileId === id
    : (connectorId === undefined || at === connectorId) && (purpose === undefined || profile.chargingProfilePurpose === purpose) && (stackLevel === undefined || profile.stackLevel === stackLevel))
  const gone = all.filter(fits)
  if (gone.length > 0) write(scope, clientID, all.filter((stored) => !gone.includes(stored)))
  return gone.map(({ profile }) => profile.chargingProfileId)
}

/** A TxProfile goes with its transaction (OCPP 1.6, 3.13.1). */
export function dropTxProfiles(scope: Scope, clientID: string, transactionId: number): void {
  const all = readProfiles(scope, clientID)
  const left = all.filter(({ profile }) => profile.transactionId !== transactionId)
  if (left.length !== all.length) write(scope, clientID, left)
}

/** Smallest id that nobody has. */
export function freeProfileId(scope: Scope, clientID: string): number {
  const taken = new Set(readProfiles(scope, clientID).map(({ profile }) => profile.chargingProfileId))
  let id = 1
  while (taken.has(id)) id++
  return id
}

export interface EngineProfile {
  readonly connectorId: number
  readonly profile: ChargingProfile
  readonly status: 'Sent' | 'Accepted'
  readonly setAtMs: number
}

/** What the engine has at a charge point: what was confirmed, and what is on its way. `wallMs`, `nowMs` = the same instant on both clocks. */
export function engineProfiles({ books, stackLevel, wallMs, nowMs }: { books: Books; stackLevel: number; wallMs: number; nowMs: number }, clientID: string): EngineProfile[] {
  return books.outletsOf(clientID).flatMap((outlet) => {
    const row = books.row(connectorKey(clientID, outlet.connectorId))
    if (row === undefined) return []
    return (['default', 'tx'] as const).flatMap((slot) => {
      const { confirmed, inFlight } = row[slot]
      return [...(confirmed === null ? [] : [{ entry: confirmed, status: 'Accepted' as const }]), ...inFlight.filter(({ state, seq }) => state === 'sent' && seq > 0).map((entry) => ({ entry, status: 'Sent' as const }))].map(({ entry, status }) => {
        const setAtMs = entry.bookedAtMs + wallMs - nowMs
        const { csChargingProfiles } = entryRequest(outlet, entry, row.transactionId, stackLevel, { nowMs: entry.bookedAtMs, wallMs: setAtMs })
        return { connectorId: outlet.connectorId, profile: csChargingProfiles, status, setAtMs }
      })
    })
  })
}
