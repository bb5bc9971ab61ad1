// Input meant to hurt: names that reach for prototypes, bodies of every shape; the answer is a refusal and nothing has changed.
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toCsv } from '../../src/api/csv.ts'
import type { Route } from '../../src/api/route.ts'
import { routes } from '../../src/api/routes.ts'
import { jsonPointer } from '../../src/api/validation.ts'
import { cases } from './cases/all.ts'
import { startServer, type TestServer } from './server.ts'

const at = (route: Route, id = 'CP1'): string => route.path.replace('{siteID}', 'main').replace('{clientID}', encodeURIComponent(id)).replace('{connectorID}', '1').replace('{operation}', 'reset').replace(/\{\w+\}/g, '1')
const withJson = routes.filter(({ body }) => body?.types[0] === 'application/json')
const headers = { 'Content-Type': 'application/json' }

let server: TestServer
beforeAll(async () => { server = await startServer() })
afterAll(() => server.close())

/** A good body of each route, as text: the first of the walk that is taken. */
const good: Record<string, string> = Object.fromEntries(Object.entries(cases).map(([operation, asked]) => {
  const { json } = asked.find((one) => one.json !== undefined && one.status < 300) ?? asked.find((one) => one.json !== undefined && one.status === 409) ?? {}
  return [operation, JSON.stringify(json ?? {})]
}))
/** Objects whose keys are anybody's own: what is said there is a name, and no more. */
const free = /"(?:body|keys|configuration|connectors|vendors|messages|settings)":\{$/

describe('names that reach for prototypes', () => {
  for (const route of withJson) {
    it(`${route.method} ${route.path} refuses them in every object`, async () => {
      const text = good[route.operationId] ?? ''
      const objects = [...text.matchAll(/\{/g)].map(({ index }) => index + 1)
      expect(objects.length).toBeGreaterThan(0)
      const before = server.house.fingerprint()
      for (const place of objects) {
        for (const name of ['__proto__', 'constructor', 'prototype', '\\u005f_proto__', 'toString', 'hasOwnProperty']) {
          const poison = `"${name}":{"polluted":true}${text[place] === '}' ? '' : ','}`
          const reply = await server.ask(route.method, at(route), { headers, body: text.slice(0, place) + poison + text.slice(place) })
          if (free.test(text.slice(0, place))) {
            expect(reply.status).toBeLessThan(500)
            continue
          }
          expect({ name, status: reply.status }).toEqual({ name, status: 422 })
          expect(JSON.stringify(reply.json()['errors'])).toContain(JSON.parse(`"${name}"`))
        }
      }
      expect(server.house.fingerprint()).toBe(before)
      expect('polluted' in {}).toBe(false)
    })
  }

  it('are no query parameters either, and as names of things they are only names', async () => {
    expect((await server.ask('GET', '/api/v1/sites?__proto__=1')).status).toBe(422)
    expect((await server.ask('GET', '/api/v1/sites?constructor=1')).status).toBe(422)
    for (const name of ['__proto__', 'constructor', 'toString']) expect((await server.ask('GET', `/api/v1/chargepoints/${name}`)).status).toBe(404)
    expect((await server.ask('GET', '/api/v1/sites/constructor')).status).toBe(404)
  })
})

describe('any input', () => {
  const keys = fc.constantFrom('id', 'fuseA', 'currentA', 'powerW', 'connectors', 'circuits', 'L1', 'L2', 'L3', 'password', 'site', 'weight', 'baseLoad', 'timezone', 'phases', 'departureAt', '__proto__')
  const json = fc.oneof(fc.json(), fc.dictionary(keys, fc.jsonValue()).map((value) => JSON.stringify(value)), fc.string())

  it('as a body is never an internal error', async () => {
    await fc.assert(fc.asyncProperty(fc.constantFrom(...withJson), json, async (route, body) => {
      const reply = await server.ask(route.method, at(route), { headers, body })
      expect(reply.status).toBeLessThan(500)
    }), { numRuns: 300 })
  })

  it('as an id or a query is never an internal error, and never changes anything by GET', async () => {
    const before = server.house.fingerprint()
    const plain = routes.filter(({ method, produces }) => method === 'GET' && !produces.includes('text/event-stream'))
    await fc.assert(fc.asyncProperty(fc.constantFrom(...plain), fc.string({ unit: 'grapheme', minLength: 1 }), fc.webQueryParameters(), async (route, id, query) => {
      expect((await server.ask('GET', `${at(route, id)}?${query}`)).status).toBeLessThan(500)
    }), { numRuns: 200 })
    expect(server.house.fingerprint()).toBe(before)
  })

  it('gets an answer of bounded size, however much is wrong', async () => {
    const body = JSON.stringify(Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`k${index}`, index])))
    const reply = await server.ask('PUT', '/api/v1/sites/main/grid-limit', { headers, body })
    expect(reply.status).toBe(422)
    expect(reply.json()['errors']).toHaveLength(50)
    expect(reply.text.length).toBeLessThan(10_000)
  })
})

describe('text for other programs', () => {
  it('is no formula in a spreadsheet', () => {
    const rows = ['=1+1', '+1', '-1', '@x', '\t=1', ' =1', '|x', 'a,b', 'say "x"', 'two\nlines', "it's", 'plain', null, -5].map((value) => ({ value }))
    expect(toCsv(['value'], rows).split('\r\n')).toEqual([
      'value', `"'=1+1"`, `"'+1"`, `"'-1"`, `"'@x"`, `"'\t=1"`, `"' =1"`, `"'|x"`, '"a,b"', '"say ""x"""', '"two\nlines"', `"it's"`, 'plain', '', '-5', '',
    ])
  })

  it('points into a body by RFC 6901', () => {
    expect(jsonPointer(['a/b', 0, 'm~n', ''])).toBe('/a~1b/0/m~0n/')
    expect(jsonPointer([])).toBe('')
  })
})
