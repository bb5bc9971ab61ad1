// A charge point that moves takes along what belongs to it; its commands end where they were issued, whatever is killed when.
import { describe, expect, test } from 'vitest'
import { noList } from '../../src/actors/local-list-record.ts'
import { StoreUnavailable } from '../../src/store/port.ts'
import { caller, openHouse, twoSites, type HouseOptions, type HouseStand } from './house-stand.ts'
import { accept, pointOf } from './site-stand.ts'

const exchange = { v: 1, seq: 0, atMs: 1, direction: 'in', vendorId: 'V', messageId: null, data: null, dataLength: 0, status: null, response: null, responseLength: 0, latencyMs: null, handler: 'none', note: null }
/** One of every kind. */
const belonging: Readonly<Record<string, unknown>> = {
  'learnt:CP1': { stackLevel: 4, maxA: null }, 'authorised:CP1': { v: 1, answers: [] }, 'uploads:CP1': { v: 1, addresses: [], files: [] },
  'firmware:CP1': { v: 1, commandId: 'cmd_1', before: '1.0' }, 'profiles:CP1': { v: 1, profiles: [] }, 'security:CP1': { v: 1, next: 7, events: [] },
  'certificates:CP1': { v: 1, installed: {}, own: null, failure: null }, 'signing:CP1': { v: 1, csr: 'CSR', askedAtMs: 1, chain: null, tries: 0 },
  'vendors:CP1': { v: 1, version: 3, changedAt: '2024-05-01T10:00:00.000Z', changedBy: 'somebody', settings: { vendors: {} } },
  'configuration:CP1': { v: 1, refreshedAtMs: 5, keys: {}, unknown: {}, desired: {}, refusals: {}, lists: {}, rebooting: {}, applied: { of: '', count: 0, done: false } },
  'local-list:CP1': { ...noList, version: 3 },
  'data-transfer:CP1:0': exchange, 'data-transfer:CP1:199': { ...exchange, seq: 199 },
}

async function doing<T>(stand: HouseStand, asked: Promise<T>, ms = 100): Promise<T> {
  asked.catch(() => undefined)
  await stand.clock.advance(ms)
  return asked
}
const queue = async (stand: HouseStand, clientID = 'CP1'): Promise<string> => (await doing(stand, stand.house.commands.issue(clientID, 'Reset', { type: 'Soft' }, { expiresAt: new Date(stand.clock.wall() + 60_000).toISOString() }, caller))).id
const move = (stand: HouseStand, site = 'annex') => stand.house.putChargePoint({ ...stand.directory.estate.point('CP1')!.record.config, site }, undefined, caller)
const keysOf = async ({ store }: HouseStand, site: string, what = 'CP1') => [...(await store.read(site)).keys()].filter((key) => key.includes(what)).toSorted()

/** With something of every kind. */
async function laden(through?: HouseOptions['through']): Promise<HouseStand> {
  const stand = await openHouse({ ...twoSites, chargePoints: [], ...(through === undefined ? {} : { through }) })
  await stand.house.putChargePoint(pointOf({ id: 'CP1' }), undefined, caller)
  const { scope } = stand.directory.estate.sites.get('main')!
  for (const [key, value] of Object.entries(belonging)) scope.put(key, value)
  await scope.flush()
  return stand
}

describe('what belongs to it', () => {
  test('comes along in the commit of its entry, and is gone where it was', async () => {
    const stand = await laden()
    await doing(stand, move(stand))
    const annex = await stand.store.read('annex')
    for (const [key, value] of Object.entries(belonging)) expect(annex.get(key)).toEqual(value)
    expect(await keysOf(stand, 'main')).toEqual([])
    const again = await stand.restart()
    for (const [key, value] of Object.entries(belonging)) expect(again.directory.estate.sites.get('annex')!.scope.get(key)).toEqual(value)
  })

  test('comes along when the file moves it', async () => {
    const stand = await laden()
    const again = await stand.restart({ chargePoints: [{ id: 'CP1', site: 'annex' }] })
    const annex = await again.store.read('annex')
    for (const [key, value] of Object.entries(belonging)) expect(annex.get(key)).toEqual(value)
    expect(await keysOf(again, 'main')).toEqual([])
  })

  test('is cleared away at the next start when kwota was killed before it was', async () => {
    const stand = await laden()
    const before = await stand.store.read('main')
    await doing(stand, move(stand))
    stand.directory.crash()
    const store = stand.store.restart()
    await store.commit('main', await store.own('main'), { puts: before })
    const again = await openHouse({ ...twoSites, store, clock: stand.clock })
    await again.clock.advance(1_000)
    expect([await keysOf(again, 'main'), again.house.chargePoint('CP1').value.site]).toEqual([[], 'annex'])
  })

  test('stays when the store does not take the move, and it can come again', async () => {
    let failing = false
    const stand = await laden((memory) => ({ ...memory, commit: (...batch) => (failing ? Promise.reject(new StoreUnavailable('the disk is full')) : memory.commit(...batch)) }))
    const peer = await stand.boot('CP1')
    failing = true
    await expect(doing(stand, move(stand))).rejects.toMatchObject({ kind: 'store-down' })
    failing = false
    await stand.clock.advance(5_000)
    expect([peer.open, await keysOf(stand, 'annex')]).toEqual([false, []])
    const main = await stand.store.read('main')
    for (const key of ['vendors:CP1', 'security:CP1', 'data-transfer:CP1:0']) expect(main.get(key)).toEqual(belonging[key])
    await stand.boot('CP1')
    expect(stand.house.chargePoint('CP1').value.connection.state).toBe('online')
  })
})

describe.each(['moved', 'deleted'] as const)('a charge point that is %s', (how) => {
  const go = (stand: HouseStand): Promise<unknown> => (how === 'moved' ? move(stand) : stand.house.deleteChargePoint('CP1', caller))
  const code = `charge-point-${how}`

  test('ends its commands, durably, with their requests; the records stay', async () => {
    const stand = await openHouse({ ...twoSites, chargePoints: [{ id: 'CP1' }] })
    const waits = await queue(stand)
    const peer = await stand.boot('CP1')
    peer.script = (action, payload) => (action === 'Reset' ? 'hold' : accept(action, payload))
    const waits2 = await queue(stand)
    await stand.clock.advance(2_000)
    expect([waits, waits2].map((id) => stand.house.commands.get(id).status)).toEqual(['sent', 'queued'])
    const told = stand.directory.estate.commands.wait(waits2, 60_000)
    await doing(stand, go(stand))
    await told
    const shown = (house: HouseStand['house']) => [waits, waits2].map((id) => house.commands.get(id)).map(({ status, error, finishedAt }) => ({ status, error, ended: finishedAt !== null }))
    const expected = [
      { status: 'cancelled', error: { code, description: expect.stringContaining('may have been carried out') as string }, ended: true },
      { status: 'cancelled', error: { code, description: expect.stringContaining('before it was sent') as string }, ended: true },
    ]
    expect(shown(stand.house)).toEqual(expected)
    expect(stand.events.filter(({ type }) => type === 'command.finished').map(({ data }) => data['status'])).toEqual(['cancelled', 'cancelled'])
    const again = await stand.restart({ chargePoints: [] })
    expect(shown(again.house)).toEqual(expected)
    expect(await keysOf(again, 'main', 'request:')).toEqual([])
    await again.clock.advance(120_000)
    expect(shown(again.house)).toEqual(expected)
  })

  test('is killed before they had ended: they end at the next start', async () => {
    const stand = await openHouse({ ...twoSites, chargePoints: [] })
    await stand.house.putChargePoint(pointOf({ id: 'CP1' }), undefined, caller)
    const id = await queue(stand)
    const live = new Map([...await stand.store.read('main')].filter(([key]) => key.includes(id)))
    expect([...live.keys()].toSorted()).toEqual([`command:${id}`, `request:${id}`])
    await doing(stand, go(stand))
    stand.directory.crash()
    const store = stand.store.restart()
    await store.commit('main', await store.own('main'), { puts: live })
    const again = await openHouse({ ...twoSites, store, clock: stand.clock })
    await again.clock.advance(100)
    expect(again.house.commands.get(id)).toMatchObject({ status: 'cancelled', error: { code } })
    expect(await keysOf(again, 'main', 'request:')).toEqual([])
    expect((await again.store.read('main')).get(`command:${id}`)).toMatchObject({ status: 'cancelled' })
  })

  test('is not when the store does not take it: its commands go on waiting', async () => {
    const stand = await openHouse({ ...twoSites, chargePoints: [{ id: 'CP1' }] })
    const id = await queue(stand)
    stand.trouble.store = true
    await expect(doing(stand, go(stand))).rejects.toMatchObject({ kind: 'store-down' })
    stand.trouble.store = false
    await stand.clock.advance(5_000)
    expect(stand.house.commands.get(id).status).toBe('queued')
    await stand.boot('CP1')
    await stand.clock.advance(5_000)
    expect(stand.house.commands.get(id).status).toBe('accepted')
  })

  test('leaves nothing behind of what kwota was doing there', async () => {
    const stand = await openHouse({ ...twoSites, chargePoints: [], idTags: [{ id: 'A', status: 'Accepted', concurrent: false }] })
    await stand.house.putChargePoint(pointOf({ id: 'CP1', settings: { localList: true, meterSampleIntervalS: 30 } }), undefined, caller)
    const peer = await stand.boot('CP1')
    peer.script = () => 'hold'
    await stand.clock.advance(8_000)
    await doing(stand, go(stand))
    await stand.clock.advance(60_000)
    expect((await keysOf(stand, 'main')).filter((key) => !key.startsWith('command:'))).toEqual([])
  })
})

test('who connects while it is being deleted is sent away, and its actors do not begin again', async () => {
  let hold: (() => void) | null = null
  let holding = false
  const stand = await openHouse({
    ...twoSites, chargePoints: [{ id: 'CP1' }],
    through: (memory) => ({ ...memory, commit: async (...batch) => {
      if (holding && batch[0] === 'main') await new Promise<void>((resolve) => { hold = resolve })
      return memory.commit(...batch)
    } }),
  })
  await stand.clock.advance(15_000)
  holding = true
  const deleted = stand.house.deleteChargePoint('CP1', caller)
  await stand.clock.advance(10)
  expect(stand.house.chargePoint('CP1').value.connection.state).toBe('never')
  await expect(stand.house.deleteChargePoint('CP1', caller)).rejects.toMatchObject({ kind: 'conflict' })
  holding = false
  hold!()
  await doing(stand, deleted)
  await stand.clock.advance(60_000)
  expect(await keysOf(stand, 'main')).toEqual([])
})
