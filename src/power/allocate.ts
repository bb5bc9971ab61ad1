// Shares what is left of every constraint among the cars: admission at the minimum, then weighted max-min by class, then whole steps.
import type { Policy } from './site.ts'

/** An upper bound over some members: Σ coefficient × amps ≤ capacity. Everything that cannot be shared is already subtracted. */
export interface Bound {
  readonly capacity: number
}

/** A car that takes part. Amounts are amps; `bounds` names every bound it loads, by index, with amps or watts per amp. */
export interface Member {
  readonly key: string
  /** Larger first; strict. */
  readonly priority: number
  readonly weight: number
  /** Least it can use, most it could use, and what it is counted with even when it gets nothing. */
  readonly minA: number
  readonly capA: number
  readonly floorA: number
  readonly stepA: number
  /** Place in the order of admission inside its class, then of the queue: lower first. */
  readonly rank: number
  readonly bounds: readonly { readonly index: number; readonly perAmp: number }[]
}

export interface Share {
  readonly key: string
  readonly allocatedA: number
  /** What stopped it: a bound's index; its own cap; `minimum` or `queue` when it gets nothing. */
  readonly boundBy: number | 'cap' | 'minimum' | 'queue'
  /** The bound that left less than its minimum, when it gets nothing. */
  readonly blockedBy: number | null
}

const tiny = 1e-7

/**
 * Deterministic: the result does not depend on the order of `members`. Every allocation is 0 or within [minA, capA] and a
 * multiple of stepA. `capacity` may be exceeded by the floors alone; then nothing is added under that bound.
 */
export function allocate(bounds: readonly Bound[], members: readonly Member[], policy: Policy): Share[] {
  const order = [...members].sort((a, b) => b.priority - a.priority || a.rank - b.rank || (a.key < b.key ? -1 : 1))
  const left = bounds.map((bound) => bound.capacity)
  const amps = new Map<string, number>()
  const boundBy = new Map<string, Share['boundBy']>()
  const blockedBy = new Map<string, number>()
  const load = (member: Member, deltaA: number) => {
    for (const { index, perAmp } of member.bounds) left[index]! -= deltaA * perAmp
  }
  for (const member of order) load(member, member.floorA)
  // Below its floor a car frees nothing: the floor counts all the same.
  const change = (member: Member, fromA: number, toA: number) => load(member, Math.max(toA, member.floorA) - Math.max(fromA, member.floorA))

  const admitted: Member[] = []
  const admittedUnder = new Set<number>()
  for (const member of order) {
    const leastA = leastOf(member)
    if (member.capA < member.minA - tiny) {
      boundBy.set(member.key, 'cap')
      continue
    }
    const blocker = leastA <= member.floorA ? undefined : member.bounds.find(({ index, perAmp }) => left[index]! < (leastA - member.floorA) * perAmp - tiny)
    if (blocker !== undefined) {
      boundBy.set(member.key, admittedUnder.has(blocker.index) ? 'queue' : 'minimum')
      blockedBy.set(member.key, blocker.index)
      continue
    }
    change(member, 0, leastA)
    amps.set(member.key, leastA)
    admitted.push(member)
    for (const { index } of member.bounds) admittedUnder.add(index)
  }

  for (const priority of new Set(admitted.map((member) => member.priority))) {
    fill(admitted.filter((member) => member.priority === priority), left, amps, boundBy, policy)
  }
  const floored = admitted.map((member) => {
    const exact = amps.get(member.key)!
    const whole = Math.max(floorTo(exact, member.stepA), Math.min(exact, ceilTo(member.minA, member.stepA)))
    change(member, exact, whole)
    amps.set(member.key, whole)
    return { member, rest: exact - whole }
  })
  // Single steps by largest remainder while everything still holds.
  floored.sort((a, b) => b.member.priority - a.member.priority || (Math.abs(a.rest - b.rest) > tiny ? b.rest - a.rest : a.member.rank - b.member.rank || (a.member.key < b.member.key ? -1 : 1)))
  for (const { member } of floored) {
    const next = round(amps.get(member.key)! + member.stepA)
    const growthA = Math.max(next, member.floorA) - Math.max(amps.get(member.key)!, member.floorA)
    if (next > member.capA + tiny || (growthA > 0 && member.bounds.some(({ index, perAmp }) => left[index]! < growthA * perAmp - tiny))) continue
    load(member, growthA)
    amps.set(member.key, next)
  }
  return members.map((member) => ({
    key: member.key,
    allocatedA: amps.get(member.key) ?? 0,
    boundBy: boundBy.get(member.key) ?? 'cap',
    blockedBy: blockedBy.get(member.key) ?? null,
  }))
}

/** Weighted max-min: raise a common level until a bound saturates, freeze its members there, go on. */
function fill(group: readonly Member[], left: number[], amps: Map<string, number>, boundBy: Map<string, Share['boundBy']>, policy: Policy): void {
  const open = new Map<number, Member[]>()
  for (const member of group) for (const { index } of member.bounds) open.set(index, [...(open.get(index) ?? []), member])
  const at = (member: Member, level: number) => Math.min(member.capA, Math.max(leastOf(member), weightOf(member, policy) * level))
  const frozen = new Set<string>()
  const levels = new Map<number, number>()
  const measure = (index: number) => {
    const cars = open.get(index)!.filter((member) => !frozen.has(member.key))
    open.set(index, cars)
    if (cars.length === 0) levels.delete(index)
    else levels.set(index, saturationLevel(index, cars, left[index]!, policy))
  }
  for (const index of open.keys()) measure(index)
  while (levels.size > 0) {
    let tightest = -1
    let level = Infinity
    for (const [index, reached] of levels) if (reached < level - tiny || (tightest === -1 && reached === Infinity)) [tightest, level] = [index, reached]
    const touched = new Set<number>()
    for (const member of open.get(tightest)!) {
      const to = level === Infinity ? member.capA : at(member, level)
      for (const { index, perAmp } of member.bounds) {
        left[index]! -= (to - amps.get(member.key)!) * perAmp
        touched.add(index)
      }
      amps.set(member.key, to)
      boundBy.set(member.key, to >= member.capA - tiny ? 'cap' : tightest)
      frozen.add(member.key)
    }
    for (const index of touched) measure(index)
  }
}

/** The level at which the members' shares use up `slack`, from their sorted corners; Infinity when their caps fit. */
function saturationLevel(index: number, cars: readonly Member[], slack: number, policy: Policy): number {
  const corners: { at: number; slope: number }[] = []
  for (const member of cars) {
    const perAmp = member.bounds.find((one) => one.index === index)!.perAmp
    const weight = weightOf(member, policy)
    const from = leastOf(member) / weight
    const to = member.capA / weight
    if (to <= from) continue
    corners.push({ at: from, slope: perAmp * weight }, { at: to, slope: -perAmp * weight })
  }
  corners.sort((a, b) => a.at - b.at)
  let rest = Math.max(0, slack)
  let slope = 0
  let level = 0
  for (const corner of corners) {
    const need = slope * (corner.at - level)
    if (slope > tiny && need > rest + tiny) return level + rest / slope
    rest -= need
    level = corner.at
    slope += corner.slope
  }
  return Infinity
}

function leastOf(member: Member): number {
  return Math.min(Math.max(member.minA, member.floorA), member.capA)
}

function weightOf(member: Member, policy: Policy): number {
  return policy === 'weighted' ? member.weight : 1
}

/** Down to a multiple of `step`. */
export function floorTo(value: number, step: number): number {
  return round(Math.floor(value / step + tiny) * step)
}

/** Up to a multiple of `step`. */
export function ceilTo(value: number, step: number): number {
  return round(Math.ceil(value / step - tiny) * step)
}

function round(value: number): number {
  return Math.round(value * 1e6) / 1e6
}
