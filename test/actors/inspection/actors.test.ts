// Who lives, how it stands and what became of it last, read from a whole house; id tags hashed, contexts cut.
import { describe, expect, it } from 'vitest'
import { caller, openHouse, type HouseStand } from '../house-stand.ts'

const everywhere = (): boolean => true
const later = (stand: HouseStand): string => new Date(stand.clock.wall() + 3_600_000).toISOString()

async function lively(): Promise<HouseStand & { transactionId: number }> {
  const stand = await openHouse({ sites: [{ id: 'main', circuits: [{ id: 'garage', limitA: 40 }] }, { id: 'annex' }], chargePoints: [{ id: 'CP1', circuit: 'garage' }, { id: 'CP:2 x', site: 'annex' }, { id: 'CP3' }] })
  const peer = await stand.boot('CP1')
  await stand.boot('CP:2 x')
  const transactionId = await stand.start(peer, 'SECRET-TAG-1')
  await stand.call(peer, 'StatusNotification', { connectorId: 1, status: 'Charging', errorCode: 'NoError' })
  await stand.clock.advance(15_000)
  return { ...stand, transactionId }
}

describe('the list', () => {
  it('has every actor that lives, under what it belongs to, and nobody who was not needed yet', async () => {
    const { house, transactionId } = await lively()
    const found = house.inspection.actors({ covers: everywhere })
    expect(found.map(({ id, parent, state }) => [id, parent, state])).toEqual([
      ['site:main', null, 'holding'], ['site:annex', null, 'holding'],
      ['charge-point:CP1', 'site:main', 'online'], ['connector:CP1:1', 'charge-point:CP1', { status: 'charging', limit: 'settled' }],
      [`transaction:CP1:${transactionId}`, 'charge-point:CP1', 'charging'],
      ['charge-point:CP:2 x', 'site:annex', 'online'], ['connector:CP:2 x:1', 'charge-point:CP:2 x', expect.anything()],
    ])
    expect(found.find(({ id }) => id === 'charge-point:CP1')).toMatchObject({ type: 'charge-point', siteID: 'main', clientID: 'CP1', circuitID: 'garage', connectorId: null, queued: 0 })
    expect(found.filter(({ connectorId }) => connectorId === 1).map(({ type }) => type)).toEqual(['connector', 'transaction', 'connector'])
  })

  it('is narrowed by site, charge point and type, and leaves out what is not covered', async () => {
    const { house: { inspection } } = await lively()
    const ids = (query: Partial<Parameters<typeof inspection.actors>[0]>) => inspection.actors({ covers: everywhere, ...query }).map(({ id }) => id)
    expect(ids({ siteID: 'annex' })).toEqual(['site:annex', 'charge-point:CP:2 x', 'connector:CP:2 x:1'])
    expect(ids({ clientID: 'cp1', types: ['connector', 'site'] })).toEqual(['connector:CP1:1'])
    expect(ids({ covers: (siteID) => siteID === 'annex' })).toEqual(ids({ siteID: 'annex' }))
  })

  it('counts what waits for a charge point: commands that are not sent, and calls on its connection', async () => {
    const stand = await lively()
    const { house, directory: { estate } } = stand
    await house.commands.issue('CP3', 'ClearCache', {}, { expiresAt: later(stand) }, caller)
    await house.commands.issue('CP3', 'Reset', { type: 'Soft' }, { expiresAt: later(stand) }, caller)
    expect(house.inspection.actor('charge-point:CP3', false).queued).toBe(2)
    Object.assign(estate.point('CP1')!.session!, { callsWaiting: 3 })
    expect(house.inspection.actor('charge-point:CP1', false).queued).toBe(3)
  })

  it('follows those that end: a transaction, a charge point that is deleted, a site', async () => {
    const stand = await lively()
    const { house, directory: { estate }, transactionId } = stand
    const has = (id: string) => house.inspection.actors({ covers: everywhere }).some((actor) => actor.id === id)
    await stand.call(stand.directory.estate.point('CP1')!.session as Parameters<HouseStand['call']>[0], 'StopTransaction', { transactionId, meterStop: 10, timestamp: new Date(stand.clock.wall()).toISOString() })
    expect([has(`transaction:CP1:${transactionId}`), has('connector:CP1:1')]).toEqual([false, true])
    await house.deleteChargePoint('CP:2 x', caller)
    await house.deleteSite('annex', caller)
    expect([has('charge-point:CP:2 x'), has('connector:CP:2 x:1'), has('site:annex')]).toEqual([false, false, false])
    expect(() => house.inspection.actor('site:annex', false)).toThrow(/There is no actor site:annex/)
    stand.directory.crash()
    expect(estate.inspection.roots.all()).toEqual([])
  })
})

describe('one actor', () => {
  it('shows its context with the id tag hashed, as everywhere', async () => {
    const { house, transactionId } = await lively()
    const shown = house.inspection.actor(`transaction:CP1:${transactionId}`, true)
    expect(shown).toMatchObject({ status: 'active', truncated: false, state: 'charging', connectorId: 1, context: { record: { id: transactionId, idTag: house.maskTag('SECRET-TAG-1') } } })
    expect(JSON.stringify(shown)).not.toContain('SECRET-TAG-1')
  })

  it('is found whatever the case of its charge point, and cut at 4 KiB unless all of it is asked for', async () => {
    const stand = await lively()
    const { house } = stand
    const peer = stand.directory.estate.point('CP1')!.session as Parameters<HouseStand['call']>[0]
    for (let count = 0; count < 30; count++) await stand.call(peer, 'SecurityEventNotification', { type: `Event${count}`, timestamp: new Date(stand.clock.wall()).toISOString(), techInfo: 'x'.repeat(250) })
    const [cut, whole] = [house.inspection.actor('charge-point:cp1', false), house.inspection.actor('charge-point:cp1', true)]
    expect([cut.id, cut.truncated, whole.truncated]).toEqual(['charge-point:CP1', true, false])
    expect(JSON.stringify(cut.context).length).toBeLessThanOrEqual(4_096)
    expect(JSON.stringify(cut.context).length).toBeGreaterThan(3_000)
    expect(JSON.stringify(whole.context).match(/Event\d+/g)).toHaveLength(20)
  })
})

describe('the history', () => {
  it('tells each change of state with its event, newest first, also of what nobody watched', async () => {
    const { house, transactionId } = await lively()
    expect(house.inspection.history('charge-point:CP1').map(({ event, from, to }) => [event, from, to])).toEqual([['BOOT_ACCEPTED', 'booting', 'online'], ['CONNECTED', 'offline', 'booting']])
    expect(house.inspection.history(`transaction:CP1:${transactionId}`)).toEqual([{ at: expect.stringMatching(/^\d{4}-.*Z$/), event: 'STATUS_REPORTED', from: 'starting', to: 'charging' }])
    const connector = house.inspection.history('connector:CP1:1')
    expect(connector[0]).toMatchObject({ to: { status: 'charging', limit: 'settled' } })
    expect(connector.at(-1)).toMatchObject({ from: { limit: 'none' } })
    expect(() => house.inspection.history('command:CP1:nope')).toThrow(/There is no actor/)
  })

  it('is bounded: the newest 64 of a family', async () => {
    const stand = await lively()
    const peer = stand.directory.estate.point('CP1')!.session as Parameters<HouseStand['call']>[0]
    for (let count = 0; count < 100; count++) await stand.call(peer, 'StatusNotification', { connectorId: 1, status: count % 2 === 0 ? 'SuspendedEV' : 'Charging', errorCode: 'NoError' })
    const notes = ['charge-point:CP1', 'connector:CP1:1', `transaction:CP1:${stand.transactionId}`].flatMap((id) => stand.house.inspection.history(id))
    expect(notes).toHaveLength(64)
    expect(stand.house.inspection.history('connector:CP1:1')[0]).toMatchObject({ event: 'STATUS_REPORTED', to: { status: 'charging' } })
  })

  it('goes on over a restart of a family that broke', async () => {
    const stand = await lively()
    const { roots } = stand.directory.estate.inspection
    const [before, root] = [stand.house.inspection.history('charge-point:CP1'), roots.find('charge-point:CP1')!]
    // An event without its record breaks the machine, which begins again from its last good snapshot.
    expect(() => stand.directory.estate.familyOf('CP1')!.station.send(JSON.parse('{"type":"RESERVATION_REQUESTED"}'))).toThrow(/was restarted/)
    expect(roots.find('charge-point:CP1')!.actor).not.toBe(root.actor)
    expect(stand.house.inspection.actor('charge-point:CP1', false).state).toBe('online')
    expect(stand.house.inspection.history('charge-point:CP1').slice(-before.length)).toEqual(before)
  })
})
