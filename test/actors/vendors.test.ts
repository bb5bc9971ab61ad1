// Vendor messages: who answers what, what is kept of it, and what is never shown or called.
import { describe, expect, test } from 'vitest'
import { findHandler, withSecrets } from '../../src/actors/vendors.ts'
import type { OutgoingCall } from '../../src/outgoing.ts'
import { settingsOfEntries, vendorEntrySchema, type VendorSettings } from '../../src/vendor-settings.ts'
import { openStand } from './family-stand.ts'
import { caller, openHouse } from './house-stand.ts'

const accept = { handler: 'accept' } as const
const reject = { handler: 'reject' } as const
const vendors = (all: Record<string, Record<string, object>>): VendorSettings => ({ vendors: Object.fromEntries(Object.entries(all).map(([vendor, messages]) => [vendor, { messages: messages as never }])) })

describe('who answers', () => {
  const own = vendors({ Acme: { ping: reject }, Solo: { '*': accept } })
  const everybody = vendors({ acme: { ping: accept, '*': accept, '': reject }, Other: { x: accept } })
  test.each([
    ['its own before everybody\'s', 'ACME', 'Ping', reject], ['everybody\'s where it has none', 'acme', 'pong', accept], ['no message id', 'acme', '', reject],
    ['any message', 'solo', 'whatever', accept], ['known vendor, unknown message', 'other', 'y', 'UnknownMessageId'], ['unknown vendor', 'nobody', 'x', 'UnknownVendorId'], ['no vendor by inheritance', 'constructor', 'x', 'UnknownVendorId'],
  ] as const)('%s', (_title, vendor, message, found) => expect(findHandler([own, everybody], vendor, message)).toEqual(found))
  test('lines of kwota.yaml', () => {
    const entries = [{ vendorId: 'a', handler: 'accept' }, { vendorId: 'a', messageId: 'm', handler: 'webhook', url: 'https://example.com' }].map((entry) => vendorEntrySchema.parse(entry))
    expect(settingsOfEntries(entries)).toEqual({ vendors: { a: { messages: { '*': accept, m: { handler: 'webhook', url: 'https://example.com', timeoutS: 5 } } } } })
  })
})

test('a secret stays while the URL does', () => {
  const hook = (url: string, secret?: string) => vendors({ a: { m: { handler: 'webhook', url, timeoutS: 5, ...(secret === undefined ? {} : { secret }) } } })
  const before = hook('https://example.com/1', 'old secret')
  const secretOf = (settings: VendorSettings) => Object.values(settings.vendors['a']!.messages).map((handler) => (handler.handler === 'webhook' ? handler.secret : ''))
  expect([secretOf(withSecrets(hook('https://example.com/1'), before)), secretOf(withSecrets(hook('https://example.com/1', 'new secret'), before)), secretOf(withSecrets(hook('https://example.com/2'), before))]).toEqual([['old secret'], ['new secret'], [undefined]])
  expect(() => withSecrets(hook('https://user:pw@example.com'), before)).toThrow('no user or password')
})

describe('a webhook', () => {
  const hook = vendors({ Acme: { '*': { handler: 'webhook', url: 'https://example.com/hook', secret: 'a long secret', timeoutS: 3 } } })
  test.each<[string, () => Promise<unknown>, object]>([
    ['its answer is the answer', () => Promise.resolve({ status: 'Accepted', data: 'pong' }), { status: 'Accepted', data: 'pong' }],
    ['without data', () => Promise.resolve({ status: 'UnknownMessageId', data: null }), { status: 'UnknownMessageId' }],
    ['an answer that is none', () => Promise.resolve({ status: 'Maybe' }), { status: 'Rejected' }],
    ['no answer', () => Promise.reject(new Error('no answer within 3 s')), { status: 'Rejected' }],
  ])('%s', async (_title, said, answer) => {
    const calls: OutgoingCall[] = []
    const stand = await openStand({ vendors: hook, outgoing: (call) => {
      calls.push(call)
      return said()
    } })
    await stand.boot()
    expect(await stand.send('DataTransfer', { vendorId: 'Acme', messageId: 'ping', data: 'hi' })).toEqual(answer)
    expect(calls).toMatchObject([{ url: 'https://example.com/hook', secret: 'a long secret', timeoutS: 3, trusted: true, payload: { clientID: 'CP1', siteID: 'depot', vendorId: 'Acme', messageId: 'ping', data: 'hi' } }])
  })
})

test('each exchange is kept, both ways, the newest 200, over a restart; and goes with the charge point', async () => {
  const stand = await openHouse({ chargePoints: [{ id: 'CP1' }] })
  const peer = await stand.boot('CP1')
  const put = stand.house.vendors.putSettings('CP1', vendors({ Acme: { '*': { handler: 'accept', data: 'ok' } } }), caller)
  await stand.clock.advance(10)
  await put
  expect(await stand.call(peer, 'DataTransfer', { vendorId: 'Acme', messageId: 'ping', data: 'x'.repeat(3_000) })).toEqual({ status: 'Accepted', data: 'ok' })
  expect(await stand.call(peer, 'DataTransfer', { vendorId: 'Nobody' })).toEqual({ status: 'UnknownVendorId' })
  const asked = stand.house.commands.issue('CP1', 'DataTransfer', { vendorId: 'Acme', data: 'out' }, { waitMs: 1_000 }, caller)
  await stand.clock.advance(2_000)
  await asked
  const again = await stand.restart()
  expect(again.house.vendors.exchanges('CP1')).toMatchObject([
    { direction: 'out', vendorId: 'Acme', data: 'out', status: 'Accepted', handler: 'charge-point' },
    { direction: 'in', vendorId: 'Nobody', messageId: null, status: 'UnknownVendorId', handler: 'none' },
    { direction: 'in', vendorId: 'Acme', messageId: 'ping', dataLength: 3_000, data: 'x'.repeat(2_048), status: 'Accepted', response: 'ok', handler: 'accept' },
  ])
  const back = await again.boot('CP1')
  for (let count = 0; count < 205; count++) await again.call(back, 'DataTransfer', { vendorId: 'Acme', messageId: String(count) })
  expect([again.house.vendors.exchanges('CP1').length, again.house.vendors.exchanges('CP1')[0]?.messageId]).toEqual([200, '204'])
  const gone = again.house.deleteChargePoint('CP1', caller)
  await again.clock.advance(10)
  await gone
  expect([...await again.store.read('main')].map(([key]) => key).filter((key) => key.includes('CP1'))).toEqual([])
})
