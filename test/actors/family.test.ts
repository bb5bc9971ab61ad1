// A family from its first connection on: boot, sessions, status, and what its site hears.
import { describe, expect, test } from 'vitest'
import { createMemoryStore } from '../../src/store/memory.ts'
import { ScriptedSession, meterValue, openStand } from './family-stand.ts'

const status = (connectorId: number, value: 'Available' | 'Charging' | 'Preparing' | 'Faulted') => ({ connectorId, errorCode: 'NoError' as const, status: value })

describe('boot', () => {
  test('before the first accepted boot: a security error for everything else', async () => {
    const stand = await openStand()
    stand.connect()
    expect(stand.family.view()).toMatchObject({ state: 'booting', connection: { state: 'booting', generation: 1 } })
    await expect(stand.send('Heartbeat', {})).rejects.toMatchObject({ name: 'CallError', code: 'SecurityError' })
    await expect(stand.send('StartTransaction', { connectorId: 1, idTag: 'T', meterStart: 0, timestamp: stand.iso() })).rejects.toMatchObject({ code: 'SecurityError' })
    expect(stand.site.facts).toEqual([])
    expect(stand.scope.entries('tx:')).toEqual([])
  })
  test('accepted, with our time and the heartbeat interval; the site counts it before the answer and speaks to it after', async () => {
    const stand = await openStand()
    stand.connect()
    const answered = Promise.resolve(stand.family.handle(stand.session, 'BootNotification', { chargePointVendor: 'Acme', chargePointModel: 'One', firmwareVersion: '1.2' }, []))
    const order: string[] = []
    void answered.then(() => order.push('answer'))
    expect(stand.site.facts).toEqual(['booted 1'])
    await expect(answered).resolves.toEqual({ status: 'Accepted', currentTime: stand.iso(), interval: 300 })
    expect(stand.site.facts).toEqual(['booted 1'])
    await stand.clock.advance(0)
    expect([...order, ...stand.site.facts]).toEqual(['answer', 'booted 1', 'online 1'])
    expect(stand.family.view()).toMatchObject({
      state: 'online', connection: { state: 'online', remoteAddress: '127.0.0.1:1' }, boot: { chargePointVendor: 'Acme', chargePointModel: 'One', firmwareVersion: '1.2' },
    })
  })
  test('a connection that has gone before the next turn is not reported as online', async () => {
    const stand = await openStand()
    stand.connect()
    await stand.family.handle(stand.session, 'BootNotification', { chargePointVendor: 'Acme', chargePointModel: 'One' }, [])
    stand.family.disconnected(stand.session, 1006)
    await stand.clock.advance(0)
    expect(stand.site.of('online')).toEqual([])
    expect(stand.site.of('booted')).toEqual(['booted 1'])
  })
  test('a boot whose connection is replaced in the same turn is counted all the same', async () => {
    const stand = await openStand()
    stand.connect()
    await stand.family.handle(stand.session, 'BootNotification', { chargePointVendor: 'Acme', chargePointModel: 'One' }, [])
    stand.connect()
    await stand.clock.advance(0)
    expect(stand.site.facts).toEqual(['booted 1', 'online 2'])
  })
  test('accepted once, it resumes without a boot', async () => {
    const stand = await openStand()
    await stand.boot()
    stand.family.disconnected(stand.session, 1006)
    expect(stand.family.view().connection.state).toBe('offline')
    stand.connect()
    await expect(stand.send('Heartbeat', {})).resolves.toEqual({ currentTime: stand.iso() })
    expect(stand.site.facts).toEqual(['booted 1', 'online 1', 'offline CP1', 'online 2'])
  })
  test('accepted once it is durable', async () => {
    const memory = createMemoryStore()
    let open = () => {}
    let gate = Promise.resolve()
    const stand = await openStand({ store: { ...memory, commit: async (...batch) => { await gate; return memory.commit(...batch) } } })
    await stand.clock.advance(0)
    gate = new Promise((resolve) => { open = resolve })
    stand.connect()
    const order: string[] = []
    const answered = Promise.resolve(stand.family.handle(stand.session, 'BootNotification', { chargePointVendor: 'Acme', chargePointModel: 'One' }, [])).then(() => order.push('answer'))
    await stand.clock.advance(1_900)
    expect([...order, ...stand.site.facts]).toEqual(['booted 1'])
    open()
    await answered
    expect(JSON.stringify((await memory.read('depot')).get('family:CP1'))).toContain('"accepted":true')
    await stand.clock.advance(0)
    expect(stand.site.facts).toEqual(['booted 1', 'online 1'])
  })
  test('while the store is down it is pending after 2 s, and the site may speak to it all the same', async () => {
    let down = false
    const stand = await openStand({ store: createMemoryStore({ failing: () => down }) })
    await stand.clock.advance(0)
    down = true
    stand.connect()
    const order: string[] = []
    void Promise.resolve(stand.family.handle(stand.session, 'BootNotification', { chargePointVendor: 'Acme', chargePointModel: 'One' }, [])).then((answer) => order.push((answer as { status: string }).status))
    await stand.clock.advance(1_999)
    expect(order).toEqual([])
    await stand.clock.advance(1)
    expect([...order, ...stand.site.facts]).toEqual(['Pending', 'booted 1', 'online 1'])
    expect(stand.logged).toContain('a boot waits for the store: answered Pending')
  })
  test('never seen', async () => {
    expect((await openStand()).family.view()).toMatchObject({ state: 'offline', connection: { state: 'never', since: null }, lastSeenAt: null, boot: null })
  })
})

describe('sessions', () => {
  test('only the newest counts: an old one\'s close and messages do nothing', async () => {
    const stand = await openStand()
    await stand.boot()
    const old = stand.session
    stand.connect()
    stand.family.disconnected(old, 1006)
    expect(stand.family.view().connection).toMatchObject({ state: 'online', generation: 2 })
    await expect(stand.send('StatusNotification', status(1, 'Charging'), old)).rejects.toMatchObject({ code: 'GenericError' })
    expect(stand.family.view().connectors[0]?.status).toBe('Unknown')
    expect(stand.site.facts).toEqual(['booted 1', 'online 1', 'online 2'])
  })
  test('an older generation that is announced late does not take over', async () => {
    const stand = await openStand()
    stand.connect()
    stand.connect()
    stand.family.connected(new ScriptedSession('CP1', 1))
    expect(stand.family.view().connection.generation).toBe(2)
  })
  test('coming and going are told', async () => {
    const stand = await openStand()
    await stand.boot()
    await stand.clock.advance(5000)
    stand.family.disconnected(stand.session, 1001)
    stand.family.disconnected(stand.session, 1001)
    expect(stand.events.map(({ type, clientID }) => [type, clientID])).toEqual([['chargepoint.connected', 'CP1'], ['chargepoint.disconnected', 'CP1']])
    expect(stand.family.view()).toMatchObject({ lastSeenAt: stand.iso(-5000), connection: { since: stand.iso() } })
  })
})

describe('status', () => {
  test('a fact for people and the site; the same again is no event', async () => {
    const stand = await openStand()
    await stand.boot()
    await stand.send('StatusNotification', { ...status(1, 'Preparing'), timestamp: stand.iso(-2000) })
    await stand.send('StatusNotification', status(1, 'Preparing'))
    await stand.send('StatusNotification', { connectorId: 2, errorCode: 'GroundFailure', status: 'Faulted', info: 'wet' })
    expect(stand.site.of('status')).toEqual(['status 1 Preparing', 'status 1 Preparing', 'status 2 Faulted'])
    expect(stand.family.view().connectors).toMatchObject([
      { id: 1, status: 'Preparing', errorCode: 'NoError', transactionId: null }, { id: 2, status: 'Faulted', errorCode: 'GroundFailure', info: 'wet', statusAt: stand.iso() },
    ])
    expect(stand.events.filter(({ type }) => type === 'connector.status').map(({ connectorId, data }) => [connectorId, data['status']])).toEqual([[1, 'Preparing'], [2, 'Faulted']])
  })
  test('connector 0 is the whole charge point and nobody\'s power; a connector nobody configured is met; an impossible one is confirmed', async () => {
    const stand = await openStand()
    await stand.boot()
    await expect(stand.send('StatusNotification', status(0, 'Available'))).resolves.toEqual({})
    await stand.send('StatusNotification', status(3, 'Available'))
    await expect(stand.send('StatusNotification', status(1001, 'Available'))).resolves.toEqual({})
    for (let id = 4; id < 200; id++) await stand.send('StatusNotification', status(id, 'Available'))
    expect(stand.family.view().connectors).toHaveLength(100)
    expect(stand.site.of('status').slice(0, 2)).toEqual(['status 3 Available', 'status 4 Available'])
  })
  test('status alone starts no transaction', async () => {
    const stand = await openStand()
    await stand.boot()
    await stand.send('StatusNotification', status(1, 'Charging'))
    expect(stand.family.transactions()).toEqual([])
    expect(stand.site.started).toEqual([])
  })
})

describe('the mirror of the ledger', () => {
  test('shown, and unknown connectors are nobody\'s', async () => {
    const stand = await openStand()
    stand.family.mirror(1, 'sending')
    stand.family.mirror(9, 'settled')
    expect(stand.family.view().connectors.map(({ limit }) => limit)).toEqual(['sending', 'none'])
  })
})

describe('a site in trouble', () => {
  test('does not cost the charge point its answer', async () => {
    const stand = await openStand()
    await stand.boot()
    stand.site.failing = true
    await expect(stand.send('StatusNotification', status(1, 'Charging'))).resolves.toEqual({})
    await expect(stand.send('MeterValues', { connectorId: 1, meterValue: [meterValue(stand.iso(), { currentA: 6 })] })).resolves.toEqual({})
    expect(stand.logged).toContain('the site failed on a fact')
  })
})

describe('firmware update', () => {
  test('updating until it says so, boots, or its time is over', async () => {
    const stand = await openStand()
    await stand.boot()
    await stand.send('FirmwareStatusNotification', { status: 'Downloading' })
    expect(stand.family.view()).toMatchObject({ state: 'updating', connection: { state: 'online' } })
    await stand.clock.advance(29 * 60_000)
    expect(stand.family.view().state).toBe('updating')
    await stand.clock.advance(60_000)
    expect(stand.family.view().state).toBe('online')
  })
  test('its deadline survives a restart, and an overdue one fires at once', async () => {
    const stand = await openStand()
    await stand.boot()
    await stand.send('FirmwareStatusNotification', { status: 'Installing' })
    await stand.clock.advance(20 * 60_000)
    const second = await stand.restart()
    expect(second.family.view().state).toBe('updating')
    await stand.clock.advance(10 * 60_000 - 1)
    expect(second.family.view().state).toBe('updating')
    await stand.clock.advance(1)
    expect(second.family.view().state).toBe('offline')
    second.connect()
    await second.send('FirmwareStatusNotification', { status: 'Installing' })
    second.family.stop()
    await second.scope.close()
    await stand.clock.advance(60 * 60_000)
    const third = await second.restart()
    await stand.clock.advance(0)
    expect(third.family.view().state).toBe('offline')
  })
})

test('a stopped family leaves no timer behind and tells nobody anything', async () => {
  const stand = await openStand()
  await stand.boot()
  await stand.send('FirmwareStatusNotification', { status: 'Downloading' })
  await stand.send('StartTransaction', { connectorId: 1, idTag: 'T', meterStart: 0, timestamp: stand.iso() })
  await stand.send('MeterValues', { connectorId: 1, meterValue: [meterValue(stand.iso(), { energyWh: 5 })] })
  await stand.send('MeterValues', { connectorId: 1, meterValue: [meterValue(stand.iso(), { energyWh: 6 })] })
  stand.family.stop()
  expect(stand.clock.pending).toBe(0)
})
