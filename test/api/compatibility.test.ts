// v1 only grows: what the routes describe now breaks no client of any release, and the comparer sees every kind of break.
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { openapiDocument } from '../../src/api/openapi.ts'
import { routes } from '../../src/api/routes.ts'
import { breaks, type OpenapiDocument } from './openapi-diff.ts'
import type { Schema } from './schema-diff.ts'

const folder = new URL('../../docs/openapi/', import.meta.url)
const releases = readdirSync(folder).filter((name) => name.endsWith('.json'))
const read = (name: string) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as OpenapiDocument & { readonly info: { readonly version: string } }

describe('every release', () => {
  test('is there', () => expect(releases.length).toBeGreaterThan(0))

  test.each(releases)('%s is what its name says, with routes in it', (name) => {
    const document = read(name)
    expect(`${document.info.version}.json`).toBe(name)
    expect(Object.keys(document.paths).length).toBeGreaterThan(10)
  })

  test.each(releases)('a client of %s still works', (name) => {
    const now = JSON.parse(JSON.stringify(openapiDocument(routes, 'now'))) as OpenapiDocument
    expect(breaks(read(name), now)).toEqual([])
  })
})

interface Change { readonly body?: Schema; readonly answer?: Schema; readonly query?: Schema }
const object = (properties: Record<string, Schema>, more: Schema = {}): Schema => ({ type: 'object', properties, additionalProperties: false, ...more })
const number: Schema = { type: 'number' }
const text: Schema = { type: 'string' }

/** A document with one operation of everything; `change` replaces a part of it. */
function document({ body = object({ a: number }), answer = { $ref: '#/components/schemas/Thing' }, query = text }: Change = {}): OpenapiDocument {
  return {
    paths: {
      '/things/{id}': {
        put: {
          operationId: 'putThing', security: [], parameters: [{ name: 'q', in: 'query', required: false, schema: query }, { name: 'If-Match', in: 'header', required: false, schema: text }],
          requestBody: { content: { 'application/json': { schema: body } } },
          responses: { 200: { headers: { ETag: {} }, content: { 'application/json': { schema: answer }, 'text/csv': { schema: text } } }, 409: {} },
        },
      },
    },
    components: { schemas: { Thing: { type: 'object', properties: { a: number, b: text }, required: ['a'] } } },
  }
}
type Put = NonNullable<OpenapiDocument['paths'][string]['put']>
function documentWith(change: (put: Put) => Partial<Put>): OpenapiDocument {
  const whole = document()
  const put = whole.paths['/things/{id}']?.['put']
  if (put === undefined) throw new Error('the document has no operation')
  return { ...whole, paths: { '/things/{id}': { put: { ...put, ...change(put) } } } }
}

describe('the comparer', () => {
  test.each<[string, OpenapiDocument, string]>([
    ['a path', { ...document(), paths: {} }, 'PUT /things/{id}: removed'],
    ['a method', { ...document(), paths: { '/things/{id}': {} } }, 'PUT /things/{id}: removed'],
    ['a parameter', documentWith(({ parameters = [] }) => ({ parameters: parameters.slice(1) })), 'parameter query q removed'],
    ['a header of a request', documentWith(({ parameters = [] }) => ({ parameters: parameters.slice(0, 1) })), 'parameter header if-match removed'],
    ['a body type', documentWith(() => ({ requestBody: { content: {} } })), 'body: application/json removed'],
    ['an answer', documentWith(({ responses }) => ({ responses: { 200: responses['200'] ?? {} } })), 'answer 409 removed'],
    ['an answer type', documentWith(({ responses }) => ({ responses: { ...responses, 200: { headers: { ETag: {} }, content: { 'application/json': { schema: { $ref: '#/components/schemas/Thing' } } } } } })), 'answer 200: text/csv removed'],
    ['a header of an answer', documentWith(({ responses }) => ({ responses: { ...responses, 200: { ...responses['200'], headers: {} } } })), 'answer 200: header ETag removed'],
  ])('%s that is gone', (_what, now, fault) => {
    expect(breaks(document(), now)).toEqual([expect.stringContaining(fault)])
  })

  test.each<[string, OpenapiDocument, string]>([
    ['a parameter that is needed', documentWith(({ parameters = [] }) => ({ parameters: [...parameters, { name: 'r', in: 'query', required: true, schema: text }] })), 'parameter query r is required now'],
    ['a parameter that became needed', documentWith(({ parameters = [] }) => ({ parameters: parameters.map((one) => ({ ...one, required: one.in === 'query' })) })), 'parameter query q is required now'],
    ['another name of the operation', documentWith(() => ({ operationId: 'replaceThing' })), 'operationId putThing is now replaceThing'],
    ['a key that is needed', documentWith(() => ({ security: [{ key: [] }] })), 'needs a key now'],
  ])('%s', (_what, now, fault) => {
    expect(breaks(document(), now)).toEqual([expect.stringContaining(fault)])
  })

  test('a body that is needed where none was, and one that is no longer taken', () => {
    const { requestBody: _, ...bare } = document().paths['/things/{id}']?.['put'] ?? { responses: {} }
    const none: OpenapiDocument = { ...document(), paths: { '/things/{id}': { put: bare } } }
    expect(breaks(none, document())).toEqual(['PUT /things/{id}: a body is required now'])
    expect(breaks(document(), none)).toEqual(['PUT /things/{id}: takes no body any more'])
  })

  const choice = object({ a: number, b: number }, { oneOf: [{ required: ['a'] }, { required: ['b'] }] })
  const dryRun = object({ dryRun: { type: 'boolean', const: true } }, { required: ['dryRun'] })
  const nullable: Schema = { anyOf: [number, { type: 'null' }] }

  test.each<[string, Schema, Schema, string]>([
    ['a field removed', object({ a: number, b: number }), object({ a: number }), '/b: removed'],
    ['a field made required', object({ a: number }), object({ a: number }, { required: ['a'] }), '/a: required now'],
    ['a new field that is required', object({ a: number }), object({ a: number, b: number }, { required: ['b'] }), '/b: required now'],
    ['a type changed', object({ a: number }), object({ a: text }), '/a: type number is now string'],
    ['a type narrowed', object({ a: number }), object({ a: { type: 'integer' } }), '/a: type number is now integer'],
    ['null no longer taken', object({ a: nullable }), object({ a: number }), '/a: type null is now number'],
    ['a value removed', object({ a: { type: 'string', enum: ['x', 'y'] } }), object({ a: { type: 'string', enum: ['x'] } }), '/a: "y" is not taken any more'],
    ['values limited to a list', object({ a: text }), object({ a: { type: 'string', enum: ['x'] } }), '/a: takes only "x" now'],
    ['a higher floor', object({ a: number }), object({ a: { type: 'number', minimum: 0 } }), '/a: minimum none is now 0'],
    ['a lower ceiling', object({ a: { type: 'string', maxLength: 9 } }), object({ a: { type: 'string', maxLength: 8 } }), '/a: maxLength 9 is now 8'],
    ['a pattern', object({ a: text }), object({ a: { type: 'string', pattern: '^x' } }), '/a: has a pattern now'],
    ['an alternative removed', choice, object({ a: number, b: number }, { required: ['a'] }), '/a: required now'],
    ['an object that is closed', object({ a: number }, { additionalProperties: true }), object({ a: number }), ': takes no other fields any more'],
    ['something inside a list', { type: 'array', items: object({ a: number }) }, { type: 'array', items: object({ a: text }) }, '/-/a: type number is now string'],
    ['something inside a tuple', { type: 'array', prefixItems: [number] }, { type: 'array', prefixItems: [text] }, '/0: type number is now string'],
    ['something inside a record', object({}, { additionalProperties: number }), object({}, { additionalProperties: text }), '/*: type number is now string'],
  ])('in a request: %s', (_what, old, now, fault) => {
    expect(breaks(document({ body: old }), document({ body: now }))).toEqual([`PUT /things/{id}: body: application/json${fault}`])
    expect(breaks(document({ query: old }), document({ query: now }))).toEqual([`PUT /things/{id}: parameter query q${fault}`])
  })

  test.each<[string, Schema, Schema, string]>([
    ['a field removed', object({ a: number, b: number }), object({ a: number }), '/b: removed'],
    ['a field inside a list removed', { type: 'array', items: object({ a: number }) }, { type: 'array', items: object({}) }, '/-/a: removed'],
    ['a field that may be missing', object({ a: number }, { required: ['a'] }), object({ a: number }), '/a: may be missing now'],
    ['a type changed', object({ a: number }), object({ a: text }), '/a: type number is now string'],
    ['a type widened', object({ a: { type: 'integer' } }), object({ a: number }), '/a: type integer is now number'],
    ['null that was never answered', object({ a: number }), object({ a: nullable }), '/a: type number is now null'],
    ['null among others that became something else', object({ a: nullable }), object({ a: { anyOf: [number, text] } }), '/a: type number is now string'],
    ['nothing but a dry run', object({ a: number }), dryRun, '/a: removed'],
    ['other values only', object({ a: { const: 'x' } }), object({ a: { const: 'y' } }), '/a: none of "x" is answered any more'],
  ])('in an answer: %s', (_what, old, now, fault) => {
    expect(breaks(document({ answer: old }), document({ answer: now }))).toEqual([`PUT /things/{id}: answer 200: application/json${fault}`])
  })

  test.each<[string, Change, Change]>([
    ['nothing', {}, {}],
    ['a new field of a request', {}, { body: object({ a: number, b: text }) }],
    ['a request that takes more', { body: object({ a: { type: 'integer', minimum: 1, enum: [1] } }, { required: ['a'] }) }, { body: object({ a: { type: ['number', 'null'], minimum: 0 } }) }],
    ['one more alternative', { body: object({ a: number, b: number }, { required: ['a'] }) }, { body: choice }],
    ['alternatives in another order', { body: choice }, { body: { ...choice, oneOf: [...choice.oneOf ?? []].reverse() } }],
    ['a new field of an answer', {}, { answer: object({ a: number, b: text, c: text }, { required: ['a', 'c'] }) }],
    ['an answer that is more certain', { answer: object({ a: nullable }) }, { answer: object({ a: { type: 'integer' } }, { required: ['a'] }) }],
    ['a new value of an answer', { answer: object({ a: { type: 'string', enum: ['x'] } }) }, { answer: object({ a: { type: 'string', enum: ['x', 'y'] } }) }],
    ['something where there was always null', { answer: object({ a: { type: 'null' } }) }, { answer: object({ a: { anyOf: [object({ b: number }), { type: 'null' }] } }) }],
    ['what only a dry run is answered', {}, { answer: { anyOf: [{ $ref: '#/components/schemas/Thing' }, dryRun] } }],
    ['a shared schema written out', {}, { answer: { type: 'object', properties: { a: number, b: text }, required: ['a'] } }],
  ])('%s breaks nothing', (_what, old, now) => {
    expect(breaks(document(old), document(now))).toEqual([])
  })
})
