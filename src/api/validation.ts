// Zod's verdict on input, told as a 422 problem with a JSON pointer and a message for each field.
import type { z } from 'zod'
import { hintOfFault, type Fault, type Part } from './hint.ts'
import { Problem, type FieldError } from './problem.ts'

type Issue = z.core.$ZodIssue

const mostErrors = 50
const longestText = 256

/** The parsed value, or a Problem 422 that names every field at fault (at most 50) and says what to do about one of them. */
export function validate<S extends z.ZodType>(schema: S, value: unknown, part: Part, routeHint?: string): z.output<S> {
  const result = schema.safeParse(value, { reportInput: true })
  if (result.success) return result.data
  const faults = faultsOf(result.error.issues, (name) => typeof value === 'object' && value !== null && !Object.hasOwn(value, name))
  // A parameter that nobody knows is often one that is missing, misspelt.
  const first = (part === 'query' ? faults.find(({ kind }) => kind === 'unknown') : undefined) ?? faults[0]
  const detail = first === undefined ? `The ${part} is invalid.` : `${first.pointer === '' ? `The ${part}` : first.pointer}: ${first.message}`
  throw new Problem(422, 'invalid', detail, { errors: faults.map((fault) => toldOf(fault, part)), hint: first === undefined ? routeHint : hintOfFault(first, schema, part, routeHint) })
}

/** `['connectors', 0, 'a/b']` → `/connectors/0/a~1b` (RFC 6901). */
export function jsonPointer(path: readonly PropertyKey[]): string {
  return path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('').slice(0, longestText)
}

/** A verdict told field by field, at most 50. */
export function fieldErrors(issues: readonly Issue[], part: Part): FieldError[] {
  return faultsOf(issues).map((fault) => toldOf(fault, part))
}

function toldOf({ pointer, message }: Fault, part: Part): FieldError {
  return { ...(part !== 'body' && { in: part }), pointer, message }
}

/** `isAbsent`: whether the whole has no such field, where that is known: what is coerced has lost it. */
function faultsOf(issues: readonly Issue[], isAbsent: (name: PropertyKey) => boolean = () => false): Fault[] {
  return issues
    .flatMap((issue) => (issue.code === 'invalid_type' && issue.path.length === 1 && isAbsent(issue.path[0]!) ? [{ kind: 'missing' as const, path: issue.path, message: 'missing' }] : flatten(issue, [])))
    .slice(0, mostErrors)
    .map(({ kind, path, message }) => ({ kind, path, pointer: jsonPointer(path), message: message.slice(0, longestText) }))
}

type Found = Omit<Fault, 'pointer'>

const ofLibrary = /^(?:Invalid|Too (?:big|small)|Unrecognized)\b/

function flatten(issue: Issue, base: readonly PropertyKey[]): Found[] {
  const path = [...base, ...issue.path]
  if (issue.code === 'unrecognized_keys') return issue.keys.slice(0, mostErrors).map((key) => ({ kind: 'unknown', path: [...path, key], message: 'unknown field' }))
  if (issue.code !== 'custom' && issue.input === undefined) return [{ kind: 'missing', path, message: 'missing' }]
  if (issue.code === 'invalid_union') {
    // The form that was meant is the one whose outer type fits.
    const branch = issue.errors.find((errors) => errors.some((inner) => inner.path.length > 0 || inner.code !== 'invalid_type'))
    if (branch !== undefined) return branch.flatMap((inner) => flatten(inner, path))
  }
  // What is refined with a kind of fault says it in its schema too.
  const known = ofLibrary.test(issue.message) || (issue.code === 'custom' && issue.params?.['fault'] === 'too-long')
  return [{ kind: known ? 'form' : 'own', path, message: issue.message.replace(/^Invalid (?:input|option): /, '') }]
}
