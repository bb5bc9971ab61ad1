// The log port, and pino behind it: one JSON line per event, every field capped and escaped, secrets and id tags masked.
import { pino } from 'pino'

/** `fields` first, as in pino; the message is one lower-case clause without data in it. */
export interface Log {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export interface LogOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  /** Gets whole lines. */
  readonly stream: { write(line: string): unknown }
}

export function createLog({ level, stream }: LogOptions): Log {
  const out = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (label) => ({ level: label }) } }, { write: (line) => void stream.write(line) })
  return {
    debug: (fields, message) => { if (out.isLevelEnabled('debug')) out.debug(tidy(fields), clean(message)) },
    info: (fields, message) => { if (out.isLevelEnabled('info')) out.info(tidy(fields), clean(message)) },
    warn: (fields, message) => { if (out.isLevelEnabled('warn')) out.warn(tidy(fields), clean(message)) },
    error: (fields, message) => { out.error(tidy(fields), clean(message)) },
  }
}

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} }

const longestText = 256
const longestStack = 1_024
const mostItems = 32
const deepest = 4
const secretKey = /^(parent)?id[-_]?tags?$|password|api[-_]?key|authorization|cookie|secret|token|credential/i
const reservedKeys = new Set(['level', 'time', 'msg', '__proto__'])
// JSON escapes C0 and the quotes; terminals also obey DEL, C1, line separators and direction marks.
const controls = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g

/** `text` with control characters spelt out, credentials in URLs masked, and at most 256 characters of it. */
function clean(text: string, most = longestText): string {
  const cut = text.length > most ? `${text.slice(0, most - 1)}…` : text
  return cut.replace(/(:\/\/)[^/@\s]*@/g, '$1[masked]@').replace(controls, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function tidy(fields: object): Record<string, unknown> {
  const tidied: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(fields).slice(0, mostItems)) {
    tidied[reservedKeys.has(key) ? `field_${key}` : clean(key)] = secretKey.test(key) && value !== undefined && value !== null ? '[masked]' : tidyValue(value, 1)
  }
  return tidied
}

function tidyValue(value: unknown, depth: number): unknown {
  switch (typeof value) {
    case 'string': return clean(value)
    case 'number': return Number.isFinite(value) ? value : String(value)
    case 'bigint': case 'symbol': return clean(String(value))
    case 'function': return '[function]'
    case 'object': break
    default: return value
  }
  if (value === null) return null
  if (value instanceof Error) return { type: clean(value.name), message: clean(value.message), stack: clean(value.stack ?? '', longestStack), ...(value.cause === undefined || depth >= deepest ? {} : { cause: tidyValue(value.cause, depth + 1) }) }
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString()
  if (depth >= deepest) return Array.isArray(value) ? '[list]' : '[object]'
  if (Array.isArray(value)) return value.slice(0, mostItems).map((item) => tidyValue(item, depth + 1))
  const inner: Record<string, unknown> = {}
  for (const [key, item] of Object.entries(value).slice(0, mostItems)) inner[key === '__proto__' ? 'field___proto__' : clean(key)] = secretKey.test(key) && item !== undefined && item !== null ? '[masked]' : tidyValue(item, depth + 1)
  return inner
}
