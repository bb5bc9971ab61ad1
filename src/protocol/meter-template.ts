// The form of a plain MeterValues frame, learnt from its text: frames of the same form are read by comparing what stays and taking out what changes, without parsing them.
import { forgetOldest, PlainMeterValues, shapeOf, type SampleShape } from './meter-shape.ts'
import { readDateTime } from './messages/types.ts'
import { sumOfParts } from './plain-meter-values.ts'

const [ofId, ofConnector, ofTransaction, ofTimestamp, ofValue] = [0, 1, 2, 3, 4] as const

export interface TemplateReading { readonly id: string; readonly payload: PlainMeterValues; readonly sum: number }

interface Form {
  /** Text before, between and after what changes: one more than there are holes. */
  readonly segments: readonly string[]
  readonly holes: readonly number[]
  readonly shape: SampleShape
}

const [quote, backslash, space, zero, nine] = [0x22, 0x5c, 0x20, 0x30, 0x39] as const
const maxIdLength = 36
/** What a number holds exactly. */
const mostDigits = 15

export class MeterTemplate {
  private readonly form: Form

  constructor(form: Form) {
    this.form = form
  }

  /** Null where the text is of another form, or the table would find a fault in it. */
  read(text: string): TemplateReading | null {
    const { segments, holes, shape } = this.form
    let [id, timestamp, connectorId, transactionId]: [string, string, number, number | undefined] = ['', '', 0, undefined]
    const values: string[] = []
    let at = 0
    for (let hole = 0; hole < holes.length; hole++) {
      const segment = segments[hole]!
      const start = at + segment.length
      // One comparison of memory; `startsWith` goes character by character.
      if (text.substring(at, start) !== segment) return null
      const kind = holes[hole]!
      at = kind === ofConnector || kind === ofTransaction ? endOfDigits(text, start) : endOfText(text, start)
      if (at < 0) return null
      const part = text.substring(start, at)
      if (kind === ofValue) values.push(part)
      else if (kind === ofId) id = part
      else if (kind === ofTimestamp) timestamp = part
      else if (kind === ofConnector) connectorId = Number(part)
      else transactionId = Number(part)
    }
    const last = segments[holes.length]!
    if (text.length !== at + last.length || text.substring(at) !== last) return null
    if (id === '' || id.length > maxIdLength || readDateTime(timestamp) === undefined) return null
    return { id, payload: new PlainMeterValues(connectorId, transactionId, timestamp, shape, values), sum: sumOfParts(connectorId, transactionId, timestamp, shape.codes, values) }
  }
}

/** Where a JSON string ends that holds neither escapes nor control characters; -1 = it is no such one. */
function endOfText(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const char = text.charCodeAt(at)
    if (char === quote) return at
    if (char === backslash || char < space) return -1
  }
  return -1
}

/** Where a whole number ends, without a sign or zeros ahead of it; -1 = it is no such one. */
function endOfDigits(text: string, from: number): number {
  let at = from
  while (at < text.length && at - from <= mostDigits) {
    const char = text.charCodeAt(at)
    if (char < zero || char > nine) break
    at++
  }
  const digits = at - from
  return digits === 0 || digits > mostDigits || (digits > 1 && text.charCodeAt(from) === zero) ? -1 : at
}

const token = /"((?:[^"\\]|\\.)*)"(\s*:)?|-?\d[\d.eE+-]*/g
const keyed: ReadonlyMap<string, number> = new Map([['connectorId', ofConnector], ['transactionId', ofTransaction], ['timestamp', ofTimestamp], ['value', ofValue]])

const mostTemplates = 1_000
const templates = new Map<string, MeterTemplate>()

/**
 * The form of a frame that was read as plain MeterValues; null where it is one that is not told by comparing: several elements,
 * escapes, keys said twice. One for all charge points that write alike.
 */
export function learnTemplate(text: string): MeterTemplate | null {
  const form = formOf(text)
  if (form === null || !isSound(form)) return null
  const key = form.segments.join('\u0000') + form.holes.join()
  const known = templates.get(key)
  if (known !== undefined) return known
  const template = new MeterTemplate(form)
  templates.set(key, template)
  if (templates.size > mostTemplates) forgetOldest(templates)
  return template
}

interface Wide { readonly meterValue: readonly { readonly sampledValue: Parameters<typeof shapeOf>[0] }[] }

function formOf(text: string): Form | null {
  const { meterValue } = (JSON.parse(text) as readonly [number, string, string, Wide])[3]
  const shape = meterValue.length === 1 ? shapeOf(meterValue[0]!.sampledValue) : null
  if (shape === null) return null
  const [segments, holes]: [string[], number[]] = [[], []]
  let [from, key, texts]: [number, string | null, number] = [0, null, 0]
  for (const found of text.matchAll(token)) {
    const [whole, content, colon] = found
    if (colon !== undefined) {
      key = content!
      continue
    }
    const isText = content !== undefined
    // The first text of all is the id of the message.
    const hole = isText && texts++ === 0 ? ofId : key === null ? undefined : keyed.get(key)
    key = null
    if (hole === undefined || isText !== (hole === ofId || hole === ofTimestamp || hole === ofValue)) continue
    const start = found.index + (isText ? 1 : 0)
    segments.push(text.slice(from, start))
    holes.push(hole)
    from = isText ? start + content.length : start + whole.length
  }
  segments.push(text.slice(from))
  return { segments, holes, shape }
}

/** Each hole filled with something of its own comes out of the parsed text where it should: what a hole holds ends no text and no number, so what holds for these holds for all. */
function isSound({ segments, holes, shape }: Form): boolean {
  const count = (kind: number): number => holes.filter((one) => one === kind).length
  if (count(ofId) !== 1 || count(ofConnector) !== 1 || count(ofTransaction) > 1 || count(ofTimestamp) !== 1 || count(ofValue) !== shape.kinds.length) return false
  let said = 0
  const values = shape.kinds.map((_, at) => `v${at}`)
  const parts = holes.map((kind) => (kind === ofId ? 'id' : kind === ofConnector ? '71' : kind === ofTransaction ? '72' : kind === ofTimestamp ? 'time' : values[said++]!))
  const probe: unknown = JSON.parse(segments.map((segment, at) => segment + (parts[at] ?? '')).join(''))
  const wanted = new PlainMeterValues(71, count(ofTransaction) === 1 ? 72 : undefined, 'time', shape, values).toJSON()
  return canonical(probe) === canonical([2, 'id', 'MeterValues', wanted])
}

/** JSON with the keys of objects in order. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => (typeof inner !== 'object' || inner === null || Array.isArray(inner) ? inner : Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))))
}
