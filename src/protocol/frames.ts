// OCPP-J frames: text to CALL, CALLRESULT or CALLERROR and back. Total: no text makes it throw.
import type { ErrorCode } from './errors.ts'
import { readErrorCode } from './errors.ts'
import { sumOfPlainMeterValues } from './plain-meter-values.ts'

export type Frame =
  /** `sum` is there for MeterValues in which the table finds no fault: the sum of their content. */
  | { readonly type: 'call'; readonly id: string; readonly action: string; readonly payload: unknown; readonly sum?: number }
  | { readonly type: 'result'; readonly id: string; readonly payload: unknown }
  | { readonly type: 'error'; readonly id: string; readonly code: string; readonly description: string }

export type Reading =
  | Frame
  /** A CALL we cannot read. With `id` it is answered FormationViolation, without it is dropped. */
  | { readonly type: 'bad-call'; readonly id?: string; readonly description: string }
  /** An answer we cannot read: never answered. */
  | { readonly type: 'bad-answer'; readonly id?: string; readonly description: string }
  /** A message type number we do not know: ignored (OCPP-J 4.1.3). */
  | { readonly type: 'ignored' }

export const maxIdLength = 36
const maxDepth = 12
const tooDeep = `nested deeper than ${maxDepth} levels`
const maxEchoedId = 128
const maxDescription = 255

/** True when brackets nest deeper than `limit`; stops there. Looks at the text only, so it needs no stack and no parser. */
export function isTooDeep(text: string, limit: number = maxDepth): boolean {
  let depth = 0
  let inString = false
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at)
    if (inString) {
      if (char === 0x5c) at++
      else if (char === 0x22) inString = false
    } else if (char === 0x22) inString = true
    else if (char === 0x5b || char === 0x7b) {
      if (++depth > limit) return true
    } else if (char === 0x5d || char === 0x7d) depth--
  }
  return false
}

/** The same of what was parsed, in a tenth of the time: `limit` is also the most that this calls itself. */
function isDeeper(value: unknown, limit: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (limit === 0) return true
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length; at++) if (isDeeper(value[at], limit - 1)) return true
  } else for (const key in value) if (isDeeper((value as Readonly<Record<string, unknown>>)[key], limit - 1)) return true
  return false
}

const opening = /^\s*\[\s*([234])\s*,\s*("(?:[^"\\\u0000-\u001f]|\\.){1,512}")/

function unreadable(text: string, description: string): Reading {
  const start = opening.exec(text)
  if (start === null) return { type: 'bad-call', description }
  const type = start[1] === '2' ? 'bad-call' : 'bad-answer'
  try {
    const id: unknown = JSON.parse(start[2] ?? '')
    return named(type, id, description)
  } catch {
    return { type, description }
  }
}

function named(type: 'bad-call' | 'bad-answer', id: unknown, description: string): Reading {
  return typeof id === 'string' && id !== '' && id.length <= maxEchoedId ? { type, id, description } : { type, description }
}

const object = (value: unknown): unknown => value === null ? {} : value

/** What comes by the thousand is told at one look, which is also a look at how deep it is. */
function readPlain(frame: unknown): Reading | null {
  if (!Array.isArray(frame) || frame.length !== 4) return null
  const [type, id, action, payload] = frame as readonly unknown[]
  if (type !== 2 || action !== 'MeterValues' || typeof id !== 'string' || id === '' || id.length > maxIdLength) return null
  const sum = sumOfPlainMeterValues(payload)
  return sum === null ? null : { type: 'call', id, action, payload, sum }
}

/** Reads one frame. A `null` payload is an empty one; an answer with too few or too many elements is still told apart from a CALL. */
export function readFrame(text: string): Reading {
  let frame: unknown
  try {
    frame = JSON.parse(text)
  } catch {
    return unreadable(text, isTooDeep(text) ? tooDeep : 'not JSON')
  }
  const plain = readPlain(frame)
  if (plain !== null) return plain
  if (isDeeper(frame, maxDepth)) return unreadable(text, tooDeep)
  if (!Array.isArray(frame)) return { type: 'bad-call', description: 'not an array' }
  const [type, id, third, fourth] = frame as unknown[]
  if (typeof type !== 'number') return { type: 'bad-call', description: 'message type missing' }
  if (type === 2) {
    if (typeof id !== 'string' || id === '') return { type: 'bad-call', description: 'message id missing' }
    if (id.length > maxIdLength) return named('bad-call', id, `message id longer than ${maxIdLength} characters`)
    if (frame.length !== 4) return named('bad-call', id, `a CALL has 4 elements, not ${frame.length}`)
    if (typeof third !== 'string') return named('bad-call', id, 'action is not a string')
    return { type: 'call', id, action: third, payload: object(fourth) }
  }
  if (type !== 3 && type !== 4) return { type: 'ignored' }
  if (typeof id !== 'string') return { type: 'bad-answer', description: 'message id missing' }
  if (type === 3) {
    if (frame.length !== 3) return named('bad-answer', id, `a CALLRESULT has 3 elements, not ${frame.length}`)
    return { type: 'result', id, payload: object(third) }
  }
  if (frame.length < 3) return named('bad-answer', id, `a CALLERROR has 5 elements, not ${frame.length}`)
  return { type: 'error', id, code: readErrorCode(third), description: typeof fourth === 'string' ? fourth.slice(0, maxDescription) : '' }
}

export function writeCall(id: string, action: string, payload: unknown): string {
  return JSON.stringify([2, id, action, payload])
}

const plainId = /^[\w-]{1,36}$/

/** What nearly everything is answered with. */
export function writeEmptyResult(id: string): string {
  return plainId.test(id) ? `[3,"${id}",{}]` : writeResult(id, {})
}

export function writeResult(id: string, payload: unknown): string {
  return JSON.stringify([3, id, payload])
}

/** Never throws and never exceeds about 1 kB: id and description are cut, details are always empty. */
export function writeError(id: string, code: ErrorCode, description: string): string {
  return JSON.stringify([4, id.slice(0, maxEchoedId), code, description.slice(0, maxDescription), {}])
}
