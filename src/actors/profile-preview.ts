// What a charging profile, or a clear, would come to before anything is sent: the schedule before and after, and the limit it would be for the engine.
import { compositeSchedule, type Composite } from '../profiles/composite.ts'
import { cursorOver } from '../profiles/cursor.ts'
import { clear, install, type Stack } from '../profiles/stack.ts'
import type { RequestOf } from '../protocol/messages/index.ts'
import type { Estate } from './estate.ts'
import { abilitiesOf, type GivenRequest } from './given-profile.ts'
import type { Station } from './handlers/station.ts'
import { Refusal } from './house.ts'
import { orders } from './orders/table.ts'
import { allocationOf, type PeoplesAllocation } from './peoples-allocation.ts'
import { acceptedOf, standingOf, type Standing, type Window } from './profile-outlook.ts'
import { mayStand } from './stored-profiles.ts'

/** A stretch of the window where the two schedules differ, s from its start; null = nothing limits. */
export interface Change { readonly startPeriod: number; readonly durationS: number; readonly before: number | null; readonly after: number | null }

export interface ProfilePreview {
  readonly dryRun: true
  readonly clientID: string
  readonly connectorId: number
  /** Of a profile: as the charge point should answer. */
  readonly install?: { readonly status: 'Accepted' | 'Rejected' | 'NotSupported'; readonly reason?: string }
  readonly chargingProfileId?: number
  /** Ids of those whose place it would take. */
  readonly replaces?: readonly number[]
  /** Of a clear: ids of those that would go. */
  readonly removed?: readonly number[]
  readonly before: Composite
  readonly after: Composite
  readonly differences: readonly Change[]
  /** What people's profiles would allow the engine; null where it does not steer. */
  readonly allocation: PeoplesAllocation | null
}

/** Rejects with the Refusal that the same request would be refused with; nothing is sent or stored. */
export async function previewSet(estate: Estate, name: string, given: GivenRequest, window: Window): Promise<ProfilePreview> {
  const standing = standingOf(estate, name)
  const station = stationOf(estate, standing)
  const request = await orders.SetChargingProfile.prepare!(station, given as never)
  const refusal = orders.SetChargingProfile.refuse?.(station, request) ?? null
  if (refusal !== null) throw refusal
  const { connectorId, csChargingProfiles: profile } = request
  const stands = acceptedOf(standing)
  const answer = install(stands, standing.ground, connectorId, profile, standing.time.wallMs, abilitiesOf(station))
  return {
    ...outlook(estate, standing, connectorId, window, stands, answer.stack, (stack) => install(stack, standing.ground, connectorId, profile, standing.time.wallMs).stack),
    chargingProfileId: profile.chargingProfileId,
    install: answer.status === 'Accepted' ? { status: answer.status } : { status: answer.status, reason: answer.reason },
    replaces: answer.status === 'Accepted' ? [...new Set(answer.replaced.map((one) => one.profile.chargingProfileId))] : [],
  }
}

/** As `previewSet`, for ClearChargingProfile; what is still on its way comes after the clearing, and stays. */
export function previewClear(estate: Estate, name: string, criteria: RequestOf<'ClearChargingProfile'>, window: Window): ProfilePreview {
  const standing = standingOf(estate, name)
  const refusal = orders.ClearChargingProfile.refuse?.(stationOf(estate, standing), criteria) ?? null
  if (refusal !== null) throw refusal
  const { removed } = clear(standing.held.filter(({ status }) => status !== 'Sent'), criteria)
  const places = new Set(removed.map(({ connectorId }) => connectorId))
  const connectorId = criteria.connectorId ?? (places.size === 1 ? [...places][0]! : 0)
  const stands = acceptedOf(standing)
  const without = (stack: Stack): Stack => clear(stack, criteria).stack
  return { ...outlook(estate, standing, connectorId, window, stands, without(stands), without), removed: [...new Set(removed.map(({ profile }) => profile.chargingProfileId))] }
}

/** Of many: why this one would be refused. */
export interface RefusedPreview { readonly clientID: string; readonly error: { readonly code: string; readonly detail: string; readonly hint?: string } }

const mostPreviews = 1_000
/** Of all schedules of all of them together. */
const mostPeriods = 100_000
/** So long it is worked before others have a turn. */
const sliceMs = 10

/** One after the other; who would be refused says why. Refusal invalid `too-many-selected` beyond 1,000 and `too-many-periods` beyond 100,000 periods in all. */
export async function previewEach({ options: { clock, pause } }: Estate, clientIDs: readonly string[], preview: (clientID: string) => ProfilePreview | Promise<ProfilePreview>): Promise<(ProfilePreview | RefusedPreview)[]> {
  if (clientIDs.length > mostPreviews) throw new Refusal('invalid', 'too-many-selected', `The selector fits ${clientIDs.length} charge points; a dry run works out at most ${mostPreviews} schedules.`, { errors: [{ pointer: '/selector', message: `fits more than ${mostPreviews}` }], hint: 'Select fewer: by siteID, circuitID or clientIDs.' })
  const previews: (ProfilePreview | RefusedPreview)[] = []
  let periods = 0
  let sinceMs = clock.mono()
  for (const clientID of clientIDs) {
    if (clock.mono() - sinceMs >= sliceMs) {
      await (pause?.() ?? new Promise<void>((resolve) => { clock.after(0, resolve) }))
      sinceMs = clock.mono()
    }
    try {
      const one = await preview(clientID)
      periods += periodsOf(one)
      previews.push(one)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      previews.push({ clientID, error: { code: error.code, detail: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) } })
    }
    if (periods > mostPeriods) throw new Refusal('invalid', 'too-many-periods', `The schedules of ${previews.length} of ${clientIDs.length} charge points have ${periods} periods; a dry run of many shows at most ${mostPeriods} in all.`, { errors: [{ pointer: '/durationS', message: 'looks so far ahead that there are too many periods' }], hint: 'Look less far ahead with durationS, or select fewer charge points.' })
  }
  return previews
}

function periodsOf({ before, after, differences, allocation }: ProfilePreview): number {
  const peoples = allocation?.connectors.reduce((sum, { schedule }) => sum + schedule.periods.length, 0) ?? 0
  return before.periods.length + after.periods.length + differences.length + peoples
}

function stationOf(estate: Estate, { clientID }: Standing): Station {
  const family = estate.familyOf(clientID)
  if (family === null) throw new Refusal('not-found', 'unknown-charge-point', `There is no charge point ${clientID}.`)
  return family.station
}

function outlook(estate: Estate, standing: Standing, connectorId: number, { durationS, unit, startMs = standing.time.wallMs }: Window, stands: Stack, then: Stack, change: (stack: Stack) => Stack) {
  const { clientID, ground, held } = standing
  const asked = { connectorId, durationS, unit, startMs }
  const before = compositeSchedule(stands, ground, asked)
  const after = compositeSchedule(then, ground, asked)
  const peoples = change(held.filter(({ owner, status }) => owner === 'user' && mayStand(status)))
  return { dryRun: true as const, clientID, connectorId, before, after, differences: changesBetween(before, after), allocation: allocationOf(estate, standing, peoples, asked) }
}

/** Where two schedules of one window differ. */
export function changesBetween(before: Composite, after: Composite): Change[] {
  const starts = [...new Set([...before.periods, ...after.periods].map(({ startPeriod }) => startPeriod))].toSorted((a, b) => a - b)
  const walk = ({ periods }: Composite) => cursorOver(periods, ({ startPeriod }) => startPeriod)
  const [was, will] = [walk(before), walk(after)]
  const changes: Change[] = []
  for (const [index, startPeriod] of starts.entries()) {
    const one = { startPeriod, durationS: (starts[index + 1] ?? before.durationS) - startPeriod, before: was(startPeriod)?.limit ?? null, after: will(startPeriod)?.limit ?? null }
    const last = changes.at(-1)
    if (one.before === one.after) continue
    if (last !== undefined && last.startPeriod + last.durationS === startPeriod && last.before === one.before && last.after === one.after) changes[changes.length - 1] = { ...last, durationS: last.durationS + one.durationS }
    else changes.push(one)
  }
  return changes
}
