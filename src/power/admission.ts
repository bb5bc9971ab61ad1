// Who gets its minimum: class by class, the urgent first, those whose turn it is, then those that wait; and the swaps that are due.
import { compareInQueue, Division, isOwed, leastOf, type Bound, type Member, type Turn } from './member.ts'
import { countRounds } from './rounds.ts'
import { tiny } from './steps.ts'
import { turnMs } from './turns.ts'

export interface Admission {
  readonly division: Division
  /** In the order of admission. */
  readonly admitted: readonly Member[]
  /** The bound that left less than the minimum, of those that get nothing. */
  readonly blockedBy: ReadonlyMap<string, number>
  readonly moves: ReadonlyMap<string, 'coming' | 'going'>
  /** How those stand that wait in a queue. */
  readonly waits: ReadonlyMap<string, Wait>
}

/** Since when the clock of its queue runs, and after how many swaps all in it have had their turn. */
export interface Wait { readonly clockMs: number; readonly rounds: number }

type Moves = ReadonlyMap<string, 'coming' | 'going'>

/** One queue: those of one class and urgency that the same bounds keep out. */
interface Queue { readonly tier: string; readonly clockMs: number; readonly waiting: readonly Member[]; readonly roundsOf: (member: Member) => number }

/**
 * Each in turn gets its minimum where every bound above it holds; one that is blocked blocks nobody else (decision rule 3).
 * Where a queue has waited for its turn, as many as wait are swapped in, the longest starved first, for those on longest.
 */
export function admit(bounds: readonly Bound[], members: readonly Member[], nowMs: number): Admission {
  const first = admitInOrder(bounds, members, new Map())
  const queues = queuesOf(first, nowMs)
  const moves = new Map<string, 'coming' | 'going'>()
  const swapped = new Set<Queue>()
  for (const queue of queues) if (nowMs >= queue.clockMs + turnMs && swap(first, queue, moves)) swapped.add(queue)
  const last = swapped.size === 0 ? first : admitInOrder(bounds, members, moves)
  const waits = new Map<string, Wait>()
  if (swapped.size === 0) for (const { clockMs, roundsOf, waiting } of queues) for (const member of waiting) waits.set(member.key, { clockMs, rounds: roundsOf(member) })
  else {
    const before = new Map(queues.flatMap((queue) => queue.waiting.map(({ key }) => [key, queue] as const)))
    for (const { roundsOf, waiting } of queuesOf(last, nowMs)) {
      // Who was swapped out waits from now on, like all that are left in the queue it made room for; who waits for another swap goes on waiting for that.
      const others = waiting.flatMap(({ key }) => before.get(key) ?? []).filter((queue) => !swapped.has(queue))
      const clockMs = others.reduce((least, queue) => Math.min(least, queue.clockMs), nowMs)
      for (const member of waiting) waits.set(member.key, { clockMs, rounds: roundsOf(member) })
    }
  }
  const standing = new Map<string, 'coming' | 'going'>()
  for (const member of members) {
    const now = standingOf(member, moves)
    if ((now === 'coming' || now === 'going') && last.isAdmitted.has(member.key) === (now === 'coming')) standing.set(member.key, now)
  }
  return { division: last.division, admitted: last.admitted, blockedBy: last.blockedBy, moves: standing, waits }
}

interface Pass {
  readonly division: Division
  readonly order: readonly Member[]
  readonly admitted: Member[]
  readonly isAdmitted: ReadonlySet<string>
  readonly blockedBy: Map<string, number>
  /** What is left of the bounds once a tier is admitted, before the ones below it. */
  readonly leftAfter: Map<string, number[]>
}

function admitInOrder(bounds: readonly Bound[], members: readonly Member[], moves: Moves): Pass {
  const order = [...members].sort((a, b) => b.priority - a.priority || Number(b.urgent ?? false) - Number(a.urgent ?? false)
    || groupOf(standingOf(a, moves)) - groupOf(standingOf(b, moves)) || a.rank - b.rank || (a.key < b.key ? -1 : 1))
  const division = new Division(bounds, order)
  const admitted: Member[] = []
  const isAdmitted = new Set<string>()
  const blockedBy = new Map<string, number>()
  const leftAfter = new Map<string, number[]>()
  const taken = new Set<number>()
  let waits = false
  order.forEach((member, at) => {
    const leastA = leastOf(member)
    if (member.capA < member.minA - tiny) division.boundBy.set(member.key, 'cap')
    else {
      const blocker = division.blocker(member, leastA - member.floorA, true)
      if (blocker === undefined) {
        division.give(member, leastA)
        admitted.push(member)
        isAdmitted.add(member.key)
        for (const { index } of member.bounds) taken.add(index)
      } else {
        waits = true
        division.boundBy.set(member.key, taken.has(blocker) ? 'queue' : 'minimum')
        blockedBy.set(member.key, blocker)
      }
    }
    const next = order[at + 1]
    if (next !== undefined && isOfTier(next, member)) return
    if (waits) leftAfter.set(tierOf(member), [...division.left])
    waits = false
  })
  return { division, order, admitted, isAdmitted, blockedBy, leftAfter }
}

/**
 * A clock runs from when the first of a queue began to wait, or from its last swap; whoever joins takes it over. Bounds that together
 * keep one car out have one queue: else each would swap for its own, and there is never room under all of them at once.
 */
function queuesOf(pass: Pass, nowMs: number): Queue[] {
  const waiting = pass.order.filter((member) => member.turn !== undefined && pass.division.boundBy.get(member.key) === 'queue')
  const queues: Queue[] = []
  for (let from = 0, to = 0; from < waiting.length; from = to) {
    while (to < waiting.length && isOfTier(waiting[to]!, waiting[from]!)) to++
    queues.push(...queuesIn(pass, waiting.slice(from, to), nowMs))
  }
  return queues
}

/** The queues of one tier. */
function queuesIn({ division: { bounds }, admitted, blockedBy, leftAfter }: Pass, waiting: readonly Member[], nowMs: number): Queue[] {
  const tier = tierOf(waiting[0]!)
  const left = leftAfter.get(tier)!
  /** Trees of bounds that keep out the same car, by the lowest. */
  const parents = bounds.map((_, index) => index)
  const rootOf = (index: number): number => {
    let at = index
    while (parents[at] !== at) at = parents[at] = parents[parents[at]!]!
    return at
  }
  const places = bounds.map(() => 0)
  const served = admitted.filter((member) => isOfTier(member, waiting[0]!))
  for (const member of served) for (const { index } of member.bounds) places[index]! += 1
  const barred = bounds.map(() => false)
  /** Kept out by what is not of their tier: no swap lets them in. */
  const hopeless = new Set<Member>()
  for (const member of waiting) {
    const growthA = leastOf(member) - member.floorA
    const blocker = blockedBy.get(member.key)!
    let one = rootOf(blocker)
    barred[blocker] = true
    if (places[blocker] === 0) hopeless.add(member)
    for (const bound of member.bounds) {
      if (!isShort(member, growthA, bound, left[bound.index]!, bounds)) continue
      barred[bound.index] = true
      if (places[bound.index] === 0) hopeless.add(member)
      const other = rootOf(bound.index)
      if (other === one) continue
      parents[Math.max(one, other)] = Math.min(one, other)
      one = Math.min(one, other)
    }
  }
  const roundsAt = countRounds(barred, served, waiting)
  const found = new Map<number, { clockMs: number; waiting: Member[] }>()
  for (const member of waiting) {
    const root = rootOf(blockedBy.get(member.key)!)
    const clockMs = member.turn!.clockMs ?? nowMs
    const queue = found.get(root)
    if (queue === undefined) found.set(root, { clockMs, waiting: [member] })
    else {
      queue.waiting.push(member)
      queue.clockMs = Math.min(queue.clockMs, clockMs)
    }
  }
  return [...found].map(([root, queue]) => {
    const rounds = roundsAt(root, queue.clockMs)
    return { ...queue, tier, roundsOf: (member) => (hopeless.has(member) ? Infinity : rounds) }
  })
}

/** Leaves less than the minimum; what is bought does not count where that is owed. */
function isShort(member: Member, growthA: number, { index, perAmp }: Member['bounds'][number], leftA: number, bounds: readonly Bound[]): boolean {
  return leftA < growthA * perAmp - tiny && !(isOwed(member) && bounds[index]!.economic === true)
}

/** Finds room for each that waits among those that were on longest; true when anybody was swapped. */
function swap({ admitted, leftAfter, division }: Pass, { tier, waiting }: Queue, moves: Map<string, 'coming' | 'going'>): boolean {
  const left = leftAfter.get(tier)!
  const mayGo = admitted.filter((member) => tierOf(member) === tier && member.turn?.mayGo === true && !moves.has(member.key) && leastOf(member) > member.floorA)
    .sort((a, b) => a.turn!.onSinceMs - b.turn!.onSinceMs || compareInQueue(b, a))
  const gone = new Set<Member>()
  const above = new Map<number, Member[]>()
  const firstUnder = (index: number, out: readonly Member[]) => {
    const list = above.get(index) ?? mayGo.filter(({ bounds }) => bounds.some((one) => one.index === index))
    above.set(index, list)
    while (list[0] !== undefined && gone.has(list[0])) list.shift()
    return list.find((one) => !gone.has(one) && !out.includes(one))
  }
  /** Who must go for it; null = not even all of them make room. */
  const makeRoom = (member: Member): Member[] | null => {
    const out: Member[] = []
    const freed = new Map<number, number>()
    const growthA = leastOf(member) - member.floorA
    for (;;) {
      const short = member.bounds.find((bound) => isShort(member, growthA, bound, left[bound.index]! + (freed.get(bound.index) ?? 0), division.bounds))
      if (short === undefined) return out
      const next = firstUnder(short.index, out)
      if (next === undefined) return null
      out.push(next)
      for (const { index, perAmp } of next.bounds) freed.set(index, (freed.get(index) ?? 0) + (leastOf(next) - next.floorA) * perAmp)
    }
  }
  const move = (member: Member, to: 'coming' | 'going') => {
    moves.set(member.key, to)
    for (const { index, perAmp } of member.bounds) left[index]! += (leastOf(member) - member.floorA) * (to === 'going' ? perAmp : -perAmp)
  }
  let any = false
  for (const member of waiting) {
    const out = member.turn?.mayCome === true ? makeRoom(member) : null
    if (out === null) continue
    for (const one of out) {
      gone.add(one)
      move(one, 'going')
    }
    move(member, 'coming')
    any = true
  }
  return any
}

function standingOf(member: Member, moves: Moves): Turn['standing'] | undefined {
  return moves.get(member.key) ?? member.turn?.standing
}

function groupOf(standing: Turn['standing'] | undefined): number {
  return standing === 'on' || standing === 'coming' ? 0 : standing === 'going' ? 2 : 1
}

function isOfTier(member: Member, other: Member): boolean {
  return member.priority === other.priority && (member.urgent === true) === (other.urgent === true)
}

function tierOf({ priority, urgent }: Member): string {
  return `${priority} ${urgent === true ? 'urgent' : ''}`
}
