// What of a change may stand in the audit log for good: no secrets, no id tags, and only the fields that are another than before.
import { isSecretName } from '../secret-names.ts'
import { withoutUrlSecrets } from './command-record.ts'
import { wordsWithoutTag } from './erased-tag.ts'
import { parse } from './message-text.ts'
import { concealed } from './spoken-settings.ts'
import { maskTagText } from './tag-mask.ts'

/** Stands for a secret; that it was set or removed is all that is told. */
export const secretChanged = 'changed'

type NameOfTag = (tag: string) => string
type Fields = Readonly<Record<string, unknown>>

const tagFields: ReadonlySet<string> = new Set(['idTag', 'parentIdTag', 'stopIdTag'])
const deepest = 12

export interface Keeping {
  readonly nameOfTag: NameOfTag
  /** An id tag the request was about: it goes wherever it is a word of what people wrote. */
  readonly about?: string | undefined
  /** Its `id` is an id tag. */
  readonly ofTag?: boolean | undefined
}

/** `value` as it may be kept. */
export function fitToKeep(value: unknown, keeping: Keeping): unknown {
  return kept(value, keeping, 0)
}

function kept(value: unknown, keeping: Keeping, depth: number): unknown {
  if (typeof value === 'string') {
    const inner = /^\s*[[{]/.test(value) ? parse(value) : undefined
    return inner === undefined ? textToKeep(value, keeping) : JSON.stringify(kept(inner, keeping, depth + 1))
  }
  if (typeof value !== 'object' || value === null) return value
  if (depth >= deepest) return Array.isArray(value) ? '[list]' : '[object]'
  if (Array.isArray(value)) return value.map((one) => kept(one, keeping, depth + 1))
  const secretPair = 'key' in value && typeof value.key === 'string' && isSecretName(value.key)
  return Object.fromEntries(Object.entries(value).map(([name, one]): [string, unknown] => {
    if (isSecretName(name) || (secretPair && name === 'value')) return [name, secretToKeep(one)]
    const isTag = tagFields.has(name) || (keeping.ofTag === true && depth === 0 && name === 'id')
    return [name, isTag && typeof one === 'string' ? keeping.nameOfTag(one) : kept(one, keeping, depth + 1)]
  }))
}

/** A text that somebody wrote. */
export function textToKeep(text: string, { about, nameOfTag }: Keeping): string {
  const shown = maskTagText(text.includes('://') ? withoutUrlSecrets(text) : text, nameOfTag)
  return about === undefined ? shown : wordsWithoutTag(shown, about, nameOfTag(about))
}

/** Whether there is one may be told. */
function secretToKeep(value: unknown): unknown {
  return value === null || typeof value === 'boolean' || value === concealed ? value : secretChanged
}

/** The secrets that a request sets or removes, by the path of their names: of them no difference can be seen in what is shown. */
export function secretsIn(body: unknown, path = '', depth = 0): Record<string, unknown> {
  if (typeof body !== 'object' || body === null || depth >= deepest) return {}
  return Object.assign({}, ...Object.entries(body).map(([name, one]: [string, unknown]) => {
    const at = path === '' ? name : `${path}.${name}`
    if (!isSecretName(name)) return secretsIn(one, at, depth + 1)
    return typeof one === 'boolean' || one === concealed ? {} : { [at]: one === null ? 'removed' : secretChanged }
  })) as Record<string, unknown>
}

/** The fields that differ, before and after; null on a side where there is nothing at all. */
export function differences(before: unknown, after: unknown): { readonly before: unknown; readonly after: unknown } {
  if (!isFields(before) || !isFields(after)) return { before: before ?? null, after: after ?? null }
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
  const pick = (fields: Fields) => Object.fromEntries(names.map((name) => [name, fields[name] ?? null]))
  return { before: pick(before), after: pick(after) }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
