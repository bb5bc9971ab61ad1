// Reads that take the short way: the same answer, header by header, as the usual way gives, for everybody and also where it refuses.
import { Router } from '@koa/router'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findRead } from '../../src/api/quick-reads.ts'
import { routes } from '../../src/api/routes.ts'
import { startServer, type Reply, type TestServer } from './server.ts'

let server: TestServer
const keys: string[] = []
beforeAll(async () => {
  server = await startServer()
  const root = (await server.send('POST', '/api/v1/api-keys', { name: 'root', scopes: ['admin'] })).json()['secret'] as string
  keys.push(root)
  for (const [name, more] of [['reader', { scopes: ['read', 'pii:read'] }], ['masked', { scopes: ['read'] }], ['writer', { scopes: ['limits:write'] }], ['elsewhere', { scopes: ['read'], sites: ['yard'] }]] as const) {
    const made = await server.send('POST', '/api/v1/api-keys', { name, ...more }, { Authorization: `Bearer ${root}` })
    const key = made.json()['secret'] as string | undefined
    if (key !== undefined) keys.push(key)
  }
})
afterAll(() => server.close())

const find = findRead(routes)
const paths = routes.filter(({ method, path }) => method === 'GET' && find(path.replaceAll(/[{}]/g, '')) !== null).map(({ path }) => path)
const filled = (path: string, [site, point, connector]: readonly [string, string, string]): string => path.replace('{siteID}', site).replace('{clientID}', point).replace('{connectorID}', connector)
/** Without what tells when it was asked. */
function shown({ status, headers, text }: Reply) {
  expect(Number(headers['content-length'])).toBe(Buffer.byteLength(text))
  return { status, headers: { ...headers, date: '', 'x-request-id': '', 'content-length': '' }, text: text.replaceAll(String(headers['x-request-id']), 'ID').replaceAll(/"20\d\d-[^"]+Z"|"tickAgeS":[\d.]+/g, 'NOW') }
}

test('there are some, and the router would find the same route for them and for all others that look like one', () => {
  expect(paths.length).toBe(8)
  const router = new Router()
  for (const { path, method, operationId } of routes) router.register(path.replace(/\{(\w+)\}/g, ':$1'), [method], () => undefined, { name: operationId })
  for (const { path } of routes) {
    const address = filled(path, ['main', 'CP1', '1']).replaceAll(/\{\w+\}/g, 'x')
    const found = find(address)
    if (found !== null) expect(found.route.operationId, address).toBe(router.match(address, 'GET').pathAndMethod[0]?.name)
  }
  for (const address of ['/api/v1/sites/main/', '/API/v1/sites/main', '/api/v1//sites/main', '/api/v1/sites', 'api/v1/sites/main', '/api/v1/chargepoints/CP1/connectors']) expect(find(address)?.route.path.length ?? 0, address).toBeLessThan(50)
})

test('the same answer as the usual way gives', async () => {
  expect(keys.length).toBeGreaterThan(3)
  const named = fc.tuple(fc.constantFrom('main', 'main', 'nowhere', '__proto__'), fc.constantFrom('CP1', 'CP1', 'cp1', 'CP404'), fc.constantFrom('1', '1', '0', '77', 'one', '01'))
  const headers = fc.record({ key: fc.constantFrom(...keys, ...keys, 'kwota_wrong_key', null), id: fc.constantFrom('mine-1', 'no\tgood', null), accept: fc.constantFrom('application/json', '*/*', null) })
  await fc.assert(fc.asyncProperty(fc.constantFrom(...paths), named, headers, async (path, names, { key, id, accept }) => {
    const given = { ...(key !== null && { Authorization: `Bearer ${key}` }), ...(id !== null && { 'X-Request-Id': id }), ...(accept !== null && { Accept: accept }) }
    const address = filled(path, names)
    const [quick, usual] = [await server.ask('GET', address, { headers: given }), await server.ask('GET', `${address}?`, { headers: given })]
    expect(shown(quick)).toEqual(shown(usual))
    if (id === 'mine-1') expect(quick.headers['x-request-id']).toBe(id)
  }), { numRuns: 300 })
})

test('what asks for anything else goes the usual way', async () => {
  const headers = { Authorization: `Bearer ${keys[0]}` }
  expect((await server.ask('GET', '/api/v1/sites/main', { headers: { ...headers, Accept: 'text/csv' } })).status).toBe(406)
  expect((await server.ask('GET', '/api/v1/sites/main?nobody=knows', { headers })).status).toBe(422)
  expect((await server.ask('GET', '/api/v1/sites/m%61in', { headers })).status).toBe(200)
  expect((await server.ask('HEAD', '/api/v1/sites/main', { headers })).text).toBe('')
})
