// One entry of the audit log: who changed what, why, from what and to what, chained by hash to the entry before it.
import { createHash } from 'node:crypto'
import { z } from 'zod'

const sha256 = z.string().regex(/^[0-9a-f]{64}$/)

export const auditRecordSchema = z.strictObject({
  sequence: z.int().positive(),
  at: z.iso.datetime(),
  actor: z.string().max(256),
  action: z.string().max(128),
  target: z.strictObject({ kind: z.string().max(64), id: z.string().max(512) }),
  siteID: z.string().nullable(),
  cause: z.strictObject({ requestId: z.string().nullable(), reason: z.string().nullable() }),
  before: z.unknown(),
  after: z.unknown(),
  previousHash: sha256,
  hash: sha256,
})

export interface AuditRecord {
  /** From 1, without gaps. */
  readonly sequence: number
  readonly at: string
  /** The API key's name, `local`, `bootstrap`, `kwota.yaml`, `station:<clientID>` or `engine`. */
  readonly actor: string
  /** kebab-case. */
  readonly action: string
  readonly target: { readonly kind: string; readonly id: string }
  readonly siteID: string | null
  readonly cause: { readonly requestId: string | null; readonly reason: string | null }
  /** The changed fields, without secrets and id tags; null = there was nothing. */
  readonly before: unknown
  readonly after: unknown
  /** The `hash` of the entry before; of the first one `genesisHash`. */
  readonly previousHash: string
  /** SHA-256 of the canonical JSON of all other fields. */
  readonly hash: string
}

/** What is to be recorded; number, time and hashes come with it. */
export type AuditEntry = Pick<AuditRecord, 'actor' | 'action' | 'target' | 'siteID' | 'before' | 'after'> & { readonly requestId?: string | undefined; readonly reason?: string | undefined }

export const auditHeadSchema = z.strictObject({
  v: z.literal(1),
  sequence: z.int().nonnegative(),
  hash: sha256,
  first: z.strictObject({ sequence: z.int().positive(), previousHash: sha256 }),
})

/** The end of the chain, kept beside it: a tail that was cut off is missed. `first` = the oldest entry that retention has left. */
export type AuditHead = Readonly<z.output<typeof auditHeadSchema>>

export const genesisHash = '0'.repeat(64)
export const emptyHead: AuditHead = { v: 1, sequence: 0, hash: genesisHash, first: { sequence: 1, previousHash: genesisHash } }

/** The action of the entry that says which older ones retention has dropped. */
export const expiryAction = 'expire-audit-log'

const longestReason = 1_024
const longestName = 256

/** The next entry of a chain. `before` and `after` must have been made fit to be kept. */
export function nextRecord(head: AuditHead, { actor, action, target, siteID, before, after, requestId, reason }: AuditEntry, at: string): AuditRecord {
  const open = {
    sequence: head.sequence + 1, at, actor: actor.slice(0, longestName), action, target: { kind: target.kind, id: target.id.slice(0, 512) }, siteID,
    cause: { requestId: requestId?.slice(0, longestName) ?? null, reason: reason?.slice(0, longestReason) ?? null },
    before: bounded(before), after: bounded(after), previousHash: head.hash,
  }
  return { ...open, hash: hashOf(open) }
}

/** Of all fields but `hash`. */
export function hashOf(record: Omit<AuditRecord, 'hash'> & { readonly hash?: string }): string {
  const { hash: _, ...open } = record
  return digest(canonical(open))
}

const longestChange = 4_096
const shownOfLonger = 1_024

/** As it is while its JSON has at most 4 KiB; beyond that its beginning, how long it was and the hash of all of it. */
export function bounded(value: unknown): unknown {
  const text = canonical(value)
  return Buffer.byteLength(text) <= longestChange ? JSON.parse(text) as unknown : { cut: true, bytes: Buffer.byteLength(text), sha256: digest(text), begins: text.slice(0, shownOfLonger) }
}

/** JSON with the names of every object in order and nothing between: the same value always gives the same text. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const fields = Object.entries(value).filter(([, one]) => one !== undefined).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${fields.map(([name, one]) => `${JSON.stringify(name)}:${canonical(one)}`).join(',')}}`
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
