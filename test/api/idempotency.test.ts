// The same POST under the same key: done once, answered the same, also after a restart; never another request's answer.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Replays } from '../../src/actors/replays.ts'
import { openScope } from '../../src/actors/scope.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { VirtualClock } from '../virtual-clock.ts'
import { startServer, type TestServer } from './server.ts'

let server: TestServer
beforeAll(async () => { server = await startServer() })
afterAll(() => server.close())

const later = { queue: true, expiresAt: new Date(Date.now() + 3_600_000).toISOString() }
const reset = { type: 'Soft', ...later }
const path = '/api/v1/chargepoints/CP1/reset'
const keyed = (key: string) => ({ 'Idempotency-Key': key })

it('is done once and answered the same', async () => {
  const before = server.house.commands.list().length
  const first = await server.send('POST', path, reset, keyed('a'))
  const again = await server.send('POST', path, reset, keyed('a'))
  expect([first.status, again.status, again.text, again.headers['location']]).toEqual([202, 202, first.text, first.headers['location']])
  expect([first.headers['idempotent-replayed'], again.headers['idempotent-replayed']]).toEqual([undefined, 'true'])
  expect(server.house.commands.list()).toHaveLength(before + 1)
})
it('another body, or another address, under the same key is invalid', async () => {
  expect((await server.send('POST', path, { ...reset, type: 'Hard' }, keyed('a'))).json()).toMatchObject({ status: 422, code: 'idempotency-key-reused' })
  expect((await server.send('POST', '/api/v1/chargepoints/CP1/clear-cache', later, keyed('a'))).json()).toMatchObject({ status: 422, code: 'idempotency-key-reused' })
})
it('a refusal is not kept: the same key may try again', async () => {
  expect((await server.send('POST', path, { type: 'Soft' }, keyed('b'))).status).toBe(409)
  expect((await server.send('POST', path, { type: 'Soft' }, keyed('b'))).status).toBe(409)
  expect((await server.send('POST', path, reset, keyed('b'))).status).toBe(202)
})
it('at the same time it is done once', async () => {
  const before = server.house.commands.list().length
  const replies = await Promise.all(Array.from({ length: 8 }, () => server.send('POST', path, reset, keyed('c'))))
  expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([202, 409].filter((status) => replies.some((reply) => reply.status === status))))
  expect(server.house.commands.list()).toHaveLength(before + 1)
})
it('a key is 1 to 255 printable characters', async () => {
  expect((await server.send('POST', path, reset, keyed('a b'))).json()).toMatchObject({ status: 422, code: 'bad-idempotency-key' })
  expect((await server.send('POST', path, reset, keyed('x'.repeat(256)))).status).toBe(422)
})

it('is remembered over a restart for a day, and an end that nobody knows is said to be unknown', async () => {
  const clock = new VirtualClock()
  const store = createMemoryStore()
  const scope = await openScope({ store, name: 'kwota', clock })
  const replays = new Replays(scope, () => clock.wall())
  await replays.claim('done', 'f')
  await replays.conclude('done', { status: 202, headers: { Location: '/x' }, json: { id: 1 } })
  await replays.claim('cut', 'f')
  expect(await replays.claim('cut', 'f')).toEqual({ type: 'under-way' })
  scope.abandon()
  const again = new Replays(await openScope({ store: store.restart(), name: 'kwota', clock }), () => clock.wall())
  expect(await again.claim('done', 'f')).toEqual({ type: 'replay', answer: { status: 202, headers: { Location: '/x' }, json: { id: 1 } } })
  expect(await again.claim('done', 'g')).toEqual({ type: 'other-request' })
  expect(await again.claim('cut', 'f')).toEqual({ type: 'unknown' })
  await clock.advance(24 * 3_600_000 + 1)
  expect(await again.claim('done', 'f')).toEqual({ type: 'mine' })
})
