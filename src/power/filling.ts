// What is left above the minimums, as one level: it rises until a bound saturates or a cap is met, those are frozen, the others go on.
import { leastOf, type Division, type Member } from './member.ts'
import { tiny } from './steps.ts'

/** Of one bound while the level rises: what it has left, and by how much a level takes it away. */
interface Basin {
  readonly index: number
  readonly order: number
  readonly members: number[]
  rest: number
  slope: number
  atLevel: number
  /** Where it saturates as things stand; Infinity = not. */
  fullAt: number
}

/** Weighted max-min over one class, exact: amounts are no whole steps yet. Amps are weight × level between least and cap. */
export function fillEvenly(group: readonly Member[], division: Division, isWeighted: boolean): void {
  /** By the index of the bound, and in the order in which they were met. */
  const basins: (Basin | undefined)[] = division.left.map(() => undefined)
  const met: Basin[] = []
  const weights = group.map(({ weight }) => (isWeighted ? weight : 1))
  const corners: { level: number; who: number; rises: boolean }[] = []
  const state: ('waits' | 'rises' | 'frozen')[] = group.map(() => 'waits')
  group.forEach((member, who) => {
    const from = leastOf(member) / weights[who]!
    const to = member.capA / weights[who]!
    if (to <= from) {
      division.boundBy.set(member.key, 'cap')
      state[who] = 'frozen'
      return
    }
    corners.push({ level: from, who, rises: true }, { level: to, who, rises: false })
    for (const { index } of member.bounds) {
      const known = basins[index]
      const basin = known ?? { index, order: met.length, members: [], rest: division.left[index]!, slope: 0, atLevel: 0, fullAt: Infinity }
      basin.members.push(who)
      if (known !== undefined) continue
      basins[index] = basin
      met.push(basin)
    }
  })
  corners.sort((a, b) => a.level - b.level)
  const heap = new Heap(met)
  /** One member's share begins to rise, or stops, at this level. */
  const turn = (who: number, level: number, sign: 1 | -1) => {
    for (const { index, perAmp } of group[who]!.bounds) {
      const basin = basins[index]!
      basin.rest -= basin.slope * (level - basin.atLevel)
      basin.atLevel = level
      basin.slope += sign * perAmp * weights[who]!
      touched.add(basin)
    }
  }
  const touched = new Set<Basin>()
  const settle = () => {
    for (const basin of touched) heap.move(basin, basin.slope > tiny ? basin.atLevel + Math.max(0, basin.rest) / basin.slope : Infinity)
    touched.clear()
  }
  let next = 0
  for (;;) {
    const full = heap.first()
    const corner = corners[next]
    if (corner === undefined && (full === undefined || full.fullAt === Infinity)) break
    if (corner !== undefined && (full === undefined || corner.level <= full.fullAt + tiny)) {
      // All corners at one level first.
      for (let at = corner; at !== undefined && at.level === corner.level; at = corners[next]!) {
        next += 1
        const { who, rises } = at
        if (state[who] === 'frozen') continue
        state[who] = rises ? 'rises' : 'frozen'
        if (!rises) freeze(group[who]!, group[who]!.capA, 'cap', division)
        turn(who, at.level, rises ? 1 : -1)
      }
    } else {
      const level = full!.fullAt
      for (const who of full!.members) {
        if (state[who] === 'frozen') continue
        const member = group[who]!
        const risen = state[who] === 'rises'
        state[who] = 'frozen'
        freeze(member, Math.min(member.capA, Math.max(leastOf(member), weights[who]! * level)), full!.index, division)
        if (risen) turn(who, level, -1)
      }
      full!.slope = 0
      touched.add(full!)
    }
    settle()
  }
}

function freeze(member: Member, toA: number, by: number | 'cap', division: Division): void {
  division.give(member, toA)
  division.boundBy.set(member.key, toA >= member.capA - tiny ? 'cap' : by)
}

/** The basins by where they saturate, those met first among equals. */
class Heap {
  private readonly list: Basin[]
  private readonly places = new Map<Basin, number>()

  constructor(list: Basin[]) {
    this.list = list
    list.forEach((basin, at) => this.places.set(basin, at))
  }

  first(): Basin | undefined {
    return this.list[0]
  }

  move(basin: Basin, fullAt: number): void {
    basin.fullAt = fullAt
    let at = this.places.get(basin)!
    for (let above = (at - 1) >> 1; at > 0 && isBefore(basin, this.list[above]!); above = (at - 1) >> 1) {
      this.put(this.list[above]!, at)
      at = above
    }
    for (;;) {
      let below = 2 * at + 1
      if (below + 1 < this.list.length && isBefore(this.list[below + 1]!, this.list[below]!)) below += 1
      if (below >= this.list.length || !isBefore(this.list[below]!, basin)) break
      this.put(this.list[below]!, at)
      at = below
    }
    this.put(basin, at)
  }

  private put(basin: Basin, at: number): void {
    this.list[at] = basin
    this.places.set(basin, at)
  }
}

function isBefore(a: Basin, b: Basin): boolean {
  const [one, other] = [keyOf(a), keyOf(b)]
  return one === other ? a.order < b.order : one < other
}

/** To the millionth: what is equal but for rounding is equal. */
function keyOf({ fullAt }: Basin): number {
  return fullAt === Infinity ? Infinity : Math.round(fullAt * 1e6)
}
