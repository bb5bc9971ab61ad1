// Webhooks over real sockets: signed so that Standard Webhooks verifies them, tried again, kept over a crash, bounded, and never led to an inner address.
import type { ServerResponse } from 'node:http'
import { Webhook } from 'standardwebhooks'
import { afterEach, describe, expect, test } from 'vitest'
import type { GivenWebhook } from '../../src/actors/webhook-record.ts'
import { mostAttempts, retryDelayMs } from '../../src/actors/webhook-schedule.ts'
import { createPoster } from '../../src/outgoing.ts'
import { openReceiver, type Receiver } from '../receiver.ts'
import { settle, VirtualClock } from '../virtual-clock.ts'
import { caller, openHouse, type HouseOptions, type HouseStand } from './house-stand.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => { for (const close of closing.splice(0)) await close() })

const status = (code: number, headers: Record<string, string> = {}) => (response: ServerResponse): void => void response.writeHead(code, headers).end()
const given = (url: string, more: Partial<GivenWebhook> = {}): GivenWebhook => ({ url, description: '', types: ['limit.changed'], siteID: null, showIdTags: false, enabled: true, ...more })

async function receive(): Promise<Receiver> {
  const receiver = await openReceiver()
  closing.push(() => receiver.close())
  return receiver
}

/** Around now, so that signatures are fresh. */
async function openHooked(options: HouseOptions = {}, allowPrivate = true): Promise<HouseStand> {
  const clock = options.clock ?? new VirtualClock(Date.now())
  const stand = await openHouse({ post: createPoster(clock), vendors: { everybody: { vendors: {} }, allowPrivate }, ...options, clock })
  closing.push(async () => stand.directory.crash())
  return stand
}

const make = async ({ house }: HouseStand, wanted: GivenWebhook) => {
  const { webhook: { value: { id } }, secret } = await house.webhooks.create(wanted, undefined, caller.name)
  return { id, secret }
}
const reading = { currentA: null, powerW: 1000, energyWh: null, voltageV: null, socPercent: null, measuredAtMs: 0, receivedAtMs: 0, live: true }
let count = 0
const emit = ({ directory: { estate } }: HouseStand, data: Record<string, unknown> = { n: ++count }, siteID = 'main') => estate.events.emit({ type: 'limit.changed', siteID, data })
const view = ({ house }: HouseStand, id: string) => house.webhooks.get(id).value
const alerts = ({ house }: HouseStand) => house.alerts().filter(({ code, resolvedAt }) => code === 'webhook-failing' && resolvedAt === null).map(({ message }) => message)
const pass = ({ clock }: HouseStand, ms: number) => () => clock.advance(ms)

describe('what is sent', () => {
  test('is the event as streams tell it, signed so that Standard Webhooks verifies it', async () => {
    const receiver = await receive()
    const stand = await openHooked()
    const { id, secret } = await make(stand, given(receiver.url, { types: null }))
    const limit = stand.house.setGridLimit('main', { currentA: 20 }, caller)
    await stand.clock.advance(100)
    await limit
    await receiver.until(() => receiver.got.some(({ event }) => event.type === 'limit.changed'))
    const { headers, body, event } = receiver.got.find((one) => one.event.type === 'limit.changed')!
    expect(new Webhook(secret).verify(body, headers)).toEqual(event)
    expect(() => new Webhook(secret).verify(`${body} `, headers)).toThrow('No matching signature')
    expect(() => new Webhook(`whsec_${Buffer.alloc(32).toString('base64')}`).verify(body, headers)).toThrow('No matching signature')
    expect(headers['webhook-id']).toBe(event.id)
    expect(stand.events.find((each) => each.id === event.id)).toEqual(event)
    await receiver.until(() => view(stand, id).queued === 0)
    expect(stand.house.webhooks.deliveries(id)).toContainEqual(expect.objectContaining({ webhookID: id, eventId: event.id, type: 'limit.changed', siteID: 'main', status: 'delivered', attempts: 1, responseStatus: 204, error: null, nextAttemptAt: null }))
  })

  test('only the types and the site that are asked for; without types everything but readings', async () => {
    const [some, all, readings] = [await receive(), await receive(), await receive()]
    const stand = await openHooked({ sites: [{}, { id: 'annex' }] })
    await make(stand, given(some.url, { siteID: 'annex' }))
    await make(stand, given(all.url, { types: null }))
    const { events } = stand.directory.estate
    const happen = (): void => {
      for (const siteID of ['main', 'annex']) for (const type of ['limit.changed', 'connector.status'] as const) events.emit({ type, siteID, data: {} })
      for (const siteID of ['main', 'annex']) events.sample({ siteID, clientID: 'CP1', connectorId: 1, transactionId: null, reading, toldAtMs: 0 })
    }
    happen()
    await all.until(() => all.got.length === 4 && some.got.length === 1)
    const { id } = await make(stand, given(readings.url, { siteID: 'main', types: ['meter.sample'] }))
    const queued = () => stand.house.webhooks.deliveries(id).length
    happen()
    await readings.until(() => readings.got.length === 1)
    expect(readings.got.map(({ event }) => `${event.siteID} ${event.type}`)).toEqual(['main meter.sample'])
    await stand.house.webhooks.change(id, { types: ['limit.expired'] }, caller.name)
    happen()
    expect(queued()).toBe(1)
    await stand.house.webhooks.change(id, { types: ['meter.sample'] }, caller.name)
    happen()
    expect(queued()).toBe(2)
    await all.until(() => all.got.length === 16 && some.got.length === 4)
    expect(some.got.map(({ event }) => `${event.siteID} ${event.type}`)).toEqual(Array.from({ length: 4 }, () => 'annex limit.changed'))
    expect([...new Set(all.got.map(({ event }) => `${event.siteID} ${event.type}`))].toSorted()).toEqual(['annex connector.status', 'annex limit.changed', 'main connector.status', 'main limit.changed'])
  })

  test('id tags masked, unless it was made to show them', async () => {
    const [masked, shown] = [await receive(), await receive()]
    const stand = await openHooked()
    await make(stand, given(masked.url))
    await make(stand, given(shown.url, { showIdTags: true }))
    emit(stand, { idTag: 'SECRET-TAG', nested: [{ parentIdTag: 'SECRET-TAG' }] })
    await masked.until(() => masked.got.length === 1 && shown.got.length === 1)
    expect(masked.got[0]?.body).not.toContain('SECRET-TAG')
    expect(masked.got[0]?.event.data['idTag']).toBe(stand.house.maskTag('SECRET-TAG'))
    expect(shown.got[0]?.event.data['idTag']).toBe('SECRET-TAG')
  })

  test('without its data when it is too long', async () => {
    const receiver = await receive()
    const stand = await openHooked()
    await make(stand, given(receiver.url))
    emit(stand, { long: 'x'.repeat(70_000) })
    emit(stand, { long: 'x'.repeat(60_000) })
    await receiver.until(() => receiver.got.length === 2)
    expect(receiver.got.map(({ event }) => Object.keys(event.data)).toSorted()).toEqual([['long'], ['omitted', 'bytes']])
  })
})

describe('secrets', () => {
  test('a rotated one: both for as long as it was said, then the new one alone', async () => {
    const receiver = await receive()
    const stand = await openHooked()
    const { id, secret } = await make(stand, given(receiver.url))
    const { secret: newer, webhook } = await stand.house.webhooks.rotate(id, undefined, 60, 'tester')
    expect(webhook.value.formerSecretUntil).toBe(new Date(stand.clock.wall() + 60_000).toISOString())
    emit(stand)
    await receiver.until(() => receiver.got.length === 1)
    await stand.clock.advance(60_000)
    emit(stand)
    await receiver.until(() => receiver.got.length === 2)
    const verifies = (key: string) => receiver.got.map(({ body, headers }) => {
      try {
        new Webhook(key).verify(body, headers)
        return true
      } catch {
        return false
      }
    })
    expect([verifies(secret), verifies(newer)]).toEqual([[true, false], [true, true]])
    expect(view(stand, id).formerSecretUntil).toBeNull()
  })

  test('are in no answer and in no log', async () => {
    const receiver = await receive()
    receiver.answer = status(500)
    const stand = await openHooked()
    const { id, secret } = await make(stand, given(`${receiver.url}?token=hush`))
    emit(stand)
    await receiver.until(() => stand.house.webhooks.deliveries(id)[0]?.attempts === 1)
    expect(JSON.stringify([stand.house.webhooks.list(), stand.house.webhooks.deliveries(id), stand.logged])).not.toContain(secret.slice(6))
    expect(JSON.stringify([stand.logged, alerts(stand)])).not.toContain('hush')
  })
})

describe('when it is not taken', () => {
  test('it is tried again, later each time, under the same id, until it is', async () => {
    const receiver = await receive()
    receiver.answer = (response, n) => status(n < 4 ? 503 : 200)(response)
    const stand = await openHooked()
    const { id } = await make(stand, given(receiver.url))
    emit(stand)
    const delivery = () => stand.house.webhooks.deliveries(id)[0]!
    for (const [attempt, leastMs, mostMs] of [[1, 4_500, 5_500], [2, 270_000, 330_000], [3, 1_620_000, 1_980_000]] as const) {
      await receiver.until(() => delivery().attempts === attempt)
      expect(delivery()).toMatchObject({ status: 'pending', responseStatus: 503, error: 'it answered with status 503' })
      const waitMs = Date.parse(delivery().nextAttemptAt ?? '') - stand.clock.wall()
      expect(waitMs).toBeGreaterThanOrEqual(leastMs)
      expect(waitMs).toBeLessThanOrEqual(mostMs)
      await stand.clock.advance(waitMs)
    }
    await receiver.until(() => delivery().status === 'delivered')
    expect(delivery()).toMatchObject({ attempts: 4, responseStatus: 200, error: null })
    expect(new Set(receiver.got.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
    expect(new Set(receiver.got.map(({ headers }) => headers['webhook-timestamp'])).size).toBe(4)
  })

  test('nobody there, or a receiver that says nothing for 15 s: the same; others are not held up', async () => {
    const [silent, good] = [await receive(), await receive()]
    silent.answer = () => undefined
    const stand = await openHooked()
    const slow = await make(stand, given(silent.url))
    const dead = await make(stand, given('http://127.0.0.1:1/'))
    await make(stand, given(good.url))
    for (let n = 0; n < 10; n++) emit(stand)
    await good.until(() => good.got.length === 10 && silent.got.length === 4)
    await stand.clock.advance(16_000)
    await good.until(() => stand.house.webhooks.deliveries(slow.id).some(({ attempts }) => attempts > 0))
    expect(stand.house.webhooks.deliveries(slow.id).find(({ attempts }) => attempts > 0)).toMatchObject({ status: 'pending', responseStatus: null, error: 'no answer within 15 s' })
    expect(stand.house.webhooks.deliveries(dead.id).at(-1)).toMatchObject({ status: 'pending', error: 'it cannot be reached (ECONNREFUSED)' })
    expect(view(stand, slow.id).queued).toBe(10)
  })

  test('410 disables it and people are told; enabled again, what waited is sent', async () => {
    const receiver = await receive()
    receiver.answer = status(410)
    const stand = await openHooked()
    const { id } = await make(stand, given(receiver.url))
    emit(stand)
    await receiver.until(() => !view(stand, id).enabled)
    expect([view(stand, id).disabledReason, alerts(stand)]).toEqual(['it answered 410 Gone', [expect.stringContaining(`${id} (127.0.0.1:`)]])
    emit(stand)
    await stand.clock.advance(60_000)
    expect(receiver.got.length).toBe(1)
    receiver.answer = status(204)
    await stand.house.webhooks.change(id, { enabled: true }, 'tester')
    await receiver.until(() => view(stand, id).queued === 0)
    expect([receiver.got.length, view(stand, id).disabledReason, alerts(stand)]).toEqual([2, null, []])
  })

  test('nothing taken for three days disables it', async () => {
    const receiver = await receive()
    receiver.answer = status(500)
    const stand = await openHooked()
    const { id } = await make(stand, given(receiver.url))
    emit(stand)
    for (let attempt = 1; attempt <= mostAttempts; attempt++) {
      await receiver.until(() => (stand.house.webhooks.deliveries(id)[0]?.attempts ?? 0) >= attempt, settle)
      const next = stand.house.webhooks.deliveries(id)[0]?.nextAttemptAt
      // Nobody else is to be kept busy for days.
      if (typeof next === 'string') {
        stand.clock.jumpWall(Date.parse(next) - stand.clock.wall())
        await stand.house.webhooks.change(id, { description: `attempt ${attempt}` }, 'tester')
      }
    }
    await receiver.until(() => !view(stand, id).enabled)
    expect(stand.house.webhooks.deliveries(id).at(-1)).toMatchObject({ status: 'failed', attempts: mostAttempts, nextAttemptAt: null })
    expect(alerts(stand)).toEqual([expect.stringContaining('nothing was taken for three days')])
  }, 60_000)

  test('Retry-After is heeded, up to a day; the delays are those of the standard', () => {
    expect(retryDelayMs(1, 0.5, null)).toBe(5_000)
    expect(retryDelayMs(1, 0.5, 120)).toBe(120_000)
    expect(retryDelayMs(1, 0.5, 9_999_999)).toBe(86_400_000)
    expect(retryDelayMs(2, 0.5, 1)).toBe(300_000)
    expect([0, 0.999_999].map((chance) => retryDelayMs(3, chance, null))).toEqual([1_620_000, 1_980_000])
    expect(Array.from({ length: mostAttempts }, (_, at) => retryDelayMs(at + 1, 0.5, null)).map((ms) => (ms === null ? null : ms / 60_000))).toEqual([5 / 60, 5, 30, 120, 300, 600, 840, 1_200, 1_440, null])
  })
})

describe('what is kept', () => {
  test('over a crash in the middle: what was not taken comes again under its id, what was taken does not', async () => {
    const receiver = await receive()
    receiver.answer = (response, n) => status(n === 1 ? 200 : 500)(response)
    const stand = await openHooked()
    const { id, secret } = await make(stand, given(receiver.url))
    emit(stand)
    await receiver.until(() => view(stand, id).queued === 0)
    for (let n = 0; n < 3; n++) emit(stand)
    await receiver.until(() => receiver.got.length === 4)
    await stand.clock.advance(100)
    const waiting = receiver.got.slice(1).map(({ event }) => event.id)
    receiver.got.length = 0
    receiver.answer = status(200)
    stand.directory.crash()
    const after = await openHooked({ store: stand.store, clock: stand.clock })
    expect(view(after, id).queued).toBe(3)
    await receiver.until(() => receiver.got.length === 3, pass(after, 1_000))
    expect(receiver.got.map(({ event }) => event.id).toSorted()).toEqual(waiting.toSorted())
    for (const { body, headers } of receiver.got) expect(headers['webhook-id']).toBe((new Webhook(secret).verify(body, headers) as { id: string }).id)
    await receiver.until(() => view(after, id).queued === 0)
    expect(after.house.webhooks.deliveries(id).map(({ status: how, attempts }) => `${how} ${attempts}`).toSorted()).toEqual(['delivered 1', 'delivered 2', 'delivered 2', 'delivered 2'])
  })

  test('over a crash while the first attempt is under way', async () => {
    const receiver = await receive()
    receiver.answer = () => undefined
    const stand = await openHooked()
    const { id } = await make(stand, given(receiver.url))
    for (let n = 0; n < 6; n++) emit(stand, { n })
    await receiver.until(() => receiver.got.length === 4)
    await stand.clock.advance(100)
    receiver.got.length = 0
    receiver.answer = status(200)
    stand.directory.crash()
    const after = await openHooked({ store: stand.store, clock: stand.clock })
    await receiver.until(() => receiver.got.length === 6, pass(after, 100))
    expect(receiver.got.map(({ event }) => event.data['n']).toSorted()).toEqual([0, 1, 2, 3, 4, 5])
    await receiver.until(() => view(after, id).queued === 0)
  })

  test('10,000 wait for one at most: the oldest goes, is counted and told; the newest 200 of what is done are kept', async () => {
    const receiver = await receive()
    receiver.answer = () => undefined
    const stand = await openHooked()
    const { id } = await make(stand, given(receiver.url))
    for (let n = 0; n < 10_050; n++) emit(stand, { n })
    expect(view(stand, id)).toMatchObject({ queued: 10_000, dropped: 50 })
    expect(alerts(stand)).toEqual([expect.stringContaining('50 were dropped')])
    await stand.clock.advance(100)
    const stored = () => stand.directory.estate.global.entries('delivery:').length
    expect(stored()).toBe(10_000)
    await receiver.until(() => receiver.got.length === 4)
    // What was being sent is not dropped.
    expect(receiver.got.map(({ event }) => event.data['n']).toSorted()).toEqual([0, 1, 2, 3])
    expect(Math.min(...stand.house.webhooks.deliveries(id).map(({ eventId }) => Number(eventId.split('-').at(-1)))) < 10).toBe(true)
    await stand.house.webhooks.remove(id)
    expect([stored(), alerts(stand)]).toEqual([0, []])

    const other = await receive()
    const kept = await make(stand, given(other.url))
    for (let n = 0; n < 260; n++) emit(stand, { n })
    await other.until(() => view(stand, kept.id).queued === 0)
    expect([other.got.length, stand.house.webhooks.deliveries(kept.id).length, stored()]).toEqual([260, 200, 200])
  }, 60_000)

  test('16 MiB wait for one at most', async () => {
    const stand = await openHooked()
    const { id } = await make(stand, given('http://127.0.0.1:1/'))
    for (let n = 0; n < 300; n++) emit(stand, { long: 'x'.repeat(60_000) })
    expect(view(stand, id).queued).toBeLessThan(281)
    expect(view(stand, id).queued + view(stand, id).dropped).toBe(300)
  })

  test('an id tag that is erased goes out of what waits', async () => {
    const receiver = await receive()
    receiver.answer = status(500)
    const stand = await openHooked()
    const { id } = await make(stand, given(receiver.url, { showIdTags: true }))
    emit(stand, { idTag: 'GONE-TAG' })
    await receiver.until(() => stand.house.webhooks.deliveries(id)[0]?.attempts === 1)
    const erased = stand.house.erasure.erase('GONE-TAG', 'asked for', caller)
    await receiver.until(() => !JSON.stringify(stand.directory.estate.global.entries('delivery:')).includes('GONE-TAG'), pass(stand, 10))
    const { erasedAs } = await erased
    await stand.clock.advance(6_000)
    await receiver.until(() => receiver.got.length === 2)
    expect(receiver.got[1]?.event.data['idTag']).toBe(erasedAs)
  })
})

describe('inner addresses', () => {
  test('none is called unless kwota.yaml says so, be it named or looked up', async () => {
    const receiver = await receive()
    const stand = await openHooked({}, false)
    for (const url of [receiver.url, 'http://localhost:9/', 'http://[::ffff:10.0.0.1]/']) await expect(make(stand, given(url))).rejects.toThrow('no public address')
    // One that was made while it was allowed, and a name that leads there.
    const { id } = await make(stand, given('https://example.com/'))
    stand.directory.estate.global.put(`webhook:${id}`, { ...stand.directory.estate.global.get(`webhook:${id}`) as object, url: receiver.url.replace('127.0.0.1', 'localhost') })
    await stand.directory.estate.global.flush()
    stand.directory.crash()
    const after = await openHooked({ store: stand.store, clock: stand.clock }, false)
    emit(after)
    await receiver.until(() => after.house.webhooks.deliveries(id)[0]?.attempts === 1)
    expect(after.house.webhooks.deliveries(id)[0]?.error).toMatch(/no public address/)
    expect(receiver.got).toEqual([])
  })

  test('a redirect is not followed', async () => {
    const [first, second] = [await receive(), await receive()]
    first.answer = status(307, { location: second.url })
    const stand = await openHooked()
    const { id } = await make(stand, given(first.url))
    emit(stand)
    await first.until(() => stand.house.webhooks.deliveries(id)[0]?.attempts === 1)
    expect([stand.house.webhooks.deliveries(id)[0]?.error, second.got.length]).toEqual(['it answered with status 307', 0])
  })
})

test('a test is sent once, also while the webhook is disabled, one at a time', async () => {
  const receiver = await receive()
  const stand = await openHooked()
  const { id, secret } = await make(stand, given(receiver.url, { enabled: false }))
  const first = stand.house.webhooks.test(id)
  await expect(stand.house.webhooks.test(id)).rejects.toThrow('under way')
  expect(await first).toMatchObject({ type: 'webhook.test', status: 'delivered', attempts: 1, responseStatus: 204 })
  const { body, headers } = receiver.got[0]!
  expect(new Webhook(secret).verify(body, headers)).toMatchObject({ type: 'webhook.test', siteID: 'main', data: { webhookID: id } })
  receiver.answer = status(500)
  expect(await stand.house.webhooks.test(id)).toMatchObject({ status: 'failed', attempts: 1, error: 'it answered with status 500', nextAttemptAt: null })
  await stand.clock.advance(3_600_000)
  expect(receiver.got.length).toBe(2)
})
