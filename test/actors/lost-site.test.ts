// Decision 55, row by row: what may leave for a site while its lease is fresh, overdue, and lost.
import { expect, test } from 'vitest'
import { StaleEpoch, type Hold, type Store } from '../../src/store/port.ts'
import { caller, openHouse } from './house-stand.ts'

const another = { id: 'other-1', host: 'other', pid: 2, startedAt: '2026-01-01T00:00:00.000Z' }

/** A car on CP1, and a store whose leases are as the test says. */
async function openLeased() {
  const lease = { state: 'fresh' as Hold['state'], lose: new Map<string, (why: string) => void>() }
  const stand = await openHouse({
    chargePoints: [{ id: 'CP1' }, { id: 'CP2' }],
    through: (memory): Store => ({
      ...memory,
      leases: { hold: () => ({ state: lease.state, endsAtMs: lease.state === 'fresh' ? 1_767_225_602_000 : null, owner: lease.state === 'lost' ? another : null }), doubt: () => null },
      own(scope, lost = () => undefined) {
        lease.lose.set(scope, lost)
        return memory.own(scope)
      },
      commit: (scope, epoch, batch) => (lease.state === 'lost' ? Promise.reject(new StaleEpoch(`${scope} was taken`)) : memory.commit(scope, epoch, batch)),
    }),
  })
  const peer = await stand.boot('CP1')
  await stand.clock.advance(15_000)
  const id = await stand.start(peer)
  await stand.clock.advance(15_000)
  const limit = async (currentA: number): Promise<void> => {
    const set = stand.house.setGridLimit('main', { currentA }, caller)
    await stand.clock.advance(10_000)
    await set
  }
  /** What leaves from now on. */
  const leaves = async (act: () => Promise<unknown>): Promise<string[]> => {
    const from = peer.calls.length
    const done = act()
    done.catch(() => undefined)
    await stand.clock.advance(10_000)
    await done
    return peer.calls.slice(from).map(({ action, payload }) => (action === 'SetChargingProfile' ? `${action} ${payload.csChargingProfiles!.chargingSchedule.chargingSchedulePeriod[0]!.limit}` : action))
  }
  const command = async (...[action, request]: [Parameters<typeof stand.house.commands.issue>[1], object]) => {
    const asked = stand.house.commands.issue('CP1', action, request as never, {}, caller)
    await stand.clock.advance(10_000)
    return stand.house.commands.get((await asked).id)
  }
  return { ...stand, lease, peer, id, limit, leaves, command }
}

test('fresh: everything leaves', async () => {
  const { leaves, limit, command, house } = await openLeased()
  expect(await leaves(() => limit(10))).toContain('SetChargingProfile 10')
  expect(await leaves(() => limit(20))).toContain('SetChargingProfile 20')
  expect(await leaves(() => command('RemoteStartTransaction', { idTag: 'TAG' }))).toContain('RemoteStartTransaction')
  expect(house.inventory().sites).toMatchObject([{ id: 'main', epoch: 1, lostTo: null, leaseEndsAt: '2026-01-01T00:00:02.000Z' }])
})

test('overdue: lowerings, what ends power and questions leave, nothing else does; a raising follows when it is fresh again', async () => {
  const { leaves, limit, command, lease, id, clock, peer } = await openLeased()
  lease.state = 'overdue'
  expect(await leaves(() => limit(10))).toContain('SetChargingProfile 10')
  const told = peer.calls.length
  expect(await leaves(() => limit(20))).not.toContain('SetChargingProfile 20')
  expect(await leaves(() => command('RemoteStartTransaction', { idTag: 'TAG' }))).not.toContain('RemoteStartTransaction')
  expect(await command('Reset', { type: 'Soft' })).toMatchObject({ status: 'failed', error: { code: 'not-owner' } })
  expect(await command('ChangeAvailability', { connectorId: 1, type: 'Operative' })).toMatchObject({ status: 'failed', error: { code: 'not-owner' } })
  expect(peer.calls.slice(told).filter(({ action }) => ['Reset', 'ChangeAvailability', 'SetChargingProfile'].includes(action))).toEqual([])
  lease.state = 'fresh'
  await clock.advance(30_000)
  expect(peer.profiles(told).some((profile) => profile.endsWith(' 20'))).toBe(true)
  lease.state = 'overdue'
  for (const [action, request] of [['ChangeAvailability', { connectorId: 1, type: 'Inoperative' }], ['RemoteStopTransaction', { transactionId: id }], ['GetConfiguration', {}]] as const) {
    expect(await leaves(() => command(action, request))).toContain(action)
  }
})

test('lost: nobody is told anything any more, the charge points are cut off, and requests are refused', async () => {
  const { lease, peer, clock, house, desk, leaves, admit, call, directory, logged } = await openLeased()
  lease.state = 'lost'
  const before = peer.calls.length
  const started = call(peer, 'StartTransaction', { connectorId: 1, idTag: 'LATE', meterStart: 0, timestamp: new Date(clock.wall()).toISOString() }).catch(() => 'unanswered')
  // It is on its way in when the news comes.
  for (const [scope, tell] of lease.lose) tell(`${scope} was taken by another kwota`)
  expect(peer.closedBy).toBe('another kwota has this site now')
  const beat = desk.handle(peer, 'Heartbeat', {}, [])
  await clock.advance(60_000)
  expect(await Promise.race([started, beat, Promise.resolve('unanswered')])).toBe('unanswered')
  expect(await leaves(async () => house.setGridLimit('main', { currentA: 6 }, caller).catch(() => undefined))).toEqual([])
  expect(peer.calls.length).toBe(before)
  expect(await admit('CP1')).toEqual({ admitted: false, reason: 'not-owner', status: 503 })
  for (const about of [{}, { siteID: 'main' }, { clientID: 'CP1' }]) expect(() => house.demandOwner(about)).toThrow(expect.objectContaining({ kind: 'store-down', code: 'not-owner' }))
  expect(house.alerts()).toContainEqual(expect.objectContaining({ code: 'site-lost', severity: 'critical', siteID: 'main', resolvedAt: null }))
  expect(house.alerts().filter(({ code }) => code === 'store-down' || code === 'engine-not-ticking')).toEqual([])
  expect(house.inventory().sites).toMatchObject([{ lostTo: { id: 'other-1' }, leaseEndsAt: null }])
  expect(await house.health()).toMatchObject({ ready: false })
  expect(logged).toContain('another process owns this site now: nothing more is sent for it')
  await directory.stop()
})
