// Who gets its minimum: class by class, the urgent first, those whose turn it is, then those that wait; and the swaps that are due.
import { compareInQueue, Division, leastOf, type Bound, type Member, type Turn } from './member.ts'
import { tiny } from './steps.ts'
import { turnMs } from './turns.ts'

export interface Admission {
  readonly division: Division
  /** In the order of admission. */
  readonly admitted: readonly Member[]
  /** The bound that left less than the minimum, of those that get nothing. */
  readonly blockedBy: ReadonlyMap<string, number>
  readonly moves: ReadonlyMap<string, 'coming' | 'going'>
  /** Since when the clock of its queue runs, of those that wait. */
  readonly clocks: ReadonlyMap<string, number>
}

type Moves = ReadonlyMap<string, 'coming' | 'going'>

/** One queue: those of one class and urgency that the same bound keeps out. */
interface Queue { readonly index: number; readonly tier: string; readonly clockMs: number; readonly waiting: Member[] }

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
  // Who was swapped out waits in the queue it made room for, from now on like all that are left in it.
  const clocks = new Map<string, number>()
  if (swapped.size > 0) for (const { index, tier, waiting } of queuesOf(last, nowMs)) {
    const before = queues.find((one) => one.index === index && one.tier === tier)
    for (const { key } of waiting) clocks.set(key, before === undefined || swapped.has(before) ? nowMs : before.clockMs)
  } else for (const { clockMs, waiting } of queues) for (const { key } of waiting) clocks.set(key, clockMs)
  const standing = new Map<string, 'coming' | 'going'>()
  for (const member of members) {
    const now = standingOf(member, moves)
    if ((now === 'coming' || now === 'going') && last.isAdmitted.has(member.key) === (now === 'coming')) standing.set(member.key, now)
  }
  return { division: last.division, admitted: last.admitted, blockedBy: last.blockedBy, moves: standing, clocks }
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
    if (next !== undefined && next.priority === member.priority && (next.urgent === true) === (member.urgent === true)) return
    if (waits) leftAfter.set(tierOf(member), [...division.left])
    waits = false
  })
  return { division, order, admitted, isAdmitted, blockedBy, leftAfter }
}

/** A clock runs from when the first of a queue began to wait, or from its last swap; whoever joins takes it over. */
function queuesOf({ order, division, blockedBy }: Pass, nowMs: number): Queue[] {
  const found = new Map<string, { index: number; tier: string; clockMs: number; waiting: Member[] }>()
  for (const member of order) {
    if (member.turn === undefined || division.boundBy.get(member.key) !== 'queue') continue
    const index = blockedBy.get(member.key)!
    const tier = tierOf(member)
    const queue = found.get(`${index} ${tier}`)
    const clockMs = member.turn.clockMs ?? nowMs
    if (queue === undefined) found.set(`${index} ${tier}`, { index, tier, clockMs, waiting: [member] })
    else {
      queue.waiting.push(member)
      queue.clockMs = Math.min(queue.clockMs, clockMs)
    }
  }
  return [...found.values()]
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
      const short = member.bounds.find(({ index, perAmp }) => left[index]! + (freed.get(index) ?? 0) < growthA * perAmp - tiny && !(member.priority >= 1 && division.bounds[index]!.economic === true))
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

function tierOf({ priority, urgent }: Member): string {
  return `${priority} ${urgent === true ? 'urgent' : ''}`
}
