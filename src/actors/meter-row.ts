// One element of a MeterValues or of transactionData as the history keeps it: what the charge point said, compactly, and back.
import type { SampledValue } from '../protocol/messages/index.ts'
import type { SampleShape } from '../protocol/meter-shape.ts'

/** The key of a connector is `clientID/connectorId`; 0 = the main meter of the charge point. */
export interface MeterRow {
  readonly key: string
  /** When it was measured: by the clock of the charge point as its transaction counts time, or else by ours. */
  readonly atMs: number
  readonly receivedAtMs: number
  /** Whose reading it is; null = of none that is known. */
  readonly transactionId: number | null
  /** It named no transaction: whose it is follows from when its charge point said it was measured (null = it said no time that can be), and may turn out otherwise. */
  readonly saidMs?: number | null
  readonly values: readonly SampledValue[]
}

/** The same as it comes by the thousand: what its values are of, and the values. */
export interface PlainRow extends Omit<MeterRow, 'values'> {
  readonly shape: SampleShape
  readonly texts: readonly string[]
}

export type AddedRow = MeterRow | PlainRow

export const meterPrefix = 'meter:'
export const meterSeries = (key: string): string => meterPrefix + key

/** Longer values are cut, by the code units of their text: some signed ones are kilobytes. */
export const longestValue = 8_192
/** More values of one element are left out. */
export const mostValues = 200

type Names<K extends keyof SampledValue> = readonly NonNullable<SampledValue[K]>[]

// Their places are what is stored: only ever add at the end.
export const measurands: Names<'measurand'> = [
  'Energy.Active.Import.Register', 'Power.Active.Import', 'Current.Import', 'Voltage', 'SoC', 'Current.Offered', 'Power.Offered', 'Temperature', 'Frequency', 'Power.Factor',
  'Energy.Active.Export.Register', 'Energy.Reactive.Export.Register', 'Energy.Reactive.Import.Register',
  'Energy.Active.Export.Interval', 'Energy.Active.Import.Interval', 'Energy.Reactive.Export.Interval', 'Energy.Reactive.Import.Interval',
  'Power.Active.Export', 'Power.Reactive.Export', 'Power.Reactive.Import', 'Current.Export', 'RPM',
]
const contexts: Names<'context'> = ['Sample.Periodic', 'Sample.Clock', 'Transaction.Begin', 'Transaction.End', 'Trigger', 'Interruption.Begin', 'Interruption.End', 'Other']
const units: Names<'unit'> = ['Wh', 'kWh', 'W', 'kW', 'A', 'V', 'Percent', 'varh', 'kvarh', 'VA', 'kVA', 'var', 'kvar', 'Celsius', 'Celcius', 'Fahrenheit', 'K']
export const phaseNames: Names<'phase'> = ['L1', 'L2', 'L3', 'N', 'L1-N', 'L2-N', 'L3-N', 'L1-L2', 'L2-L3', 'L3-L1']
export const locations: Names<'location'> = ['Outlet', 'Inlet', 'Body', 'Cable', 'EV']
const formats: Names<'format'> = ['Raw', 'SignedData']

const none = '.'
const spelled = '~'
const fields = ['measurand', 'context', 'unit', 'phase', 'location', 'format'] as const
const longestName = 50

/** What the store keeps: [ms from measured to received, transaction id or 0, then for each value what it is of and the value; where it named none, the ms added to its time, or '' where it said none]. */
export type StoredRow = readonly (number | string)[]

export function encodeRow(added: AddedRow): StoredRow {
  const { atMs, receivedAtMs, transactionId, saidMs } = added
  const row: (number | string)[] = [receivedAtMs - atMs, transactionId ?? 0]
  const [kinds, texts] = [kindsOf(added), textsOf(added)]
  for (let index = 0; index < kinds.length; index++) row.push(kinds[index]!, textOf(texts[index]!))
  if (saidMs !== undefined) row.push(saidMs === null ? '' : atMs - saidMs)
  return row
}

const kindsOfShapes = new WeakMap<SampleShape, readonly string[]>()
/** So that those that are the same are one: by what they are as JSON. */
const lists = new Map<string, readonly string[]>()
const mostLists = 1_000
const longestList = 4_000

/** What its values are of, at most 200; the same list each time, unless there were too many. */
export function kindsOf(row: AddedRow): readonly string[] {
  const shape = 'shape' in row ? row.shape : null
  const known = shape === null ? undefined : kindsOfShapes.get(shape)
  if (known !== undefined) return known
  const samples: readonly Omit<SampledValue, 'value'>[] = 'shape' in row ? row.shape.kinds : row.values
  const kinds = samples.slice(0, mostValues).map((sample) => kindOf(sample) ?? spell(sample))
  const text = JSON.stringify(kinds)
  const list = lists.get(text) ?? kinds
  if (lists.size >= mostLists) lists.clear()
  if (text.length < longestList) lists.set(text, list)
  if (shape !== null) kindsOfShapes.set(shape, list)
  return list
}

export function textsOf(row: AddedRow): readonly string[] {
  return 'shape' in row ? row.texts : row.values.map(({ value }) => value)
}

/** About what it takes in the store, bytes. */
export function sizeOfRow(row: AddedRow): number {
  let bytes = 64
  if ('shape' in row) for (const text of row.texts) bytes += text.length + 10
  else for (const { value } of row.values) bytes += Math.min(value.length, longestValue) + 10
  return bytes
}

/** Null for what no row is. */
export function decodeRow(key: string, atMs: number, stored: unknown): MeterRow | null {
  if (!Array.isArray(stored)) return null
  const row = stored as readonly unknown[]
  const [lateMs, transactionId] = row
  if (typeof lateMs !== 'number' || typeof transactionId !== 'number') return null
  const values: SampledValue[] = []
  for (let index = 2; index + 1 < row.length; index += 2) {
    const [kind, text] = [row[index], row[index + 1]]
    if (typeof kind !== 'string' || (typeof text !== 'string' && typeof text !== 'number')) continue
    const said = saidOf(kind)
    if (said !== null) values.push({ value: String(text), ...said })
  }
  const added = row.length % 2 === 0 ? undefined : row.at(-1)
  const said = added === undefined ? {} : { saidMs: typeof added === 'number' ? atMs - added : null }
  return { key, atMs, receivedAtMs: atMs + lateMs, transactionId: transactionId === 0 ? null : transactionId, ...said, values }
}

/** Up to 15 digits, no zero too many: whatever number that is, the same text comes out of it. */
const plainNumber = /^(?:0|[1-9]\d{0,8})(?:\.\d{0,5}[1-9])?$/

/** A number only where its text comes out of it again. */
function textOf(text: string): number | string {
  const number = Number(text)
  if (plainNumber.test(text)) return number
  if (Number.isFinite(number) && String(number) === text) return number
  return text.length > longestValue ? text.slice(0, longestValue) : text
}

const kinds = new Map<string, Omit<SampledValue, 'value'>>()

type Places = ReadonlyMap<string | undefined, number>

const placesOf = (names: readonly string[]): Places => new Map([[undefined, 0] as const, ...names.map((name, at) => [name, at + 1] as const)])
const [ofMeasurand, ofContext, ofUnit, ofPhase, ofLocation, ofFormat] = [measurands, contexts, units, phaseNames, locations, formats].map(placesOf) as [Places, Places, Places, Places, Places, Places]
/** By the places of what is said, each below 32: there are few, and they come by the thousand. */
const texts = new Map<number, string>()

/** One character for each of what there is to say, those at the end left out. Charge points also say what no list has: null, it is kept as it is. */
function kindOf({ measurand, context, unit, phase, location, format }: Omit<SampledValue, 'value'>): string | null {
  const [a, b, c, d, e, f] = [ofMeasurand.get(measurand), ofContext.get(context), ofUnit.get(unit), ofPhase.get(phase), ofLocation.get(location), ofFormat.get(format)]
  if (a === undefined || b === undefined || c === undefined || d === undefined || e === undefined || f === undefined) return null
  const code = a | (b << 5) | (c << 10) | (d << 15) | (e << 20) | (f << 25)
  const known = texts.get(code)
  if (known !== undefined) return known
  let kind = [a, b, c, d, e, f].map((place) => (place === 0 ? none : (place - 1).toString(36))).join('')
  while (kind.endsWith(none)) kind = kind.slice(0, -1)
  if (texts.size < 10_000) texts.set(code, kind)
  return kind
}

function spell(value: Omit<SampledValue, 'value'>): string {
  return spelled + JSON.stringify(fields.map((field) => (typeof value[field] === 'string' ? value[field].slice(0, longestName) : null)))
}

/** Null for what no kind is. */
export function saidOf(kind: string): Omit<SampledValue, 'value'> | null {
  return kind.startsWith(spelled) ? readSpelled(kind) : readKind(kind)
}

function readSpelled(kind: string): Omit<SampledValue, 'value'> | null {
  try {
    const said: unknown = JSON.parse(kind.slice(spelled.length))
    return Array.isArray(said) ? Object.fromEntries(fields.flatMap((field, index) => (typeof said[index] === 'string' ? [[field, said[index]]] : []))) : null
  } catch {
    return null
  }
}

function readKind(kind: string): Omit<SampledValue, 'value'> {
  const known = kinds.get(kind)
  if (known !== undefined) return known
  const at = <T>(names: readonly T[], index: number): T | undefined => {
    const char = kind.charAt(index)
    return char === '' || char === none ? undefined : names[parseInt(char, 36)]
  }
  const [measurand, context, unit, phase, location, format] = [at(measurands, 0), at(contexts, 1), at(units, 2), at(phaseNames, 3), at(locations, 4), at(formats, 5)]
  const read = {
    ...(context === undefined ? {} : { context }), ...(format === undefined ? {} : { format }), ...(measurand === undefined ? {} : { measurand }),
    ...(phase === undefined ? {} : { phase }), ...(location === undefined ? {} : { location }), ...(unit === undefined ? {} : { unit }),
  }
  if (kinds.size < 10_000) kinds.set(kind, read)
  return read
}
