// leastLaxity where not every minimum fits: who is served first, all it can use, and who waits for what they leave.
import { compareInQueue, Division, leastOf, type Bound, type Member, type Share } from './member.ts'
import { floorTo } from './steps.ts'

/**
 * Who has current keeps it before one with up to so much less slack: every change of hands costs a minute of pause. Who gets
 * really near its deadline is urgent and comes first all the same. Found by playing months of sessions (docs/policies.md).
 */
export const keepsBeforeMs = 2 * 3_600_000

/** Some that share together, and those after them whose minimum is kept meanwhile. */
export interface Tier { readonly members: readonly Member[]; readonly keepers: readonly Member[] }

/**
 * Of the highest class in which `shares` makes somebody wait, under the bounds that do: by slack, as many as can have all they can use.
 * Higher classes keep what they have, and whoever loads none of these bounds its minimum. All but the sated, in tiers; null = nobody need come
 * first, or a higher class could use more: then nobody else has more than the minimum.
 */
export function pickFirst(bounds: readonly Bound[], members: readonly Member[], shares: readonly Share[]): Tier[] | null {
  const byKey = new Map(shares.map((share) => [share.key, share]))
  const hungry = members.filter(({ sated }) => sated !== true)
  const waiting = hungry.filter(({ key }) => byKey.get(key)!.blockedBy !== null)
  if (waiting.length === 0) return null
  const short = new Set(waiting.map(({ key }) => byKey.get(key)!.blockedBy!))
  const top = waiting.reduce((highest, { priority }) => Math.max(highest, priority), -Infinity)
  const contested = new Set(hungry.filter((member) => member.priority <= top && member.bounds.some(({ index }) => short.has(index))))
  const order = [...contested].filter(({ priority, latestMs }) => priority === top && latestMs !== undefined)
    .sort((a, b) => placeOf(a) - placeOf(b) || leavesItMs(a) - leavesItMs(b) || compareInQueue(a, b))
  if (order.length === 0) return null
  const division = new Division(bounds, members)
  if (hungry.some(({ priority, key }) => priority > top && byKey.get(key)!.boundBy !== 'cap')) return null
  const first = new Set(hungry.filter((member) => member.priority >= top && !contested.has(member)))
  const served = hungry.filter(({ key }) => byKey.get(key)!.allocatedA > 0)
  for (const member of served) if (!contested.has(member)) division.give(member, member.priority > top ? byKey.get(member.key)!.allocatedA : leastOf(member))
  let any = false
  for (const member of order) {
    let roomA = Infinity
    for (const { index, perAmp } of member.bounds) roomA = Math.min(roomA, division.left[index]! / perAmp)
    const mostA = floorTo(Math.min(member.capA, member.floorA + Math.max(0, roomA)), member.stepA)
    if (mostA < leastOf(member)) continue
    division.give(member, mostA)
    first.add(member)
    any = true
  }
  if (!any) return null
  const keepers = served.filter((member) => !first.has(member) && !contested.has(member))
  return [{ members: hungry.filter((member) => first.has(member)), keepers }, { members: hungry.filter((member) => !first.has(member)), keepers: [] }]
}

/** The urgent, then who is in its least time on. */
function placeOf({ urgent, turn }: Member): number {
  return urgent === true ? 0 : turn?.standing === 'on' && !turn.mayGo ? 1 : 2
}

/** Until when it can wait, as it is compared: earlier for who has current. */
function leavesItMs({ latestMs = Infinity, turn }: Member): number {
  return latestMs - (turn?.standing === 'on' ? keepsBeforeMs : 0)
}
