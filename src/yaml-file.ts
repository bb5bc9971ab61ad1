// Reads YAML that people write against a schema; what is wrong is said with its line, the problem and the fix.
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document } from 'yaml'
import { z } from 'zod'
import { describeSchema, keysOf, nearest, schemaAt, type ShapeWords } from './schema-words.ts'

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
  | { readonly ok: true; readonly value: T; /** Top-level keys that are written in the file. */ readonly given: readonly string[]; /** Is it written there, and no default? */ readonly isGiven: (path: Path) => boolean; readonly lineOf: (path: Path) => number }
  | { readonly ok: false; readonly faults: readonly YamlFault[] }

const words: ShapeWords = { map: 'a map', list: () => 'a list, each item on a line of its own after "- "' }

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
  if (parsed.success) return { ok: true, value: parsed.data, given: typeof raw === 'object' && raw !== null ? Object.keys(raw) : [], isGiven: (path) => doc.hasIn(path), lineOf }
  const shape: unknown = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  return { ok: false, faults: parsed.error.issues.slice(0, 20).flatMap((issue) => faultsOf(issue, shape, lineOf)) }
}

/** `['sites', 0, 'fuseA']` → `/sites/0/fuseA` (RFC 6901). */
export function pointerOf(path: Path): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

/** The other way round; every part a text, as `lineOf` takes it. */
export function pathOf(pointer: string): Path {
  return pointer.split('/').slice(1).map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
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
  const wanted = describeSchema(here, words)
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
