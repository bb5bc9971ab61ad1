// The operations of the REST API as its own description lists them, in groups, and those that a search finds.
import type { Schema } from '../../data/json-schema.ts'

type Contents = Readonly<Record<string, { readonly schema?: Schema } | undefined>>
export interface Parameter { readonly name: string; readonly in: string; readonly required: boolean; readonly description?: string; readonly schema: Schema }
interface Described {
  readonly tags?: readonly string[]
  readonly summary?: string
  readonly description?: string
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly required?: boolean; readonly content?: Contents }
  readonly responses?: Readonly<Record<string, { readonly description?: string; readonly content?: Contents } | undefined>>
}
export interface ApiDescription {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described | undefined>> | undefined>>
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema | undefined>> }
}

export interface Operation {
  readonly tag: string
  readonly method: string
  readonly path: string
  readonly summary: string
  /** The scope it needs, in a sentence. */
  readonly needs: string
  readonly parameters: readonly Parameter[]
  readonly body: { readonly required: boolean; readonly content: Contents } | null
  readonly answers: readonly { readonly status: string; readonly description: string; readonly content: Contents }[]
}

const ofProblems = 'application/problem+json'

/** In the order of the description, by tag. */
export function operationsOf({ paths }: ApiDescription): readonly Operation[] {
  return Object.entries(paths).flatMap(([path, item]) => Object.entries(item ?? {}).flatMap(([method, described]): Operation[] => (described === undefined ? [] : [{
    tag: described.tags?.[0] ?? 'other', method: method.toUpperCase(), path, summary: described.summary ?? '', needs: described.description ?? '', parameters: described.parameters ?? [],
    body: described.requestBody === undefined ? null : { required: described.requestBody.required === true, content: described.requestBody.content ?? {} },
    answers: Object.entries(described.responses ?? {}).map(([status, answer]) => ({ status, description: answer?.description ?? '', content: answer?.content ?? {} })),
  }])))
}

/** Every word of the search is in the tag, the method, the path, the summary or what it needs. */
export function found(all: readonly Operation[], search: string): readonly Operation[] {
  const words = search.toLowerCase().split(/\s+/).filter((word) => word !== '')
  return all.filter(({ tag, method, path, summary, needs }) => {
    const text = `${tag} ${method} ${path} ${summary} ${needs}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
}

export function byTag(all: readonly Operation[]): readonly (readonly [string, readonly Operation[]])[] {
  const groups = new Map<string, Operation[]>()
  for (const one of all) groups.set(one.tag, [...groups.get(one.tag) ?? [], one])
  return [...groups]
}

/** Refusals are all told alike: their statuses in one line. */
export const refusals = ({ answers }: Operation): readonly string[] => answers.filter(({ content }) => content[ofProblems] !== undefined).map(({ status }) => status)
export const successes = ({ answers }: Operation): Operation['answers'] => answers.filter(({ content }) => content[ofProblems] === undefined)

/** What may stand there, short: `number, from 0 to 100`, `one of Hard, Soft`, `list of text`. */
export function typeWords({ type, properties, enum: choices, const: only, $ref, items, anyOf, oneOf, format, minimum, maximum, minLength, maxLength }: Schema): string {
  if ($ref !== undefined) return $ref.split('/').at(-1) ?? $ref
  if (only !== undefined) return JSON.stringify(only)
  if (choices !== undefined) return `one of ${choices.map(String).join(', ')}`
  const either = anyOf ?? oneOf
  if (either !== undefined && properties === undefined) return [...new Set(either.map(typeWords))].join(' or ')
  const name = typeof type === 'string' ? names[type] ?? type : type?.map((one) => names[one] ?? one).join(' or ') ?? 'anything'
  if (type === 'array') return `list of ${items === undefined ? 'anything' : typeWords(items)}`
  const [least, most] = type === 'string' ? [minLength, maxLength] : [minimum, maximum]
  const unit = type === 'string' ? ' characters' : ''
  const bounds = [...(least === undefined || Math.abs(least) >= Number.MAX_SAFE_INTEGER ? [] : [`from ${least}`]), ...(most === undefined || most >= Number.MAX_SAFE_INTEGER ? [] : [`to ${most}`])].join(' ')
  return [name, ...(format === undefined ? [] : [format]), ...(bounds === '' ? [] : [`${bounds}${unit}`])].join(', ')
}
const names: Readonly<Record<string, string>> = { string: 'text', boolean: 'true or false', integer: 'whole number', null: 'null' }
