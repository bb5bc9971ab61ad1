// Passwords and security profiles over ChangeConfiguration: the two-step change, whoever asks for it and however it ends.
import { describe, expect, test } from 'vitest'
import { caller, openHouse, type HouseOptions, type HouseStand } from '../house-stand.ts'
import { Peer } from '../site-stand.ts'

const first = 'sixteen-letters!'
const keyHex = 'a1'.repeat(20)
const next = Buffer.from(keyHex, 'hex')

async function opened(point: object = {}, options: Partial<HouseOptions> = {}): Promise<{ stand: HouseStand; peer: Peer }> {
  const stand = await openHouse({ chargePoints: [{ id: 'CP1', securityProfile: 0, password: first, settings: { callTimeoutS: 1 }, ...point }], ...options })
  const admitted = await stand.admit('CP1', { username: 'CP1', password: first })
  expect(admitted).toMatchObject({ admitted: true })
  const peer = new Peer(stand.clock, 'CP1', 1)
  stand.desk.connected(peer)
  await stand.call(peer, 'BootNotification', { chargePointVendor: 'Acme', chargePointModel: 'One' })
  await stand.clock.advance(15_000)
  return { stand, peer }
}

const comes = async (stand: HouseStand, password: string | Buffer) => (await stand.admit('CP1', { username: 'CP1', password })).admitted
const passwordsOf = (stand: HouseStand) => (stand.directory.estate.point('CP1')?.record.nextPasswords ?? []).length
const raising = (stand: HouseStand) => stand.directory.estate.point('CP1')?.record.raisingTo
const sent = (peer: Peer, key: string) => peer.calls.filter(({ action, payload }) => action === 'ChangeConfiguration' && 'key' in payload && payload.key === key).length

async function within<T>(stand: HouseStand, promise: Promise<T>): Promise<T> {
  let over = false
  const end = () => { over = true }
  promise.then(end, end)
  // A password is hashed on a thread of its own, in the time of the machine.
  for (let turn = 0; turn < 1_000 && !over; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 2))
    await stand.clock.advance(100)
  }
  return promise
}

/** The same change asked for in both ways; answers what became of it. */
const ways: readonly (readonly [string, (stand: HouseStand, key: string, value: string) => Promise<string>])[] = [
  ['PUT', async (stand, key, value) => (await stand.house.configuration.put('CP1', { [key]: value }, { queue: false }, caller)).keys[key] ?? ''],
  ['the raw command', async (stand, key, value) => {
    const { id } = await stand.house.commands.issue('CP1', 'ChangeConfiguration', { key, value }, { waitMs: 200_000 }, caller)
    return String(stand.house.commands.get(id).response?.['status'] ?? 'none')
  }],
]

describe.each(ways)('a key through %s', (_, ask) => {
  test.each([['Accepted', 0, true], ['RebootRequired', 1, true], ['Rejected', 0, false], ['NotSupported', 0, false]])('%s', async (status, pending, opens) => {
    const { stand, peer } = await opened()
    peer.script = () => ({ status })
    expect(await within(stand, ask(stand, 'AuthorizationKey', keyHex))).toBe(status)
    expect(passwordsOf(stand)).toBe(pending)
    expect(await comes(stand, next)).toBe(opens)
  })

  test.each([['NotSupported', 0], ['NotImplemented', 0], ['InternalError', 1], [null, 1]])('answered with error %s: %i more may come in', async (code, pending) => {
    const { stand, peer } = await opened()
    peer.script = () => (code === null ? 'hold' : { error: code })
    await within(stand, ask(stand, 'AuthorizationKey', keyHex))
    expect(passwordsOf(stand)).toBe(pending)
  })

  test('what is no key is refused, and nothing was begun or sent', async () => {
    const { stand, peer } = await opened()
    await expect(within(stand, ask(stand, 'authorizationkey', 'short'))).rejects.toMatchObject({ kind: 'invalid' })
    expect([passwordsOf(stand), sent(peer, 'authorizationkey'), sent(peer, 'AuthorizationKey')]).toEqual([0, 0, 0])
  })

  test('while it is away it is refused, and nothing was begun', async () => {
    const { stand, peer } = await opened()
    peer.cut()
    stand.desk.disconnected(peer, 1006, '')
    await expect(within(stand, ask(stand, 'AuthorizationKey', keyHex))).rejects.toMatchObject({ code: 'charge-point-offline' })
    expect(passwordsOf(stand)).toBe(0)
  })

  test('neither stored, nor in a record, nor in an event', async () => {
    const { stand } = await opened()
    await within(stand, ask(stand, 'AuthorizationKey', keyHex))
    expect(JSON.stringify([[...await stand.store.read('main')], stand.events, stand.house.commands.list(), await stand.house.configuration.get('CP1', {}, caller)])).not.toContain(keyHex)
  })

  test('a profile: above the one on record only, and taken back when it is rejected', async () => {
    const { stand, peer } = await opened({ securityProfile: 1 }, { tls: { clientCertificates: false } })
    await expect(within(stand, ask(stand, 'SecurityProfile', '1'))).rejects.toMatchObject({ kind: 'invalid' })
    await expect(within(stand, ask(stand, 'SecurityProfile', '0'))).rejects.toMatchObject({ kind: 'invalid' })
    await expect(within(stand, ask(stand, 'SecurityProfile', '3'))).rejects.toMatchObject({ kind: 'conflict', code: 'no-client-ca' })
    peer.script = () => ({ status: 'Rejected' })
    expect(await within(stand, ask(stand, 'SecurityProfile', '2'))).toBe('Rejected')
    expect(raising(stand)).toBeUndefined()
    peer.script = () => ({ status: 'Accepted' })
    expect(await within(stand, ask(stand, 'SecurityProfile', '2'))).toBe('Accepted')
    expect(raising(stand)).toBe(2)
    expect(sent(peer, 'SecurityProfile')).toBe(2)
  })
})

test('a key that was prepared and then refused was never begun', async () => {
  const { stand } = await opened()
  const issued = stand.house.commands.issue('CP1', 'ChangeConfiguration', { key: 'AuthorizationKey', value: keyHex }, { expiresAt: '2020-01-01T00:00:00Z' }, caller)
  await expect(within(stand, issued)).rejects.toMatchObject({ code: 'expires-at' })
  expect(passwordsOf(stand)).toBe(0)
})

test.each([['HeartbeatInterval', 'abc'], ['NumberOfConnectors', '3'], ['MeterValuesSampledData', 'Voltage,SoC'], ['LocalPreAuthorize', 'yes']])('%s: %s is refused before it is recorded, by what is known of the charge point too', async (key, value) => {
  const { stand, peer } = await opened()
  peer.script = (action) => (action === 'GetConfiguration' ? { configurationKey: [{ key: 'MeterValuesSampledDataMaxLength', readonly: true, value: '1' }] } : { status: 'Accepted' })
  await within(stand, stand.house.configuration.get('CP1', { refresh: true }, caller))
  const before = stand.house.commands.list().length
  await expect(stand.house.commands.issue('CP1', 'ChangeConfiguration', { key, value }, {}, caller)).rejects.toMatchObject({ kind: 'invalid', code: 'invalid-value', errors: [{ pointer: '/value' }] })
  expect([sent(peer, key), stand.house.commands.list().length]).toEqual([0, before])
})

test('kwota itself never sends a key: nobody has prepared it', async () => {
  const { stand, peer } = await opened({ settings: { configuration: { AuthorizationKey: keyHex, SecurityProfile: '3' } } })
  const station = stand.directory.estate.familyOf('CP1')?.station
  await expect(station?.order('ChangeConfiguration', { key: 'AuthorizationKey', value: keyHex })).rejects.toMatchObject({ code: 'key-not-prepared' })
  expect([sent(peer, 'AuthorizationKey'), sent(peer, 'SecurityProfile')]).toEqual([0, 0])
})

test('a password of a vendor is changed like any key, and shown nowhere', async () => {
  const { stand, peer } = await opened()
  peer.script = (action) => (action === 'GetConfiguration' ? { configurationKey: [{ key: 'WifiPassword', readonly: false, value: 'geheim-1' }] } : { status: 'Accepted' })
  await within(stand, stand.house.configuration.get('CP1', { refresh: true }, caller))
  await within(stand, stand.house.configuration.put('CP1', { WifiPassword: 'geheim-2' }, { queue: false }, caller))
  const shown = JSON.stringify([stand.events, stand.house.commands.list(), await stand.house.configuration.get('CP1', {}, caller)])
  expect(shown).toContain('WifiPassword')
  expect(shown).not.toContain('geheim')
})
