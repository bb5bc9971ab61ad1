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
 * for the turns that members take.
 */
export function allocate(bounds: readonly Bound[], members: readonly Member[], policy: Policy, nowMs = 0): Share[] {
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
