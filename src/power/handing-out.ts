// Policies that hand out whole steps: one car after the other, or always to the car with the least slack.
import { compareInQueue, leastOf, type Division, type Member } from './member.ts'
import { ceilTo, floorTo, roundOff, tiny } from './steps.ts'

/** leastLaxity looks so far ahead: about as long as it takes until a share that changed shows in what a car still needs. */
export const laxityPeriodMs = 5 * 60_000

/** A step that was granted changes hands for this much less slack: each that does stands idle until the lowering has settled. */
export const keptStepMs = 10 * 60_000

/** Down to whole steps, but never below the minimum. */
export function toWholeStep(member: Member, division: Division): number {
  const exact = division.of(member)
  const whole = Math.max(floorTo(exact, member.stepA), Math.min(exact, ceilTo(member.minA, member.stepA)))
  division.give(member, whole)
  return exact - whole
}

/** One step more, if it fits; else what is in its way. */
export function addStep(member: Member, division: Division): number | 'cap' | null {
  const before = division.of(member)
  const next = roundOff(before + member.stepA)
  if (next > member.capA + tiny) return 'cap'
  const blocker = division.blocker(member, Math.max(next, member.floorA) - Math.max(before, member.floorA))
  if (blocker !== undefined) return blocker
  division.give(member, next)
  return null
}

/** fifo and earliestDeadline: each is filled to its cap before the next. */
export function fillInTurn(group: readonly Member[], division: Division): void {
  for (const member of [...group].sort(compareInQueue)) {
    const heldA = Math.max(leastOf(member), division.of(member))
    let roomA = Infinity
    for (const { index, perAmp } of member.bounds) roomA = Math.min(roomA, division.left[index]! / perAmp)
    const mostA = floorTo(Math.min(member.capA, heldA + Math.max(0, roomA)), member.stepA)
    if (mostA > division.of(member)) division.give(member, mostA)
    // What is left for another step says what is in its way.
    let by = addStep(member, division)
    while (by === null) by = addStep(member, division)
    division.boundBy.set(member.key, by)
  }
}

/** leastLaxity: the next step goes to the car with the least slack after the period; those that are never late share the rest equally. */
export function fillByLaxity(group: readonly Member[], division: Division): void {
  const queue = [...group].sort(compareInQueue)
  const after = queue.map((member) => slackAfter(member, division.of(member)))
  const amps = queue.map((member) => division.of(member))
  const isBefore = (a: number, b: number) => {
    if (after[a]! !== after[b]!) return after[a]! < after[b]!
    return Number.isFinite(after[a]!) || amps[a] === amps[b] ? a < b : amps[a]! < amps[b]!
  }
  const heap = queue.map((_, who) => who)
  const sink = (from: number) => {
    const who = heap[from]!
    let at = from
    for (;;) {
      let below = 2 * at + 1
      if (below + 1 < heap.length && isBefore(heap[below + 1]!, heap[below]!)) below += 1
      if (below >= heap.length || !isBefore(heap[below]!, who)) break
      heap[at] = heap[below]!
      at = below
    }
    heap[at] = who
  }
  for (let at = (heap.length >> 1) - 1; at >= 0; at--) sink(at)
  while (heap.length > 0) {
    const who = heap[0]!
    const member = queue[who]!
    const by = addStep(member, division)
    if (by === null) {
      amps[who] = division.of(member)
      after[who] = slackAfter(member, amps[who])
    } else {
      division.boundBy.set(member.key, by)
      const last = heap.pop()!
      if (heap.length === 0) break
      heap[0] = last
    }
    sink(0)
  }
}

/** Up to what is the same for all: the time of now. */
function slackAfter({ latestMs = Infinity, fullA, capA, heldA = 0 }: Member, amps: number): number {
  return latestMs + Math.round(laxityPeriodMs * (amps / Math.max(fullA ?? capA, tiny) - 1)) - (amps < heldA - tiny ? keptStepMs : 0)
}
