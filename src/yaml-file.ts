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
  const problem = missing ? 'is missing' : issue.code === 'invalid_union' ? 'has none of the accepted forms' : issue.message.replace(/^Invalid (input|option): /, '')
  return [{ line: lineOf(issue.path), pointer: pointerOf(issue.path), problem, fix: `write ${describe(here)}` }]
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

function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined
}

/** The part of a JSON schema that rules `path`; undefined where it says nothing. */
function schemaAt(shape: unknown, path: Path): unknown {
  let here = shape
  for (const part of path) {
    const branches = field(here, 'anyOf')
    if (Array.isArray(branches)) here = branches.find((branch) => keysOf(branch).includes(String(part)))
    here = typeof part === 'number' ? field(here, 'items') : field(field(here, 'properties'), String(part))
  }
  return here
}

function keysOf(shape: unknown): string[] {
  const properties = field(shape, 'properties')
  return typeof properties === 'object' && properties !== null ? Object.entries(properties).filter(([, property]) => field(property, 'not') === undefined).map(([key]) => key) : []
}

/** A JSON schema in words that complete "write …". */
function describe(shape: unknown): string {
  const choices = field(shape, 'enum')
  if (Array.isArray(choices)) return `one of: ${choices.join(', ')}`
  if (field(shape, 'const') !== undefined) return String(field(shape, 'const'))
  const branches = field(shape, 'anyOf')
  if (Array.isArray(branches)) return branches.map(describe).join(', or ')
  const range = (low: unknown, high: unknown) => (low === undefined ? '' : high === undefined ? ` of at least ${String(low)}` : ` from ${String(low)} to ${String(high)}`)
  switch (field(shape, 'type')) {
    case 'number': return `a number${range(field(shape, 'minimum'), field(shape, 'maximum'))}`
    case 'integer': return `a whole number${range(field(shape, 'minimum'), field(shape, 'maximum'))}`
    case 'string': return `text${range(field(shape, 'minLength'), field(shape, 'maxLength')).replace(/(\d)$/, '$1 characters')}`
    case 'boolean': return 'true or false'
    case 'array': return 'a list, each item on a line of its own after "- "'
    case 'object': return `a map with ${keysOf(shape).join(', ')}`
    default: return 'another value'
  }
}

function fixForSyntax(code: string): string {
  if (code === 'TAB_AS_INDENT') return 'indent with spaces'
  if (code === 'DUPLICATE_KEY') return 'keep one of the two'
  return 'check the indentation and the quotes on this line and the one before'
}

function nearest(word: string, known: readonly string[]): string | undefined {
  return known.map((name) => ({ name, far: distance(word.toLowerCase(), name.toLowerCase()) })).filter(({ far }) => far <= 2).sort((a, b) => a.far - b.far)[0]?.name
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

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 60))
}
