// The hint of a problem: one whole sentence that says what to do, made from the first fault and the schema's own words.
import { z } from 'zod'
import { describeSchema, keysOf, nearest, schemaAt, type ShapeWords } from '../schema-words.ts'
import type { FieldError } from './problem.ts'

export type Part = 'path' | 'query' | 'body'

/** A fault as the schema found it. `own` = its message is the schema's, not the library's. */
export interface Fault {
  readonly kind: 'unknown' | 'missing' | 'own' | 'form'
  readonly path: readonly PropertyKey[]
  /** As in the error: a JSON pointer, cut. */
  readonly pointer: string
  readonly message: string
}

const words: ShapeWords = { map: 'an object', list: (item) => (item === null ? 'an array' : `an array, each item ${item}`) }
const shapes = new WeakMap<z.ZodType, unknown>()

/** What to do about a fault; `routeHint` speaks where the input as a whole is wrong ("exactly one of"), and of the fields it names. */
export function hintOfFault({ kind, path, pointer, message }: Fault, schema: z.ZodType, part: Part, routeHint: string | undefined): string {
  const where = placeOf(pointer, part)
  const shape = shapeOf(schema)
  if (kind === 'unknown') {
    const name = String(path.at(-1))
    if (routeHint !== undefined && routeHint.split(/\W+/).includes(name)) return sentence(routeHint)
    const known = keysOf(schemaAt(shape, path.slice(0, -1)))
    const meant = nearest(name, known)
    return known.length === 0 ? `Leave ${where} out.` : meant === undefined ? `Leave ${where} out; known here: ${known.join(', ')}.` : `Leave ${where} out, or did you mean ${meant}?`
  }
  if (routeHint !== undefined && kind === 'own' && (path.length === 0 || message.startsWith('exactly one of'))) return sentence(routeHint)
  const wanted = describeSchema(schemaAt(shape, path), words)
  if (kind === 'missing') {
    const meaning = descriptionOf(schemaAt(shape, path))
    return `Add ${where}${wanted === null ? '' : `: ${wanted}`}${meaning === null ? '' : ` (${meaning})`}.`
  }
  if (kind === 'form' && wanted !== null) return `Write ${where} as ${wanted}.`
  return correction(where, message)
}

const longestMeaning = 100

/** What a field means, in its own words, where they are few. */
function descriptionOf(shape: unknown): string | null {
  const said = typeof shape === 'object' && shape !== null && 'description' in shape && typeof shape.description === 'string' ? shape.description.replace(/\.$/, '') : ''
  return said === '' || said.length > longestMeaning || said.includes('`') ? null : said
}

/** The hint that a problem is answered with: its own, or one for its code, its first error, or its status. */
export function hintOf({ status, code, hint, errors }: { readonly status: number; readonly code: string; readonly hint: string | undefined; readonly errors: readonly FieldError[] }): string {
  const [first] = errors
  if (hint !== undefined && hint !== first?.message) return sentence(hint)
  const ofCode = Object.hasOwn(hintsOfCodes, code) ? hintsOfCodes[code] : undefined
  if (ofCode !== undefined) return ofCode
  if (first !== undefined) return correction(placeOf(first.pointer, first.in ?? 'body'), first.message)
  return hintsOfStatuses[status] ?? 'Repeat the request; if it is refused again, the log tells more under this requestId.'
}

function shapeOf(schema: z.ZodType): unknown {
  const known = shapes.get(schema)
  if (known !== undefined) return known
  const shape = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  shapes.set(schema, shape)
  return shape
}

function placeOf(pointer: string, part: Part): string {
  if (pointer === '') return part === 'body' ? 'the body' : `the ${part}`
  if (part === 'body') return pointer
  return part === 'query' ? `the query parameter ${pointer.slice(1)}` : `${pointer.slice(1)} in the address`
}

/** Of "what is wrong; what to do" the second, otherwise all of it. */
function correction(where: string, message: string): string {
  const fix = message.includes('; ') ? message.slice(message.indexOf('; ') + 2) : message
  return ended(`Correct ${where}: ${fix}`)
}

function sentence(text: string): string {
  return ended(text.charAt(0).toUpperCase() + text.slice(1))
}

function ended(text: string): string {
  return /[.?!]$/.test(text) ? text : `${text}.`
}

/** Where the code alone says what to do. */
const hintsOfCodes: Readonly<Record<string, string>> = {
  'circuit-cycle': 'Give the circuit a parent that does not hang below it; without parent the site feeds it.',
  'unknown-circuit': 'Name a circuit of this site, or leave the field out; GET /api/v1/sites lists them.',
  'duplicate-circuit': 'Give each circuit an id of its own that is not the id of the site.',
  'duplicate-connector': 'Give each connector of a charge point a number of its own.',
  'unknown-connector': 'GET /api/v1/chargepoints/{clientID} lists the connectors that are there.',
  'unknown-charge-point': 'GET /api/v1/chargepoints lists them.',
  'unknown-site': 'GET /api/v1/sites lists them.',
  'unknown-transaction': 'GET /api/v1/transactions lists them.',
  'unknown-command': 'GET /api/v1/commands lists those that are kept.',
  'unknown-batch': 'GET /api/v1/batches lists those that are kept.',
  'unknown-reservation': 'GET /api/v1/reservations lists those that are kept.',
  'unknown-upload-address': 'Ask the charge point for its diagnostics anew: each gets an address of its own.',
  'at-too-far': 'Ask for a time at most a year ahead.',
  'reading-stale': 'Push readings as they are taken, or leave "at" out for one of now.',
  'reading-in-the-future': 'Set the clock of the meter, or leave "at" out for a reading of now.',
  'expiry-in-the-past': 'Give an end that lies in the future, by the clock of this server.',
  'expiry-before-start': 'Give an expiresAt that comes after startsAt.',
  'expiry-too-far': 'Give an expiresAt at most 7 days ahead; what lasts longer is a grid limit or a limit schedule.',
  'below-dimming-minimum': 'Give at least the watts that the detail says are guaranteed; currentA and percent count as the watts that they come to over three phases.',
  'expires-at': 'Give an expiresAt within the next 30 days.',
  'site-in-use': 'The site main stays; another is deleted when its charge points are moved or deleted.',
  'charge-point-exists': 'Look where it is with GET /api/v1/chargepoints/{clientID}, and move it by changing its site.',
  'nothing-selected': 'Select others; GET /api/v1/chargepoints lists what there is.',
  'files-unavailable': 'Repeat the upload when the directory for files can be written.',
  'bad-file-name': 'End the address with a plain file name such as diagnostics.zip.',
  'not-json': 'Send JSON, such as {"currentA": 40}, with names and text in double quotes.',
  'not-utf-8': 'Send the body as UTF-8.',
  'body-cut-short': 'Send the whole body, as long as Content-Length says.',
  'body-too-large': 'Send less at once; what comes in lists can be sent in several requests.',
  'unsupported-encoding': 'Send the body without Content-Encoding.',
  'malformed-url': 'Write a percent sign in the address as %25.',
  'foreign-origin': 'Send the request from a page of this server, or without an Origin header.',
  'unknown-api-key': 'GET /api/v1/api-keys lists them.',
  'missing-scope': 'Use a key that has this scope.',
  'needs-every-site': 'Use a key that is bound to no sites.',
  'not-found': 'GET /api/v1/openapi.json lists the addresses that there are.',
  'method-not-allowed': 'Use one of the methods that the Allow header names.',
  'not-acceptable': 'Send one of the offered formats as Accept, or leave Accept out.',
  'bad-idempotency-key': 'Send a new random key, such as a UUID.',
  'too-many-streams': 'Close streams that nobody reads, or ask again in 10 seconds.',
  internal: 'Look into the log for this requestId, and report what it says.',
}

const hintsOfStatuses: Readonly<Record<number, string>> = {
  400: 'Correct what the detail names, and send the request again.',
  404: 'List what is there with a GET of the address without its last part.',
  409: 'Look at what stands now with a GET, and ask again when it allows this.',
  410: 'Ask for a new address.',
  413: 'Send less at once.',
  422: 'Correct what the detail names, and send the request again.',
  429: 'Ask again after the seconds that Retry-After names.',
  503: 'Repeat the request when /readyz says that all is well.',
}
