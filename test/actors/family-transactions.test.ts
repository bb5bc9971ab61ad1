// Transactions of a family: one per start, harmless stops, live ones told to the site and history kept from it.
import { describe, expect, test } from 'vitest'
import { createMemoryStore } from '../../src/store/memory.ts'
import { StoreUnavailable } from '../../src/store/port.ts'
import { createAuthoriser, byTag } from '../../src/actors/authorise.ts'
import { listTransactions } from '../../src/sessions/record.ts'
import { settle, VirtualClock } from '../virtual-clock.ts'
import { meterValue, openStand, type Stand } from './family-stand.ts'

const start = (stand: Stand, ms = 0, change: object = {}) => ({ connectorId: 1, idTag: 'Tag', meterStart: 100, timestamp: stand.iso(ms), ...change })
const stop = (stand: Stand, transactionId: number, change: object = {}) => ({ transactionId, meterStop: 1100, timestamp: stand.iso(), ...change })
const status = (value: 'Available' | 'Preparing' | 'Charging' | 'SuspendedEV', connectorId = 1) => ({ connectorId, errorCode: 'NoError' as const, status: value })

async function booted(options: Parameters<typeof openStand>[0] = {}): Promise<Stand> {
  const stand = await openStand(options)
  await stand.boot()
  return stand
}

describe('start', () => {
  test('a number, a record, and the site hears of it once the answer has left', async () => {
    const stand = await booted()
    const answered = Promise.resolve(stand.family.handle(stand.session, 'StartTransaction', start(stand), []))
    void answered.then(() => expect(stand.site.started).toEqual([]))
    const { transactionId } = await answered as { transactionId: number }
    await stand.clock.advance(0)
    expect(stand.site.started).toEqual([{ clientID: 'CP1', connectorId: 1, transactionId, startedAtMs: stand.clock.wall() }])
    expect(await stand.store.read('depot').then((kept) => kept.get(`tx:${transactionId}`))).toMatchObject({ id: transactionId, idTag: 'Tag', meterStartWh: 100, status: 'starting' })
    expect(stand.family.transactions()).toMatchObject([{ id: transactionId, connectorId: 1, status: 'starting', energyWh: 0 }])
    expect(stand.family.view().connectors[0]?.transactionId).toBe(transactionId)
    expect(stand.events.at(-1)).toMatchObject({ type: 'transaction.started', connectorId: 1, data: { id: transactionId, idTag: 'Tag' } })
  })

  test('the same start again: the same answer, whatever the spelling of tag and time, on another connection, and after a restart', async () => {
    const stand = await booted()
    const request = start(stand)
    const first = await stand.send('StartTransaction', request)
    expect(await stand.send('StartTransaction', request)).toEqual(first)
    stand.connect()
    expect(await stand.send('StartTransaction', { ...request, idTag: 'TAG', timestamp: request.timestamp.replace('Z', '+00:00') })).toEqual(first)
    const second = await stand.restart()
    second.connect()
    expect(await second.send('StartTransaction', request)).toEqual(first)
    await second.send('StopTransaction', stop(second, first.transactionId))
    expect(await second.send('StartTransaction', request)).toEqual(first)
    expect(listTransactions(second.scope)).toHaveLength(1)
    expect(second.family.transactions()).toEqual([])
  })

  test.each([{ connectorId: 2 }, { idTag: 'other' }, { meterStart: 101 }, { timestamp: '2024-05-01T09:59:59Z' }])('another %j is another transaction', async (change) => {
    const stand = await booted()
    const first = await stand.send('StartTransaction', start(stand))
    const second = await stand.send('StartTransaction', start(stand, 0, change))
    expect(second.transactionId).not.toBe(first.transactionId)
    expect(listTransactions(stand.scope)).toHaveLength(2)
  })

  test('two connections repeat it while its number is still being claimed: one number', async () => {
    let release = (): void => undefined
    const held = new Promise<void>((resolve) => { release = resolve })
    let claims = 0
    const stand = await booted({ claim: async () => { await held; return 4000 + claims++ } })
    const request = start(stand)
    const one = stand.send('StartTransaction', request)
    await settle()
    stand.connect()
    const two = stand.send('StartTransaction', request)
    await settle()
    release()
    expect(await one).toEqual(await two)
    expect(claims).toBe(1)
  })

  test('a number that was used before is not used again', async () => {
    const numbers = [5001, 5001, 5002]
    const stand = await booted({ claim: () => Promise.resolve(numbers.shift() ?? 0) })
    const first = await stand.send('StartTransaction', start(stand))
    await stand.send('StopTransaction', stop(stand, first.transactionId))
    const answered = Promise.resolve(stand.family.handle(stand.session, 'StartTransaction', start(stand, 1), []))
    await stand.clock.advance(5000)
    await expect(answered).resolves.toMatchObject({ transactionId: 5002 })
  })

  test('a refused tag still gets a transaction, and the site only when current flows', async () => {
    const stand = await booted({ policy: ['local'], idTags: [{ id: 'No', status: 'Blocked' }] })
    const answer = await stand.send('StartTransaction', start(stand, 0, { idTag: 'no' }))
    expect(answer).toMatchObject({ idTagInfo: { status: 'Blocked' } })
    expect(answer.transactionId).toBeGreaterThan(0)
    await stand.send('StatusNotification', status('Charging'))
    await stand.send('MeterValues', { connectorId: 1, meterValue: [meterValue(stand.iso(), { currentA: 0 })] })
    expect(stand.site.started).toEqual([])
    await stand.send('MeterValues', { connectorId: 1, meterValue: [meterValue(stand.iso(), { currentA: 6 })] })
    expect(stand.site.started).toHaveLength(1)
  })

  test('a tag that runs elsewhere', async () => {
    const clock = new VirtualClock()
    const authoriser = createAuthoriser({ idTags: byTag([{ id: 'Tag', status: 'Accepted' }]), external: null, clock })
    const one = await booted({ clock, authoriser, policy: ['local'] })
    const two = await booted({ clock, authoriser, policy: ['local'], config: { id: 'CP2' } })
    const first = await one.send('StartTransaction', start(one))
    expect(await two.send('StartTransaction', start(two))).toMatchObject({ idTagInfo: { status: 'ConcurrentTx' } })
    const again = await one.restart()
    expect(await two.send('StartTransaction', start(two, 5))).toMatchObject({ idTagInfo: { status: 'ConcurrentTx' } })
    again.connect()
    await again.send('StopTransaction', stop(again, first.transactionId))
    await two.send('StopTransaction', stop(two, two.family.transactions()[0]?.id ?? 0))
    expect(await two.send('StartTransaction', start(two, 9))).toMatchObject({ idTagInfo: { status: 'Accepted' } })
  })

  test('on a connector that still holds another: the old one is closed as unconfirmed', async () => {
    const stand = await booted()
    const old = await stand.send('StartTransaction', start(stand))
    const fresh = await stand.send('StartTransaction', start(stand, 1000))
    expect(stand.family.transactions().map(({ id }) => id)).toEqual([fresh.transactionId])
    expect(stand.scope.get(`tx:${old.transactionId}`)).toMatchObject({ status: 'unconfirmed' })
    expect(stand.site.facts.slice(2)).toEqual([`started 1 ${old.transactionId}`, `stopped 1 ${old.transactionId}`, `started 1 ${fresh.transactionId}`])
  })

  test('on a connector that cannot exist: answered and kept, but nobody runs it', async () => {
    const stand = await booted()
    const { transactionId } = await stand.send('StartTransaction', start(stand, 0, { connectorId: 0 }))
    expect(stand.family.transactions()).toEqual([])
    expect(stand.scope.get(`tx:${transactionId}`)).toMatchObject({ status: 'unconfirmed' })
    await stand.send('StopTransaction', stop(stand, transactionId))
    expect(stand.scope.get(`tx:${transactionId}`)).toMatchObject({ status: 'stopped', meterStopWh: 1100 })
    expect([stand.site.started, stand.alerts]).toEqual([[], []])
  })

  test('while the store is down it waits unanswered, and is answered once when it is back', async () => {
    let down = false
    const stand = await booted({ store: createMemoryStore({ failing: () => down }), claim: () => (down ? Promise.reject(new StoreUnavailable('down')) : Promise.resolve(6001)) })
    down = true
    let answered = 0
    const first = Promise.resolve(stand.family.handle(stand.session, 'StartTransaction', start(stand), [])).then((answer) => { answered++; return answer })
    await stand.clock.advance(30_000)
    expect(answered).toBe(0)
    down = false
    await stand.clock.advance(2000)
    await expect(first).resolves.toMatchObject({ transactionId: 6001 })
    down = true
    const stopped = Promise.resolve(stand.family.handle(stand.session, 'StopTransaction', stop(stand, 6001), [])).then(() => answered++)
    await stand.clock.advance(30_000)
    expect(answered).toBe(1)
    down = false
    await stand.clock.advance(2000)
    await stopped
    expect(answered).toBe(2)
  })

  test('a number alone is not enough: unanswered, repeats included, until its record is durable', async () => {
    let down = false
    const stand = await booted({ store: createMemoryStore({ failing: () => down }), claim: () => Promise.resolve(6002) })
    await stand.clock.advance(0)
    down = true
    const request = start(stand)
    let answered = 0
    const first = Promise.resolve(stand.family.handle(stand.session, 'StartTransaction', request, [])).then(() => answered++)
    await stand.clock.advance(5000)
    const again = Promise.resolve(stand.family.handle(stand.session, 'StartTransaction', request, [])).then(() => answered++)
    await stand.clock.advance(5000)
    expect([answered, stand.site.started]).toEqual([0, []])
    down = false
    await stand.clock.advance(2000)
    await Promise.all([first, again])
    expect([answered, stand.site.started.length, listTransactions(stand.scope).length]).toEqual([2, 1, 1])
  })
})

describe('history and now', () => {
  test('a start from an outage whose stop follows never reaches the site', async () => {
    const stand = await booted()
    await stand.send('StatusNotification', status('Available'))
    const { transactionId } = await stand.send('StartTransaction', start(stand, -3_600_000))
    await stand.send('MeterValues', { connectorId: 1, transactionId, meterValue: [meterValue(stand.iso(-3_000_000), { currentA: 32, energyWh: 900 })] })
    await stand.send('StopTransaction', { transactionId, meterStop: 1100, timestamp: stand.iso(-1_800_000) })
    expect([stand.site.of('started'), stand.site.of('stopped')]).toEqual([[], []])
    expect(stand.site.samples).toMatchObject([{ live: false }])
    expect(stand.scope.get(`tx:${transactionId}`)).toMatchObject({ status: 'stopped', energyMWh: 1_000_000 })
  })
  test.each([
    ['a live sample', (stand: Stand) => stand.send('MeterValues', { connectorId: 1, meterValue: [meterValue(stand.iso(), { energyWh: 900 })] }), true],
    ['status Charging', (stand: Stand) => stand.send('StatusNotification', status('Charging')), true],
    ['any status but Available', (stand: Stand) => stand.send('StatusNotification', status('SuspendedEV')), true],
    ['status Available', (stand: Stand) => stand.send('StatusNotification', status('Available')), false],
    ['a status from then', (stand: Stand) => stand.send('StatusNotification', { ...status('Charging'), timestamp: stand.iso(-3_000_000) }), false],
    ['a sample from then', (stand: Stand) => stand.send('MeterValues', { connectorId: 1, meterValue: [meterValue(stand.iso(-3_000_000), { currentA: 9 })] }), false],
    ['a sample of another connector', (stand: Stand) => stand.send('MeterValues', { connectorId: 2, meterValue: [meterValue(stand.iso(), { currentA: 9 })] }), false],
  ] as const)('an old start becomes live by %s', async (_, evidence, told) => {
    const stand = await booted()
    const { transactionId } = await stand.send('StartTransaction', start(stand, -3_600_000))
    expect(stand.site.started).toEqual([])
    await evidence(stand)
    expect(stand.site.started).toEqual(told ? [{ clientID: 'CP1', connectorId: 1, transactionId, startedAtMs: stand.clock.wall() - 3_600_000 }] : [])
  })
  test('told once, and again to a site that meets a new connection', async () => {
    const stand = await booted()
    await stand.send('StartTransaction', start(stand))
    await stand.send('StatusNotification', status('Charging'))
    expect(stand.site.started).toHaveLength(1)
    stand.connect()
    expect(stand.site.started).toHaveLength(2)
    const second = await stand.restart({ crash: false })
    expect(second.site.started).toEqual([])
    second.connect()
    expect(second.site.started).toMatchObject([{ connectorId: 1 }])
  })
  test('a charge point whose clock is an hour ahead is live all the same', async () => {
    const stand = await booted()
    await stand.send('StatusNotification', { ...status('Preparing'), timestamp: stand.iso(3_600_000) })
    await stand.send('StartTransaction', start(stand, 3_600_000))
    await stand.send('MeterValues', { connectorId: 1, meterValue: [meterValue(stand.iso(3_600_000), { currentA: 16 })] })
    expect(stand.site.started).toMatchObject([{ startedAtMs: stand.clock.wall() }])
    expect(stand.site.samples).toMatchObject([{ live: true, measuredAtMs: stand.clock.wall() }])
    expect(stand.family.view().quirks).toMatchObject({ clockOffsetMs: -3_600_000 })
  })
  test('times nobody can believe are answered and never live', async () => {
    const stand = await booted()
    const { transactionId } = await stand.send('StartTransaction', start(stand, 0, { timestamp: '1970-01-01T00:00:00Z' }))
    await stand.send('MeterValues', { connectorId: 1, transactionId, meterValue: [meterValue('2124-01-01T00:00:00Z', { currentA: 32, energyWh: 105 })] })
    expect(stand.site.started).toEqual([])
    expect(stand.site.samples).toMatchObject([{ live: false, measuredAtMs: stand.clock.wall() }])
    expect(stand.scope.get(`tx:${transactionId}`)).toMatchObject({ startedAtStation: '1970-01-01T00:00:00Z', startedAtMs: stand.clock.wall() })
  })
})

describe('stop', () => {
  test('durable, its data merged, the site told, the answer about the tag that stopped it', async () => {
    const stand = await booted({ policy: ['local'], idTags: [{ id: 'Tag', status: 'Accepted' }] })
    const { transactionId } = await stand.send('StartTransaction', start(stand))
    await stand.clock.advance(3_600_000)
    const data = [meterValue(stand.iso(-1_800_000), { energyWh: 600 }), meterValue(stand.iso(), { energyWh: 1100 })]
    expect(await stand.send('StopTransaction', stop(stand, transactionId, { idTag: 'tag', reason: 'EVDisconnected', transactionData: data }))).toEqual({ idTagInfo: { status: 'Accepted' } })
    expect(await stand.store.read('depot').then((kept) => kept.get(`tx:${transactionId}`))).toMatchObject({
      status: 'stopped', meterStopWh: 1100, stopReason: 'EVDisconnected', stopIdTag: 'tag', energyMWh: 1_000_000, anomalies: 0,
    })
    expect(stand.site.of('stopped')).toEqual([`stopped 1 ${transactionId}`])
    expect(stand.family.transactions()).toEqual([])
    expect(stand.events.at(-1)).toMatchObject({ type: 'transaction.stopped', data: { id: transactionId, status: 'stopped', energyWh: 1000 } })
    expect(JSON.stringify(await stand.store.read('depot').then((kept) => kept.get('family:CP1')))).not.toContain(`transaction-${transactionId}`)
  })
  test('without a reason it is local, without a tag the answer is empty', async () => {
    const stand = await booted()
    const { transactionId } = await stand.send('StartTransaction', start(stand))
    expect(await stand.send('StopTransaction', stop(stand, transactionId))).toEqual({})
    expect(stand.scope.get(`tx:${transactionId}`)).toMatchObject({ stopReason: 'Local', stopIdTag: null })
  })
  test('twice: the same is nothing, another one is a conflict and the first wins', async () => {
    const stand = await booted()
    const { transactionId } = await stand.send('StartTransaction', start(stand))
    await stand.send('StopTransaction', stop(stand, transactionId))
    expect(await stand.send('StopTransaction', stop(stand, transactionId))).toEqual({})
    expect(stand.alerts).toEqual([])
    expect(await stand.send('StopTransaction', stop(stand, transactionId, { meterStop: 9999 }))).toEqual({})
    expect(stand.scope.get(`tx:${transactionId}`)).toMatchObject({ meterStopWh: 1100, conflicts: [{ meterStopWh: 9999 }] })
    expect(stand.alerts.map(({ code }) => code)).toEqual(['stop-conflict'])
    expect(stand.site.of('stopped')).toHaveLength(1)
  })
  test.each([0, -1, 2_147_483_647, 2 ** 63])('unknown number %d: confirmed, kept once as an orphan, alerted', async (transactionId) => {
    const stand = await booted()
    const running = await stand.send('StartTransaction', start(stand))
    const request = stop(stand, transactionId)
    expect(await stand.send('StopTransaction', request)).toEqual({})
    expect(await stand.send('StopTransaction', request)).toEqual({})
    expect(await stand.store.read('depot').then((kept) => [...kept.keys()].filter((key) => key.startsWith('orphan:CP1:')))).toHaveLength(1)
    expect([...stand.conditions.keys()]).toEqual(['orphaned-stop'])
    expect(stand.family.transactions().map(({ id }) => id)).toEqual([running.transactionId])
  })
  test('orphans are bounded: the oldest goes', async () => {
    const stand = await booted()
    for (let at = 0; at < 1000; at++) stand.scope.put(`orphan:CP1:${at}`, { v: 1, receivedAtMs: at })
    await stand.send('StopTransaction', stop(stand, 77))
    expect([stand.scope.entries('orphan:CP1:').length, stand.scope.get('orphan:CP1:0')]).toEqual([1000, undefined])
  })
  test('of another charge point: it goes on charging', async () => {
    const store = createMemoryStore()
    const clock = new VirtualClock()
    const one = await booted({ store, clock })
    const { transactionId } = await one.send('StartTransaction', start(one))
    one.family.stop()
    await one.scope.close()
    const thief = await booted({ store, clock, config: { id: 'CP2' } })
    expect(await thief.send('StopTransaction', stop(thief, transactionId))).toEqual({})
    expect(thief.scope.get(`tx:${transactionId}`)).toMatchObject({ clientID: 'CP1', status: 'starting', meterStopWh: null })
    expect(thief.conditions.get('orphaned-stop')).toContain('CP2 stopped')
  })
})

describe('a boot in between', () => {
  test('does not end it; Available after the boot does, unconfirmed, until its stop arrives', async () => {
    const stand = await booted()
    const { transactionId } = await stand.send('StartTransaction', start(stand))
    await stand.send('StatusNotification', status('Available'))
    await stand.boot()
    expect(stand.family.transactions()).toHaveLength(1)
    await stand.send('StatusNotification', status('Charging'))
    expect(stand.family.transactions()).toHaveLength(1)
    await stand.send('StatusNotification', status('Available', 2))
    expect(stand.family.transactions()).toHaveLength(1)
    await stand.send('StatusNotification', status('Available'))
    expect(stand.family.transactions()).toEqual([])
    expect(stand.site.of('stopped')).toEqual([`stopped 1 ${transactionId}`])
    expect(stand.scope.get(`tx:${transactionId}`)).toMatchObject({ status: 'unconfirmed', meterStopWh: null })
    expect(await stand.send('StopTransaction', stop(stand, transactionId, { reason: 'PowerLoss' }))).toEqual({})
    expect(stand.scope.get(`tx:${transactionId}`)).toMatchObject({ status: 'stopped', meterStopWh: 1100, stopReason: 'PowerLoss' })
    expect([stand.site.of('stopped').length, stand.alerts]).toEqual([1, []])
  })
  test('a start after the boot is not in doubt', async () => {
    const stand = await booted()
    await stand.boot()
    await stand.send('StartTransaction', start(stand))
    await stand.send('StatusNotification', status('Available'))
    expect(stand.family.transactions()).toHaveLength(1)
  })
})

test('an ordered stop is expected for a while', async () => {
  const stand = await booted()
  const { transactionId } = await stand.send('StartTransaction', start(stand))
  expect(stand.family.expectStop(transactionId + 1, 60_000)).toBe(false)
  expect(stand.family.expectStop(transactionId, 60_000)).toBe(true)
  expect(stand.family.transactions()).toMatchObject([{ status: 'stopping' }])
  await stand.clock.advance(0)
  const second = await stand.restart()
  expect(second.family.transactions()).toMatchObject([{ status: 'stopping' }])
  await stand.clock.advance(60_000)
  expect(second.family.transactions()).toMatchObject([{ status: 'starting' }])
})
