// The charging profiles people have sent to a charge point, with what it answered and when.
import { z } from 'zod'
import { fitsClear, replaces } from '../profiles/stack.ts'
import type { ChargingProfile, RequestOf } from '../protocol/messages/index.ts'
import type { Scope } from './scope.ts'

/** `Sent`: the answer is still to come. `Unknown`: there was none, so it may stand or not. */
export const profileStatuses = ['Sent', 'Accepted', 'Rejected', 'NotSupported', 'Failed', 'Unknown'] as const
export type ProfileStatus = (typeof profileStatuses)[number]

const storedSchema = z.object({
  connectorId: z.int(),
  profile: z.custom<ChargingProfile>((value) => typeof value === 'object' && value !== null && 'chargingProfileId' in value),
  status: z.enum(profileStatuses),
  setAtMs: z.number(),
  commandId: z.string(),
  /** When it was answered, or given up; absent while it is on its way. */
  answeredAtMs: z.number().optional(),
  /** Why it did not become Accepted, in the words of the charge point where it had any. */
  reason: z.string().optional(),
})
export const recordSchema = z.object({ v: z.literal(1), profiles: z.array(storedSchema) })
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
  write(scope, clientID, [...keptBeside(scope, clientID, stored), stored])
}

/** What stays when this one is kept: all but what was refused under its id there. */
export function keptBeside(scope: Scope, clientID: string, { connectorId, profile }: Pick<StoredProfile, 'connectorId' | 'profile'>): readonly StoredProfile[] {
  return readProfiles(scope, clientID).filter((other) => mayStand(other.status) || other.connectorId !== connectorId || other.profile.chargingProfileId !== profile.chargingProfileId)
}

export interface Answered { readonly status: ProfileStatus; readonly answeredAtMs: number; readonly reason?: string }

/**
 * What the charge point said to it; null = it never left. Accepted replaces what stood under the same id, or at the same connector, purpose and
 * stack level (OCPP 1.6, 3.13.2); what was kept after it leaves after it, and stays. Returns the profile as it is kept now, null when it is not.
 */
export function answerProfile(scope: Scope, clientID: string, commandId: string, answer: Answered | null): StoredProfile | null {
  const all = readProfiles(scope, clientID)
  const at = all.findIndex((stored) => stored.commandId === commandId)
  const one = all[at]
  if (one === undefined) return null
  const after = answer === null ? [] : [{ ...withoutAnswer(one), ...answer }]
  const gone = all.filter((other, index) => index < at && answer?.status === 'Accepted' && replaces(one, other))
  write(scope, clientID, without(all, gone).flatMap((other) => (other.commandId === commandId ? after : [other])))
  return after[0] ?? null
}

/** What is left; one that a gone one may have replaced, which nobody knows of it, may be gone with it. */
function without(all: readonly StoredProfile[], gone: readonly StoredProfile[]): StoredProfile[] {
  const perhaps = gone.filter(({ status }) => status === 'Unknown')
  return all.filter((one) => !gone.includes(one)).map((one) => (one.status === 'Accepted' && perhaps.some((other) => all.indexOf(other) > all.indexOf(one) && replaces(other, one))
    ? { ...one, status: 'Unknown', reason: 'one that was not answered may have replaced it' } : one))
}

function withoutAnswer({ answeredAtMs: _answeredAtMs, reason: _reason, ...profile }: StoredProfile): StoredProfile {
  return profile
}

/** Takes away what the criteria fit. What is still on its way comes after the clearing, and stays. Answers the ids. */
export function dropProfiles(scope: Scope, clientID: string, criteria: RequestOf<'ClearChargingProfile'>): number[] {
  const all = readProfiles(scope, clientID)
  const gone = all.filter((stored) => stored.status !== 'Sent' && fitsClear(stored, criteria))
  if (gone.length > 0) write(scope, clientID, without(all, gone))
  return gone.map(({ profile }) => profile.chargingProfileId)
}

/** A TxProfile goes with its transaction (OCPP 1.6, 3.13.1). */
export function dropTxProfiles(scope: Scope, clientID: string, transactionId: number): void {
  const all = readProfiles(scope, clientID)
  const left = all.filter(({ profile }) => profile.chargingProfilePurpose !== 'TxProfile' || profile.transactionId !== transactionId)
  if (left.length !== all.length) write(scope, clientID, left)
}

/** Smallest id that nobody has. */
export function freeProfileId(scope: Scope, clientID: string): number {
  const taken = new Set(readProfiles(scope, clientID).map(({ profile }) => profile.chargingProfileId))
  let id = 1
  while (taken.has(id)) id++
  return id
}
