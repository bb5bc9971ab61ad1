// The lobby: one row for each identity and reason, what to change, and letting in who waits.
import { describe, expect, test } from 'vitest'
import { chargePointSchema } from '../../src/power/site.ts'
import { changes, Lobby } from '../../src/actors/lobby.ts'
import type { Attempt } from '../../src/protocol/session.ts'
import { VirtualClock } from '../virtual-clock.ts'
import { caller, openHouse } from './house-stand.ts'
import { Peer, pointOf } from './site-stand.ts'

const attempt = (clientID: string, more: Partial<Attempt> = {}): Attempt => ({
  clientID, path: `/x/ocpp/${clientID}`, remoteAddress: '10.0.0.9', loopback: false, secure: false, host: 'kwota.example', subprotocols: ['ocpp2.0.1'], ...more,
})
const { id: _, ...fresh } = chargePointSchema.parse({ id: 'x' })
const boot = { chargePointVendor: 'Acme', chargePointModel: 'One' }

describe('rows', () => {
  test('one per identity and reason, newest first, with every attempt counted', async () => {
    const clock = new VirtualClock()
    const lobby = new Lobby(() => clock.wall())
    lobby.refused(attempt('CP1'), 'auth-wrong', null)
    await clock.advance(1_000)
    lobby.refused(attempt('CP2', { subprotocols: [] }), 'no-subprotocol', null)
    await clock.advance(1_000)
    lobby.refused(attempt('cp1', { remoteAddress: '10.0.0.8' }), 'auth-wrong', null)
    lobby.refused(attempt('CP1'), 'tls-required', 'do this')
    expect(lobby.list()).toEqual([
      { clientID: 'CP1', verdict: 'refused', reason: 'tls-required', change: 'do this', path: '/x/ocpp/CP1', remoteAddress: '10.0.0.9', subprotocols: ['ocpp2.0.1'], firstAt: '2024-05-01T10:00:02.000Z', lastAt: '2024-05-01T10:00:02.000Z', attempts: 1 },
      { clientID: 'cp1', verdict: 'refused', reason: 'auth-wrong', change: changes['auth-wrong'], path: '/x/ocpp/cp1', remoteAddress: '10.0.0.8', subprotocols: ['ocpp2.0.1'], firstAt: '2024-05-01T10:00:00.000Z', lastAt: '2024-05-01T10:00:02.000Z', attempts: 2 },
      { clientID: 'CP2', verdict: 'refused', reason: 'no-subprotocol', change: changes['no-subprotocol'].replace('{clientID}', 'CP2'), path: '/x/ocpp/CP2', remoteAddress: '10.0.0.9', subprotocols: [], firstAt: '2024-05-01T10:00:01.000Z', lastAt: '2024-05-01T10:00:01.000Z', attempts: 1 },
    ])
  })

  test('at most 500; the one not seen for longest goes', () => {
    const lobby = new Lobby(() => 0)
    for (let n = 0; n < 500; n++) lobby.refused(attempt(`CP${n}`, { remoteAddress: `10.0.${n}.1` }), 'unknown-id', null)
    lobby.refused(attempt('CP0'), 'unknown-id', null)
    lobby.refused(attempt('CP500'), 'unknown-id', null)
    const ids = lobby.list().map(({ clientID }) => clientID)
    expect([ids.length, ids[0], ids[1], ids.at(-1)]).toEqual([500, 'CP500', 'CP0', 'CP2'])
  })

  test('of one address at most 50 attempts', () => {
    const lobby = new Lobby(() => 0)
    lobby.refused(attempt('CP1', { remoteAddress: '10.0.0.1' }), 'auth-wrong', null)
    for (let n = 0; n < 200; n++) lobby.refused(attempt(`X${n}`), 'unknown-id', null)
    const ids = lobby.list().map(({ clientID }) => clientID)
    expect([ids.length, ids[0], ids.at(-2), ids.at(-1)]).toEqual([51, 'X199', 'X150', 'CP1'])
  })

  test('whoever waits stays while it is connected, whatever else comes', () => {
    const lobby = new Lobby(() => 0)
    const waiting = Array.from({ length: 60 }, (_, n) => new Peer(new VirtualClock(), `W${n}`))
    for (const peer of waiting) lobby.waits(peer, 'unknown-id')
    for (let n = 0; n < 600; n++) lobby.refused(attempt(`X${n}`, { remoteAddress: `10.0.${n}.1` }), 'unknown-id', null)
    lobby.refused(attempt('W0', { remoteAddress: '10.1.0.1' }), 'unknown-id', null)
    for (let n = 600; n < 1_200; n++) lobby.refused(attempt(`X${n}`, { remoteAddress: `10.0.${n}.1` }), 'unknown-id', null)
    const held = () => lobby.list().filter(({ clientID }) => clientID.startsWith('W')).length
    expect([held(), lobby.list().length]).toEqual([60, 560])
    for (const peer of waiting) lobby.gone(peer)
    for (let n = 0; n < 600; n++) lobby.refused(attempt(`X${n}`, { remoteAddress: `10.0.${n}.1` }), 'unknown-id', null)
    expect(held()).toBeLessThan(60)
  })

  test.each(Object.entries(changes))('%s says on which side something is to be changed', (_reason, change) => {
    expect(change).toMatch(/^(?:In the charge point|In one of two charge points|Here|Nothing, unless).+\.$/)
  })

  test('a name that is odd in an address is written as one', () => {
    const lobby = new Lobby(() => 0)
    lobby.refused(attempt('RDAM 1'), 'unknown-id', null)
    expect(lobby.list()[0]?.change).toContain('/api/v1/lobby/RDAM%201/accept')
  })
})

describe('through the desk', () => {
  async function waiting(options: Parameters<typeof openHouse>[0] = { unknown: 'pending' }, coming: Partial<Attempt> = {}) {
    const stand = await openHouse(options)
    await stand.admit('NEW-1', undefined, coming)
    const peer = new Peer(stand.clock, 'NEW-1')
    stand.desk.connected(peer)
    return { ...stand, peer }
  }

  test('who is refused is there with the reason, until it connects', async () => {
    const { desk, house, boot: connect } = await openHouse({ chargePoints: [{ id: 'CP1' }] })
    desk.refused(attempt('CP1'), 'auth-wrong')
    desk.refused(attempt('CP2'), 'unknown-id')
    expect(house.lobby.list()).toMatchObject([{ clientID: 'CP2', reason: 'unknown-id' }, { clientID: 'CP1', reason: 'auth-wrong' }])
    await connect('CP1')
    expect(house.lobby.list()).toMatchObject([{ clientID: 'CP2' }])
  })

  test('who waits is there with what it said of itself', async () => {
    const { house, call, peer } = await waiting()
    expect(house.lobby.list()).toMatchObject([{ clientID: 'NEW-1', verdict: 'waiting', reason: 'unknown-id', path: '/ocpp/NEW-1', subprotocols: ['ocpp1.6'], attempts: 1 }])
    expect(house.lobby.list()[0]).not.toHaveProperty('boot')
    await call(peer, 'BootNotification', boot)
    expect(house.lobby.list()).toMatchObject([{ verdict: 'waiting', boot }])
  })

  test('accepted with nothing said: configured, closed at once, and let in when it comes back', async () => {
    const { house, events, logged, peer, admit, boot: connect, restart } = await waiting()
    expect(await house.lobby.accept('new-1', fresh, undefined, caller)).toMatchObject({ created: true, chargePoint: { changedBy: 'tester', value: { id: 'NEW-1', site: 'main', hasPassword: false } } })
    expect(house.chargePoint('NEW-1').value).not.toHaveProperty('securityProfile')
    expect(peer.closedBy).toBe('configured now; connect again')
    expect(house.lobby.list()).toEqual([])
    expect(events.filter(({ type }) => type === 'chargepoint.accepted')).toMatchObject([{ clientID: 'NEW-1', siteID: 'main', data: { by: 'tester' } }])
    expect(logged).toContain('a charge point was accepted from the lobby')
    await connect('NEW-1')
    expect(house.chargePoint('NEW-1').value.state).toBe('online')
    expect(await (await restart({ unknown: 'reject' })).admit('NEW-1')).toMatchObject({ admitted: true })
    expect(await admit('NEW-1')).toMatchObject({ admitted: true })
  })

  test('accepted from another machine without a password: it can come back, and its entry says why', async () => {
    const { house, admit } = await waiting({ unknown: 'pending' }, { loopback: false })
    await house.lobby.accept('NEW-1', fresh, undefined, caller)
    expect(house.chargePoint('NEW-1').value.securityProfile).toBe(0)
    expect(await admit('NEW-1', undefined, { loopback: false })).toMatchObject({ admitted: true })
  })

  test('accepted with a password: only with that', async () => {
    const { house, admit } = await waiting({ unknown: 'pending' }, { loopback: false })
    const password = 'sixteen-letters!'
    await house.lobby.accept('NEW-1', { ...fresh, fallbackA: 6 }, password, caller)
    expect(house.chargePoint('NEW-1').value).toMatchObject({ fallbackA: 6, hasPassword: true })
    expect(house.chargePoint('NEW-1').value).not.toHaveProperty('securityProfile')
    expect([await admit('NEW-1'), await admit('NEW-1', { username: 'NEW-1', password })]).toMatchObject([{ admitted: false }, { admitted: true }])
  })

  test('one that was refused can be accepted before it tries again', async () => {
    const { desk, house, admit } = await openHouse({ unknown: 'reject' })
    desk.refused(attempt('NEW-1'), 'unknown-id')
    await house.lobby.accept('NEW-1', fresh, undefined, caller)
    expect(await admit('NEW-1', undefined, { loopback: false })).toMatchObject({ admitted: true })
  })

  test.each([
    ['nobody of that name', 'NOBODY', fresh, { kind: 'not-found', code: 'not-in-lobby' }],
    ['a site that is not', 'NEW-1', { ...fresh, site: 'nowhere' }, { kind: 'invalid', code: 'unknown-site' }],
    ['fallbacks that do not fit', 'NEW-1', { ...fresh, fallbackA: 100 }, { kind: 'invalid' }],
    ['one that is configured', 'CP1', fresh, { kind: 'conflict', code: 'charge-point-exists' }],
  ] as const)('%s is refused and changes nothing', async (_title, clientID, given, refusal) => {
    const { house, peer, desk } = await waiting({ unknown: 'pending', chargePoints: [{ id: 'CP1' }] })
    desk.refused(attempt('CP1'), 'auth-wrong')
    await expect(house.lobby.accept(clientID, given, undefined, caller)).rejects.toMatchObject(refusal)
    expect(house.lobby.list().length).toBe(2)
    expect([house.chargePoints().length, peer.closedBy]).toEqual([1, null])
  })

  test('while the store is down nobody is accepted', async () => {
    const { house, peer, trouble } = await waiting()
    trouble.store = true
    await expect(house.lobby.accept('NEW-1', fresh, undefined, caller)).rejects.toMatchObject({ kind: 'store-down' })
    expect([house.chargePoints(), peer.closedBy, house.lobby.list().length]).toEqual([[], null, 1])
  })

  test('one that is configured to wait waits here, and accepting changes that and nothing else', async () => {
    const { house, peer, call } = await waiting({ chargePoints: [{ id: 'NEW-1', fallbackA: 6, settings: { bootPolicy: 'pending', strict: true } }] })
    expect(await call(peer, 'BootNotification', boot)).toMatchObject({ status: 'Pending' })
    expect(house.lobby.list()).toMatchObject([{ verdict: 'waiting', reason: 'boot-pending', boot }])
    await expect(house.lobby.accept('NEW-1', { ...fresh, fallbackA: 8 }, undefined, caller)).rejects.toMatchObject({ code: 'charge-point-exists' })
    expect(await house.lobby.accept('NEW-1', fresh, undefined, caller)).toMatchObject({ created: false, chargePoint: { value: { fallbackA: 6, settings: { bootPolicy: 'accept', strict: true } } } })
    expect([peer.closedBy, house.lobby.list()]).toEqual(['accepted now; connect again', []])
    await expect(house.lobby.accept('NEW-1', fresh, undefined, caller)).rejects.toMatchObject({ kind: 'conflict' })
  })

  test('one that is rejected is here as refused, and accepting it lets it boot', async () => {
    const { house, desk, peer, call, boot: connect } = await waiting({ chargePoints: [{ id: 'NEW-1', fallbackA: 6, settings: { bootPolicy: 'reject' } }] })
    expect(await call(peer, 'BootNotification', boot)).toMatchObject({ status: 'Rejected' })
    expect(house.lobby.list()).toMatchObject([{ clientID: 'NEW-1', verdict: 'refused', reason: 'boot-rejected', subprotocols: ['ocpp1.6'], attempts: 1, boot }])
    await expect(house.commands.issue('NEW-1', 'ClearCache', {}, { waitMs: 0 }, caller)).rejects.toMatchObject({ code: 'charge-point-rejected', hint: expect.stringContaining('/lobby/NEW-1/accept') as string })
    expect(await house.lobby.accept('NEW-1', fresh, undefined, caller)).toMatchObject({ chargePoint: { value: { fallbackA: 6, settings: { bootPolicy: 'accept' } } } })
    expect([peer.closedBy, house.lobby.list()]).toEqual(['accepted now; connect again', []])
    desk.disconnected(peer, 1012, '')
    await connect('NEW-1')
    expect(house.chargePoint('NEW-1').value.state).toBe('online')
    await expect(house.lobby.accept('NEW-1', fresh, undefined, caller)).rejects.toMatchObject({ code: 'charge-point-exists' })
  })

  test('one whose settings turn against it is here when it boots again, and only for the reason that holds', async () => {
    const stand = await openHouse({ chargePoints: [{ id: 'CP1' }] })
    const peer = await stand.boot('CP1')
    for (const [bootPolicy, reason] of [['reject', 'boot-rejected'], ['pending', 'boot-pending']] as const) {
      await stand.house.putChargePoint(pointOf({ id: 'CP1', settings: { bootPolicy } }), undefined, caller)
      await stand.call(peer, 'BootNotification', boot)
      await stand.call(peer, 'BootNotification', boot)
      expect(stand.house.lobby.list()).toMatchObject([{ reason, subprotocols: ['ocpp1.6'], boot }])
    }
  })

  test('one that was rejected and whose settings accept it since is called back', async () => {
    const { house, peer, call } = await waiting({ chargePoints: [{ id: 'NEW-1', settings: { bootPolicy: 'reject' } }] })
    await call(peer, 'BootNotification', boot)
    await house.putChargePoint(pointOf({ id: 'NEW-1' }), undefined, caller)
    await house.lobby.accept('NEW-1', fresh, undefined, caller)
    expect([peer.closedBy, house.lobby.list()]).toEqual(['accepted now; connect again', []])
  })

  test('one whose settings say so since is here no more when it boots again', async () => {
    const { house, peer, call } = await waiting({ chargePoints: [{ id: 'NEW-1', settings: { bootPolicy: 'pending' } }] })
    await house.putChargePoint(pointOf({ id: 'NEW-1', settings: { bootPolicy: 'accept' } }), undefined, caller)
    expect(await call(peer, 'BootNotification', boot)).toMatchObject({ status: 'Accepted' })
    expect([house.lobby.list(), peer.closedBy]).toEqual([[], null])
  })

  test('a site whose charge points wait: the same', async () => {
    const { house } = await waiting({ sites: [{ settings: { bootPolicy: 'pending' } }], chargePoints: [{ id: 'NEW-1' }] })
    expect(house.lobby.list()).toMatchObject([{ reason: 'boot-pending' }])
    expect(await house.lobby.accept('NEW-1', fresh, undefined, caller)).toMatchObject({ chargePoint: { value: { settings: { bootPolicy: 'accept' } } } })
  })

  test('added over REST without the lobby: closed at once all the same', async () => {
    const { house, peer } = await waiting()
    await house.putChargePoint({ ...fresh, id: 'NEW-1' }, undefined, caller)
    expect([peer.closedBy, house.lobby.list()]).toEqual(['configured now; connect again', []])
  })
})
