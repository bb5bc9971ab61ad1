// Zod's verdict on input, told as a 422 problem with a JSON pointer and a message for each field.
import type { z } from 'zod'
import { Problem, type FieldError } from './problem.ts'

type Issue = z.core.$ZodIssue
type Part = 'path' | 'query' | 'body'

const mostErrors = 50
const longestText = 256

/** The parsed value, or a Problem 422 that names every field at fault (at most 50). */
export function validate<S extends z.ZodType>(schema: S, value: unknown, part: Part, hint?: string): z.output<S> {
  const result = schema.safeParse(value, { reportInput: true })
  if (result.success) return result.data
  const errors = fieldErrors(result.error.issues, part)
  const first = errors[0]
  const detail = first === undefined ? `The ${part} is invalid.` : `${first.pointer === '' ? `The ${part}` : first.pointer}: ${first.message}`
  throw new Problem(422, 'invalid', detail, { errors, hint })
}

/** `['connectors', 0, 'a/b']` → `/connectors/0/a~1b` (RFC 6901). */
export function jsonPointer(path: readonly PropertyKey[]): string {
  return path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('').slice(0, longestText)
}

/** A verdict told field by field, at most 50. */
export function fieldErrors(issues: readonly Issue[], part: Part): FieldError[] {
  return issues
    .flatMap((issue) => flatten(issue, []))
    .slice(0, mostErrors)
    .map(({ path, message }) => ({ ...(part !== 'body' && { in: part }), pointer: jsonPointer(path), message: message.slice(0, longestText) }))
}

interface Found { readonly path: PropertyKey[]; readonly message: string }

function flatten(issue: Issue, base: readonly PropertyKey[]): Found[] {
  const path = [...base, ...issue.path]
  if (issue.code === 'unrecognized_keys') return issue.keys.slice(0, mostErrors).map((key) => ({ path: [...path, key], message: 'unknown field' }))
  if (issue.code !== 'custom' && issue.input === undefined) return [{ path, message: 'missing' }]
  if (issue.code === 'invalid_union') {
    // The form that was meant is the one whose outer type fits.
    const branch = issue.errors.find((errors) => errors.some((inner) => inner.path.length > 0 || inner.code !== 'invalid_type'))
    if (branch !== undefined) return branch.flatMap((inner) => flatten(inner, path))
  }
  return [{ path, message: issue.message.replace(/^Invalid (?:input|option): /, '') }]
}
