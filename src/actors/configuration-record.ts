// What is known of the configuration keys of a charge point, what they were asked to be, and what it refused.
import { z } from 'zod'
import type { RequestOf, ResponseOf } from '../protocol/messages/index.ts'
import { standardKey } from '../protocol/messages/configuration-keys.ts'
import { sameValue } from '../configuration-check.ts'
import { isSecretName } from '../secret-names.ts'
import type { Scope } from './scope.ts'

const knownSchema = z.object({
  /** As the charge point spells it. */
  key: z.string(),
  /** Null where it is never shown. */
  value: z.string().nullable(),
  readonly: z.boolean().nullable(),
  atMs: z.number(),
  /** The command it was learnt by. */
  commandId: z.string(),
})
const desiredSchema = z.object({
  key: z.string(), value: z.string(), setAtMs: z.number(), setBy: z.string(),
  /** Not given to the charge point by then, it is dropped; null = it stays. */
  expiresAtMs: z.number().nullable(),
})
const refusalSchema = z.object({
  value: z.string(),
  status: z.enum(['Rejected', 'NotSupported', 'Failed']),
  atMs: z.number(),
  /** What ran when it refused: another one may take it. */
  firmware: z.string().nullable(),
  /** How often in a row, of what ended without an answer that decides. */
  count: z.int(),
})

/** A list that it refused as a whole, and what it took of it: holds for that list and that firmware. */
const listSchema = z.object({
  of: z.string(), firmware: z.string().nullable(), atMs: z.number(),
  taken: z.array(z.string()), refused: z.array(z.string()), leftOut: z.array(z.string()),
})
export type PartialList = Readonly<z.infer<typeof listSchema>>

export const configurationSchema = z.object({
  v: z.literal(1),
  /** When all keys were read last. */
  refreshedAtMs: z.number().nullable(),
  /** This and what follows by the key in lower case. */
  keys: z.record(z.string(), knownSchema),
  unknown: z.record(z.string(), z.object({ key: z.string(), atMs: z.number() })),
  desired: z.record(z.string(), desiredSchema),
  refusals: z.record(z.string(), refusalSchema),
  lists: z.record(z.string(), listSchema).default({}),
  /** Taken, and in force after the next boot. */
  rebooting: z.record(z.string(), z.object({ value: z.string(), atMs: z.number() })),
  /** The newest set of desired values that was brought to it. */
  applied: z.object({ of: z.string(), count: z.int(), done: z.boolean() }),
})
export type Configuration = Readonly<z.infer<typeof configurationSchema>>
export type Desired = Pick<z.infer<typeof desiredSchema>, 'key' | 'value'>
/** By the key in lower case. */
export type Wanted = ReadonlyMap<string, Desired>

/** Beyond that, what a charge point tells of its keys is not kept. */
const mostKeys = 1_000
/** So often in a row without an answer that decides, and a value is left alone. */
const mostSilences = 3

const nothing: Configuration = { v: 1, refreshedAtMs: null, keys: {}, unknown: {}, desired: {}, refusals: {}, lists: {}, rebooting: {}, applied: { of: '', count: 0, done: false } }

export function configurationKey(clientID: string): string {
  return `configuration:${clientID}`
}

/** What is kept; nothing when there is none, and `onUnreadable` is told when it cannot be read. */
export function readConfiguration(scope: Scope, clientID: string, onUnreadable: (why: string) => void): Configuration {
  const stored = scope.get(configurationKey(clientID))
  if (stored === undefined) return nothing
  const parsed = configurationSchema.safeParse(stored)
  if (parsed.success) return parsed.data
  onUnreadable(parsed.error.issues[0]?.message ?? 'unreadable')
  return nothing
}

/** The value the charge point said a key has; null = not known. */
export function knownValue(record: Configuration, key: string): string | null {
  return record.keys[key.toLowerCase()]?.value ?? null
}

/** As the charge point spells it, where that is known; else as the specification does. */
export function spellingOf(record: Configuration, key: string): string {
  return record.keys[key.toLowerCase()]?.key ?? standardKey(key)?.name ?? key
}

interface Told { readonly atMs: number; readonly commandId: string }

/** What a GetConfiguration brought; one that named no key says all there is to know. */
export function withAnswer(record: Configuration, request: RequestOf<'GetConfiguration'>, response: ResponseOf<'GetConfiguration'>, { atMs, commandId }: Told): Configuration {
  const all = (request.key ?? []).length === 0
  const keys: Record<string, z.infer<typeof knownSchema>> = all ? {} : { ...record.keys }
  const unknown: Record<string, { key: string; atMs: number }> = all ? {} : { ...record.unknown }
  for (const key of (response.unknownKey ?? []).slice(0, mostKeys)) {
    unknown[key.toLowerCase()] = { key, atMs }
    delete keys[key.toLowerCase()]
  }
  let room = mostKeys - Object.keys(keys).length
  for (const { key, readonly, value } of response.configurationKey ?? []) {
    const name = key.toLowerCase()
    if (keys[name] === undefined && room-- <= 0) continue
    keys[name] = { key, value: isSecretName(key) ? null : value ?? null, readonly, atMs, commandId }
    delete unknown[name]
  }
  return { ...record, keys, unknown: capped(unknown), ...(all ? { refreshedAtMs: atMs } : {}) }
}

/** What a ChangeConfiguration was answered. */
export function withChange(record: Configuration, asked: Desired, status: ResponseOf<'ChangeConfiguration'>['status'], told: Told & { readonly firmware: string | null }): Configuration {
  const name = asked.key.toLowerCase()
  const value = name === 'authorizationkey' ? '' : asked.value
  const { atMs, commandId, firmware } = told
  const { [name]: _, ...refusals } = record.refusals
  const { [name]: __, ...rebooting } = record.rebooting
  const { [name]: ___, ...unknown } = record.unknown
  if (status === 'Rejected' || status === 'NotSupported') {
    const missing = status === 'NotSupported' ? { unknown: capped({ ...unknown, [name]: { key: asked.key, atMs } }) } : {}
    return { ...record, ...missing, refusals: capped({ ...refusals, [name]: { value, status, atMs, firmware, count: 1 } }) }
  }
  if (status === 'RebootRequired') return { ...record, refusals, unknown, rebooting: capped({ ...rebooting, [name]: { value, atMs } }) }
  const before = record.keys[name]
  const spelling = spellingOf(record, asked.key)
  const known = { key: spelling, value: isSecretName(asked.key) || isSecretName(spelling) ? null : value, readonly: before?.readonly ?? null, atMs, commandId }
  return { ...record, refusals, rebooting, unknown, keys: before === undefined ? capped({ ...record.keys, [name]: known }) : { ...record.keys, [name]: known } }
}

/** A change ended without an answer that decides: what cannot be answered is not asked for ever. */
export function withSilence(record: Configuration, asked: Desired, { atMs, firmware }: { readonly atMs: number; readonly firmware: string | null }): Configuration {
  const name = asked.key.toLowerCase()
  if (isSecretName(asked.key)) return record
  const before = record.refusals[name]
  const again = before !== undefined && before.status === 'Failed' && before.firmware === firmware && sameValue(name, before.value, asked.value)
  return { ...record, refusals: capped({ ...record.refusals, [name]: { value: asked.value, status: 'Failed', atMs, firmware, count: again ? before.count + 1 : 1 } }) }
}

/** Where a value stands: the charge point has it, takes it at its next boot, will not take it, or nothing speaks against giving it. */
export type Standing = 'same' | 'RebootRequired' | 'Rejected' | 'NotSupported' | 'Failed' | 'open'

/** What is known of a list that it takes in part; null = nothing that holds for this value and firmware. */
export function partOf(record: Configuration, { key, value }: Desired, firmware: string | null): PartialList | null {
  const list = record.lists[key.toLowerCase()]
  return list !== undefined && list.firmware === firmware && sameValue(key, list.of, value) ? list : null
}

/** What it can be given of that value: of a list that it takes in part, the part. */
export function givenOf(record: Configuration, desired: Desired, firmware: string | null): Desired {
  const part = partOf(record, desired, firmware)
  return part === null || part.taken.length === 0 ? desired : { key: desired.key, value: part.taken.join() }
}

export function withPart(record: Configuration, key: string, part: PartialList): Configuration {
  return { ...record, lists: capped({ ...record.lists, [key.toLowerCase()]: part }) }
}

/** Which items are missing, and why, in words; null = none. */
export function missingInWords({ taken, refused, leftOut }: PartialList): string | null {
  const parts = [...(refused.length === 0 ? [] : [`refused: ${refused.join(', ')}`]), ...(leftOut.length === 0 ? [] : [`left out: ${leftOut.join(', ')}`])]
  return parts.length === 0 ? null : `it takes ${taken.length === 0 ? 'nothing of this list' : 'the rest of this list'}; ${parts.join('; ')}`
}

/** A refusal holds as long as the firmware that gave it and the value stay what they are. */
export function standingOf(record: Configuration, desired: Desired, firmware: string | null): Standing {
  if (partOf(record, desired, firmware)?.taken.length === 0) return 'Rejected'
  const { key, value } = givenOf(record, desired, firmware)
  const name = key.toLowerCase()
  const known = record.keys[name]
  if (known !== undefined && known.value !== null && sameValue(key, known.value, value)) return 'same'
  const waiting = record.rebooting[name]
  if (waiting !== undefined && sameValue(key, waiting.value, value)) return 'RebootRequired'
  const refusal = record.refusals[name]
  const holds = refusal !== undefined && refusal.firmware === firmware && sameValue(key, refusal.value, value)
  if (holds && (refusal.status !== 'Failed' || refusal.count >= mostSilences)) return refusal.status
  if (record.unknown[name] !== undefined) return 'NotSupported'
  return known?.readonly === true ? 'Rejected' : 'open'
}

/** Somebody asks for it once more: nothing that was said before stands in the way. */
export function withoutRefusals(record: Configuration, wanted: Wanted): Configuration {
  const without = <T>(of: Record<string, T>): Record<string, T> => Object.fromEntries(Object.entries(of).filter(([name]) => !wanted.has(name)))
  return { ...record, refusals: without(record.refusals), lists: without(record.lists) }
}

/** What it took waits no longer: it has booted. */
export function withBoot(record: Configuration): Configuration {
  return Object.keys(record.rebooting).length === 0 ? record : { ...record, rebooting: {} }
}

/** What somebody asked these keys to be; the charge point has them already, or is to get them when it is there (until `expiresAtMs`). */
export function withDesired(record: Configuration, asked: readonly Desired[], { atMs, by, expiresAtMs }: { readonly atMs: number; readonly by: string; readonly expiresAtMs: number | null }): Configuration {
  const desired = { ...record.desired }
  for (const { key, value } of asked) desired[key.toLowerCase()] = { key, value, setAtMs: atMs, setBy: by, expiresAtMs }
  return { ...record, desired: capped(desired) }
}

/** Without what nobody could give it in time. */
export function withoutExpired(record: Configuration, nowMs: number): Configuration {
  const kept = Object.entries(record.desired).filter(([, { expiresAtMs }]) => expiresAtMs === null || expiresAtMs > nowMs)
  return kept.length === Object.keys(record.desired).length ? record : { ...record, desired: Object.fromEntries(kept) }
}

/** The newest `mostKeys` of them: the oldest go first. */
function capped<T extends { readonly atMs?: number; readonly setAtMs?: number }>(entries: Record<string, T>): Record<string, T> {
  const list = Object.entries(entries)
  if (list.length <= mostKeys) return entries
  const age = ([, one]: [string, T]) => one.atMs ?? one.setAtMs ?? 0
  return Object.fromEntries(list.toSorted((a, b) => age(b) - age(a)).slice(0, mostKeys))
}
