// What a running transaction holds in place: no change of its charge point takes what it draws out of the count.
import { describe, expect, test } from 'vitest'
import type { MemoryStore } from '../../src/store/memory.ts'
import type { Store } from '../../src/store/port.ts'
import { caller, openHouse, type HouseOptions, type HouseStand } from './house-stand.ts'
import { Peer, pointOf } from './site-stand.ts'

const two = { id: 'CP1', connectors: [{ id: 1 }, { id: 2 }] }
const onlySecond = { id: 'CP1', connectors: [{ id: 2 }] }

/** CP1 (connector 1 of 2) and CP2 share 32 A, 16 each; `file` = what kwota.yaml says of charge points. */
async function shared(file: HouseOptions['chargePoints'] = [], more: Partial<HouseOptions> = {}) {
  const stand = await openHouse({ sites: [{ fuseA: 32, circuits: [{ id: 'garage' }] }, { id: 'annex' }], chargePoints: file, ...more })
  for (const config of [two, { id: 'CP2' }]) if (!file.some(({ id }) => id === config.id)) await stand.house.putChargePoint(pointOf(config), undefined, caller)
  const [one, other] = [await stand.boot('CP1'), await stand.boot('CP2')]
  await stand.clock.advance(15_000)
  const id = await stand.start(one)
  await stand.start(other)
  await stand.clock.advance(60_000)
  const stop = (on: HouseStand, peer: Peer) => on.call(peer, 'StopTransaction', { transactionId: id, meterStop: 10, timestamp: new Date(on.clock.wall()).toISOString() })
  return { ...stand, one, other, id, stop }
}
const share = ({ house }: Pick<HouseStand, 'house'>) => house.power('main').connectors.map(({ clientID, connectorId, reservedA }) => `${clientID}/${connectorId} ${reservedA}`)
const connectors = ({ house }: Pick<HouseStand, 'house'>) => house.chargePoint('CP1').value.connectors.map(({ id }) => id)

/** A new connection without a boot. */
function reconnect({ clock, desk }: Pick<HouseStand, 'clock' | 'desk'>, clientID: string): Peer {
  const peer = new Peer(clock, clientID, 50)
  desk.connected(peer)
  return peer
}

describe('a change by a person', () => {
  test.each([
    ['without the connector', onlySecond, 'it cannot be left without connector 1 now'],
    ['under control none', { ...two, control: 'none' as const }, 'it cannot be put under control none now'],
    ['on another circuit', { ...two, circuit: 'garage' }, 'it cannot be moved to another circuit now'],
    ['in another site', { ...two, site: 'annex' }, 'it cannot be moved to another site now'],
  ])('%s: refused while it runs, and nothing has changed', async (_, config, why) => {
    const stand = await shared()
    const { house, one, other, id, clock } = stand
    expect(share(stand)).toEqual(['CP1/1 16', 'CP1/2 0', 'CP2/1 16'])
    const calls = other.calls.length
    await expect(house.putChargePoint(pointOf(config), undefined, caller)).rejects.toMatchObject({
      kind: 'conflict', code: 'transaction-running', message: `Transaction ${id} runs on CP1; ${why}.`, hint: 'Stop the transaction first.',
    })
    await clock.advance(60_000)
    expect([share(stand), connectors(stand), one.closedBy]).toEqual([['CP1/1 16', 'CP1/2 0', 'CP2/1 16'], [1, 2], null])
    expect(other.profiles(calls)).toEqual([])
  })

  test('of what it does not draw from is made', async () => {
    const { house } = await shared()
    await house.putChargePoint(pointOf({ id: 'CP1', connectors: [{ id: 1, maxA: 20 }] }), undefined, caller)
    expect(connectors({ house })).toEqual([1])
  })

  test('is made when the transaction has ended', async () => {
    const stand = await shared()
    await stand.stop(stand, stand.one)
    await stand.house.putChargePoint(pointOf(onlySecond), undefined, caller)
    expect(connectors(stand)).toEqual([2])
  })

  test('that a start overtakes while it is written: refused, and put back for the next start too', async () => {
    let gate = Promise.resolve()
    const through = (memory: MemoryStore): Store => ({ ...memory, commit: async (...batch) => { await gate; return memory.commit(...batch) } })
    const stand = await openHouse({ through })
    await stand.house.putChargePoint(pointOf(two), undefined, caller)
    const peer = await stand.boot('CP1')
    await stand.clock.advance(15_000)
    let open = () => {}
    gate = new Promise((resolve) => { open = resolve })
    const put = stand.house.putChargePoint(pointOf(onlySecond), undefined, caller)
    put.catch(() => undefined)
    await stand.clock.advance(0)
    const started = stand.start(peer)
    await stand.clock.advance(0)
    open()
    await expect(put).rejects.toMatchObject({ kind: 'conflict', code: 'transaction-running' })
    await started
    await stand.clock.advance(2_000)
    expect([connectors(stand), peer.closedBy]).toEqual([[1, 2], null])
    expect(connectors(await stand.restart())).toEqual([1, 2])
  })
})

describe('a change in the file', () => {
  const deferred = ({ house }: Pick<HouseStand, 'house'>) => house.alerts().filter(({ code }) => code === 'entry-deferred')

  test('that drops the connector: it is counted until its transaction ends, and said', async () => {
    const first = await shared([two, { id: 'CP2' }])
    const again = await first.restart({ chargePoints: [onlySecond, { id: 'CP2' }] })
    const [one, other] = [reconnect(again, 'CP1'), reconnect(again, 'CP2')]
    await again.clock.advance(60_000)
    expect(share(again)).toEqual(['CP1/1 16', 'CP1/2 0', 'CP2/1 16'])
    expect(other.profiles().filter((profile) => profile === 'TxProfile 1 32')).toEqual([])
    expect(deferred(again)).toMatchObject([{ severity: 'warning', clientID: 'CP1', resolvedAt: null, message: expect.stringContaining('connector 1') as string }])
    await first.stop(again, one)
    await again.clock.advance(5_000)
    expect(connectors(again)).toEqual([2])
    expect(deferred(again)).toMatchObject([{ resolvedAt: expect.any(String) as string }])
    expect(again.house.chargePoint('CP1').changedBy).toBe('kwota.yaml')
    await again.clock.advance(60_000)
    expect(share(again)).toEqual(['CP1/2 0', 'CP2/1 32'])
  })

  test('that takes everything else at once, and holds over another restart without a new version', async () => {
    const first = await shared([two, { id: 'CP2' }])
    const changed = { ...onlySecond, fallbackA: 6, connectors: [{ id: 2, maxA: 20 }] }
    const again = await first.restart({ chargePoints: [changed, { id: 'CP2' }] })
    expect(again.house.chargePoint('CP1')).toMatchObject({ version: 2, value: { fallbackA: 6, connectors: [{ id: 1, maxA: 32 }, { id: 2, maxA: 20 }] } })
    const third = await again.restart()
    expect(third.house.chargePoint('CP1').version).toBe(2)
    expect(deferred(third)).toHaveLength(1)
  })

  test.each([
    ['site', { ...two, site: 'annex' }, { site: 'main' }, { site: 'annex' }],
    ['circuit', { ...two, circuit: 'garage' }, {}, { circuit: 'garage' }],
    ['control', { ...two, control: 'none' as const, connectors: [{ id: 1, maxA: 16 }, { id: 2, maxA: 6 }] }, { control: 'engine' }, { control: 'none' }],
  ])('of its %s waits too', async (_, config, during, after) => {
    const first = await shared([two, { id: 'CP2' }])
    const again = await first.restart({ chargePoints: [config, { id: 'CP2' }] })
    expect(again.house.chargePoint('CP1').value).toMatchObject(during)
    expect(again.house.chargePoint('CP1').value).not.toMatchObject(after)
    expect(share(again)).toEqual(['CP1/1 16', 'CP1/2 0', 'CP2/1 16'])
    const one = reconnect(again, 'CP1')
    await again.clock.advance(10_000)
    await first.stop(again, one)
    await again.clock.advance(5_000)
    expect(again.house.chargePoint('CP1').value).toMatchObject(after)
  })

  test('that drops its circuit as well leaves nowhere else to count it', async () => {
    const first = await shared([{ ...two, circuit: 'garage' }, { id: 'CP2' }])
    const again = await first.restart({ sites: [{ fuseA: 32 }, { id: 'annex' }], chargePoints: [two, { id: 'CP2' }] })
    expect(again.house.chargePoint('CP1').value.circuit).toBeUndefined()
    expect(deferred(again)).toEqual([])
  })

  test('is made at once where nothing runs', async () => {
    const first = await shared([two, { id: 'CP2' }])
    await first.stop(first, first.one)
    await first.clock.advance(1_000)
    const again = await first.restart({ chargePoints: [onlySecond, { id: 'CP2' }] })
    expect([connectors(again), deferred(again)]).toEqual([[2], []])
  })

  test('that waits gives way to what a person puts meanwhile', async () => {
    const first = await shared([two, { id: 'CP2' }])
    const again = await first.restart({ chargePoints: [onlySecond, { id: 'CP2' }] })
    const one = reconnect(again, 'CP1')
    await again.clock.advance(10_000)
    await again.house.putChargePoint(pointOf({ id: 'CP1', connectors: [{ id: 1, maxA: 20 }] }), undefined, caller)
    const back = reconnect(again, 'CP1')
    await again.clock.advance(10_000)
    expect(one.open).toBe(false)
    await first.stop(again, back)
    await again.clock.advance(5_000)
    expect(connectors(again)).toEqual([1])
    expect(deferred(again)).toMatchObject([{ resolvedAt: expect.any(String) as string }])
  })
})

test('a connector that is met again tells the site of the transaction that runs on it', async () => {
  const first = await shared()
  first.directory.crash()
  const store = first.store.restart()
  const kept = await store.read('main')
  const record = kept.get('chargepoint:CP1') as { config: object }
  await store.commit('main', await store.own('main'), { puts: new Map([['chargepoint:CP1', { ...record, config: { ...record.config, connectors: pointOf(onlySecond).connectors } }]]), deletes: ['row:CP1/1', `tx:${first.id}`] })
  const again = await openHouse({ sites: [], clock: first.clock, store })
  const one = reconnect(again, 'CP1')
  await again.clock.advance(1_000)
  expect(connectors(again)).toEqual([2])
  await again.call(one, 'StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Charging' })
  expect(again.house.connector('CP1', 1).power).toMatchObject({ transactionId: first.id, status: 'Charging', reservedA: 32 })
})
