// A family across restarts, crashes, unreadable snapshots and poison: the same state again, or set aside and said so.
import { describe, expect, test } from 'vitest'
import { readFileSync } from 'node:fs'
import { openFamilyActor } from '../../src/actors/family-actor.ts'
import { readFamily } from '../../src/actors/family-snapshot.ts'
import { openScope } from '../../src/actors/scope.ts'
import { ActorFailed } from '../../src/actors/supervise.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { VirtualClock } from '../virtual-clock.ts'
import { meterValue, openStand, type Stand } from './family-stand.ts'

async function busy(): Promise<Stand> {
  const stand = await openStand()
  await stand.boot()
  await stand.send('StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Charging', timestamp: stand.iso(60_000) })
  await stand.send('StartTransaction', { connectorId: 1, idTag: 'T', meterStart: 100, timestamp: stand.iso(60_000) })
  await stand.send('MeterValues', { connectorId: 1, meterValue: [meterValue(stand.iso(60_000), { currentA: 16, energyWh: 150 })] })
  await stand.clock.advance(20_000)
  return stand
}

describe('restart', () => {
  test('the same connectors, transactions, numbers, clock and readings; only the socket is gone', async () => {
    const stand = await busy()
    const before = stand.family.view()
    const transactions = stand.family.transactions()
    const second = await stand.restart()
    expect(second.family.view()).toMatchObject({
      ...before, state: 'offline', lastSeenAt: null,
      quirks: { ...before.quirks }, connection: { state: 'offline', generation: 0, remoteAddress: null },
    })
    expect(second.family.transactions()).toEqual(transactions)
    expect(transactions).toMatchObject([{ status: 'charging', energyWh: 50 }])
    second.connect()
    expect(second.family.view().state).toBe('online')
    await second.send('StopTransaction', { transactionId: transactions[0]?.id ?? 0, meterStop: 200, timestamp: second.iso(60_000) })
    expect(second.family.transactions()).toEqual([])
  })
  test('what was answered is there after a crash in the very next moment', async () => {
    const stand = await openStand()
    await stand.boot()
    const { transactionId } = await stand.family.handle(stand.session, 'StartTransaction', { connectorId: 1, idTag: 'T', meterStart: 100, timestamp: stand.iso() }, []) as { transactionId: number }
    const second = await stand.restart()
    expect(second.family.transactions()).toMatchObject([{ id: transactionId }])
    expect(second.site.started).toEqual([])
    second.connect()
    await second.send('StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Charging' })
    expect(second.site.started).toMatchObject([{ transactionId }])
  })
  test('a connector that was added to the configuration is there', async () => {
    const stand = await busy()
    stand.family.stop()
    await stand.scope.close()
    const second = await openStand({ store: stand.store, clock: stand.clock, config: { connectors: [{ id: 1 }, { id: 2 }, { id: 3 }] } })
    expect(second.family.view().connectors.map(({ id, status }) => [id, status])).toEqual([[1, 'Charging'], [2, 'Unknown'], [3, 'Unknown']])
  })
})

describe('snapshots', () => {
  test.each(['family-v1', 'family-v2'])('every released version can still be read: %s', async (name) => {
    const golden: unknown = JSON.parse(readFileSync(new URL(`./golden/${name}.json`, import.meta.url), 'utf8'))
    const store = createMemoryStore()
    const epoch = await store.own('depot')
    await store.commit('depot', epoch, { puts: new Map([['family:CP1', golden]]) })
    const stand = await openStand({ store })
    expect(stand.alerts).toEqual([])
    expect(stand.family.view()).toMatchObject({
      state: 'updating', boot: { chargePointVendor: 'Acme' },
      connectors: [{ id: 1, status: 'Charging', limit: 'settled' }, { id: 2, status: 'Unknown', limit: 'none' }],
    })
    expect(stand.family.transactions()).toMatchObject([{ id: 1000, status: 'stopping', energyWh: 50 }, ...(name === 'family-v1' ? [] : [{ id: 1001, status: 'starting', meterStartWh: 700 }])])
  })

  const stored = async (): Promise<Record<string, unknown>> => {
    const stand = await busy()
    stand.family.stop()
    await stand.scope.close()
    return structuredClone(await stand.store.read('depot').then((kept) => kept.get('family:CP1'))) as Record<string, unknown>
  }
  test.each<[string, (envelope: Record<string, unknown>) => unknown]>([
    ['not an object', () => 'garbage'],
    ['null', () => null],
    ['another version', (envelope) => ({ ...envelope, v: 99 })],
    ['no version', (envelope) => ({ ...envelope, v: undefined })],
    ['another machine', (envelope) => ({ ...envelope, machine: 'toaster' })],
    ['an unknown state', (envelope) => edit(envelope, ['snapshot', 'value'], 'dancing')],
    ['a broken context', (envelope) => edit(envelope, ['snapshot', 'context', 'boots'], 'many')],
    ['an unknown connector state', (envelope) => edit(envelope, ['snapshot', 'children', 'connector-1', 'snapshot', 'value', 'status'], 'dancing')],
    ['an unknown child', (envelope) => edit(envelope, ['snapshot', 'children', 'connector-1', 'src'], 'stranger')],
    ['a transaction without its actor', (envelope) => edit(envelope, ['snapshot', 'context', 'running'], { 1: 77 })],
  ])('%s: set aside and alerted; it is served on, its transaction revived from its record', async (_, damage) => {
    const stand = await busy()
    const id = stand.family.transactions()[0]?.id ?? 0
    const damaged = damage(await stored())
    stand.family.stop({ save: false })
    stand.scope.put('family:CP1', damaged)
    await stand.scope.close()
    const second = await openStand({ store: stand.store, clock: stand.clock })
    expect(second.scope.get('quarantine:family:CP1')).toMatchObject({ key: 'family:CP1', value: JSON.parse(JSON.stringify(damaged)) as unknown })
    expect(second.alerts.map(({ code }) => code)).toEqual(['snapshot-unreadable'])
    expect(second.family.transactions()).toMatchObject([{ id, energyWh: 50 }])
    second.connect()
    await second.boot()
    await second.send('StopTransaction', { transactionId: id, meterStop: 300, timestamp: second.iso(60_000) })
    expect(second.alerts).toHaveLength(1)
  })
  test('that it was accepted survives where it can be read', async () => {
    const damaged = edit(await stored(), ['snapshot', 'value'], 'dancing')
    const store = createMemoryStore()
    await store.commit('depot', await store.own('depot'), { puts: new Map([['family:CP1', damaged]]) })
    const stand = await openStand({ store })
    stand.connect()
    await expect(stand.send('Heartbeat', {})).resolves.toMatchObject({})
  })
  test('the reason names the place', () => {
    expect(() => readFamily({ v: 1, machine: 'charge-point', snapshot: { status: 'active', value: 'offline', context: {}, children: {} } })).toThrow(/clientID/)
  })
})

/** The same JSON with one place changed. */
function edit(value: unknown, path: readonly string[], to: unknown): Record<string, unknown> {
  const [key, ...rest] = path
  const object = typeof value === 'object' && value !== null ? value as Record<string, unknown> : {}
  if (key === undefined) throw new Error('no path')
  return { ...object, [key]: rest.length === 0 ? to : edit(object[key], rest, to) }
}

describe('poison', () => {
  /** A clock on which the alarm of a firmware update cannot be set: arming it throws inside the actor. */
  class BrokenClock extends VirtualClock {
    broken = true
    override after(delayMs: number, fn: () => void): () => void {
      if (this.broken && delayMs === 30 * 60_000) throw new Error('no alarm today')
      return super.after(delayMs, fn)
    }
  }
  test('fails for the one who sent it; the rest goes on; too often: quarantine, until a restart', async () => {
    const clock = new BrokenClock()
    const stand = await openStand({ clock })
    await stand.boot()
    const { transactionId } = await stand.send('StartTransaction', { connectorId: 1, idTag: 'T', meterStart: 0, timestamp: stand.iso() })
    for (let at = 0; at < 3; at++) {
      await expect(stand.send('FirmwareStatusNotification', { status: 'Downloading' })).rejects.toThrow(ActorFailed)
      await expect(stand.send('Heartbeat', {})).resolves.toMatchObject({})
      expect(stand.family.view()).toMatchObject({ state: 'online', connection: { state: 'online' } })
      expect(stand.family.transactions()).toMatchObject([{ id: transactionId }])
    }
    expect([stand.alerts, stand.site.of('offline')]).toEqual([[], []])
    await expect(stand.send('FirmwareStatusNotification', { status: 'Downloading' })).rejects.toThrow(ActorFailed)
    expect(stand.family.view().state).toBe('quarantined')
    expect(stand.alerts.map(({ code, severity }) => [code, severity])).toEqual([['charge-point-quarantined', 'critical']])
    expect(stand.site.of('offline')).toEqual(['offline CP1'])
    await expect(stand.send('Heartbeat', {})).rejects.toMatchObject({ code: 'InternalError' })
    stand.family.mirror(1, 'settled')
    stand.family.disconnected(stand.session, 1006)
    stand.connect()
    expect(stand.site.of('online')).toHaveLength(1)
    clock.broken = false
    await clock.advance(1000)
    const second = await stand.restart()
    expect(second.family.view().state).toBe('offline')
    expect(second.family.transactions()).toMatchObject([{ id: transactionId }])
    second.connect()
    await expect(second.send('FirmwareStatusNotification', { status: 'Downloading' })).resolves.toEqual({})
  })
  test('the actor alone: an event for a connector it does not have', async () => {
    const clock = new VirtualClock()
    const scope = await openScope({ store: createMemoryStore(), name: 'depot', clock })
    const restarts: unknown[] = []
    const actor = openFamilyActor({ clientID: 'CP1', told: { commandDue: () => undefined, reservationDue: () => undefined }, connectorIds: [1], scope, clock, onRestarted: (error) => restarts.push(error), onQuarantined: () => undefined })
    actor.send({ type: 'CONNECTED', session: { id: 'a', generation: 1, remoteAddress: '' }, atMs: 1 })
    expect(() => actor.send({ type: 'LIMIT_MIRRORED', connectorId: 77, limit: 'settled' })).toThrow(ActorFailed)
    expect([actor.snapshot().value, restarts.length, actor.isQuarantined()]).toEqual(['booting', 1, false])
  })
})
