// Id tags as a local list has them: each shortened to a print, a set of them to a sum, and what leads from one set to another.
import { createHash } from 'node:crypto'
import type { IdTagInfo } from '../protocol/messages/index.ts'

/** Id in lower case and the print of what is said of it. */
export type Print = readonly [name: string, print: string]
/** By name. */
export type Prints = readonly Print[]
/** One thing to do: `print` null = it goes; `was` null = it is new. */
export interface Change { readonly name: string; readonly print: string | null; readonly was: string | null }
/** A set of tags, known by its sum. */
export interface TagSet { readonly sum: string; readonly tags: Prints }

const bits = 96
export const noTags: TagSet = { sum: '0', tags: [] }

/** A tag that has expired by its date says the same as before: the charge point knows the date. */
export function printOf(name: string, { status, expiryDate, parentIdTag }: IdTagInfo): Print {
  const said = status === 'Expired' && expiryDate !== undefined ? 'Accepted' : status
  return [name, createHash('sha256').update(JSON.stringify([name, said, expiryDate ?? null, parentIdTag?.toLowerCase() ?? null])).digest('hex').slice(0, bits / 4)]
}

export function byName([a]: Print, [b]: Print): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function weigh(print: string | null): bigint {
  return print === null ? 0n : BigInt(`0x${print}`)
}

/** Sets of the same tags have the same sum, in whatever order they came and went. */
export function sumOf(tags: Prints): string {
  let sum = 0n
  for (const [, print] of tags) sum += weigh(print)
  return BigInt.asUintN(bits, sum).toString(36)
}

/** `sum` of 0 to `sumOf` after the changes; costs as many steps as there are changes. */
export function sumAfter(sum: string, changes: readonly Change[]): string {
  let after = 0n
  for (const digit of sum) after = after * 36n + BigInt(Number.parseInt(digit, 36))
  for (const { print, was } of changes) after += weigh(print) - weigh(was)
  return BigInt.asUintN(bits, after).toString(36)
}

/** What makes `to` of `from`, always in the same order: what goes makes room for what comes. */
export function changesBetween(from: Prints, to: Prints): readonly Change[] {
  const gone: Change[] = []
  const come: Change[] = []
  for (let at = 0, next = 0; at < from.length || next < to.length;) {
    const has = from[at]
    const wants = to[next]
    const order = has === undefined ? 1 : wants === undefined ? -1 : byName(has, wants)
    if (order < 0) gone.push({ name: has![0], print: null, was: has![1] })
    else if (order > 0) come.push({ name: wants![0], print: wants![1], was: null })
    else if (has![1] !== wants![1]) come.push({ name: wants![0], print: wants![1], was: has![1] })
    if (order <= 0) at++
    if (order >= 0) next++
  }
  return [...gone, ...come]
}

export function tagsAfter(tags: Prints, changes: readonly Change[]): Prints {
  const has = new Map(tags)
  for (const { name, print } of changes) {
    if (print === null) has.delete(name)
    else has.set(name, print)
  }
  return [...has].sort(byName)
}
