// Races against the whole product: commands over REST and charge points that cross them, come late, or come fifty at a time.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { TransactionView } from '../../src/actors/views.ts'
import { Client } from '../protocol/station-server.ts'
import { newPlace, startServer, tidyUp, type Server } from './server.ts'
import { until } from './yard.ts'

type Payload = Record<string, unknown>
type Answer = (payload: Payload) => Payload | Promise<Payload>

const config = `
sites: [{ id: main, fuseA: 200 }]
chargePoints: [{ id: STORM, control: none }, { id: CROSS, control: none }, { id: LATE, control: none }]
engine: { callTimeoutS: 1 }
`
let server: Server
const stations: Station[] = []
beforeAll(async () => { server = await startServer({ place: await newPlace(), config }) }, 120_000)
afterEach(() => { for (const station of stations.splice(0)) station.client.socket.terminate() })
afterAll(tidyUp)

/** Calls, and answers as it is told, over a socket that shows everything. */
class Station {
  readonly client: Client
  readonly answers = new Map<string, Answer>([['GetConfiguration', () => ({})]])
  private readonly waiting = new Map<string, (payload: Payload) => void>()
  private next = 0

  constructor(id: string) {
    this.client = new Client(`${server.ocppUrl}/${id}`)
    this.client.socket.on('message', (data: Buffer) => void this.take(JSON.parse(data.toString()) as [number, string, unknown, unknown]))
    stations.push(this)
  }

  call(action: string, payload: Payload): Promise<Payload> {
    const id = `c${++this.next}`
    return new Promise((resolve) => {
      this.waiting.set(id, resolve)
      this.client.send([2, id, action, payload])
    })
  }

  async boot(): Promise<this> {
    await this.client.arrival
    await this.call('BootNotification', { chargePointVendor: 'Race', chargePointModel: 'One' })
    await this.call('StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Available' })
    return this
  }

  private async take([type, id, third, payload]: [number, string, unknown, unknown]): Promise<void> {
    if (type !== 2) return this.waiting.get(id)?.(third as Payload)
    const answer = await (this.answers.get(String(third)) ?? (() => ({ status: 'NotSupported' })))(payload as Payload)
    this.client.send([3, id, answer])
  }
}

const at = () => new Date().toISOString()
const command = (id: string, name: string, body: Payload) => server.request('POST', `/api/v1/chargepoints/${id}/${name}`, body, { Prefer: 'wait=15' })
const transactionsOf = async (id: string) => (await server.transactions()).filter(({ clientID }) => clientID === id)

test('fifty sockets of one identity boot at once: one is in, and every command reaches it', async () => {
  const all = Array.from({ length: 50 }, () => new Station('STORM'))
  const arrivals = await Promise.all(all.map(({ client }) => client.arrival))
  expect(arrivals.filter(({ status }) => status === 409).length).toBe(49)
  const inside = all.filter((_, index) => arrivals[index]?.status === 101)
  const [one] = inside
  one?.answers.set('DataTransfer', ({ data }) => ({ status: 'Accepted', data: `seen ${String(data)}` }))
  await one?.boot()
  const outcomes = await Promise.all(Array.from({ length: 10 }, (_, n) => command('STORM', 'data-transfer', { vendorId: 'race', data: String(n) })))
  expect(outcomes.map(({ body }) => (body['response'] as Payload | null)?.['data'])).toEqual(outcomes.map((_, n) => `seen ${n}`))
  expect((await server.request('GET', '/api/v1/system')).body).toMatchObject({ sizes: { connections: 1, chargePoints: 3 } })
  expect((await server.request<string>('GET', '/metrics')).body).toMatch(/^kwota_connections 1$/m)
}, 60_000)

test('a charge point that starts before it answers the remote start, and stops before it answers the remote stop', async () => {
  const station = await new Station('CROSS').boot()
  let transactionId = 0
  station.answers.set('RemoteStartTransaction', async ({ idTag }) => {
    transactionId = (await station.call('StartTransaction', { connectorId: 1, idTag, meterStart: 0, timestamp: at() }))['transactionId'] as number
    return { status: 'Accepted' }
  })
  station.answers.set('RemoteStopTransaction', async () => {
    await station.call('StopTransaction', { transactionId, meterStop: 5, timestamp: at(), reason: 'Remote' })
    return { status: 'Accepted' }
  })
  expect(await command('CROSS', 'remote-start', { connectorId: 1, idTag: 'TAG' })).toMatchObject({ status: 200, body: { status: 'accepted' } })
  const [started] = await transactionsOf('CROSS')
  expect(started).toMatchObject({ id: transactionId, stoppedAt: null })
  expect(await command('CROSS', 'remote-stop', { transactionId })).toMatchObject({ status: 200, body: { status: 'accepted' } })
  expect(await transactionsOf('CROSS')).toMatchObject([{ id: transactionId, status: 'stopped', stopReason: 'Remote' } satisfies Partial<TransactionView>])
}, 60_000)

test('an answer after the time-out is kept with its own command, and the next command has its own', async () => {
  const station = await new Station('LATE').boot()
  let release = (): void => undefined
  const released = new Promise<void>((resolve) => { release = resolve })
  station.answers.set('ChangeConfiguration', async ({ value }) => {
    if (value === 'slow') await released
    return { status: value === 'slow' ? 'Rejected' : 'Accepted' }
  })
  const slow = await command('LATE', 'change-configuration', { key: 'VendorThing', value: 'slow' })
  expect(slow.body).toMatchObject({ status: 'timed-out', response: null })
  expect((await command('LATE', 'change-configuration', { key: 'VendorThing', value: 'quick' })).body).toMatchObject({ status: 'accepted', response: { status: 'Accepted' } })
  release()
  const path = `/api/v1/commands/${String(slow.body['id'])}`
  const late = await until('the late answer', async () => {
    const { body } = await server.request('GET', path)
    return body['response'] === null ? null : body
  })
  expect(late).toMatchObject({ response: { status: 'Rejected' } })
}, 60_000)
