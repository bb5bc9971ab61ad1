// What charging profiles come to: the schedule kwota expects at a connector, which profile rules at an instant, and why the others do not.
import { differencesOf, type Difference } from '../profiles/compare.ts'
import { compositeSchedule, type Composite } from '../profiles/composite.ts'
import { explainAt } from '../profiles/explain.ts'
import type { Source } from '../profiles/rule.ts'
import { withoutReplaced, type Ground, type Stack } from '../profiles/stack.ts'
import type { ChargingProfile, ResponseOf } from '../protocol/messages/index.ts'
import type { Estate } from './estate.ts'
import { groundOf, heldProfiles, type Held, type HeldTime } from './held-profiles.ts'
import { Refusal } from './house.ts'
import { pointEntry, siteEntry } from './lookup.ts'
import { mayStand, readProfiles, type ProfileStatus } from './stored-profiles.ts'

/** A charge point as its profiles see it now. */
export interface Standing {
  readonly clientID: string
  readonly siteID: string
  readonly held: readonly Held[]
  readonly ground: Ground
  readonly time: HeldTime
}

/** Throws Refusal not-found. */
export function standingOf(estate: Estate, name: string): Standing {
  const { id: clientID, site: siteID } = pointEntry(estate, name).record.config
  const { scope, room: { engine, reviewAgeMs } } = siteEntry(estate, siteID)
  const time = { wallMs: estate.options.clock.wall(), nowMs: engine.reviewedAtMs + reviewAgeMs }
  return { clientID, siteID, held: heldProfiles({ scope, books: engine.books }, clientID, time), ground: groundOf(engine.books, clientID), time }
}

/** What the charge point has accepted. */
export function acceptedOf({ held }: Standing): Stack {
  return held.filter(({ status }) => status === 'Accepted')
}

/** An answer is still to come, or it is not known what stands there of the engine's. */
export function isMoving(held: readonly Held[]): boolean {
  return held.some(({ owner, status }) => status === 'Sent' || (owner === 'engine' && status !== 'Accepted'))
}

/** What may stand there: without the profiles of people that were never answered, and, where there are such, with them all. */
export function worldsOf({ held }: Pick<Standing, 'held'>): readonly [Stack, ...Stack[]] {
  const sure = held.filter(({ status }) => status === 'Accepted')
  const all = held.filter(({ owner, status }) => status === 'Accepted' || (owner === 'user' && status === 'Unknown'))
  if (all.length === sure.length) return [sure]
  return [sure, withoutReplaced(all)]
}

/** Ids of people's profiles that were never answered and would have a say there. */
export function unansweredOf({ held }: Pick<Standing, 'held'>, connectorId: number): readonly number[] {
  const perhaps = held.filter(({ owner, status, connectorId: at }) => owner === 'user' && status === 'Unknown' && (connectorId === 0 || at === 0 || at === connectorId))
  return [...new Set(perhaps.map(({ profile }) => profile.chargingProfileId))]
}

export interface Window { readonly durationS: number; readonly unit: 'A' | 'W'; readonly startMs?: number | undefined }

/** Rejected, without periods, when there is no such connector. */
export function expectedSchedule(standing: Standing, connectorId: number, { durationS, unit, startMs = standing.time.wallMs }: Window): Composite {
  return compositeSchedule(acceptedOf(standing), standing.ground, { connectorId, durationS, unit, startMs })
}

/**
 * Null when it cannot be judged: something is on its way, several profiles were never answered, or the two do not speak of the same.
 * Of one that was never answered the answer may know as well as not.
 */
export function reportedDifferences(estate: Estate, standing: Standing, expected: Composite, reported: ResponseOf<'GetCompositeSchedule'>): readonly Difference[] | null {
  const { clientID, siteID, held, ground } = standing
  if (isMoving(held)) return null
  const { connectorId, durationS, rateUnit: unit, scheduleStart } = expected
  const outlets = siteEntry(estate, siteID).room.engine.books.outletsOf(clientID).filter((outlet) => connectorId === 0 || outlet.connectorId === connectorId)
  const offsetMs = estate.familyOf(clientID)?.station.offsetMs ?? 0
  const how = { voltage: ground.voltage, phases: ground.phases, offsetMs, ...(outlets.length === 0 ? {} : { capA: outlets.reduce((sum, { maxA }) => sum + maxA, 0) }) }
  const [, ...others] = worldsOf(standing)
  const asked = { connectorId, durationS, unit, startMs: Date.parse(scheduleStart) }
  const found = [expected, ...others.map((stack) => compositeSchedule(stack, ground, asked))].map((one) => differencesOf(one, reported, how))
  return found.find((one) => one?.length === 0) ?? (unansweredOf(standing, connectorId).length > 1 ? null : found[0] ?? null)
}

export interface ActiveProfile {
  readonly clientID: string
  readonly connectorId: number
  readonly at: string
  readonly unit: 'A' | 'W'
  /** Null = nothing limits. */
  readonly limit: number | null
  readonly numberPhases?: number
  readonly source: (Source & { readonly owner: Held['owner'] }) | null
  readonly profiles: readonly {
    readonly connectorId: number
    readonly chargingProfileId: number
    readonly purpose: ChargingProfile['chargingProfilePurpose']
    readonly stackLevel: number
    readonly owner: Held['owner']
    readonly status: ProfileStatus
    readonly rules: boolean
    readonly limit: number | null
    readonly reason: string
  }[]
}

/** Which profile rules at `atMs` (absent: now) and why the others do not; those that are not accepted say so. Throws Refusal not-found `unknown-connector`. */
export function activeProfile(estate: Estate, name: string, connectorId: number, { atMs, unit }: { atMs?: number | undefined; unit: 'A' | 'W' }): ActiveProfile {
  const standing = standingOf(estate, name)
  const { clientID, siteID, held, ground, time } = standing
  if (connectorId !== 0 && !ground.connectors.includes(connectorId)) throw new Refusal('not-found', 'unknown-connector', `${clientID} has no connector ${connectorId}.`, { hint: `GET /api/v1/chargepoints/${encodeURIComponent(clientID)} lists them.` })
  const whenMs = atMs ?? time.wallMs
  const { ruled: { limit, numberPhases, source }, profiles } = explainAt(acceptedOf(standing), ground, connectorId, unit, whenMs)
  const ownerOf = (id: number): Held['owner'] => held.find(({ profile }) => profile.chargingProfileId === id)?.owner ?? 'user'
  const refused = readProfiles(siteEntry(estate, siteID).scope, clientID).filter(({ status }) => !mayStand(status)).map((stored) => ({ ...stored, owner: 'user' as const }))
  const idle = [...held.filter(({ status }) => status !== 'Accepted').map((one) => ({ ...one, reason: undefined })), ...refused].filter((one) => connectorId === 0 || one.connectorId === 0 || one.connectorId === connectorId)
  return {
    clientID, connectorId, at: new Date(whenMs).toISOString(), unit, limit,
    ...(numberPhases === undefined ? {} : { numberPhases }),
    source: source === undefined ? null : { ...source, owner: ownerOf(source.chargingProfileId) },
    profiles: [
      ...profiles.map((one) => ({ ...one, owner: ownerOf(one.chargingProfileId), status: 'Accepted' as const })),
      ...idle.map(({ connectorId: on, profile, owner, status, reason }) => ({
        connectorId: on, chargingProfileId: profile.chargingProfileId, purpose: profile.chargingProfilePurpose, stackLevel: profile.stackLevel,
        owner, status, rules: false, limit: null, reason: `${idleReasons[status]}${reason === undefined ? '' : `: ${reason}`}`,
      })),
    ],
  }
}

const idleReasons: Readonly<Record<ProfileStatus, string>> = {
  Accepted: 'it stands',
  Sent: 'the charge point has not answered yet',
  Unknown: 'the charge point did not answer, so it may stand or not',
  Rejected: 'the charge point rejected it',
  NotSupported: 'the charge point does not support it',
  Failed: 'the charge point answered with an error',
}
