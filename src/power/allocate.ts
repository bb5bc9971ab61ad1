// Shares what is left of every constraint among the cars: admission at the minimum, then class by class by the policy, in whole steps.
import { admit } from './admission.ts'
import { fillEvenly } from './filling.ts'
import { pickFirst, type Tier } from './first-served.ts'
import { addStep, fillByLaxity, fillInTurn, toWholeStep } from './handing-out.ts'
import { compareInQueue, isOwed, leastOf, type Bound, type Division, type Member, type Share } from './member.ts'
import type { Policy } from './site.ts'
import { tiny } from './steps.ts'

export type { Bound, Member, Share } from './member.ts'
export { ceilTo, floorTo } from './steps.ts'

/**
 * Deterministic: the result does not depend on the order of `members`. Every allocation is 0 or within [minA, capA] and a
 * multiple of stepA. `capacity` may be exceeded by the floors alone; then nothing is added under that bound. `nowMs` is only
 * for the turns that members take. Each tier shares what the ones before it leave.
 */
export function allocate(bounds: readonly Bound[], members: readonly Member[], policy: Policy, nowMs = 0): Share[] {
  const sated = members.filter((member) => member.sated === true)
  const last: Tier[] = sated.length === 0 ? [] : [{ members: sated.map(withoutTurn), keepers: [] }]
  const hungry = sated.length === 0 ? members : members.filter((member) => member.sated !== true)
  const shares = sated.length === 0 ? share(bounds, members, policy, nowMs) : shareByTier(bounds, members, [{ members: hungry, keepers: [] }, ...last], policy, nowMs)
  // Where every minimum fits, everybody keeps it; where some wait, it is those with more slack.
  let tiers = policy === 'leastLaxity' ? pickFirst(bounds, members, shares) : null
  if (tiers === null) return shares
  const owed = new Set<Member>()
  for (let pass = 1; pass <= mostPasses; pass++) {
    const given = shareByTier(bounds, members, [...tiers, ...last], policy, nowMs, owed)
    const byKey = new Map(given.map((one) => [one.key, one]))
    const hasNothing = ({ key }: Member) => byKey.get(key)!.allocatedA === 0
    // What was kept for somebody whom another came before all the same would be left to nobody.
    const isLost = tiers.some(({ keepers }) => keepers.some(hasNothing))
    // What is bought is exceeded by minimums alone: who comes first leaves room for those that come later and are owed theirs.
    const later = isOverBought(bounds, members, byKey) ? tiers.slice(1).flatMap((tier) => tier.members.filter((one) => isOwed(one) && !hasNothing(one) && !owed.has(one))) : []
    if (!isLost && later.length === 0) return given
    tiers = tiers.map((tier) => ({ ...tier, keepers: pass < mostPasses - 1 ? tier.keepers.filter((one) => !hasNothing(one)) : [] }))
    for (const one of later) owed.add(one)
  }
  return shares
}

/** Then nobody keeps anything for anybody; and if what is bought is still exceeded, nobody comes first. */
const mostPasses = 4

function isOverBought(bounds: readonly Bound[], members: readonly Member[], given: ReadonlyMap<string, Share>): boolean {
  if (bounds.every(({ economic }) => economic !== true)) return false
  return without(bounds, members, given).some(({ capacity, economic }) => economic === true && capacity < -tiny)
}

function shareByTier(bounds: readonly Bound[], members: readonly Member[], tiers: readonly Tier[], policy: Policy, nowMs: number, owed: ReadonlySet<Member> = new Set()): Share[] {
  const byKey = new Map<string, Share>()
  const served = new Set<number>()
  let left = without(bounds, members, byKey)
  for (const [at, { members: tier, keepers }] of tiers.entries()) {
    if (tier.length === 0) continue
    const open = grown(left, tier)
    const later = at > 0 || owed.size === 0 ? [] : [...owed].filter((one) => !keepers.includes(one))
    const shares = share(shrunk(shrunk(open, keepers), later, true), tier, policy, nowMs)
    // Those before it got something where it gets nothing: that is a queue, by its order alone.
    for (const one of shares) byKey.set(one.key, one.boundBy === 'minimum' && served.has(one.blockedBy!) ? { ...one, boundBy: 'queue', rounds: tier.length } : one)
    for (const { key, bounds: loaded } of tier) if (byKey.get(key)!.allocatedA > 0) for (const { index } of loaded) served.add(index)
    left = without(open, tier, byKey)
  }
  // Who has all that was asked for waits for nothing: what it does not get, it does not want.
  return members.map(({ key, sated }): Share => {
    const one = byKey.get(key)!
    return sated === true && one.allocatedA === 0 ? { ...one, boundBy: 'cap', blockedBy: null } : one
  })
}

/** Who comes last takes no turns. */
function withoutTurn(member: Member): Member {
  return member.turn === undefined ? member : { ...member, turn: undefined }
}

/** What is left of each bound once these have what they are given, their floors at least. */
function without(bounds: readonly Bound[], members: readonly Member[], given: ReadonlyMap<string, Share>): Bound[] {
  const taken = bounds.map(() => 0)
  for (const member of members) for (const { index, perAmp } of member.bounds) taken[index]! += Math.max(member.floorA, given.get(member.key)?.allocatedA ?? 0) * perAmp
  return bounds.map((bound, index) => ({ ...bound, capacity: bound.capacity - taken[index]! }))
}

/** With the floors of these given back: whoever shares counts its own. */
function grown(bounds: readonly Bound[], members: readonly Member[]): Bound[] {
  const floors = bounds.map(() => 0)
  for (const { floorA, bounds: loaded } of members) if (floorA > 0) for (const { index, perAmp } of loaded) floors[index]! += floorA * perAmp
  return bounds.map((bound, index) => ({ ...bound, capacity: bound.capacity + floors[index]! }))
}

/** Less what the minimums of these take beyond their floors; where that is `owed`, of what is bought alone. */
function shrunk(bounds: readonly Bound[], keepers: readonly Member[], owed = false): readonly Bound[] {
  if (keepers.length === 0) return bounds
  const kept = bounds.map(() => 0)
  for (const member of keepers) for (const { index, perAmp } of member.bounds) kept[index]! += Math.max(0, leastOf(member) - member.floorA) * perAmp
  return bounds.map((bound, index) => (owed && bound.economic !== true ? bound : { ...bound, capacity: bound.capacity - kept[index]! }))
}

function share(bounds: readonly Bound[], members: readonly Member[], policy: Policy, nowMs: number): Share[] {
  const { division, admitted, blockedBy, moves, waits } = admit(bounds, members, nowMs)
  if (policy === 'equal' || policy === 'weighted') {
    for (const group of classesOf(admitted)) fillEvenly(group, division, policy === 'weighted')
    handOutRests(admitted, division)
  } else {
    for (const member of admitted) toWholeStep(member, division)
    for (const group of classesOf(admitted)) {
      if (policy === 'leastLaxity') fillByLaxity(group, division)
      else fillInTurn(group, division)
    }
  }
  return members.map(({ key }) => ({
    key,
    allocatedA: division.amps.get(key) ?? 0,
    boundBy: division.boundBy.get(key) ?? 'cap',
    blockedBy: blockedBy.get(key) ?? null,
    move: moves.get(key) ?? null,
    clockMs: waits.get(key)?.clockMs ?? null,
    rounds: waits.get(key)?.rounds ?? null,
  }))
}

/** Strict: a class takes what it can use before the next one gets more than its minimums. */
function classesOf(admitted: readonly Member[]): Member[][] {
  const classes = new Map<number, Member[]>()
  for (const member of admitted) {
    const group = classes.get(member.priority)
    if (group === undefined) classes.set(member.priority, [member])
    else group.push(member)
  }
  return [...classes.values()]
}

/** Down to whole steps, then single ones by largest remainder while everything still holds. */
function handOutRests(admitted: readonly Member[], division: Division): void {
  const floored = admitted.map((member) => ({ member, rest: toWholeStep(member, division) }))
  floored.sort((a, b) => b.member.priority - a.member.priority || (Math.abs(a.rest - b.rest) > tiny ? b.rest - a.rest : compareInQueue(a.member, b.member)))
  for (const { member } of floored) addStep(member, division)
}
