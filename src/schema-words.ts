// The JSON schema of an input in words: what to write at a place of it, which fields are known there, and which one was meant.

type Path = readonly PropertyKey[]

/** What such things are called where the input is written. */
export interface ShapeWords {
  /** an object, a map */
  readonly map: string
  /** Of any length; `item` = each in words, null where the schema says nothing. */
  readonly list: (item: string | null) => string
}

/** The part of a JSON schema that rules `path`; undefined where it says nothing. */
export function schemaAt(shape: unknown, path: Path): unknown {
  return path.reduce((here: unknown, part) => step(here, part), shape)
}

/** The names a map may have there; those that are ruled out are none. */
export function keysOf(shape: unknown): string[] {
  const properties = field(shape, 'properties')
  const own = typeof properties === 'object' && properties !== null ? Object.entries(properties).filter(([, property]) => field(property, 'not') === undefined).map(([key]) => key) : []
  return own.length > 0 ? own : [...new Set(branchesOf(shape).flatMap(keysOf))]
}

/** A JSON schema in words that complete "write …"; null where it says nothing. */
export function describeSchema(shape: unknown, words: ShapeWords): string | null {
  const choices = field(shape, 'enum')
  if (Array.isArray(choices)) return `one of: ${choices.join(', ')}`
  if (field(shape, 'const') !== undefined) return String(field(shape, 'const'))
  const branches = [...new Set(branchesOf(shape).flatMap((branch) => describeSchema(branch, words) ?? []))]
  if (branches.length > 0) return branches.join(', or ')
  switch (field(shape, 'type')) {
    case 'number': return `a number${range(shape, 'minimum', 'maximum')}`
    case 'integer': return `a whole number${range(shape, 'minimum', 'maximum')}`
    case 'string': return text(shape)
    case 'boolean': return 'true or false'
    case 'null': return 'null'
    case 'array': return list(shape, words)
    case 'object': return map(shape, words)
    default: return null
  }
}

/** In letters. */
const farthest = 2
const leastPart = 5

/** The one of `known` that is misspelt as `word`, or the only one that it is a part of; undefined when none is near. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const near = known.filter(({ length }) => Math.abs(length - word.length) <= farthest)
    .map((name) => ({ name, far: distance(word.toLowerCase(), name.toLowerCase()) })).filter(({ far }) => far <= farthest).sort((a, b) => a.far - b.far)[0]?.name
  const holding = word.length < leastPart ? [] : known.filter((name) => name.length > word.length && name.toLowerCase().includes(word.toLowerCase()))
  return near ?? (holding.length === 1 ? holding[0] : undefined)
}

function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined
}

/** The forms of a union. A `oneOf` beside properties only says which of them go together. */
function branchesOf(shape: unknown): unknown[] {
  const forms = field(shape, 'anyOf') ?? (field(shape, 'properties') === undefined ? field(shape, 'oneOf') : undefined)
  return Array.isArray(forms) ? forms : []
}

function step(shape: unknown, part: PropertyKey): unknown {
  const branches = branchesOf(shape)
  if (branches.length > 0) return branches.map((branch) => step(branch, part)).find((found) => found !== undefined)
  if (typeof part === 'number') {
    const places = field(shape, 'prefixItems')
    return (Array.isArray(places) ? places[part] : undefined) ?? field(shape, 'items')
  }
  return field(field(shape, 'properties'), String(part)) ?? field(shape, 'additionalProperties')
}

const largest = Number.MAX_SAFE_INTEGER

function range(shape: unknown, least: string, most: string): string {
  const [low, high] = [bound(field(shape, least)), bound(field(shape, most))]
  const [over, under] = [bound(field(shape, 'exclusiveMinimum')), bound(field(shape, 'exclusiveMaximum'))]
  if (low !== undefined && high !== undefined) return low === high ? ` of exactly ${low}` : ` from ${low} to ${high}`
  const begins = low !== undefined ? `at least ${low}` : over !== undefined ? `above ${over}` : null
  const ends = high !== undefined ? `at most ${high}` : under !== undefined ? `below ${under}` : null
  const said = [begins, ends].filter((one) => one !== null).join(', ')
  return said === '' ? '' : `${said.startsWith('at ') ? ' of' : ''} ${said}`
}

/** ` of at least 1 item`; nothing where there are no bounds. */
function count(shape: unknown, least: string, most: string, unit: string): string {
  const bounds = range(shape, least, most)
  return bounds === '' ? '' : `${bounds} ${unit}${/^ of .* 1$/.test(bounds) ? '' : 's'}`
}

/** What a number type cannot hold anyway is no bound. */
function bound(value: unknown): number | undefined {
  return typeof value === 'number' && Math.abs(value) < largest ? value : undefined
}

function text(shape: unknown): string {
  const format = field(shape, 'format')
  if (format === 'date-time') return 'a time as text, such as 2026-11-22T18:30:00Z'
  if (format === 'uri') return 'a URL'
  const length = count(shape, 'minLength', 'maxLength', 'character')
  if (length !== '') return `text${length}`
  const pattern = field(shape, 'pattern')
  return typeof pattern === 'string' && pattern.length <= 80 ? `text that matches ${pattern}` : 'text'
}

function list(shape: unknown, words: ShapeWords): string {
  const places = field(shape, 'prefixItems')
  if (Array.isArray(places)) return `[${places.map((item) => describeSchema(item, words) ?? 'a value').join(', ')}]`
  const items = count(shape, 'minItems', 'maxItems', 'item')
  return items === '' ? words.list(describeSchema(field(shape, 'items'), words)) : `a list${items.replace(' from ', ' of ')}`
}

function map(shape: unknown, words: ShapeWords): string {
  const keys = keysOf(shape)
  if (keys.length > 0) return `${words.map} with ${keys.join(', ')}`
  const values = describeSchema(field(shape, 'additionalProperties'), words)
  return values === null ? words.map : `${words.map} whose values are each ${values}`
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)))
    row = next
  }
  return row[b.length] ?? 0
}
