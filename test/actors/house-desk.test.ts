// The house answering: what can be changed, and every refusal one that can be understood.
import { describe, expect, test } from 'vitest'
import { caller, charging, openHouse, twoSites } from './house-stand.ts'
import { pointOf, siteOf } from './site-stand.ts'

describe('sites', () => {
  test('made, changed and deleted; versions count', async () => {
    const { house } = await openHouse()
    expect(await house.putSite(siteOf({ id: 'annex', fuseA: 16 }), caller)).toMatchObject({ created: true, site: { version: 1, changedBy: 'tester', value: { fuseA: 16 } } })
    expect(await house.putSite(siteOf({ id: 'annex', fuseA: 20 }), caller)).toMatchObject({ created: false, site: { version: 2 } })
    expect(house.power('annex').effective.currentA).toBe(20)
    await house.deleteSite('annex', caller)
    expect(() => house.site('annex')).toThrow('There is no site annex.')
    expect(() => house.power('annex')).toThrow(expect.objectContaining({ kind: 'not-found', code: 'unknown-site' }))
  })

  test('a deleted site that is made again begins without the old limit', async () => {
    const { house } = await openHouse()
    await house.putSite(siteOf({ id: 'annex' }), caller)
    await house.setGridLimit('annex', { currentA: 5 }, caller)
    await house.deleteSite('annex', caller)
    await house.putSite(siteOf({ id: 'annex' }), caller)
    expect(house.gridLimit('annex')).toMatchObject({ version: 0, value: { currentA: null } })
  })

  test('a deleted site takes its commands, reservations and messages with it, also off the disk', async () => {
    const { house, store, clock, boot, desk, call, restart } = await openHouse({ ...twoSites, chargePoints: [{ id: 'CP1', site: 'annex' }], messageLog: { keepDays: 7, keepMiB: 16 } })
    const peer = await boot('CP1')
    desk.frame?.(peer, 'in', '[2,"h","Heartbeat",{}]')
    desk.frame?.(peer, 'out', '[3,"h",{}]')
    await call(peer, 'Heartbeat', {})
    desk.disconnected(peer, 1006, '')
    peer.open = false
    const expiresAt = new Date(clock.wall() + 3_600_000).toISOString()
    const issued = [house.commands.issue('CP1', 'Reset', { type: 'Soft' }, { expiresAt }, caller), house.commands.issue('CP1', 'ReserveNow', { connectorId: 1, idTag: 'ANNA', expiryDate: expiresAt }, { expiresAt }, caller)]
    await clock.advance(1_000)
    await Promise.all(issued)
    const left = async () => [...(await store.read('annex')).keys()].filter((key) => /^(?:command|request|reservation):|^(?:config|message-log)$/.test(key)).length
    expect([await left() > 4, (await house.messages.list({ limit: 5 })).data.length]).toEqual([true, 1])
    await house.putChargePoint(pointOf({ id: 'CP1', site: 'main' }), undefined, caller)
    await house.deleteSite('annex', caller)
    expect([await left(), house.commands.list(), house.reservations.list(), (await store.range('annex', 'messages', 0, clock.wall() + 1)).length]).toEqual([0, [], [], 0])
    await house.putSite(siteOf({ id: 'annex' }), caller)
    expect((await house.messages.list({ limit: 5, siteID: 'annex' })).data).toEqual([])
    const again = await restart()
    expect([again.house.commands.list(), again.house.reservations.list()]).toEqual([[], []])
  })

  test('main stays, and so does a site that charge points belong to', async () => {
    const { house } = await openHouse({ ...twoSites, chargePoints: [{ id: 'CP1', site: 'annex' }] })
    await expect(house.deleteSite('main', caller)).rejects.toMatchObject({ kind: 'conflict', code: 'site-in-use' })
    await expect(house.deleteSite('annex', caller)).rejects.toMatchObject({ kind: 'conflict', code: 'site-in-use' })
    await expect(house.deleteSite('nowhere', caller)).rejects.toMatchObject({ kind: 'not-found' })
  })

  test('a fuse that the fallbacks do not fit under is refused, and nothing changed', async () => {
    const { house } = await openHouse({ chargePoints: [{ id: 'CP1', fallbackA: 6 }, { id: 'CP2', fallbackA: 6 }] })
    await expect(house.putSite(siteOf({ fuseA: 10 }), caller)).rejects.toThrow('main L1–L3: fallbacks and worst base load add up to 12 A, the limit (fuse) is 10 A.')
    expect(house.site('main')).toMatchObject({ version: 1, value: { fuseA: 63 } })
  })

  test('a new limit of a circuit takes effect at once', async () => {
    const { house, peer, clock } = await charging()
    await house.putSite(siteOf({ fuseA: 63, limitW: 6_900 }), caller)
    await clock.advance(1_000)
    expect(peer.profiles().at(-1)).toBe('TxProfile 1 10')
  })
})

describe('charge points', () => {
  test('made, changed and deleted, whatever the case of the name', async () => {
    const { house } = await openHouse()
    expect(await house.putChargePoint(pointOf({ id: 'Cp-1' }), undefined, caller)).toMatchObject({ created: true, chargePoint: { version: 1, value: { id: 'Cp-1', hasPassword: false } } })
    expect(await house.putChargePoint(pointOf({ id: 'CP-1', fallbackA: 6 }), undefined, caller)).toMatchObject({ created: false, chargePoint: { version: 2, value: { id: 'Cp-1', fallbackA: 6 } } })
    expect(house.power('main').connectors.map(({ clientID }) => clientID)).toEqual(['Cp-1'])
    await house.deleteChargePoint('cp-1', caller)
    expect(house.chargePoints()).toEqual([])
    expect(house.power('main').connectors).toEqual([])
    expect(() => house.chargePoint('Cp-1')).toThrow(expect.objectContaining({ kind: 'not-found', code: 'unknown-charge-point' }))
  })

  test('what was deleted can be made again, in another site', async () => {
    const { house } = await openHouse(twoSites)
    await house.putChargePoint(pointOf({ id: 'CP1' }), undefined, caller)
    await house.deleteChargePoint('CP1', caller)
    expect(await house.putChargePoint(pointOf({ id: 'CP1', site: 'annex' }), undefined, caller)).toMatchObject({ created: true })
  })

  test('an unknown site or circuit is refused by its pointer', async () => {
    const { house } = await openHouse()
    await expect(house.putChargePoint(pointOf({ id: 'CP1', site: 'nowhere' }), undefined, caller)).rejects.toMatchObject({ kind: 'invalid', code: 'unknown-site', errors: [{ pointer: '/site' }] })
    await expect(house.putChargePoint(pointOf({ id: 'CP1', circuit: 'cellar' }), undefined, caller)).rejects.toMatchObject({ kind: 'invalid', code: 'unknown-circuit', errors: [{ pointer: '/circuit' }] })
    expect(house.chargePoints()).toEqual([])
  })

  test('a change ends its connection, so that it begins again as configured; no change leaves it alone', async () => {
    const { house, boot, clock } = await openHouse({ chargePoints: [{ id: 'CP1' }] })
    const peer = await boot('CP1')
    await house.putChargePoint(pointOf({ id: 'CP1' }), undefined, caller)
    expect(peer.closedBy).toBeNull()
    await house.putChargePoint(pointOf({ id: 'CP1', connectors: [{ id: 1, maxA: 16 }] }), undefined, caller)
    expect(peer.closedBy).toBe('configuration changed')
    await clock.advance(0)
    expect(house.connector('CP1', 1).power).toMatchObject({ online: false })
    const back = await boot('CP1')
    await clock.advance(1_000)
    expect(back.profiles()[0]).toBe('ChargePointMaxProfile 0 16')
  })

  test('moves to another site with all that belongs to it, and is remembered there', async () => {
    const stand = await openHouse({ ...twoSites, chargePoints: [] })
    const { house, boot, clock } = stand
    await house.putChargePoint(pointOf({ id: 'CP1' }), undefined, caller)
    const peer = await boot('CP1')
    await clock.advance(15_000)
    expect(await house.putChargePoint(pointOf({ id: 'CP1', site: 'annex' }), undefined, caller)).toMatchObject({ created: false, chargePoint: { version: 2, value: { site: 'annex' } } })
    expect(peer.open).toBe(false)
    expect(house.power('main').connectors).toEqual([])
    expect(house.power('annex').connectors.map(({ clientID }) => clientID)).toEqual(['CP1'])
    await clock.advance(20_000)
    const left = [...await stand.store.read('main')].map(([key]) => key).filter((key) => key.includes('CP1'))
    expect(left).toEqual([])
    const again = await stand.restart()
    expect(again.house.chargePoint('CP1').value.site).toBe('annex')
    const back = await again.boot('CP1')
    await clock.advance(15_000)
    expect(back.profiles().slice(0, 2)).toEqual(['ChargePointMaxProfile 0 32', 'TxDefaultProfile 1 0'])
  })

  test('neither moved nor deleted while a transaction runs', async () => {
    const { house, peer, id, call, clock } = await charging()
    await expect(house.deleteChargePoint('CP1', caller)).rejects.toMatchObject({ kind: 'conflict', code: 'transaction-running' })
    await expect(house.putChargePoint(pointOf({ id: 'CP1', site: 'annex' }), undefined, caller)).rejects.toThrow(`Transaction ${id} runs on CP1; it cannot be moved to another site now.`)
    expect(peer.closedBy).toBeNull()
    await call(peer, 'StopTransaction', { transactionId: id, meterStop: 10, timestamp: new Date(clock.wall()).toISOString() })
    await house.deleteChargePoint('CP1', caller)
    expect(await house.records.get(id)).toMatchObject({ status: 'stopped', clientID: 'CP1' })
  })

  test('an entry that a person puts answers what its coming had asked', async () => {
    const { house, boot, call, clock } = await openHouse({ unknown: 'accept' })
    const peer = await boot('NEW')
    await boot('OTHER')
    await call(peer, 'StatusNotification', { connectorId: 2, errorCode: 'NoError', status: 'Available' })
    const open = () => house.alerts().filter(({ code, resolvedAt }) => code === 'new-charger' && resolvedAt === null).map(({ clientID, connectorId }) => [clientID, connectorId])
    expect(open()).toEqual([['NEW', 2], ['OTHER', null], ['NEW', null]])
    await clock.advance(1_000)
    await house.putChargePoint(pointOf({ id: 'new', connectors: [{ id: 1 }] }), undefined, caller)
    expect(open()).toEqual([['OTHER', null]])
  })

  test('two who add the same one at once: one of them is told', async () => {
    const { house } = await openHouse(twoSites)
    const answers = await Promise.allSettled([
      house.putChargePoint(pointOf({ id: 'CP1' }), undefined, caller), house.putChargePoint(pointOf({ id: 'cp1', site: 'annex' }), 'sixteen-letters!', caller),
    ])
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    expect(answers[1]).toMatchObject({ reason: { kind: 'conflict', code: 'charge-point-exists' } })
    expect(house.chargePoints().map(({ value }) => value.site)).toEqual(['main'])
  })

  test('an identity that another owner holds is refused', async () => {
    const { house, store } = await openHouse()
    await store.claim('chargepoint', 'cp1', 'a-site-elsewhere')
    await expect(house.putChargePoint(pointOf({ id: 'CP1' }), undefined, caller)).rejects.toThrow('CP1 belongs to site a-site-elsewhere.')
  })
})

describe('base load', () => {
  test.each([
    ['amps', { currentA: { L1: 1, L2: 2, L3: 3 } }, { L1: 1, L2: 2, L3: 3 }],
    ['watts', { powerW: { L1: 230, L2: 460, L3: 0 } }, { L1: 1, L2: 2, L3: 0 }],
    ['export counts as nothing', { currentA: { L1: -10, L2: 2, L3: 0 } }, { L1: 0, L2: 2, L3: 0 }],
  ])('%s', async (_, reading, counted) => {
    const { house } = await openHouse()
    house.pushBaseLoad('main', reading)
    expect(house.power('main').baseLoad).toMatchObject({ status: 'fresh', countedA: counted })
  })

  test('from the future or too old: refused, and nothing changed', async () => {
    const { house, clock } = await openHouse({ sites: [{ baseLoad: { worstCaseA: 9, staleAfterS: 15 } }] })
    const at = (ms: number) => new Date(clock.wall() + ms).toISOString()
    const push = (ms: number) => () => house.pushBaseLoad('main', { currentA: { L1: 1, L2: 1, L3: 1 }, at: at(ms) })
    expect(push(10_001)).toThrow(expect.objectContaining({ kind: 'invalid', code: 'reading-in-the-future' }))
    expect(push(-15_001)).toThrow(expect.objectContaining({ kind: 'invalid', code: 'reading-stale' }))
    expect(house.power('main').baseLoad).toMatchObject({ status: 'never', countedA: { L1: 9, L2: 9, L3: 9 } })
    push(10_000)()
    push(-15_000)()
    expect(house.power('main').baseLoad.status).toBe('fresh')
    expect(() => house.pushBaseLoad('nowhere', { currentA: { L1: 1, L2: 1, L3: 1 } })).toThrow(expect.objectContaining({ kind: 'not-found' }))
  })
})

describe('connectors, transactions, health', () => {
  test('a patch changes what it names, null clears, and it moves the plan', async () => {
    const { house, peer, clock } = await charging()
    expect(await house.patchConnector('CP1', 1, { vehicleMaxA: 10, priority: 1, departureAt: '2024-05-01T18:00:00Z' }, caller)).toMatchObject({ vehicleMaxA: 10, priority: 1, weight: 1, departureAt: '2024-05-01T18:00:00Z' })
    await clock.advance(1_000)
    expect(peer.profiles().at(-1)).toBe('TxProfile 1 10')
    expect(await house.patchConnector('CP1', 1, { vehicleMaxA: null }, caller)).toMatchObject({ vehicleMaxA: null, priority: 1 })
    await clock.advance(30_000)
    expect(peer.profiles().at(-1)).toBe('TxProfile 1 32')
    await expect(house.patchConnector('CP1', 2, {}, caller)).rejects.toMatchObject({ kind: 'not-found', code: 'unknown-connector' })
    await expect(house.patchConnector('CP7', 1, {}, caller)).rejects.toMatchObject({ kind: 'not-found', code: 'unknown-charge-point' })
  })

  test('what was said of a car goes with it', async () => {
    const { house, peer, id, call, clock } = await charging()
    await house.patchConnector('CP1', 1, { vehicleMaxA: 10, priority: 4 }, caller)
    await call(peer, 'StopTransaction', { transactionId: id, meterStop: 10, timestamp: new Date(clock.wall()).toISOString() })
    expect(house.connector('CP1', 1)).toMatchObject({ vehicleMaxA: null, priority: 0, transactionId: null })
  })

  test('transactions of all sites, running and ended, newest first', async () => {
    const stand = await openHouse({ ...twoSites, chargePoints: [{ id: 'CP1' }, { id: 'CP2', site: 'annex' }] })
    const [one, two] = [await stand.boot('CP1'), await stand.boot('CP2')]
    const first = await stand.start(one, 'A')
    await stand.clock.advance(2_000)
    const second = await stand.start(two, 'B')
    await stand.clock.advance(2_000)
    await stand.call(one, 'StopTransaction', { transactionId: first, meterStop: 10, timestamp: new Date(stand.clock.wall()).toISOString() })
    await stand.clock.advance(2_000)
    const third = await stand.start(one, 'C')
    expect(stand.house.records.held().map(({ id, stoppedAt }) => [id, stoppedAt === null])).toEqual([[third, true], [second, true], [first, false]])
    await expect(stand.house.records.get(9_999_999)).rejects.toEqual(expect.objectContaining({ kind: 'not-found', code: 'unknown-transaction' }))
  })

  test('health looks at the store, the clock and the engine', async () => {
    const { house, clock, directory } = await openHouse()
    await clock.advance(60_000)
    expect(await house.health()).toMatchObject({ ready: true, checks: [{ name: 'store', ok: true }, { name: 'clock', ok: true }, { name: 'engine', ok: true }] })
    clock.jumpWall(-40 * 365 * 86_400_000)
    expect(await house.health()).toMatchObject({ ready: false, checks: [{ ok: true }, { name: 'clock', ok: false }, { ok: true }] })
    await directory.stop()
    await clock.advance(20_000)
    expect((await house.health()).checks.find(({ name }) => name === 'engine')).toMatchObject({ ok: false })
  })
})
