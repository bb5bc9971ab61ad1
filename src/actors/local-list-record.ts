// What is known of a charge point's local authorisation list, and the next update that brings it closer to our id tags.
import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { IdTagInfo, RequestOf } from '../protocol/messages/index.ts'
import type { Scope } from './scope.ts'

/** One tag as the list is to have it. */
export interface Listed { readonly idTag: string; readonly idTagInfo: IdTagInfo }
export type Update = RequestOf<'SendLocalList'>
/** Tag in lower case and what is said of it, shortened to a hash; by tag. */
export type Prints = readonly (readonly [string, string])[]

const recordSchema = z.object({
  v: z.literal(1),
  /** The newest version it is known to have; 0 = none. */
  version: z.int(),
  /** `tags` is exactly what it has under `version`. */
  trusted: z.boolean(),
  tags: z.array(z.tuple([z.string(), z.string()])).readonly(),
  /** When it last accepted something. */
  atMs: z.number().nullable(),
  lastError: z.string().nullable(),
  /** The firmware that has no local list ('' = it names none); null = as far as we know it has one. */
  unsupportedBy: z.string().nullable(),
  /** What it would not take even as a whole: nothing is tried again before that changes or it boots. */
  gaveUpOn: z.string().nullable(),
})
export type LocalList = Readonly<z.infer<typeof recordSchema>>

export const noList: LocalList = { v: 1, version: 0, trusted: false, tags: [], atMs: null, lastError: null, unsupportedBy: null, gaveUpOn: null }
/** Tags beyond that are not sent to one charge point, whatever it says it takes. */
export const mostListed = 10_000
/** How many in one message where the charge point does not say. */
const usualChunk = 100
/** A command keeps its request: however many it takes, no more in one. */
const mostAtOnce = 500
const highestVersion = 2_147_483_647

export function localListKey(clientID: string): string {
  return `local-list:${clientID}`
}

/** What is kept; nothing when there is none, and `onUnreadable` is told when it cannot be read. */
export function readLocalList(scope: Scope, clientID: string, onUnreadable: () => void): LocalList {
  const stored = scope.get(localListKey(clientID))
  if (stored === undefined) return noList
  const parsed = recordSchema.safeParse(stored)
  if (parsed.success) return parsed.data
  onUnreadable()
  return noList
}

/** A tag that has expired by its date says the same as before: the charge point knows the date. */
function printOf({ status, expiryDate, parentIdTag }: IdTagInfo): string {
  const said = status === 'Expired' && expiryDate !== undefined ? 'Accepted' : status
  return createHash('sha256').update(JSON.stringify([said, expiryDate ?? null, parentIdTag?.toLowerCase() ?? null])).digest('base64url').slice(0, 12)
}

export function printsOf(wanted: readonly Listed[]): Prints {
  return wanted.map(({ idTag, idTagInfo }) => [idTag.toLowerCase(), printOf(idTagInfo)] as const).toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
}

export function digestOf(prints: Prints): string {
  return createHash('sha256').update(JSON.stringify(prints)).digest('base64url').slice(0, 22)
}

/** It has exactly what is wanted. */
export function isInStep({ trusted, tags }: LocalList, wanted: readonly Listed[]): boolean {
  return trusted && JSON.stringify(tags) === JSON.stringify(printsOf(wanted))
}

/** How many entries one message may have, from what the charge point says of it. */
export function chunkOf(sendLocalListMaxLength: string | null): number {
  return Math.min(positive(sendLocalListMaxLength) || usualChunk, mostAtOnce)
}

/** How many tags the list may have; 0 is an answer too. */
export function roomOf(localAuthListMaxLength: string | null): number {
  const said = localAuthListMaxLength === null || !/^\d{1,9}$/.test(localAuthListMaxLength.trim()) ? mostListed : Number(localAuthListMaxLength)
  return Math.min(said, mostListed)
}

export function positive(text: string | null): number {
  return text !== null && /^\d{1,9}$/.test(text.trim()) ? Number(text) : 0
}

export interface Step { readonly update: Update; /** What it has once it has accepted. */ readonly after: Prints }

/** The next message of at most `chunk` entries; null = it has what is wanted. Whole where it is asked for or what it has is not known (or empty). */
export function nextStep(record: LocalList, wanted: readonly Listed[], chunk: number, whole = false): Step | null {
  if (whole || !record.trusted || record.version >= highestVersion || (record.tags.length === 0 && wanted.length > 0)) {
    const first = wanted.slice(0, chunk)
    const listVersion = record.version >= highestVersion ? 1 : Math.max(0, record.version) + 1
    return { update: { listVersion, localAuthorizationList: first.map(({ idTag, idTagInfo }) => ({ idTag, idTagInfo })), updateType: 'Full' }, after: printsOf(first) }
  }
  const has = new Map(record.tags)
  const wants = new Map(printsOf(wanted))
  const gone = [...has.keys()].filter((idTag) => !wants.has(idTag)).map((idTag) => ({ idTag }))
  const changed = wanted.filter(({ idTag }) => has.get(idTag.toLowerCase()) !== wants.get(idTag.toLowerCase()))
  // What goes makes room for what comes.
  const entries: readonly (Listed | { readonly idTag: string })[] = [...gone, ...changed].slice(0, chunk)
  if (entries.length === 0) return null
  for (const entry of entries) {
    const name = entry.idTag.toLowerCase()
    if ('idTagInfo' in entry) has.set(name, printOf(entry.idTagInfo))
    else has.delete(name)
  }
  const update: Update = { listVersion: record.version + 1, localAuthorizationList: entries.map((entry) => ({ ...entry })), updateType: 'Differential' }
  return { update, after: [...has].toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)) }
}
