// MeterValues as nearly every charge point writes them, told by hand: they come by the thousand, and the table would judge them the same.
import { readDateTime, sampledValue } from './messages/types.ts'

const { context, format, measurand, phase, location, unit } = sampledValue.shape
const places = (field: { unwrap(): { readonly options: readonly string[] } }): ReadonlyMap<unknown, number> => new Map(field.unwrap().options.map((option, at) => [option, at + 1]))
const [contexts, formats, measurands, phases, locations, units] = [context, format, measurand, phase, location, unit].map(places) as [Places, Places, Places, Places, Places, Places]
type Places = ReadonlyMap<unknown, number>

/** Two hashes of 32 bits at once: whoever makes two messages of one sum only spoils an answer of its own. */
let [low, high] = [0, 0]

function mix(value: number): void {
  low = Math.imul(low ^ value, 0x01000193)
  high = Math.imul(high ^ value, 0x85ebca6b)
  high ^= high >>> 15
}

function mixText(text: string): void {
  mix(text.length)
  for (let at = 0; at < text.length; at++) mix(text.charCodeAt(at))
}

function mixWhole(value: number): void {
  mix(value | 0)
  mix((value / 0x1_0000_0000) | 0)
}

/**
 * The sum of a MeterValues request in which the table finds no fault, hard or soft, the same for the same content; null for
 * everything else, of which this says nothing.
 */
export function sumOfPlainMeterValues(payload: unknown): number | null {
  low = 0x811c9dc5
  high = 0x9747b28c
  return isPlain(payload) ? sum() : null
}

/** The same for the same text. */
export function sumOfText(text: string): number {
  low = 0x811c9dc5
  high = 0x9747b28c
  mixText(text)
  return sum()
}

/** As a whole number, 53 bits of it: hundreds are kept per connection, and a text of it takes five times as much. */
function sum(): number {
  return (high & 0x1f_ffff) * 0x1_0000_0000 + (low >>> 0)
}

function isPlain(payload: unknown): boolean {
  if (typeof payload !== 'object' || payload === null) return false
  let [connectorId, transactionId, values]: unknown[] = []
  for (const key in payload) {
    const value = (payload as Readonly<Record<string, unknown>>)[key]
    if (key === 'connectorId') connectorId = value
    else if (key === 'transactionId' && value !== undefined) transactionId = value
    else if (key === 'meterValue') values = value
    else return false
  }
  if (!isWhole(connectorId) || connectorId < 0 || !Array.isArray(values) || values.length === 0) return false
  mixWhole(connectorId)
  if (transactionId === undefined) mix(1)
  else if (isWhole(transactionId)) mixWhole(transactionId)
  else return false
  for (let at = 0; at < values.length; at++) if (!isPlainElement(values[at])) return false
  return true
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value)
}

function isPlainElement(element: unknown): boolean {
  if (typeof element !== 'object' || element === null) return false
  let [timestamp, samples]: unknown[] = []
  for (const key in element) {
    const value = (element as Readonly<Record<string, unknown>>)[key]
    if (key === 'timestamp') timestamp = value
    else if (key === 'sampledValue') samples = value
    else return false
  }
  if (typeof timestamp !== 'string' || readDateTime(timestamp) === undefined || !Array.isArray(samples) || samples.length === 0) return false
  mixText(timestamp)
  mix(samples.length)
  for (let at = 0; at < samples.length; at++) if (!isPlainSample(samples[at])) return false
  return true
}

function isPlainSample(sample: unknown): boolean {
  if (typeof sample !== 'object' || sample === null) return false
  const text = (sample as Readonly<Record<string, unknown>>)['value']
  const code = codeOfSample(sample)
  if (code === null || typeof text !== 'string') return false
  mixText(text)
  mix(code)
  return true
}

/** A number for what the value of a sample is of, the same for the same; null where the table would find a fault in that. */
export function codeOfSample(sample: object): number | null {
  let [ofContext, ofFormat, ofMeasurand, ofPhase, ofLocation, ofUnit] = [0, 0, 0, 0, 0, 0]
  for (const key in sample) {
    if (key === 'value') continue
    const value = (sample as Readonly<Record<string, unknown>>)[key]
    let place: number | undefined
    if (key === 'measurand') place = ofMeasurand = measurands.get(value) ?? 0
    else if (key === 'context') place = ofContext = contexts.get(value) ?? 0
    else if (key === 'unit') place = ofUnit = units.get(value) ?? 0
    else if (key === 'location') place = ofLocation = locations.get(value) ?? 0
    else if (key === 'format') place = ofFormat = formats.get(value) ?? 0
    else if (key === 'phase') place = ofPhase = phases.get(value) ?? 0
    if (place === undefined || place === 0) return null
  }
  return ofMeasurand | (ofContext << 5) | (ofUnit << 9) | (ofPhase << 14) | (ofLocation << 18) | (ofFormat << 21)
}

/** The same sum of a request of one element whose parts are known to be plain. */
export function sumOfParts(connectorId: number, transactionId: number | undefined, timestamp: string, codes: readonly number[], values: readonly string[]): number {
  low = 0x811c9dc5
  high = 0x9747b28c
  mixWhole(connectorId)
  if (transactionId === undefined) mix(1)
  else mixWhole(transactionId)
  mixText(timestamp)
  mix(values.length)
  for (let at = 0; at < values.length; at++) {
    mixText(values[at]!)
    mix(codes[at]!)
  }
  return sum()
}
