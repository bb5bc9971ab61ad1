// Shares what is left of every constraint among the cars: admission at the minimum, then class by class by the policy, in whole steps.
import { admit } from './admission.ts'
import { fillEvenly } from './filling.ts'
import { addStep, fillByLaxity, fillInTurn, toWholeStep } from './handing-out.ts'
import { compareInQueue, type Bound, type Division, type Member, type Share } from './member.ts'
import type { Policy } from './site.ts'
import { tiny } from './steps.ts'

export type { Bound, Member, Share } from './member.ts'
export { ceilTo, floorTo } from './steps.ts'

/**
 * Deterministic: the result does not depend on the order of `members`. Every allocation is 0 or within [minA, capA] and a
 * multiple of stepA. `capacity` may be exceeded by the floors alone; then nothing is added under that bound. `nowMs` is only
 * for the turns that members take. Members that are sated share what the others leave.
 */
export function allocate(bounds: readonly Bound[], members: readonly Member[], policy: Policy, nowMs = 0): Share[] {
  const sated = members.filter((member) => member.sated === true)
  if (sated.length === 0) return share(bounds, members, policy, nowMs)
  const hungry = members.filter((member) => member.sated !== true)
  const shares = share(without(bounds, sated, new Map()), hungry, policy, nowMs)
  const left = without(bounds, hungry, new Map(shares.map(({ key, allocatedA }) => [key, allocatedA])))
  // They wait for nothing and take no turns: what they do not get, they do not want.
  const rests = share(left, sated.map(({ turn: _, ...member }) => member), policy, nowMs)
  const byKey = new Map([...shares, ...rests.map((one): Share => (one.allocatedA > 0 ? one : { ...one, boundBy: 'cap', blockedBy: null }))].map((one) => [one.key, one]))
  return members.map(({ key }) => byKey.get(key)!)
}

/** What is left of each bound once these have what they are given, their floors at least. */
function without(bounds: readonly Bound[], members: readonly Member[], given: ReadonlyMap<string, number>): Bound[] {
  const taken = bounds.map(() => 0)
  for (const member of members) for (const { index, perAmp } of member.bounds) taken[index]! += Math.max(member.floorA, given.get(member.key) ?? 0) * perAmp
  return bounds.map((bound, index) => ({ ...bound, capacity: bound.capacity - taken[index]! }))
}

function share(bounds: readonly Bound[], members: readonly Member[], policy: Policy, nowMs: number): Share[] {
  const { division, admitted, blockedBy, moves, clocks } = admit(bounds, members, nowMs)
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
    clockMs: clocks.get(key) ?? null,
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
