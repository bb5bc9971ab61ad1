// The records of local lists in the scope of a site: what each has is kept as sets of tags that they share, and a set that none names any more goes.
import { z } from 'zod'
import { noTags, sumOf, tagsAfter, type TagSet } from './listed-tags.ts'
import { localListKey, noList, readRecord, type LocalList, type StepPorts } from './local-list-record.ts'
import type { Scope } from './scope.ts'

export const setSchema = z.object({ v: z.literal(1), tags: z.array(z.tuple([z.string(), z.string()])).readonly() })
/** Which sets the record of a charge point names; as many as there are charge points in the scope. */
const named = new WeakMap<Scope, Map<string, readonly string[]>>()
/** Those that were looked at; gone with the record. */
const sound = new WeakMap<object, TagSet>()
const setPrefix = 'listed-tags:'

/** The set of that sum; undefined when there is none or it is not what it is called. */
function readSet(scope: Scope, sum: string): TagSet | undefined {
  if (sum === noTags.sum) return noTags
  const stored = scope.get(setPrefix + sum)
  if (typeof stored !== 'object' || stored === null) return undefined
  const known = sound.get(stored)
  if (known !== undefined) return known
  const parsed = setSchema.safeParse(stored)
  if (!parsed.success || sumOf(parsed.data.tags) !== sum) return undefined
  return hold(stored, { sum, tags: parsed.data.tags })
}

function hold(stored: object, set: TagSet): TagSet {
  sound.set(stored, set)
  return set
}

function namedBy({ base, toward }: LocalList): readonly string[] {
  return (toward === null ? [base] : [base, toward]).filter((sum) => sum !== noTags.sum)
}

/** Read once for a scope; sets that nobody names are left over from a crash or a charge point that is no more. */
function namesIn(scope: Scope): Map<string, readonly string[]> {
  const known = named.get(scope)
  if (known !== undefined) return known
  const names = new Map<string, readonly string[]>()
  const prefix = localListKey('')
  for (const [key, value] of scope.entries(prefix)) {
    const record = readRecord(value)
    if (record !== null) names.set(key.slice(prefix.length), namedBy(record))
  }
  named.set(scope, names)
  drop(scope, names, scope.entries(setPrefix).map(([key]) => key.slice(setPrefix.length)))
  return names
}

function drop(scope: Scope, names: Map<string, readonly string[]>, sums: readonly string[]): void {
  for (const clientID of names.keys()) if (scope.get(localListKey(clientID)) === undefined) names.delete(clientID)
  if (sums.length === 0) return
  const all = new Set([...names.values()].flat())
  for (const sum of sums) if (!all.has(sum)) scope.delete(setPrefix + sum)
}

/** What is kept; nothing when there is none, and `onUnreadable` is told when it cannot be read. What it has is in doubt where its sets are not there. */
export function readLocalList(scope: Scope, clientID: string, onUnreadable: () => void): LocalList {
  const stored = scope.get(localListKey(clientID))
  if (stored === undefined) return noList
  const record = readRecord(stored)
  if (record === null) {
    onUnreadable()
    return noList
  }
  return record.trusted && namedBy(record).some((sum) => readSet(scope, sum) === undefined) ? { ...record, trusted: false } : record
}

/** Puts the record and those of `sets` that are not there yet; not yet durable. */
export function keepLocalList(scope: Scope, clientID: string, record: LocalList, sets: readonly TagSet[] = []): void {
  const names = namesIn(scope)
  const before = names.get(clientID) ?? []
  const now = namedBy(record)
  for (const set of sets) if (now.includes(set.sum) && readSet(scope, set.sum) === undefined) scope.put(setPrefix + set.sum, storedAs(set))
  scope.put(localListKey(clientID), record)
  if (before.join() === now.join()) return
  names.set(clientID, now)
  drop(scope, names, before.filter((sum) => !now.includes(sum)))
}

function storedAs(set: TagSet): object {
  const stored = { v: 1, tags: set.tags }
  hold(stored, set)
  return stored
}

/** The set that a trusted record names. */
export function setOf(scope: Scope, sum: string): TagSet {
  const set = readSet(scope, sum)
  if (set === undefined) throw new Error(`there is no set of tags ${sum}`)
  return set
}

/** What the list of a trusted record has. */
export function contentOf(scope: Scope, { base, toward, done, sum }: LocalList, changes: StepPorts['changes']): TagSet {
  const from = setOf(scope, base)
  return toward === null ? from : { sum, tags: tagsAfter(from.tags, changes(from, setOf(scope, toward)).slice(0, done)) }
}
