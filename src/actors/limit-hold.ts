// What holds a transaction now: by what it was told and has accepted, and by which limit that is less than it could take.
import { disobeys } from '../power/disobedience.ts'
import { carPhases, type Place } from '../power/loads.ts'
import { expectedA, permitsA } from '../power/ledger.ts'
import { capOf } from '../power/participant.ts'
import { lowestA } from '../power/rungs.ts'
import type { Target } from '../power/target.ts'

export interface Hold {
  /** null = nothing does. */
  readonly reason: string | null
  readonly lostW: number
  /** It may draw nothing. */
  readonly empty: boolean
}

/** Waiting for a turn, or below the least a charger gives: because of a limit. */
const thirdHand: readonly string[] = ['queue', 'minimum']
/** What it was told last, of whom nobody knows the reason any more. */
const standing = 'profile'
/** What its own car or connector is the reason for, is lost to nobody; and who has all that was asked for is not held. */
const ownDoing: readonly string[] = ['vehicle', 'hardware']

/**
 * What binds a transaction below what its car could take: hardware, cable, car and what it has shown to take, but not what people's profiles say.
 * `before` = what held it until now: that still does while a raising is on its way, and while it cannot be steered, for it keeps what it was told.
 */
export function holdOf({ place, allocatedA, binding, boundBy }: Target, voltage: number, nowMs: number, before: string | null): Hold {
  const heldA = mayDrawA(place, allocatedA, nowMs)
  const isOwn = ownDoing.includes(binding)
  const now = isOwn ? null : binding === standing ? before : thirdHand.includes(binding) ? boundBy?.source ?? binding : binding
  const reason = heldA < allocatedA - 1e-9 ? before ?? now : now
  const empty = heldA <= 0 && !(isOwn && allocatedA <= 0)
  const wantedA = place.profileCap === null ? capOf(place) : capOf({ ...place, profileCap: null })
  if (reason === null || wantedA <= heldA + 1e-9) return { reason: null, lostW: 0, empty }
  return { reason, lostW: (wantedA - Math.max(0, heldA)) * wattsPerA(place, voltage), empty }
}

/** By the limit that it has accepted last, A; a pause that cannot be told as 0 is nothing. Who draws more than it has accepted is held by what it is allotted: that it is not raised is its own doing. */
function mayDrawA(place: Place, allocatedA: number, nowMs: number): number {
  const { outlet, row } = place
  if (outlet.control === 'none' || row.contactedAtMs === null || disobeys(row.disobeying)) return allocatedA
  const toldA = row.tx.confirmed === null ? expectedA(row) : permitsA(row.tx.confirmed, row, nowMs)
  return toldA < outlet.minA && toldA <= lowestA(place) ? 0 : toldA
}

/** What a car takes for each amp on each of its phases: as measured, else as said, else on all phases of the connector. */
function wattsPerA(place: Place, voltage: number): number {
  const { outlet, row } = place
  if (outlet.dc !== undefined && outlet.dc !== null) return outlet.dc.wattsPerA
  return (row.phases.measured ?? carPhases(place).length) * voltage
}
