// A key is changed over the wire and the process is killed in between: the charge point comes back in with what it holds.
import { afterEach, expect, test } from 'vitest'
import { RPCClient, type RpcClient } from './rpc-client.ts'
import { newPlace, startServer, tidyUp, type Server } from './server.ts'

const first = Buffer.from('sixteen-letters!')
const key = Buffer.alloc(20, 0xa7)
const config = 'unknownChargePoints: reject\nchargePoints:\n  - { id: CP1, securityProfile: 1, password: sixteen-letters! }\n'
const clients: RpcClient[] = []
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close({ force: true })))
  await tidyUp()
})

/** Connected and booted, or the HTTP status of the refusal. */
async function come({ ocppUrl }: Server, password: Buffer, onKey: (value: unknown) => unknown = () => ({ status: 'Rejected' })): Promise<RpcClient | unknown> {
  const client = new RPCClient({ endpoint: ocppUrl, identity: 'CP1', password, protocols: ['ocpp1.6'], strictMode: true, reconnect: false })
  clients.push(client)
  client.handle('ChangeConfiguration', ({ params }) => (params['key'] === 'AuthorizationKey' ? onKey(params['value']) : { status: 'Accepted' }))
  client.handle('SetChargingProfile', () => ({ status: 'Accepted' }))
  client.handle('GetConfiguration', () => ({ configurationKey: [] }))
  try {
    await client.connect()
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error
  }
  await client.call('BootNotification', { chargePointVendor: 'Elsewhere', chargePointModel: 'Independent' })
  return client
}

const change = (server: Server) => server.request<unknown>('PUT', '/api/v1/chargepoints/CP1/configuration', { keys: { AuthorizationKey: key.toString('hex') } }, { Prefer: 'wait=10' })

test.each([
  ['it had taken the key', key, 401],
  ['it had not', first, 'in'],
] as const)('killed after it was sent, before it was answered; %s', async (_, holds, withFirst) => {
  const place = await newPlace()
  const server = await startServer({ place, config })
  let hear: (value: unknown) => void = () => undefined
  const arrived = new Promise<unknown>((resolve) => { hear = resolve })
  await come(server, first, (value) => {
    hear(value)
    return new Promise(() => undefined)
  })
  change(server).catch(() => undefined)
  expect(await arrived).toBe(key.toString('hex'))
  await server.kill9()
  const again = await startServer({ place, config })
  expect(await come(again, Buffer.alloc(20, 1))).toBe(401)
  const back = await come(again, holds)
  expect(back).toBeInstanceOf(RPCClient)
  if (back instanceof RPCClient) await back.close({ force: true })
  const once = await come(again, first)
  expect(once instanceof RPCClient ? 'in' : once).toBe(withFirst)
}, 60_000)

test('killed after it was accepted: the new key lets in, and once it has, the old one does not, whatever the file says', async () => {
  const place = await newPlace()
  const server = await startServer({ place, config })
  await come(server, first, () => ({ status: 'Accepted' }))
  const { status, body } = await change(server)
  expect([status, JSON.stringify(body)]).toEqual([200, expect.stringContaining('Accepted') as string])
  expect(server.output()).not.toContain(key.toString('hex'))
  await server.kill9()
  const again = await startServer({ place, config })
  expect(await come(again, key)).toBeInstanceOf(RPCClient)
  await again.kill9()
  const third = await startServer({ place, config })
  expect(await come(third, first)).toBe(401)
  expect(await come(third, key)).toBeInstanceOf(RPCClient)
}, 60_000)
