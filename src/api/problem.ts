// What a refused request is answered with: application/problem+json (RFC 9457), and how every error becomes one.
import { Refusal } from '../actors/house.ts'
import { hintOf } from './hint.ts'

/** `pointer` is a JSON pointer into the body, or `/name` of a path or query parameter when `in` says so. */
export interface FieldError {
  readonly pointer: string
  readonly message: string
  readonly in?: 'path' | 'query'
}

interface ProblemExtra {
  readonly hint?: string | undefined
  readonly errors?: readonly FieldError[]
  readonly headers?: Readonly<Record<string, string>>
}

/** A request that is not fulfilled; `code` is stable and kebab-case, the message is the `detail` for people. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly status: number
  readonly code: string
  readonly hint: string | undefined
  readonly errors: readonly FieldError[]
  readonly headers: Readonly<Record<string, string>>
  constructor(status: number, code: string, detail: string, extra: ProblemExtra = {}) {
    super(detail)
    this.status = status
    this.code = code
    this.hint = extra.hint
    this.errors = extra.errors ?? []
    this.headers = extra.headers ?? {}
  }
}

/** Seconds after which a client may try again while the store does not take writes. */
export const storeRetryAfterS = 2

const titles: Readonly<Record<number, string>> = {
  400: 'The request cannot be read',
  401: 'A key is needed',
  403: 'Not allowed',
  404: 'Not found',
  405: 'This method is not offered here',
  406: 'No offered format is acceptable',
  409: 'Conflict with the present state',
  412: 'Changed in the meantime',
  413: 'The body is too large',
  415: 'The format of the body is not understood',
  422: 'The input is invalid',
  429: 'Too many requests',
  500: 'Internal error',
  503: 'Temporarily not available',
}

const refusalStatus: Readonly<Record<Refusal['kind'], number>> = { 'not-found': 404, conflict: 409, invalid: 422, 'store-down': 503 }

/** Problems as they are, a Refusal of the house as the problem it means, null for anything unknown. */
export function toProblem(error: unknown): Problem | null {
  if (error instanceof Problem) return error
  if (!(error instanceof Refusal)) return null
  const status = refusalStatus[error.kind]
  return new Problem(status, error.code, error.message, {
    hint: error.hint,
    errors: error.errors,
    headers: status === 503 ? { 'Retry-After': String(storeRetryAfterS) } : {},
  })
}

/** The answer for an error nobody foresaw: says nothing of its inside. */
export function internalProblem(): Problem {
  return new Problem(500, 'internal', 'Something went wrong inside kwota; the log has the details under this request id.')
}

/** The JSON body of a problem. */
export function problemBody(problem: Problem, requestId: string): Record<string, unknown> {
  return {
    type: `/problems/${problem.code}`,
    title: titles[problem.status] ?? 'Refused',
    status: problem.status,
    detail: problem.message,
    code: problem.code,
    ...(problem.errors.length > 0 && { errors: problem.errors }),
    hint: hintOf(problem),
    requestId,
  }
}
