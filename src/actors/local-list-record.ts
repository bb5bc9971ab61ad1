// What is known of a charge point's local authorisation list, and the next update that brings it closer to our id tags.
import { z } from 'zod'
import type { IdTagInfo, RequestOf } from '../protocol/messages/index.ts'
import { noTags, sumAfter, type Change, type TagSet } from './listed-tags.ts'

/** One tag as the list is to have it. */
export interface Listed { readonly idTag: string; readonly idTagInfo: IdTagInfo }
export type Update = RequestOf<'SendLocalList'>

const contentShape = {
  /** What it has under `version`: the set of that sum, with the first `done` of the changes that lead from there to the set `toward`. */
  base: z.string(),
  toward: z.string().nullable(),
  done: z.int(),
  /** Of what it has. */
  sum: z.string(),
  count: z.int(),
}
const recordSchema = z.object({
  v: z.literal(2),
  /** The newest version it is known to have; 0 = none. */
  version: z.int(),
  /** What follows is exactly what it has under `version`. */
  trusted: z.boolean(),
  ...contentShape,
  /** When it last accepted something. */
  atMs: z.number().nullable(),
  lastError: z.string().nullable(),
  /** The firmware that has no local list ('' = it names none); null = as far as we know it has one. */
  unsupportedBy: z.string().nullable(),
  /** The sum of what it would not take even as a whole: nothing is tried again before that changes or it boots. */
  gaveUpOn: z.string().nullable(),
})
export type LocalList = Readonly<z.infer<typeof recordSchema>>
export type Content = Pick<LocalList, keyof typeof contentShape>

/** It used to name every tag; what it has is asked for and sent anew. */
const firstSchema = z.object({ v: z.literal(1), ...recordSchema.pick({ version: true, atMs: true, lastError: true, unsupportedBy: true }).shape })

export const nothing: Content = { base: noTags.sum, toward: null, done: 0, sum: noTags.sum, count: 0 }
export const noList: LocalList = { v: 2, version: 0, trusted: false, ...nothing, atMs: null, lastError: null, unsupportedBy: null, gaveUpOn: null }
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

/** Null when it cannot be read. */
export function readRecord(stored: unknown): LocalList | null {
  const parsed = recordSchema.safeParse(stored)
  if (parsed.success) return parsed.data
  const first = firstSchema.safeParse(stored)
  return first.success ? { ...noList, ...first.data, v: 2 } : null
}

/** It has exactly what is wanted. */
export function isInStep({ trusted, sum }: LocalList, wanted: string): boolean {
  return trusted && sum === wanted
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

export interface StepPorts {
  /** What it has; asked for only where its list is not on its way to what is wanted already. */
  content(): TagSet
  /** The set that a sum of the record names. */
  set(sum: string): TagSet
  changes(from: TagSet, to: TagSet): readonly Change[]
  /** What is said of a tag now. */
  say(name: string): Listed
}

/** `after` = what it has once it has accepted, and the sets that this names. */
export interface Step { readonly update: Update; readonly after: Content; readonly sets: readonly TagSet[] }

/** The next message of at most `chunk` entries; null = it has what is wanted. Whole where it is asked for or what it has is not known (or empty). */
export function nextStep(record: LocalList, wanted: TagSet, chunk: number, ports: StepPorts, whole = false): Step | null {
  if (!whole && isInStep(record, wanted.sum)) return null
  const full = whole || !record.trusted || record.version >= highestVersion || record.count === 0
  const onItsWay = !full && record.toward === wanted.sum
  const from = full ? noTags : onItsWay ? ports.set(record.base) : ports.content()
  const done = onItsWay ? record.done : 0
  const all = ports.changes(from, wanted)
  const changes = all.slice(done, done + chunk)
  const before = full ? nothing : record
  const ends = done + changes.length >= all.length
  const after: Content = {
    ...(ends ? { base: wanted.sum, toward: null, done: 0 } : { base: from.sum, toward: wanted.sum, done: done + changes.length }),
    sum: sumAfter(before.sum, changes),
    count: before.count + changes.reduce((more, { print, was }) => more + (print === null ? -1 : was === null ? 1 : 0), 0),
  }
  const update: Update = {
    listVersion: record.version >= highestVersion ? 1 : Math.max(0, record.version) + 1,
    localAuthorizationList: changes.map(({ name, print }) => (print === null ? { idTag: name } : { ...ports.say(name) })),
    updateType: full ? 'Full' : 'Differential',
  }
  return { update, after, sets: ends ? [wanted] : [from, wanted] }
}
