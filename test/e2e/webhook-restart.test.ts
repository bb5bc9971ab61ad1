// The product from outside: what was queued for a webhook is sent after kill -9, under the same id, and again until it is taken.
import { afterEach, expect, test } from 'vitest'
import { Webhook } from 'standardwebhooks'
import { openReceiver, type Receiver } from '../receiver.ts'
import { newPlace, startServer, tidyUp } from './server.ts'

let receiver: Receiver | undefined
afterEach(async () => {
  await receiver?.close()
  await tidyUp()
})

test('kill -9 while a receiver is down loses no event that was queued a moment before', async () => {
  receiver = await openReceiver()
  const { got } = receiver
  receiver.answer = (response) => void response.writeHead(500).end()
  const place = await newPlace()
  const config = 'webhooks: { allowPrivate: true }\n'
  const server = await startServer({ place, config })
  const { body: hook } = await server.request<{ id: string; secret: string }>('POST', '/api/v1/webhooks', { url: receiver.url, types: ['limit.changed'] })
  for (const currentA of [30, 31, 32]) expect((await server.request('PUT', '/api/v1/sites/main/grid-limit', { currentA })).status).toBe(200)
  await receiver.until(() => new Set(got.map(({ event }) => event.id)).size >= 3)
  const ids = new Set(got.map(({ event }) => event.id))
  const queued = async () => (await server.request<{ queued: number }>('GET', `/api/v1/webhooks/${hook.id}`)).body.queued
  expect(await queued()).toBe(ids.size)
  await server.kill9()
  got.length = 0
  receiver.answer = (response) => void response.writeHead(204).end()
  const again = await startServer({ place, config })
  await receiver.until(() => [...ids].every((id) => got.some(({ event }) => event.id === id)))
  for (const { headers, body } of got) expect(new Webhook(hook.secret).verify(body, headers)).toMatchObject({ id: headers['webhook-id'] })
  const { body: { data } } = await again.request<{ data: { eventId: string; status: string; attempts: number }[] }>('GET', `/api/v1/webhooks/${hook.id}/deliveries`)
  expect(data.filter(({ eventId }) => ids.has(eventId)).length).toBe(ids.size)
}, 90_000)
