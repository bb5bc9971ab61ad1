// A copy of anything that lives in here as those may see it who look in from outside: plain, cut, without id tags and secrets.
import { isSecretName } from '../../secret-names.ts'
import { maskTagText, tagNameOf } from '../tag-mask.ts'

export interface SafeCopy {
  /** Plain JSON. */
  readonly value: unknown
  /** Something was left out because it became too much. */
  readonly truncated: boolean
}

const deepest = 12
export const hidden = '***'
export const cutMark = '…'
/** Of the room for one copy, what the marks of what was cut may take beyond it. */
const spareBytes = 256

/** `bytes` = how long the JSON of it may become. Functions, actors and the insides of classes are left out; cycles end at a depth. */
export function safeCopy(given: unknown, bytes: number, mask: (idTag: string) => string): SafeCopy {
  let left = bytes - spareBytes
  let truncated = false

  function cut(): string {
    truncated = true
    return cutMark
  }

  function text(value: string, name: string | null): unknown {
    const shown = name === null ? maskTagText(value, mask) : mask(value)
    const size = lengthOf(shown)
    if (size <= left) {
      left -= size
      return shown
    }
    truncated = true
    // Each character takes six bytes at most (\u001f).
    const part = shown.slice(0, Math.max(0, Math.floor(left / 6)))
    left = 0
    return `${part}${cutMark}`
  }

  function copy(value: unknown, name: string | null, depth: number): unknown {
    if (typeof value === 'string') return text(value, name)
    if (value === null || typeof value === 'boolean') return spend(value, 5)
    if (name !== null && (typeof value === 'number' || typeof value === 'bigint')) return text(String(value), name)
    if (typeof value === 'number') return Number.isFinite(value) ? spend(value, 24) : spend(String(value), 11)
    if (typeof value === 'bigint') return text(String(value), null)
    if (typeof value !== 'object') return undefined
    if (depth > deepest) return cut()
    if (Array.isArray(value)) return list(value, name, depth)
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype === Object.prototype || prototype === null) return fields(value, name, depth)
    return value instanceof Date ? text(dateText(value), null) : value instanceof Error ? text(value.message, null) : fields(knownBy(value), name, depth)
  }

  function spend<T>(value: T, bytesOf: number): T {
    left -= bytesOf + 1
    return value
  }

  function list(values: readonly unknown[], name: string | null, depth: number): unknown[] {
    const copies: unknown[] = []
    left -= 2
    for (const value of values) {
      if (left <= 0) {
        copies.push(cut())
        break
      }
      const shown = copy(value, name, depth + 1)
      copies.push(shown === undefined ? null : shown)
    }
    return copies
  }

  function fields(value: object, outer: string | null, depth: number): Record<string, unknown> {
    const copies: Record<string, unknown> = {}
    left -= 2
    for (const [name, inner] of Object.entries(value)) {
      if (typeof inner === 'function' || inner === undefined || isActor(inner)) continue
      if (left <= 0) {
        copies[cutMark] = cut()
        break
      }
      left -= lengthOf(name) + 1
      const shown = inner !== null && isSecret(name) ? spend(hidden, 5) : copy(inner, tagNameOf(name, outer), depth + 1)
      if (shown === undefined) continue
      // Not the prototype of this one.
      if (name === '__proto__') Object.defineProperty(copies, name, { value: shown, enumerable: true, configurable: true, writable: true })
      else copies[name] = shown
    }
    return copies
  }

  const value = copy(given, null, 0)
  return { value: value === undefined ? null : value, truncated }
}

/** Names are the same ones again and again; whose they are not, cannot fill it. */
const judged = new Map<string, boolean>()
const mostJudged = 2_000
const longestJudged = 64

function isSecret(name: string): boolean {
  const before = judged.get(name)
  if (before !== undefined) return before
  const found = isSecretName(name)
  if (name.length > longestJudged) return found
  if (judged.size >= mostJudged) judged.clear()
  judged.set(name, found)
  return found
}

/** What JSON writes as it is, a byte a character. */
const plain = /^[ !#-[\]-~]*$/

/** As JSON in UTF-8, with its quotes and what follows. */
function lengthOf(text: string): number {
  return plain.test(text) ? text.length + 3 : Buffer.byteLength(JSON.stringify(text)) + 1
}

function dateText(date: Date): string {
  return Number.isNaN(date.getTime()) ? 'Invalid Date' : date.toISOString()
}

/** Of an instance of a class (a session) only what it is called. */
function knownBy(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([name, inner]) => ['id', 'clientID', 'generation'].includes(name) && typeof inner !== 'object'))
}

function isActor(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'sessionId' in value && 'send' in value && typeof value.send === 'function'
}
