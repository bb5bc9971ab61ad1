// Judges payloads by the message table: hard faults get their 1.6-J error code, soft ones are let through where a refusal would lose data.
import type { z } from 'zod'
import type { ErrorCode } from './errors.ts'
import { isAction, messages } from './messages/index.ts'

export type Judgement =
  /** `value` is the payload; with soft faults it is the raw one, nothing dropped or changed. */
  | { readonly ok: true; readonly value: unknown; readonly faults: readonly string[] }
  | { readonly ok: false; readonly code: ErrorCode; readonly description: string }

export interface JudgeOptions {
  /** Soft faults are refused too. */
  readonly strict?: boolean
  /** Who sent the request. */
  readonly from?: 'station' | 'central'
}

type Issue = z.core.$ZodIssue
type Softness = 'extra' | 'too-long' | 'sample' | 'unsafe-id' | 'imprecise' | 'too-few'

const softInRequests: ReadonlySet<Softness> = new Set(['extra', 'too-long', 'sample', 'unsafe-id'])
const softInResponses: ReadonlySet<Softness> = new Set(['extra', 'too-long', 'imprecise', 'too-few'])
// A CALLERROR to one of these loses the data for good.
const leniently: ReadonlySet<string> = new Set(['StartTransaction', 'StopTransaction', 'MeterValues', 'StatusNotification'])
const ownedIds: ReadonlySet<string> = new Set(['StopTransaction', 'MeterValues'])
const none: ReadonlySet<Softness> = new Set()
const severity: readonly ErrorCode[] = ['OccurenceConstraintViolation', 'TypeConstraintViolation', 'PropertyConstraintViolation']
const maxFaults = 20

function valueAt(payload: unknown, path: Issue['path']): unknown {
  let value = payload
  for (const key of path) {
    if (typeof value !== 'object' || value === null || typeof key === 'symbol' || !Object.hasOwn(value, key)) return undefined
    value = (value as Record<string | number, unknown>)[key]
  }
  return value
}

function codeOf(issue: Issue, value: unknown): ErrorCode {
  if (issue.code === 'invalid_type') return value === undefined ? 'OccurenceConstraintViolation' : 'TypeConstraintViolation'
  if (issue.code === 'invalid_value') {
    if (value === undefined) return 'OccurenceConstraintViolation'
    return typeof value === 'string' ? 'PropertyConstraintViolation' : 'TypeConstraintViolation'
  }
  if (issue.code === 'too_small' && issue.origin === 'array') return 'OccurenceConstraintViolation'
  return 'PropertyConstraintViolation'
}

function softnessOf(issue: Issue, value: unknown, action: string): Softness | undefined {
  if (issue.code === 'unrecognized_keys') return issue.keys.includes('__proto__') ? undefined : 'extra'
  if (issue.code === 'custom') {
    const fault: unknown = issue.params?.['fault']
    return fault === 'too-long' ? 'too-long' : fault === 'not-tenths' ? 'imprecise' : undefined
  }
  if (issue.code === 'invalid_value' && typeof value === 'string' && issue.path.includes('sampledValue')) return 'sample'
  if (issue.code === 'too_small' && issue.origin === 'array') return 'too-few'
  const rounded = typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)
  return rounded && ownedIds.has(action) && issue.path.at(-1) === 'transactionId' ? 'unsafe-id' : undefined
}

function describe(issue: Issue, value: unknown): string {
  const where = issue.path.length === 0 ? 'payload' : issue.path.map(String).join('.')
  if (issue.code === 'unrecognized_keys') {
    const keys = issue.keys.slice(0, 5).map((key) => JSON.stringify(key.slice(0, 50))).join(', ')
    return `${where}: unknown field ${keys}`
  }
  if (value === undefined && (issue.code === 'invalid_type' || issue.code === 'invalid_value')) return `${where}: missing`
  if (issue.code === 'invalid_type') return `${where}: must be of type ${issue.expected}`
  if (issue.code === 'invalid_value') {
    return typeof value === 'string' ? `${where}: ${JSON.stringify(value.slice(0, 50))} is not one of the allowed values` : `${where}: must be of type string`
  }
  if (issue.code === 'too_small' && issue.origin === 'array') return `${where}: too few elements`
  return issue.code === 'custom' ? `${where}: ${issue.message}` : `${where}: out of range`
}

function weigh(schema: z.ZodType, action: string, payload: unknown, allowed: ReadonlySet<Softness>): Judgement {
  const parsed = schema.safeParse(payload)
  if (parsed.success) return { ok: true, value: parsed.data, faults: [] }
  const faults: string[] = []
  let worst: { readonly code: ErrorCode; readonly description: string } | undefined
  for (const issue of parsed.error.issues) {
    const value = valueAt(payload, issue.path)
    const softness = softnessOf(issue, value, action)
    if (softness !== undefined && allowed.has(softness)) {
      if (faults.length < maxFaults) faults.push(describe(issue, value))
      continue
    }
    const code = codeOf(issue, value)
    if (worst === undefined || severity.indexOf(code) < severity.indexOf(worst.code)) worst = { code, description: describe(issue, value) }
  }
  return worst === undefined ? { ok: true, value: payload, faults } : { ok: false, ...worst }
}

/**
 * Judges a received request. Soft faults (extra field, too long, unknown value or unit in a sample, a transaction id JSON has
 * rounded) pass for the four actions whose loss is final, unless `strict`. Of several hard faults the first of the worst class
 * is named: missing before wrong type before bad value.
 */
export function judge(action: string, payload: unknown, options: JudgeOptions = {}): Judgement {
  if (!isAction(action)) return { ok: false, code: 'NotImplemented', description: 'unknown action' }
  const { direction, request } = messages[action]
  if (direction !== 'both' && direction !== (options.from ?? 'station')) {
    return { ok: false, code: 'NotSupported', description: `${action} is not for this direction` }
  }
  return weigh(request, action, payload, options.strict !== true && leniently.has(action) ? softInRequests : none)
}

/**
 * Judges the answer to a request of ours. Refusing it would help nobody, so what can still be understood passes as a soft
 * fault: extra fields, too long strings, too many decimals, an empty list of periods.
 */
export function judgeResponse(action: string, payload: unknown): Judgement {
  if (!isAction(action)) return { ok: false, code: 'NotImplemented', description: 'unknown action' }
  return weigh(messages[action].response, action, payload, softInResponses)
}

/**
 * What goes on the wire: exactly the schema, fields in its order. Throws when the payload does not fit (our own mistake), or
 * when `from` may not send this request.
 */
export function compose(action: string, kind: 'request' | 'response', payload: unknown, from: 'station' | 'central' = 'central'): unknown {
  if (!isAction(action)) throw new Error(`unknown action ${action}`)
  const message = messages[action]
  if (kind === 'request' && message.direction !== 'both' && message.direction !== from) throw new Error(`${action} is not ours to send`)
  const judged = weigh(message[kind], action, payload, none)
  if (!judged.ok) throw new Error(`invalid ${action} ${kind}: ${judged.description}`)
  return judged.value
}
