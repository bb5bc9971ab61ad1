// Who takes orders from us, and what of a connector no order reaches: that counts, and the others give way for it.
import { countedA } from './disobedience.ts'
import { distrustedA } from './distrust.ts'
import { grantSlot, isRefused, isSettling, isUnfollowed, isUnproven, leftBehindA, txWorstA } from './ledger.ts'
import { noLoad, reservedLoad, type Load, type Place } from './loads.ts'

/** Decision rule 7: how long an order may go unanswered before the others give way for it. */
export const unansweredMs = 5_000

/** Takes orders from us: under the engine's control and within reach. */
export function isSteered(place: Place): boolean {
  return place.online && place.outlet.control === 'engine'
}

/** Its fallback is confirmed and in no doubt: only then may it be granted anything. */
export function isReady(place: Place): boolean {
  return isSteered(place) && !isUnproven(place.row)
}

/** What must be counted whatever we ask for: out of reach, refused, unanswered too long, accepted but not followed. */
export function stuckLoad(place: Place, nowMs: number): Load {
  if (!isSteered(place)) return reservedLoad(place, nowMs)
  const { row } = place
  const late = row.lowering !== null && (isRefused(row, 'default') || (grantSlot(row) === 'tx' && isRefused(row, 'tx')) || nowMs >= row.lowering.decidedAtMs + unansweredMs)
  if (late || isUnfollowed(row, nowMs)) return reservedLoad(place, nowMs)
  // What no order of ours reaches any more.
  const told = atLeast(grantSlot(row) === 'tx' ? noLoad : atLeast(noLoad, leftBehindA(row), txWorstA(row, nowMs)), 0, countedA(row.disobeying))
  const beyond = atLeast(told, distrustedA(row.distrusted, row.hardwareA))
  if (row.excess && row.measuredA !== null && !isSettling(row, nowMs) && row.lowering === null) return atLeast(beyond, place.overruledA ?? 0, row.measuredA)
  return atLeast(beyond, place.overruledA ?? 0)
}

/** The load, but no less than so many amps of any car and of the one that is there. */
export function atLeast(stuck: Load, anyCarA: number, thisCarA = anyCarA): Load {
  const any = Math.max(stuck.anyCarA, anyCarA)
  return { anyCarA: any, thisCarA: Math.max(stuck.thisCarA, thisCarA, any) }
}
