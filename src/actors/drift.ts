// Does a connector stand as kwota believes? Judges what a charge point answered to GetCompositeSchedule, and says in words what is wrong.
import { differencesOf, type Difference } from '../profiles/compare.ts'
import { compositeSchedule } from '../profiles/composite.ts'
import type { Stack } from '../profiles/stack.ts'
import type { Estate } from './estate.ts'
import { listed } from './listed.ts'
import { siteEntry } from './lookup.ts'
import { isMoving, standingOf, unansweredOf, worldsOf } from './profile-outlook.ts'
import { readReported } from './reported-schedule.ts'

/** How far a check looks ahead. */
export const windowS = 3_600

/** The last check of a connector. */
export interface ProfileCheck {
  readonly connectorId: number
  readonly at: string
  /** Null: it could not be judged, and `reason` says why; what differs all the same is in `differences`. */
  readonly matches: boolean | null
  readonly reason: string | null
  readonly unit: 'A' | 'W'
  /** `startPeriod` in s from `at`. */
  readonly differences: readonly Difference[]
}

export interface Judgement {
  readonly check: ProfileCheck
  /** At some time it would allow more: what is reserved then may be less, whatever is reserved now. */
  readonly exceeds: boolean
  /** No transaction runs, and it is as it should be but for the TxDefaultProfiles: some charge points leave these out then. */
  readonly hidesDefault: boolean
}

/** Where the connector stands as it is asked; equal before and after = nothing has moved meanwhile. */
export interface Footing { readonly atMs: number; readonly mark: string; readonly unit: 'A' | 'W' }

/** Null when the charge point or the connector is gone, else its footing or why it cannot be judged now. */
export function footingOf(estate: Estate, clientID: string, connectorId: number): Footing | string | null {
  const point = estate.point(clientID)
  if (point === undefined) return null
  const { room: { engine: { books } } } = siteEntry(estate, point.record.config.site)
  const row = books.row(`${clientID}/${connectorId}`)
  if (row === undefined) return null
  const { held, time } = standingOf(estate, clientID)
  // What the engine does not steer has rows that nothing ever confirms.
  const steered = point.record.config.control === 'engine'
  if (steered && row.default.confirmed === null) return 'it has not accepted its fallback yet'
  const unproven = steered && (row.doubtSinceMs !== null || row.default.inFlight.length > 0 || row.tx.inFlight.length > 0)
  if (unproven || isMoving(held) || point.family?.starting().includes(connectorId) === true) return 'an answer to one of its profiles is still to come'
  const mark = JSON.stringify([row.transactionId, held.map(({ connectorId: on, profile, status, mark: what }) => [on, profile.chargingProfileId, status, what])])
  return { atMs: time.wallMs, mark, unit: books.outletsOf(clientID).some(({ dc = null }) => dc !== null) ? 'W' : books.quirksOf(clientID).unit }
}

/** What the answer, as it came over the wire, says of a connector that was asked from `footing`. */
export function judgeReport(estate: Estate, clientID: string, connectorId: number, footing: Footing, payload: unknown): Judgement {
  const head = { connectorId, at: new Date(footing.atMs).toISOString(), unit: footing.unit }
  const unjudged = (reason: string, differences: readonly Difference[] = []): Judgement => ({ check: { ...head, matches: null, reason, differences }, exceeds: false, hidesDefault: false })
  const after = footingOf(estate, clientID, connectorId)
  if (after === null || typeof after === 'string' || after.mark !== footing.mark || after.unit !== footing.unit) return unjudged(typeof after === 'string' ? after : 'its profiles changed while it was asked')
  const reported = readReported(payload)
  if (reported === null) return unjudged('it gave an answer that cannot be read')
  if (reported.status !== 'Accepted') return unjudged('it rejected the question')
  const standing = standingOf(estate, clientID)
  const { room: { engine } } = siteEntry(estate, standing.siteID)
  const outlet = engine.books.outletsOf(clientID).find((one) => one.connectorId === connectorId)
  const row = outlet === undefined ? undefined : engine.books.row(outlet.key)
  if (outlet === undefined || row === undefined) return unjudged('the connector is gone')
  const how = { voltage: standing.ground.voltage, phases: outlet.phases.length, capA: outlet.maxA, offsetMs: estate.familyOf(clientID)?.station.offsetMs ?? 0 }
  const asked = { connectorId, durationS: windowS, unit: footing.unit, startMs: footing.atMs }
  const against = (stack: Stack) => differencesOf(compositeSchedule(stack, standing.ground, asked), reported, how)
  const worlds = worldsOf(standing)
  const found = worlds.map(against)
  const [sure = null] = found
  if (sure === null) return unjudged('its answer holds no schedule of that time')
  if (found.some((one) => one?.length === 0)) return { check: { ...head, matches: true, reason: null, differences: [] }, exceeds: false, hidesDefault: false }
  const unanswered = unansweredOf(standing, connectorId)
  // Some of them may stand, and nobody knows which: no word on whether it is right.
  if (unanswered.length > 1) return unjudged(`charging profiles ${listed(unanswered)} were never answered, and it says what neither all nor none of them come to`, sure)
  const reason = unanswered.length === 0 ? null : `charging profile ${unanswered[0]} was never answered, and it says neither what holds with it nor what holds without`
  return {
    check: { ...head, matches: false, reason, differences: sure },
    exceeds: found.every((one) => one?.some(({ expected, reported: said }) => (said ?? Infinity) > (expected ?? Infinity)) === true),
    hidesDefault: row.transactionId === null && worlds.some((stack) => against(stack.filter(({ profile }) => profile.chargingProfilePurpose !== 'TxDefaultProfile'))?.length === 0),
  }
}

/** `then` = what was done about it, a sentence of its own. */
export function driftInWords(clientID: string, { connectorId, at, unit, differences }: ProfileCheck, then: string): string | null {
  const [first] = differences
  if (first === undefined) return null
  const amount = (limit: number | null): string => (limit === null ? 'no limit' : `${limit} ${unit}`)
  const from = new Date(Date.parse(at) + first.startPeriod * 1_000).toISOString()
  const others = differences.length === 1 ? '' : `, and differs ${differences.length === 2 ? 'once' : `${differences.length - 1} times`} more within the hour`
  return `${clientID} says that connector ${connectorId} may have ${amount(first.reported)} for ${first.durationS} s from ${from}, where its profiles come to ${amount(first.expected)}${others}. ${then}`
}
