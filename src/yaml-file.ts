// Reads YAML that people write against a schema; what is wrong is said with its line, the problem and the fix.
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document } from 'yaml'
import { z } from 'zod'

export interface YamlFault {
  /** From 1. */
  readonly line: number
  /** JSON pointer into the file; '' is the whole file. */
  readonly pointer: string
  readonly problem: string
  readonly fix: string
}

export type Path = readonly PropertyKey[]
export type YamlResult<T> =
  | { readonly ok: true; readonly value: T; /** Top-level keys that are written in the file. */ readonly given: readonly string[]; readonly lineOf: (path: Path) => number }
  | { readonly ok: false; readonly faults: readonly YamlFault[] }

/** Parses `text` and checks it against `schema`; an empty file counts as an empty map. Never throws for what is in the text. */
export function readYaml<S extends z.ZodType>(text: string, schema: S): YamlResult<z.output<S>> {
  const lines = new LineCounter()
  const doc = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true })
  const lineAt = (offset: number) => Math.max(lines.linePos(offset).line, 1)
  const syntax = doc.errors.slice(0, 5).map((error) => ({
    line: lineAt(error.pos[0]), pointer: '', problem: `not YAML: ${error.message}`, fix: fixForSyntax(error.code),
  }))
  if (syntax.length > 0) return { ok: false, faults: syntax }
  const lineOf = (path: Path) => lineAt(offsetOf(doc, path))
  let raw: unknown
  try {
    raw = doc.toJS() ?? {}
  } catch (error) {
    return { ok: false, faults: [{ line: 1, pointer: '', problem: error instanceof Error ? error.message : 'cannot be read', fix: 'write it without aliases (& and *)' }] }
  }
  const parsed = schema.safeParse(raw, { reportInput: true })
  if (parsed.success) return { ok: true, value: parsed.data, given: typeof raw === 'object' && raw !== null ? Object.keys(raw) : [], lineOf }
  const shape: unknown = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  return { ok: false, faults: parsed.error.issues.slice(0, 20).flatMap((issue) => faultsOf(issue, shape, lineOf)) }
}

/** `['sites', 0, 'fuseA']` → `/sites/0/fuseA` (RFC 6901). */
export function pointerOf(path: Path): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

function faultsOf(issue: z.core.$ZodIssue, shape: unknown, lineOf: (path: Path) => number): YamlFault[] {
  const here = schemaAt(shape, issue.path)
  if (issue.code === 'unrecognized_keys') {
    const known = keysOf(here)
    return issue.keys.map((key) => {
      const path = [...issue.path, key]
      const meant = nearest(key, known)
      const fix = meant === undefined ? `remove it; known here: ${known.join(', ')}` : `did you mean ${meant}?`
      return { line: lineOf(path), pointer: pointerOf(path), problem: `${quoted(key)} is not a setting here`, fix }
    })
  }
  const missing = issue.input === undefined && issue.code !== 'custom'
  const [said = '', ownFix] = issue.message.split(/; (.*)/s, 2)
  if (!missing && issue.code !== 'invalid_union' && ownFix !== undefined) return [{ line: lineOf(issue.path), pointer: pointerOf(issue.path), problem: said, fix: ownFix }]
  const wanted = describeSchema(here)
  if (issue.code === 'custom') return [{ line: lineOf(issue.path), pointer: pointerOf(issue.path), problem: said, fix: isScalarShape(here) && wanted !== null ? `write ${wanted} that fits this` : 'change it so that it fits' }]
  const problem = missing ? 'is missing' : issue.code === 'invalid_union' ? 'has none of the accepted forms' : issue.message.replace(/^Invalid (input|option): /, '')
  return [{ line: lineOf(issue.path), pointer: pointerOf(issue.path), problem, fix: `write ${wanted ?? 'another value'}` }]
}

function isScalarShape(shape: unknown): boolean {
  return typeof shape === 'object' && shape !== null && 'type' in shape && ['number', 'integer', 'string', 'boolean'].includes(String(shape.type))
}

function offsetOf(doc: Document, path: Path): number {
  let node: unknown = doc.contents
  let offset = 0
  for (const part of path) {
    if (isAlias(node)) node = node.resolve(doc)
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(part))
      if (pair === undefined) break
      offset = (isScalar(pair.key) ? pair.key.range?.[0] : undefined) ?? offset
      node = pair.value
    } else if (isSeq(node)) {
      node = node.items[Number(part)]
      if (isMap(node) || isScalar(node) || isSeq(node)) offset = node.range?.[0] ?? offset
    } else break
  }
  return offset
}

function fixForSyntax(code: string): string {
  if (code === 'TAB_AS_INDENT') return 'indent with spaces'
  if (code === 'DUPLICATE_KEY') return 'keep one of the two'
  return 'check the indentation and the quotes on this line and the one before'
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 60))
}

/** The part of a JSON schema that rules `path`; undefined where it says nothing. */
function schemaAt(shape: unknown, path: Path): unknown {
  return path.reduce((here: unknown, part) => step(here, part), shape)
}

/** The names a map may have there; those that are ruled out are none. */
function keysOf(shape: unknown): string[] {
  const properties = field(shape, 'properties')
  const own = typeof properties === 'object' && properties !== null ? Object.entries(properties).filter(([, property]) => field(property, 'not') === undefined).map(([key]) => key) : []
  return own.length > 0 ? own : [...new Set(branchesOf(shape).flatMap(keysOf))]
}

/** A JSON schema in words that complete "write …"; null where it says nothing. */
function describeSchema(shape: unknown): string | null {
  const choices = field(shape, 'enum')
  if (Array.isArray(choices)) return `one of: ${choices.join(', ')}`
  if (field(shape, 'const') !== undefined) return String(field(shape, 'const'))
  const branches = [...new Set(branchesOf(shape).flatMap((branch) => describeSchema(branch) ?? []))]
  if (branches.length > 0) return branches.join(', or ')
  switch (field(shape, 'type')) {
    case 'number': return `a number${range(shape, 'minimum', 'maximum')}`
    case 'integer': return `a whole number${range(shape, 'minimum', 'maximum')}`
    case 'string': return text(shape)
    case 'boolean': return 'true or false'
    case 'null': return 'null'
    case 'array': return list(shape)
    case 'object': return map(shape)
    default: return null
  }
}

/** The one of `known` that is misspelt as `word`; undefined when none is near. */
function nearest(word: string, known: readonly string[]): string | undefined {
  return known.map((name) => ({ name, far: distance(word.toLowerCase(), name.toLowerCase()) })).filter(({ far }) => far <= 2).sort((a, b) => a.far - b.far)[0]?.name
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
  const low = bound(field(shape, least)) ?? bound(field(shape, 'exclusiveMinimum'))
  const high = bound(field(shape, most)) ?? bound(field(shape, 'exclusiveMaximum'))
  const over = bound(field(shape, 'exclusiveMinimum')) !== undefined && bound(field(shape, least)) === undefined
  if (low === undefined) return high === undefined ? '' : ` of at most ${high}`
  if (high === undefined) return over ? ` above ${low}` : ` of at least ${low}`
  return over ? ` above ${low}, at most ${high}` : ` from ${low} to ${high}`
}

/** What a number type cannot hold anyway is no bound. */
function bound(value: unknown): number | undefined {
  return typeof value === 'number' && Math.abs(value) < largest ? value : undefined
}

function text(shape: unknown): string {
  const format = field(shape, 'format')
  if (format === 'date-time') return 'a time as text, such as 2026-11-22T18:30:00Z'
  if (format === 'uri') return 'a URL'
  const length = range(shape, 'minLength', 'maxLength')
  if (length !== '') return `text${length} characters`
  const pattern = field(shape, 'pattern')
  return typeof pattern === 'string' && pattern.length <= 80 ? `text that matches ${pattern}` : 'text'
}

function list(shape: unknown): string {
  const count = range(shape, 'minItems', 'maxItems')
  if (Array.isArray(field(shape, 'prefixItems'))) return `[${(field(shape, 'prefixItems') as unknown[]).map((item) => describeSchema(item) ?? 'a value').join(', ')}]`
  if (count !== '') return `a list${count.replace(' from ', ' of ')} items`
  return 'a list, each item on a line of its own after "- "'
}

function map(shape: unknown): string {
  const keys = keysOf(shape)
  if (keys.length > 0) return `a map with ${keys.join(', ')}`
  const values = describeSchema(field(shape, 'additionalProperties'))
  return values === null ? 'a map' : `a map whose values are each ${values}`
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
