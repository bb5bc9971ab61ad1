// After how many swaps all that share the same limits have had their turn: what a car that waits is promised.
import type { Member } from './member.ts'
import { onMs } from './turns.ts'

/** All that load bounds which somebody's load joins: how many they are, and the fewest that are on under one of these bounds. */
interface Group { members: number; fewest: number; readonly on: Member[] }

/**
 * Rounds by bound and clock of the queue, for bounds that keep somebody out (`barred`). Counted as if only the fewest were on: swaps change how many fit,
 * and what was promised must hold after them. One more where a car had begun too late to go at the last swap: others missed it for that.
 */
export function countRounds(barred: readonly boolean[], admitted: readonly Member[], waiting: readonly Member[]): (index: number, clockMs: number) => number {
  const parents = barred.map((_, index) => index)
  const rootOf = (index: number): number => {
    let at = index
    while (parents[at] !== at) at = parents[at] = parents[parents[at]!]!
    return at
  }
  const firstOf = (member: Member) => member.bounds.find(({ index }) => barred[index])?.index
  const places = barred.map(() => 0)
  for (const { bounds } of admitted) for (const { index } of bounds) places[index]! += 1
  for (const member of [...admitted, ...waiting]) {
    const first = firstOf(member)
    if (first !== undefined) for (const { index } of member.bounds) if (barred[index]) parents[rootOf(index)] = rootOf(first)
  }
  const groups = new Map<number, Group>()
  const groupOf = (index: number): Group => {
    const root = rootOf(index)
    const group = groups.get(root) ?? { members: 0, fewest: Infinity, on: [] }
    groups.set(root, group)
    return group
  }
  for (const [index, count] of places.entries()) if (barred[index] && count > 0) groupOf(index).fewest = Math.min(groupOf(index).fewest, count)
  for (const member of admitted) {
    const first = firstOf(member)
    if (first === undefined) continue
    groupOf(first).members++
    groupOf(first).on.push(member)
  }
  for (const member of waiting) {
    const first = firstOf(member)
    if (first !== undefined) groupOf(first).members++
  }
  return (index, clockMs) => {
    const { members, fewest, on } = groupOf(index)
    const isHeld = on.some(({ turn }) => turn !== undefined && turn.onSinceMs < clockMs && clockMs < turn.onSinceMs + onMs)
    return Math.ceil((members - fewest) / fewest) + (isHeld ? 1 : 0)
  }
}
