// Every message of the table against its samples, and the good ones against an independent implementation's schemas.
import fc from 'fast-check'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { readFrame, writeCall, writeResult } from '../../src/protocol/frames.ts'
import { compose, judge, judgeResponse, type Judgement } from '../../src/protocol/judge.ts'
import { actions, isAction, messages, readDateTime, type Action } from '../../src/protocol/messages/index.ts'

interface Side {
  readonly good: readonly unknown[]
  /** Valid for us although a strict reader may frown. */
  readonly lenient?: readonly unknown[]
  readonly bad: readonly { readonly code: string; readonly payload: unknown }[]
  readonly soft?: readonly { readonly faults: number; readonly payload: unknown }[]
}
interface Samples {
  readonly request: Side
  readonly response: Side
}
interface Oracle {
  readonly subprotocol: string
  validate(schema: string, payload: unknown): boolean
}

const folder = new URL('./samples/', import.meta.url)
const files = readdirSync(folder)
const read = (action: string): Samples => JSON.parse(readFileSync(new URL(`${action}.json`, folder), 'utf8')) as Samples
const oracles = createRequire(import.meta.url)('ocpp-rpc/lib/standard-validators') as Oracle[]
const oracle = oracles.find((one) => one.subprotocol === 'ocpp1.6')

interface Schema {
  readonly $id?: string
  readonly $ref?: string
  readonly definitions?: Record<string, Schema>
  readonly properties?: Record<string, Schema>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly type?: string
  readonly enum?: readonly string[]
  readonly maxLength?: number
  readonly format?: string
}
const published = createRequire(import.meta.url)('ocpp-rpc/lib/schemas/ocpp1_6.json') as Schema[]

/** Every field as `path: what it may be`, whatever way the schema is written. */
function outline(schema: Schema, root: Schema = schema, path = '', required = true): string[] {
  if (schema.$ref !== undefined) return outline(root.definitions?.[schema.$ref.replace('#/definitions/', '')] ?? {}, root, path, required)
  const self = [`${path}${required ? '' : '?'}: ${schema.type ?? 'string'} ${[...schema.enum ?? []].toSorted().join('|')} ${schema.maxLength ?? ''} ${schema.format ?? ''}`]
  const items = schema.items === undefined ? [] : outline(schema.items, root, `${path}[]`)
  const fields = Object.entries(schema.properties ?? {}).flatMap(([name, field]) => outline(field, root, `${path}.${name}`, schema.required?.includes(name) ?? false))
  return [...self, ...items, ...fields].toSorted()
}

const sender = (action: Action) => messages[action].direction === 'central' ? 'central' as const : 'station' as const
/** Was the very payload let through, and with how many faults? */
const softly = (judged: Judgement, payload: unknown) => judged.ok ? [judged.value === payload, judged.faults.length] : judged.code
const codeOf = (judged: Judgement) => judged.ok ? 'ok' : judged.code

const payloadsOf = (side: Side): unknown[] => [...side.good, ...side.lenient ?? [], ...[...side.bad, ...side.soft ?? []].map(({ payload }) => payload)]
/** A null payload is read as an empty one. */
const onTheWire = (payload: unknown) => payload ?? {}
/** What the fields named `status` may say, at any depth. */
const statusesOf = ({ properties = {} }: Schema): string[] => Object.entries(properties).flatMap(([name, field]) => [...name === 'status' ? field.enum ?? [] : [], ...statusesOf(field)])
const statusesIn = (value: unknown): unknown[] => typeof value !== 'object' || value === null ? []
  : Object.entries(value).flatMap(([name, field]) => name === 'status' ? [field] : statusesIn(field))

test('39 messages, a sample file for each and none besides', () => {
  expect(actions).toHaveLength(39)
  expect(files.toSorted()).toEqual(actions.map((action) => `${action}.json`).toSorted())
})

describe.each([...actions])('%s', (action) => {
  const samples = read(action)
  const from = sender(action)

  test('has good and bad samples both ways', () => {
    for (const side of [samples.request, samples.response]) {
      expect(side.good.length).toBeGreaterThan(0)
      expect(side.bad.length).toBeGreaterThan(0)
    }
    expect(samples.request.bad.length).toBeGreaterThan(1)
  })

  test('has a good response with every status there is', () => {
    const all = statusesOf(z.toJSONSchema(messages[action].response) as Schema)
    const seen = new Set(samples.response.good.flatMap(statusesIn))
    expect(all.filter((status) => !seen.has(status))).toEqual([])
  })

  test('its good requests are refused in the direction that is not theirs', () => {
    const other = from === 'station' ? 'central' : 'station'
    const expected = messages[action].direction === 'both' ? 'ok' : 'NotSupported'
    for (const payload of samples.request.good) expect(codeOf(judge(action, payload, { from: other }))).toBe(expected)
  })

  test('every sample means the same after a journey over the wire', () => {
    for (const payload of payloadsOf(samples.request)) {
      expect(readFrame(writeCall('m1', action, payload))).toMatchObject({ type: 'call', id: 'm1', action, payload: onTheWire(payload) })
    }
    for (const payload of payloadsOf(samples.response)) expect(readFrame(writeResult('m1', payload))).toEqual({ type: 'result', id: 'm1', payload: onTheWire(payload) })
  })

  test('good requests and responses pass unchanged', () => {
    for (const payload of [...samples.request.good, ...samples.request.lenient ?? []]) {
      expect(judge(action, payload, { from, strict: true })).toEqual({ ok: true, value: payload, faults: [] })
      expect(compose(action, 'request', payload, from)).toEqual(payload)
    }
    for (const payload of samples.response.good) {
      expect(judgeResponse(action, payload)).toEqual({ ok: true, value: payload, faults: [] })
      expect(compose(action, 'response', payload)).toEqual(payload)
    }
  })

  test('bad requests and responses get their error code', () => {
    for (const { code, payload } of samples.request.bad) expect([payload, codeOf(judge(action, payload, { from }))]).toEqual([payload, code])
    for (const { code, payload } of samples.response.bad) {
      expect([payload, codeOf(judgeResponse(action, payload))]).toEqual([payload, code])
      expect(() => compose(action, 'response', payload)).toThrow(`invalid ${action} response`)
    }
  })

  test('soft faults pass with the raw value, and are refused where we are strict', () => {
    for (const { faults, payload } of samples.request.soft ?? []) {
      expect(softly(judge(action, payload, { from }), payload)).toEqual([true, faults])
      expect(codeOf(judge(action, payload, { from, strict: true }))).toBe('PropertyConstraintViolation')
    }
    for (const { faults, payload } of samples.response.soft ?? []) {
      expect(softly(judgeResponse(action, payload), payload)).toEqual([true, faults])
      expect(() => compose(action, 'response', payload)).toThrow(`invalid ${action} response`)
    }
  })

  test('an independent implementation agrees with the good samples and the fields', () => {
    for (const [kind, name] of [['request', 'req'], ['response', 'conf']] as const) {
      for (const payload of samples[kind].good) expect(oracle?.validate(`urn:${action}.${name}`, payload)).toBe(true)
      const theirs = published.find((schema) => schema.$id === `urn:${action}.${name}`)
      expect(outline(z.toJSONSchema(messages[action][kind]) as Schema)).toEqual(outline(theirs ?? {}))
    }
  })

  test('becomes JSON schema', () => {
    for (const kind of ['request', 'response'] as const) {
      expect(z.toJSONSchema(messages[action][kind])).toMatchObject({ type: 'object', additionalProperties: false })
    }
  })
})

test('limits and formats reach the JSON schema', () => {
  expect(z.toJSONSchema(messages.StartTransaction.request)).toMatchObject({
    properties: { idTag: { type: 'string', maxLength: 20 }, timestamp: { type: 'string', format: 'date-time' }, meterStart: { type: 'integer' } },
    required: ['connectorId', 'idTag', 'meterStart', 'timestamp'],
  })
})

test('what we send has its fields in the order of the specification, and nothing undefined', () => {
  const shuffled = { timestamp: '2024-05-01T10:00:00Z', reservationId: undefined, meterStart: 1, idTag: 'A', connectorId: 1 }
  expect(JSON.stringify(compose('StartTransaction', 'request', shuffled, 'station')))
    .toBe('{"connectorId":1,"idTag":"A","meterStart":1,"timestamp":"2024-05-01T10:00:00Z"}')
  expect(() => compose('Reset', 'request', { type: 'Hard', now: true })).toThrow(/unknown field "now"/)
  expect(() => compose('Heartbeat', 'request', {})).toThrow(/not ours to send/)
  expect(() => compose('Nonsense', 'request', {})).toThrow(/unknown action/)
})

test.each([
  ['CustomOperation', 'NotImplemented'], ['constructor', 'NotImplemented'], ['__proto__', 'NotImplemented'], ['heartbeat', 'NotImplemented'],
  ['toString', 'NotImplemented'], ['SetChargingProfile', 'NotSupported'], ['Reset', 'NotSupported'],
])('a charge point calling %s gets %s', (action, code) => {
  expect(codeOf(judge(action, {}))).toBe(code)
})

test('DataTransfer goes both ways; names are told apart from what objects inherit', () => {
  expect(codeOf(judge('DataTransfer', { vendorId: 'v' }, { from: 'station' }))).toBe('ok')
  expect(codeOf(judge('DataTransfer', { vendorId: 'v' }, { from: 'central' }))).toBe('ok')
  expect(isAction('hasOwnProperty')).toBe(false)
})

test('__proto__ is refused in every slot, soft actions included', () => {
  for (const text of [
    '{"connectorId":1,"errorCode":"NoError","status":"Available","__proto__":{"x":1}}', '{"__proto__":{"connectorId":1,"errorCode":"NoError","status":"Available"}}',
  ]) expect(judge('StatusNotification', JSON.parse(text)).ok).toBe(false)
  expect(codeOf(judge('MeterValues', JSON.parse('{"connectorId":1,"meterValue":[{"timestamp":"2024-01-01T00:00:00Z","sampledValue":[{"value":"1","__proto__":{"unit":"A"}}]}]}'))))
    .toBe('PropertyConstraintViolation')
})

test('of several faults the worst is named: missing before type before value', () => {
  expect(judge('StartTransaction', { connectorId: '1', idTag: 'A', timestamp: 'never' }))
    .toEqual({ ok: false, code: 'OccurenceConstraintViolation', description: 'meterStart: missing' })
  expect(codeOf(judge('StartTransaction', { connectorId: '1', idTag: 'A', meterStart: 1, timestamp: 'never', extra: 1 }))).toBe('TypeConstraintViolation')
})

test.each([
  ['2024-01-01T00:00:00Z', Date.UTC(2024, 0, 1)], ['2024-01-01T00:00:00', Date.UTC(2024, 0, 1)], ['2024-01-01T01:30:00+01:30', Date.UTC(2024, 0, 1)],
  ['2023-12-31T19:00:00-0500', Date.UTC(2024, 0, 1)], ['2024-01-01T00:00:00.9999999Z', Date.UTC(2024, 0, 1, 0, 0, 0, 999)], ['2016-12-31T23:59:60Z', Date.UTC(2017, 0, 1)],
  ['2024-02-29t12:00z', Date.UTC(2024, 1, 29, 12)], ['0024-01-01T00:00:00Z', Date.parse('0024-01-01T00:00:00Z')],
])('date-time %s', (text, ms) => {
  expect(readDateTime(text)).toBe(ms)
})

test('a date-time as nearly all write it is read as one written otherwise', () => {
  const usual = fc.date({ noInvalidDate: true, min: new Date('0000-01-01'), max: new Date('9999-12-31T23:59:59Z') }).map((at) => at.toISOString())
  const part = (most: number) => fc.nat(most).map((value) => String(value).padStart(2, '0'))
  const near = fc.tuple(fc.nat(9_999), part(13), part(32), part(25), part(61), part(61), fc.constantFrom('', '.000', '.999', '.5', 'x123')).map(([year, month, day, hour, minute, second, rest]) => `${String(year).padStart(4, '0')}-${month}-${day}T${hour}:${minute}:${second}${rest}Z`)
  const changed = fc.tuple(near, fc.nat(), fc.constantFrom('-', ':', 'T', 'Z', '0', '9', ' ', '+', '/', 'a')).map(([text, at, char]) => `${text.slice(0, at % text.length)}${char}${text.slice(at % text.length + 1)}`)
  fc.assert(fc.property(fc.oneof(usual, near, changed), (text) => {
    expect(readDateTime(text)).toBe(readDateTime(text.endsWith('Z') ? `${text.slice(0, -1)}+00:00` : text))
  }), { numRuns: 3_000 })
  expect(readDateTime('2024-02-28T23:59:59.999Z')).toBe(Date.UTC(2024, 1, 28, 23, 59, 59, 999))
})

test.each([
  '', 'now', '2024-01-01', '2023-02-29T00:00:00Z', '2024-00-01T00:00:00Z', '2024-01-00T00:00:00Z', '2024-01-01T24:00:00Z', '2024-01-01T00:60:00Z', '222222017-10-27T00:00:00Z',
  '2024-01-01 00:00:00', '2024-01-01T00:00:00+25:00', '2024-01-01T00:00:00Zjunk', '2024-01-01T00:00:00.Z',
])('no date-time: %j', (text) => {
  expect(readDateTime(text)).toBeUndefined()
})
