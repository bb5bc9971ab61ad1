// The product from outside, watched by programs with a key: the stream that Stately's inspector reads, and the stream of events, while a charge point of somebody else's making charges.
import { once } from 'node:events'
import type { StatelyInspectionEvent } from '@statelyai/inspect'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { createMachine } from 'xstate'
import { Charger } from './charger.ts'
import { newPlace, startServer, tidyUp, type Server } from './server.ts'
import { until, Yard } from './yard.ts'

const minute = 60_000
const admin = 'the-first-key-of-these-tests'
const bearer = (key: string) => ({ authorization: `Bearer ${key}` })
let server: Server
let keys = 0
const yard = new Yard(63)
beforeAll(async () => {
  server = await startServer({ place: await newPlace(), env: { KWOTA_API_KEY: admin }, config: 'sites:\n  - { id: main, fuseA: 63 }\nchargePoints:\n  - { id: CP-1, password: sixteen-letters! }\n  - { id: CP-2 }\n  - { id: CP-3 }\n' })
}, minute)
afterAll(async () => {
  await yard.leave()
  await tidyUp()
})

async function keyWith(...scopes: string[]): Promise<string> {
  const { status, body } = await server.request<{ secret: string }>('POST', '/api/v1/api-keys', { name: `key ${keys += 1}`, scopes }, bearer(admin))
  expect(status).toBe(201)
  return body.secret
}

/** The status with which a viewer is refused. */
async function refused(headers: Record<string, string>): Promise<number | undefined> {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/api/v1/inspect`, { headers })
  socket.on('error', () => undefined)
  const [, response] = await once(socket, 'unexpected-response') as [unknown, { statusCode?: number }]
  return response.statusCode
}

async function charging(id: string): Promise<void> {
  const charger = new Charger({ ocppUrl: server.ocppUrl, id, yard })
  await charger.connect()
  await charger.boot()
  await charger.charge(`TAG-OF-${id}`)
}

test('inspection: refused without a key and without the scope; with it actors, events and snapshots as Stately has them', async () => {
  expect([await refused({}), await refused(bearer('no-key-of-this-server')), await refused(bearer(await keyWith('read')))]).toEqual([401, 401, 403])

  const told: (StatelyInspectionEvent & { readonly siteID: string })[] = []
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/api/v1/inspect`, { headers: bearer(await keyWith('inspect')) })
  socket.on('message', (data: Buffer) => told.push(JSON.parse(data.toString()) as (typeof told)[number]))
  await once(socket, 'open')
  const stateOf = (id: string): unknown => {
    const last = told.findLast((event) => event.sessionId === id && event.type !== '@xstate.event')
    return last !== undefined && 'snapshot' in last ? Reflect.get(last.snapshot, 'value') : undefined
  }
  await until('the site', () => told.some(({ type, sessionId }) => type === '@xstate.actor' && sessionId === 'site:main'))
  await charging('CP-2')
  await until('the connector to charge', () => /"status":"charging"/.test(JSON.stringify(stateOf('connector:CP-2:1'))), () => JSON.stringify(told.filter(({ sessionId, type }) => sessionId === 'connector:CP-2:1' && type !== '@xstate.actor')))

  for (const event of told) expect(event).toMatchObject({ type: expect.stringMatching(/^@xstate\.(?:actor|event|snapshot)$/), sessionId: expect.any(String), rootId: 'site:main', createdAt: expect.stringMatching(/^\d{13}$/), _version: expect.stringMatching(/^\d+\.\d+\.\d+$/) })
  const actors = told.flatMap((event) => (event.type === '@xstate.actor' ? [event] : []))
  for (const { sessionId, definition } of actors) expect(createMachine(JSON.parse(String(definition))).id).toBe(sessionId.split(':')[0])
  expect(actors.map(({ sessionId, parentId }) => `${parentId} > ${sessionId}`)).toEqual(expect.arrayContaining(['undefined > site:main', 'site:main > charge-point:CP-2', 'charge-point:CP-2 > connector:CP-2:1']))
  expect(told.some((event) => event.type === '@xstate.event' && event.sessionId === 'connector:CP-2:1' && event.event.type === 'STATUS_REPORTED' && event.sourceId === 'charge-point:CP-2')).toBe(true)
  expect(told.some(({ type, sessionId }) => type === '@xstate.snapshot' && sessionId === 'connector:CP-2:1')).toBe(true)
  expect(JSON.stringify(told)).not.toMatch(/TAG-OF-CP-2|sixteen-letters/)
  socket.terminate()
}, 2 * minute)

test('events: refused without a key and without the scope; with it each with its id and type, and those missed when one comes again', async () => {
  const key = await keyWith('read')
  const ask = (headers: Record<string, string>) => server.request('GET', '/api/v1/events', undefined, headers)
  expect([(await ask({})).status, (await ask(bearer(await keyWith('inspect')))).status]).toEqual([401, 403])

  const first = await listen(key)
  await charging('CP-3')
  const started = (events: readonly Heard[]) => events.find(({ event }) => event === 'transaction.started')
  await until('the start', () => started(first.heard) !== undefined)
  first.stop()
  for (const { id, event, data } of first.heard) expect(data).toMatchObject({ id, type: event, at: expect.stringMatching(/^\d{4}-.*Z$/), siteID: 'main' })
  expect(first.heard.map(({ event }) => event)).toEqual(expect.arrayContaining(['chargepoint.connected', 'connector.status', 'transaction.started']))
  expect(started(first.heard)?.data).toMatchObject({ clientID: 'CP-3', connectorId: 1 })
  expect(JSON.stringify(first.heard)).not.toContain('TAG-OF-')

  const connected = first.heard.find(({ event, data }) => event === 'chargepoint.connected' && data['clientID'] === 'CP-3')?.id ?? ''
  const again = await listen(key, { 'last-event-id': connected })
  await until('what was missed', () => started(again.heard) !== undefined)
  again.stop()
  const after = first.heard.slice(first.heard.findIndex(({ id }) => id === connected) + 1)
  expect(again.heard.slice(0, after.length)).toEqual(after)
}, 2 * minute)

interface Heard { readonly id: string; readonly event: string; readonly data: Record<string, unknown> }

async function listen(key: string, headers: Record<string, string> = {}): Promise<{ readonly heard: Heard[]; stop(): void }> {
  const controller = new AbortController()
  const reply = await fetch(`${server.url}/api/v1/events`, { headers: { ...bearer(key), ...headers }, signal: controller.signal })
  expect([reply.status, reply.headers.get('content-type')?.split(';')[0]]).toEqual([200, 'text/event-stream'])
  const heard: Heard[] = []
  void (async () => {
    let text = ''
    for await (const chunk of reply.body ?? []) {
      text += Buffer.from(chunk as Uint8Array).toString()
      const blocks = text.split('\n\n')
      text = blocks.pop() ?? ''
      for (const block of blocks) {
        const { id, event, data } = Object.fromEntries(block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()])) as Record<string, string | undefined>
        if (id !== undefined && event !== undefined && data !== undefined) heard.push({ id, event, data: JSON.parse(data) as Record<string, unknown> })
      }
    }
  })().catch(() => undefined)
  return { heard, stop: () => controller.abort() }
}
