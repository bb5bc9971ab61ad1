// Who is let in: unknown identities by policy, known ones by password, every refusal alike; and what the desk hands on.
import { describe, expect, test } from 'vitest'
import { Peer, pointOf } from './site-stand.ts'
import { caller, openHouse } from './house-stand.ts'

const password = 'sixteen-letters!'

describe('unknown charge points', () => {
  test('reject: 401, and nothing begins', async () => {
    const { admit, house } = await openHouse({ unknown: 'reject' })
    expect(await admit('NEW')).toEqual({ admitted: false, reason: 'unknown-id', status: 401 })
    expect(house.chargePoints()).toEqual([])
  })

  test('pending: connected, but only BootNotification is answered, with Pending', async () => {
    const { admit, desk, call, clock, house } = await openHouse({ unknown: 'pending' })
    expect(await admit('NEW')).toMatchObject({ admitted: true, clientID: 'NEW' })
    const peer = new Peer(clock, 'NEW')
    desk.connected(peer)
    expect(await call(peer, 'BootNotification', { chargePointVendor: 'A', chargePointModel: 'B' })).toMatchObject({ status: 'Pending', interval: 60 })
    await expect(call(peer, 'StartTransaction', {})).rejects.toMatchObject({ code: 'SecurityError' })
    expect(house.chargePoints()).toEqual([])
    expect(peer.closedBy).toBeNull()
    await house.putChargePoint(pointOf({ id: 'NEW' }), undefined, caller)
    expect(peer.closedBy).toContain('connect again')
  })

  test('accept: joins main as one connector of 32 A with fallback 0, durably and once, and says so', async () => {
    const stand = await openHouse({ unknown: 'accept' })
    const admissions = await Promise.all([stand.admit('New-1'), stand.admit('NEW-1'), stand.admit('new-1')])
    expect(new Set(admissions.map((one) => (one.admitted ? one.clientID : one.reason)))).toEqual(new Set(['New-1']))
    expect(stand.house.chargePoints()).toMatchObject([{ version: 1, changedBy: 'connection', value: { id: 'New-1', site: 'main', fallbackA: 0, connectors: [{ id: 1, maxA: 32 }] } }])
    expect(stand.house.alerts()).toMatchObject([{ code: 'new-charger', severity: 'info', clientID: 'New-1' }])
    const again = await stand.restart({ unknown: 'reject' })
    expect(await again.admit('NEW-1')).toMatchObject({ admitted: true, clientID: 'New-1' })
  })

  test.each([['no subprotocol', []], ['another version', ['ocpp2.0.1', 'ocpp1.6J']]])('accept, with %s: it is turned away, and leaves no entry', async (_, subprotocols) => {
    const { admit, house } = await openHouse({ unknown: 'accept' })
    expect(await admit('GHOST', undefined, { subprotocols })).toMatchObject({ admitted: true, clientID: 'GHOST' })
    expect(house.chargePoints()).toEqual([])
    expect(await admit('GHOST', undefined, { subprotocols: ['ocpp2.0.1', 'ocpp1.6'] })).toMatchObject({ admitted: true })
    expect(house.chargePoints()).toMatchObject([{ value: { id: 'GHOST' } }])
  })

  test('accept, where everybody may come without a subprotocol: it joins; with another version it does not', async () => {
    const { admit, house } = await openHouse({ unknown: 'accept', defaults: { withoutSubprotocol: true } })
    expect(await admit('OTHER', undefined, { subprotocols: ['ocpp2.0.1'] })).toMatchObject({ admitted: true })
    expect(house.chargePoints()).toEqual([])
    expect(await admit('SILENT', undefined, { subprotocols: [] })).toMatchObject({ admitted: true, clientID: 'SILENT', withoutSubprotocol: true })
    expect(house.chargePoints()).toMatchObject([{ value: { id: 'SILENT' } }])
  })

  test('accept, with the store down: not let in, and nobody is left half there', async () => {
    const stand = await openHouse({ unknown: 'accept' })
    stand.trouble.store = true
    await expect(stand.admit('NEW')).rejects.toMatchObject({ kind: 'store-down' })
    stand.trouble.store = false
    await stand.clock.advance(5_000)
    expect(stand.house.chargePoints()).toEqual([])
    expect((await (await stand.restart({ unknown: 'reject' })).admit('NEW'))).toMatchObject({ admitted: false })
  })

  test('accept, without a site main: waits in the lobby', async () => {
    const { admit, house } = await openHouse({ unknown: 'accept', sites: [{ id: 'depot' }] })
    expect(await admit('NEW')).toMatchObject({ admitted: true })
    expect(house.chargePoints()).toEqual([])
  })

  test('accept, with an identity that is too long for us: the lobby', async () => {
    const { admit, house } = await openHouse({ unknown: 'accept' })
    expect(await admit('x'.repeat(49))).toMatchObject({ admitted: true })
    expect(house.chargePoints()).toEqual([])
  })
})

describe('passwords', () => {
  const guarded = () => openHouse({ chargePoints: [{ id: 'Cp1', password }, { id: 'OPEN' }] })

  test.each([
    ['right', { username: 'Cp1', password }, null],
    ['right, in another spelling of the name', { username: 'CP1', password }, null],
    ['none given', undefined, 'auth-missing'],
    ['too short', { username: 'Cp1', password: 'short' }, 'auth-bad-length'],
    ['too long', { username: 'Cp1', password: `${password}12345` }, 'auth-bad-length'],
    ['wrong', { username: 'Cp1', password: 'sixteen-letterz!' }, 'auth-wrong'],
    ['right, under another name', { username: 'OPEN', password }, 'auth-wrong'],
    ['empty', { username: 'Cp1', password: '' }, 'auth-bad-length'],
  ])('%s', async (_, credentials, reason) => {
    const { admit } = await guarded()
    expect(await admit('CP1', credentials)).toEqual(reason === null ? { admitted: true, clientID: 'Cp1', strict: false, withoutSubprotocol: false, messagesPerSecond: 20 } : { admitted: false, reason, status: 401 })
  })

  test('from outside an unknown identity and a wrong password look the same', async () => {
    const { admit } = await guarded()
    const [unknown, wrong] = [await admit('NOBODY', { username: 'NOBODY', password }), await admit('Cp1', { username: 'Cp1', password: 'sixteen-letterz!' })]
    expect([unknown, wrong]).toMatchObject([{ admitted: false, status: 401 }, { admitted: false, status: 401 }])
  })

  test('a charge point without a password comes in with or without credentials', async () => {
    const { admit } = await guarded()
    expect([await admit('OPEN'), await admit('open', { username: 'x', password: 'y' })]).toMatchObject([{ admitted: true, clientID: 'OPEN' }, { admitted: true, clientID: 'OPEN' }])
  })

  test('security profile 1 without a password lets nobody in, profile 0 anybody, until there is one', async () => {
    const { admit, house } = await openHouse({ chargePoints: [{ id: 'CP1', securityProfile: 1 }, { id: 'CP2', securityProfile: 0 }] })
    const refused = { admitted: false, reason: 'auth-missing', status: 401 }
    expect([await admit('CP1'), await admit('cp1', { username: 'CP1', password })]).toEqual([refused, refused])
    expect(await admit('CP2')).toMatchObject({ admitted: true })
    await house.putChargePoint(pointOf({ id: 'CP1', securityProfile: 1 }), password, caller)
    expect([await admit('CP1'), await admit('CP1', { username: 'CP1', password })]).toMatchObject([refused, { admitted: true }])
  })

  test('null removes it, undefined leaves it', async () => {
    const { admit, house } = await guarded()
    await house.putChargePoint(pointOf({ id: 'CP1' }), undefined, caller)
    expect(house.chargePoint('cp1').value.hasPassword).toBe(true)
    expect(await admit('CP1')).toMatchObject({ admitted: false })
    await house.putChargePoint(pointOf({ id: 'CP1' }), null, caller)
    expect(house.chargePoint('cp1').value.hasPassword).toBe(false)
    expect(await admit('CP1')).toMatchObject({ admitted: true, clientID: 'Cp1' })
  })
})

describe('refused attempts and sessions', () => {
  test('a refusal is an event; a duplicate is an alert until the first connection ends', async () => {
    const { desk, events, house, boot, clock } = await openHouse({ chargePoints: [{ id: 'CP1' }] })
    const peer = await boot('CP1')
    const attempt = { clientID: 'CP1', path: '/ocpp/CP1', remoteAddress: '10.0.0.9', loopback: false, secure: false, host: 'kwota.example:8080', subprotocols: ['ocpp1.6'] }
    desk.refused(attempt, 'duplicate-id')
    desk.refused(attempt, 'duplicate-id')
    expect(events.filter(({ type }) => type === 'chargepoint.rejected').length).toBe(2)
    expect(house.alerts()).toMatchObject([{ code: 'duplicate-identity', clientID: 'CP1', resolvedAt: null }])
    peer.cut()
    desk.disconnected(peer, 1006, '')
    await clock.advance(0)
    expect(house.alerts()).toMatchObject([{ code: 'duplicate-identity', resolvedAt: expect.any(String) as string }])
  })

  test('the view follows the connection', async () => {
    const { boot, house, desk, clock } = await openHouse({ chargePoints: [{ id: 'CP1' }] })
    const peer = await boot('CP1')
    expect(house.chargePoint('CP1').value).toMatchObject({ state: 'online', connection: { state: 'online', generation: 1 } })
    peer.cut()
    desk.disconnected(peer, 1006, '')
    await clock.advance(0)
    expect(house.chargePoint('CP1').value).toMatchObject({ connection: { state: 'offline' } })
    expect(house.connector('CP1', 1).power.online).toBe(false)
  })

  test('a session of a charge point that was deleted is told so', async () => {
    const { boot, house, call } = await openHouse({ chargePoints: [{ id: 'CP1' }] })
    const peer = await boot('CP1')
    await house.deleteChargePoint('CP1', caller)
    expect(peer.closedBy).toBe('deleted')
    await expect(call(peer, 'Heartbeat', {})).rejects.toMatchObject({ code: 'SecurityError' })
  })
})
