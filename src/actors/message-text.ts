// What a frame says of itself at first sight, without parsing it, and its text without secrets: the first steps into the message log.
import { findSecretName, isSecretName } from '../secret-names.ts'

/** 2 = CALL, 3 = CALLRESULT, 4 = CALLERROR; null = none of them. `action` is null for answers and where it cannot be read. */
export interface Glance { readonly type: 2 | 3 | 4; readonly id: string; readonly action: string | null }

const opening = /^\s*\[\s*([234])\s*,\s*"((?:[^"\\]|\\.){0,512})"(?:\s*,\s*"([^"\\]{0,64})")?/

/** Reads type, id and action off the beginning of a frame (OCPP-J 4.2); null when it does not begin like one. */
export function glance(text: string): Glance | null {
  return glanceAtPlain(text) ?? glanceAtAny(text)
}

const [bracket, comma, quote, zero] = ['[', ',', '"', '0'].map((char) => char.charCodeAt(0)) as [number, number, number, number]

/** As nearly everybody writes it, which is half of what a frame costs here; null = not so. */
function glanceAtPlain(text: string): Glance | null {
  const type = text.charCodeAt(1) - zero
  if (text.charCodeAt(0) !== bracket || !(type === 2 || type === 3 || type === 4) || text.charCodeAt(2) !== comma || text.charCodeAt(3) !== quote) return null
  const end = text.indexOf('"', 4)
  if (end === -1 || end > 40) return null
  const id = text.slice(4, end)
  if (id.includes('\\')) return null
  if (type !== 2) return { type, id, action: null }
  const actionEnd = text.indexOf('"', end + 3)
  if (text.charCodeAt(end + 1) !== comma || text.charCodeAt(end + 2) !== quote || actionEnd === -1 || actionEnd > end + 60) return null
  const action = text.slice(end + 3, actionEnd)
  return action.includes('\\') ? null : { type, id, action }
}

function glanceAtAny(text: string): Glance | null {
  const found = opening.exec(text)
  if (found === null) return null
  const [, kind, rawId = '', action] = found
  const type = kind === '2' ? 2 : kind === '3' ? 3 : 4
  return { type, id: rawId.includes('\\') ? unescaped(rawId) : rawId, action: type === 2 && action !== undefined ? action : null }
}

function unescaped(text: string): string {
  const value = parse(`"${text}"`)
  return typeof value === 'string' ? value : text
}

const deepest = 24

/** The value a text stands for; undefined when it is not JSON, or nested deeper than anybody can write it down again. */
export function parse(text: string): unknown {
  let depth = 0
  let quoted = false
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at)
    if (char === 0x5c) at++
    else if (char === 0x22) quoted = !quoted
    else if (quoted) continue
    else if (char === 0x5b || char === 0x7b) {
      if (++depth > deepest) return undefined
    } else if (char === 0x5d || char === 0x7d) depth--
  }
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export const hidden = '***'

/** Their requests or answers may hold passwords, or URLs with them. */
const delicate = new Set(['ChangeConfiguration', 'GetConfiguration', 'GetDiagnostics', 'UpdateFirmware', 'SignedUpdateFirmware', 'GetLog', 'DataTransfer'])
/** Their URLs may carry a signature or token behind a question mark. */
const locating = new Set(['GetDiagnostics', 'UpdateFirmware', 'SignedUpdateFirmware', 'GetLog'])
const authority = /:(?:\\?\/){2}/g
/** Ends a word a URL can stand in. */
const wordEnd = /["\s]/g

/**
 * `://user:password@` loses what is before the @, with slashes escaped or not; up to the last @ of the word, because people forget to
 * encode. With `queries`, URLs lose what follows their question mark too. Each character is looked at a bounded number of times: this
 * runs on every frame, whoever sent it.
 */
function withoutUrlSecrets(text: string, queries: boolean): string {
  let shown = ''
  let from = 0
  authority.lastIndex = 0
  for (let found = authority.exec(text); found !== null; found = authority.exec(text)) {
    wordEnd.lastIndex = authority.lastIndex
    const end = wordEnd.exec(text)?.index ?? text.length
    const word = text.slice(authority.lastIndex, end)
    const at = word.lastIndexOf('@')
    const query = queries ? word.indexOf('?') : -1
    // What escapes the end of the word stays, or the frame could not be read any more.
    let rest = end
    while (rest > authority.lastIndex && text.charCodeAt(rest - 1) === 0x5c) rest--
    const queryAt = authority.lastIndex + query
    if (at >= 0) {
      shown += `${text.slice(from, found.index)}://${hidden}@`
      from = authority.lastIndex + at + 1
    }
    if (query >= 0 && rest > queryAt + 1) {
      // A question mark before the @ may be one of the password: then nothing of the word is told.
      shown += query < at ? hidden : `${text.slice(from, queryAt)}?${hidden}`
      from = rest
    }
    // The rest of the word belongs to the same URL.
    authority.lastIndex = end
  }
  return shown + text.slice(from)
}

function mayHoldUrlSecret(text: string, queries: boolean): boolean {
  return text.includes('@') || (queries && text.includes('?'))
}

/** The token of a one-time address for uploads. */
const uploadToken = /(\/uploads\\?\/)[\w-]{22}(?![\w-])/g

/** Shorter ones would be found everywhere. */
const shortestEcho = 4

export interface Redacted { readonly text: string; readonly secrets: readonly string[] }

const none: readonly string[] = []

/**
 * The text with AuthorizationKey values, values of other keys that are named like secrets, the userinfo of URLs and the queries of
 * those where files go replaced by `***`. `action` is that of the CALL, also for its answer. `secrets` are the values that were taken out; hand them in as
 * `known` with the answer, which may repeat them.
 */
export function redact(text: string, action: string | null, known: readonly string[] = none): Redacted {
  const queries = action === null || locating.has(action)
  let shown = mayHoldUrlSecret(text, queries) ? withoutUrlSecrets(text, queries) : text
  if (shown.includes('/uploads')) shown = shown.replace(uploadToken, `$1${hidden}`)
  for (const secret of known) if (secret.length >= shortestEcho) shown = shown.replaceAll(secret, hidden).replaceAll(JSON.stringify(secret).slice(1, -1), hidden)
  if (action !== null && !delicate.has(action)) return { text: shown, secrets: none }
  if (action === null && findSecretName(shown) < 0) return { text: shown, secrets: none }
  const value = parse(shown)
  if (value === undefined) {
    const at = findSecretName(shown)
    return { text: at < 0 ? shown : `${shown.slice(0, at)}${hidden}`, secrets: none }
  }
  const secrets: string[] = []
  const clean = without(value, secrets, queries)
  const changed = JSON.stringify(clean)
  return { text: secrets.length > 0 || changed !== JSON.stringify(value) ? changed : shown, secrets }
}

/** `{ key: 'AuthorizationKey', value }` anywhere loses its value, every URL its userinfo. */
function without(value: unknown, secrets: string[], queries: boolean): unknown {
  if (typeof value === 'string') return mayHoldUrlSecret(value, queries) ? withoutUrlSecrets(value, queries) : value
  if (Array.isArray(value)) return value.map((item) => without(item, secrets, queries))
  if (typeof value !== 'object' || value === null) return value
  const named = Object.entries(value).some(([name, inner]) => name.toLowerCase() === 'key' && typeof inner === 'string' && isSecretName(inner))
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => {
    if (!(named && name.toLowerCase() === 'value') && !isSecretName(name)) return [name, without(inner, secrets, queries)]
    if (typeof inner === 'string' && inner !== '') secrets.push(inner)
    return [name, inner === null || inner === '' ? inner : hidden]
  }))
}
