// What opens at the start: the file over the store, the store over nothing, and only what can be safe.
import { describe, expect, test } from 'vitest'
import { StoreUnavailable } from '../../src/store/port.ts'
import { caller, openHouse, type HouseStand } from './house-stand.ts'
import { pointOf, siteOf } from './site-stand.ts'

describe('provisioning', () => {
  test('what the file says is there, as made by it', async () => {
    const { house } = await openHouse({ sites: [{ id: 'main' }, { id: 'annex', fuseA: 16 }], chargePoints: [{ id: 'CP1' }, { id: 'CP2', site: 'annex' }] })
    expect(house.sites().map(({ value }) => value.id)).toEqual(['annex', 'main'])
    expect(house.site('annex')).toMatchObject({ version: 1, changedBy: 'kwota.yaml', value: { fuseA: 16 } })
    expect(house.chargePoint('CP2')).toMatchObject({ version: 1, changedBy: 'kwota.yaml', value: { site: 'annex', hasPassword: false, connection: { state: 'never' } } })
  })

  test('it wins over what is stored, and what it does not name stays as it was', async () => {
    const first = await openHouse({ sites: [{ fuseA: 63 }], chargePoints: [{ id: 'CP1' }] })
    await first.house.putSite(siteOf({ fuseA: 40 }), caller)
    await first.house.putSite(siteOf({ id: 'annex', fuseA: 16 }), caller)
    await first.house.putChargePoint(pointOf({ id: 'CP1', connectors: [{ id: 1, maxA: 16 }] }), undefined, caller)
    await first.house.putChargePoint(pointOf({ id: 'CP9', site: 'annex' }), undefined, caller)
    const again = await first.restart()
    expect(again.house.site('main')).toMatchObject({ version: 3, changedBy: 'kwota.yaml', value: { fuseA: 63 } })
    expect(again.house.chargePoint('CP1')).toMatchObject({ version: 3, changedBy: 'kwota.yaml', value: { connectors: [{ maxA: 32 }] } })
    expect(again.house.site('annex')).toMatchObject({ version: 1, changedBy: 'tester', value: { fuseA: 16 } })
    expect(again.house.chargePoint('CP9')).toMatchObject({ version: 1, changedBy: 'tester', value: { site: 'annex' } })
  })

  test('the fuse that is built in is said to be assumed until somebody states one, be it the same, and that stays', async () => {
    const builtIn = { sites: [{ fuseA: 63, fuseAssumed: true as const }] }
    const first = await openHouse(builtIn)
    const { value: assumed } = first.house.site('main')
    expect(first.house.overviews.overview('main')).toMatchObject({ site: { fuseAssumed: true }, level: 'warning' })
    await first.house.putSite({ ...assumed, settings: { messagesPerSecond: 7 } }, caller)
    const again = await first.restart(builtIn)
    expect(again.house.site('main').value, 'what was handed back was not stated').toMatchObject({ fuseA: 63, fuseAssumed: true, settings: { messagesPerSecond: 7 } })
    await again.house.putSite(siteOf({ fuseA: 63 }), caller)
    expect(again.house.site('main').value).not.toHaveProperty('fuseAssumed')
    expect(again.house.overviews.overview('main')).toMatchObject({ level: 'ok' })
    const stated = await again.restart(builtIn)
    expect(stated.house.site('main').value).not.toHaveProperty('fuseAssumed')
    await stated.house.putSite(siteOf({ fuseA: 40, fuseAssumed: true }), caller)
    expect(stated.house.site('main').value).not.toHaveProperty('fuseAssumed')
    const lower = await stated.restart(builtIn)
    expect(lower.house.site('main'), 'no start raises it').toMatchObject({ changedBy: 'tester', value: { fuseA: 40 } })
  })

  test('another fuse than the assumed one is stated, whatever is handed back beside it; a store from before is asked again', async () => {
    const { house } = await openHouse({ sites: [{ fuseA: 63, fuseAssumed: true }] })
    await house.putSite({ ...house.site('main').value, fuseA: 40 }, caller)
    expect(house.site('main').value).not.toHaveProperty('fuseAssumed')
    const before = await openHouse({ sites: [{ fuseA: 63 }] })
    const now = await before.restart({ sites: [{ fuseA: 63, fuseAssumed: true }] })
    expect(now.house.site('main').value).toMatchObject({ fuseA: 63, fuseAssumed: true })
  })

  test('where what was stated cannot be read the built-in fuse does not stand in for it: nothing is steered until somebody states it again', async () => {
    const builtIn = { sites: [{ fuseA: 63, fuseAssumed: true as const }] }
    const first = await openHouse(builtIn)
    await first.house.putSite(siteOf({ fuseA: 16 }), caller)
    first.store.damage('main', 'config', 'no JSON')
    let stand = await first.restart(builtIn)
    for (const start of ['the first', 'the second']) {
      expect(stand.house.sites(), start).toEqual([])
      expect(stand.house.alerts(), start).toMatchObject([{ code: 'quarantined', siteID: 'main', message: expect.stringContaining('is not steered') as string }])
      stand = await stand.restart(builtIn)
    }
    await stand.house.putSite(siteOf({ fuseA: 16 }), caller)
    const now = await stand.restart(builtIn)
    expect(now.house.site('main').value).toMatchObject({ fuseA: 16 })
    expect(now.house.alerts()).toEqual([])
  })

  test('limit schedules that people made stay beside those of the file, which come back as the file says', async () => {
    const ofFile = { weekly: [{ days: ['mon' as const], from: '00:00', to: '24:00', currentA: 20 }] }
    const interval = { startsAt: '2024-05-01T12:00:00Z', durationS: 600, limitW: 6900 }
    const ids = ({ house }: HouseStand) => house.limits.schedules('main').map(({ value: { id, weekly, limitW } }) => [id, weekly?.[0]?.currentA ?? limitW])
    const first = await openHouse({ sites: [{ limitSchedules: [ofFile] }] })
    const { schedule } = await first.house.limits.putSchedule('main', interval, caller)
    await first.house.limits.putSchedule('main', { ...interval, id: 'night' }, caller)
    await first.house.limits.removeSchedule('main', 'night', caller)
    const { version } = first.house.site('main')
    const again = await first.restart()
    expect(ids(again)).toEqual([['1', 20], [schedule.value.id, 6900]])
    expect(again.house.site('main')).toMatchObject({ version, changedBy: 'tester' })
    await again.house.limits.putSchedule('main', { id: '1', ...interval }, caller)
    await again.house.limits.putSchedule('main', { ...interval, id: schedule.value.id, limitW: 4600 }, caller)
    expect(ids(again)).toEqual([['1', 6900], [schedule.value.id, 4600]])
    const third = await again.restart()
    expect(ids(third)).toEqual([['1', 20], [schedule.value.id, 4600]])
    const renamed = await third.restart({ sites: [{ fuseA: 16, limitSchedules: [{ ...ofFile, id: 'new', weekly: [{ ...ofFile.weekly[0]!, currentA: 10 }] }] }] })
    expect(ids(renamed)).toEqual([['new', 10], [schedule.value.id, 4600]])
    const without = await renamed.restart({ sites: [{}] })
    expect(ids(without)).toEqual([[schedule.value.id, 4600]])
    const lower = await without.restart({ sites: [{ fuseA: 6 }] })
    expect(ids(lower)).toEqual([[schedule.value.id, 4600]])
    const forgotten = await (await lower.restart({ sites: [] })).restart()
    expect(ids(forgotten)).toEqual([[schedule.value.id, 4600]])
    await forgotten.house.limits.removeSchedule('main', schedule.value.id, caller)
    expect(ids(await forgotten.restart())).toEqual([])
  })

  test('more limit schedules than a site may have, from the file and people together, are refused at the start', async () => {
    const one = (id: string) => ({ id, startsAt: '2024-05-01T12:00:00Z', durationS: 600, limitW: 6900 })
    const first = await openHouse()
    await first.house.limits.putSchedule('main', one('mine'), caller)
    await expect(first.restart({ sites: [{ limitSchedules: Array.from({ length: 20 }, (_, index) => one(`s${index}`)) }] })).rejects.toMatchObject({ code: 'too-many-schedules', message: expect.stringContaining('20 limit schedules in kwota.yaml and 1') })
  })

  test('an unchanged file changes no version, password or not', async () => {
    const first = await openHouse({ chargePoints: [{ id: 'CP1' }, { id: 'CP2', password: 'sixteen-letters!' }] })
    const again = await (await first.restart()).restart()
    expect(again.house.site('main').version).toBe(1)
    expect(again.house.chargePoints().map(({ version }) => version)).toEqual([1, 1])
    expect(await again.admit('CP2', { username: 'CP2', password: 'sixteen-letters!' })).toMatchObject({ admitted: true })
  })

  test('a password that changed in the file counts; one that the file no longer names stays', async () => {
    const first = await openHouse({ chargePoints: [{ id: 'CP1', password: 'sixteen-letters!' }] })
    const changed = await first.restart({ chargePoints: [{ id: 'CP1', password: 'another-sixteen!' }] })
    expect(await changed.admit('CP1', { username: 'CP1', password: 'sixteen-letters!' })).toMatchObject({ admitted: false })
    expect(await changed.admit('CP1', { username: 'CP1', password: 'another-sixteen!' })).toMatchObject({ admitted: true })
    const unnamed = await changed.restart({ chargePoints: [{ id: 'CP1' }] })
    expect(await unnamed.admit('CP1', { username: 'CP1', password: 'another-sixteen!' })).toMatchObject({ admitted: true })
    expect(await unnamed.admit('CP1')).toMatchObject({ admitted: false, reason: 'auth-missing' })
  })

  test('another spelling in the file is the same charge point; the first one seen is kept', async () => {
    const first = await openHouse({ chargePoints: [{ id: 'Cp-One' }] })
    const again = await (await first.restart({ chargePoints: [{ id: 'CP-ONE', connectors: [{ id: 1, maxA: 16 }] }] })).restart({ chargePoints: [] })
    expect(again.house.chargePoints().map(({ value }) => [value.id, value.connectors[0]?.maxA])).toEqual([['Cp-One', 16]])
  })

  test('the file moves a charge point to another site', async () => {
    const sites = [{ id: 'main' }, { id: 'annex' }]
    const first = await openHouse({ sites, chargePoints: [{ id: 'CP1' }] })
    const moved = await first.restart({ chargePoints: [{ id: 'CP1', site: 'annex' }] })
    expect(moved.house.chargePoint('CP1').value.site).toBe('annex')
    expect(moved.house.power('main').connectors).toEqual([])
    const again = await moved.restart({ chargePoints: [] })
    expect(again.house.chargePoints().map(({ value }) => value.site)).toEqual(['annex'])
  })

  test('a charge point of a site that does not exist is refused', async () => {
    await expect(openHouse({ chargePoints: [{ id: 'CP1', site: 'nowhere' }] })).rejects.toMatchObject({ kind: 'invalid', code: 'unknown-site' })
  })

  test('no store, no start', async () => {
    await expect(openHouse({ trouble: { store: true } })).rejects.toThrow(StoreUnavailable)
  })
})

describe('what cannot be safe is refused, saying what to do', () => {
  test('fallbacks and base load above the fuse: node, phase, sum, and who could take 0', async () => {
    const opening = openHouse({
      sites: [{ fuseA: { L1: 20, L2: 63, L3: 63 }, baseLoad: { worstCaseA: 10 } }],
      chargePoints: [{ id: 'CP1', fallbackA: 6 }, { id: 'CP2', fallbackA: 6 }, { id: 'CP3', fallbackA: 0 }],
    })
    await expect(opening).rejects.toMatchObject({ kind: 'invalid', code: 'fallbacks-do-not-fit' })
    await expect(opening).rejects.toThrow('main L1: fallbacks and worst base load add up to 22 A, the limit (fuse) is 20 A. Set fallbackA: 0 on some of CP1/1, CP2/1, or raise the limit.')
  })

  test('in a circuit, also in watts, also by what is not steered', async () => {
    const site = { fuseA: 100, circuits: [{ id: 'garage', limitA: 10 }, { id: 'yard', limitW: 3_000 }] }
    await expect(openHouse({ sites: [site], chargePoints: [{ id: 'CP1', circuit: 'garage', fallbackA: 12 }] })).rejects.toThrow('garage L1–L3: fallbacks add up to 12 A, the limit (circuit:garage) is 10 A. Set fallbackA: 0 on some of CP1/1, or raise the limit.')
    await expect(openHouse({ sites: [site], chargePoints: [{ id: 'CP1', circuit: 'yard', fallbackA: 6 }] })).rejects.toThrow(/yard W: fallbacks add up to 4140 W, the limit \(circuit:yard\) is 3000 W/)
    await expect(openHouse({ sites: [site], chargePoints: [{ id: 'CP1', circuit: 'garage', control: 'none' }] })).rejects.toThrow(/garage L1–L3: .* 32 A.*\. Raise the limit\.$/)
  })

  test.each([
    ['below the minimum', { id: 'CP1', fallbackA: 5 }, 'fallback-out-of-range'],
    ['above the maximum', { id: 'CP1', fallbackA: 16, connectors: [{ id: 1, maxA: 10 }] }, 'fallback-out-of-range'],
    ['a connector twice', { id: 'CP1', connectors: [{ id: 1 }, { id: 1 }] }, 'duplicate-connector'],
    ['no such circuit', { id: 'CP1', circuit: 'cellar' }, 'unknown-circuit'],
  ])('%s', async (_, chargePoint, code) => {
    await expect(openHouse({ chargePoints: [chargePoint] })).rejects.toMatchObject({ kind: 'invalid', code })
  })

  test('circuits in a ring, and one named twice', async () => {
    await expect(openHouse({ sites: [{ circuits: [{ id: 'a', parent: 'b' }, { id: 'b', parent: 'a' }] }] })).rejects.toMatchObject({ code: 'circuit-cycle' })
    await expect(openHouse({ sites: [{ circuits: [{ id: 'a' }, { id: 'a' }] }] })).rejects.toMatchObject({ code: 'duplicate-circuit' })
  })

  test('a refused start leaves the stored configuration as it was', async () => {
    const first = await openHouse({ chargePoints: [{ id: 'CP1', fallbackA: 6 }] })
    await expect(first.restart({ sites: [{ fuseA: 5 }] })).rejects.toMatchObject({ code: 'fallbacks-do-not-fit' })
    const again = await first.restart()
    expect(again.house.site('main')).toMatchObject({ version: 1, value: { fuseA: 63 } })
  })
})

describe('what was stored and does not fit opens all the same', () => {
  const tight = { sites: [{ fuseA: 16 }], chargePoints: [] }
  const misfits = (house: HouseStand['house']) => house.alerts().filter(({ code, message }) => code === 'unenforceable' && message.includes('fallbacks'))

  /** A charge point of a person, and a second connector that it reported itself: 20 A of fallbacks under 16 A. */
  async function grown() {
    const stand = await openHouse(tight)
    await stand.house.putChargePoint(pointOf({ id: 'CP1', fallbackA: 10 }), undefined, caller)
    const peer = await stand.boot('CP1')
    await stand.call(peer, 'StatusNotification', { connectorId: 2, errorCode: 'NoError', status: 'Available' })
    return stand
  }

  test('a connector that was met: said at once and after the next start, until it is put right', async () => {
    const first = await grown()
    expect(misfits(first.house)).toMatchObject([{ severity: 'critical', siteID: 'main', resolvedAt: null }])
    const again = await first.restart()
    expect(again.house.chargePoint('CP1').value.connectors.map(({ id }) => id)).toEqual([1, 2])
    expect(misfits(again.house)).toMatchObject([{ message: expect.stringMatching(/20 A/) as string, resolvedAt: null }])
    expect(again.logged).toContain('the stored configuration does not fit')
    await again.clock.advance(120_000)
    expect(misfits(again.house)).toMatchObject([{ resolvedAt: null }])
    await again.house.putChargePoint(pointOf({ id: 'CP1', fallbackA: 6, connectors: [{ id: 1 }, { id: 2 }] }), undefined, caller)
    expect(misfits(again.house)).toMatchObject([{ resolvedAt: expect.any(String) as string }])
  })

  test('its fallbacks are held below the fuse', async () => {
    const first = await grown()
    const again = await first.restart()
    const peer = await again.boot('CP1')
    await again.clock.advance(60_000)
    const fallbacks = new Map(peer.profiles().filter((one) => one.startsWith('TxDefault')).map((one) => [one.split(' ')[1], Number(one.split(' ')[2])]))
    expect([...fallbacks.keys()].sort()).toEqual(['1', '2'])
    expect([...fallbacks.values()].reduce((sum, amps) => sum + amps, 0)).toBeLessThanOrEqual(16)
  })

  test('a smaller fuse in the file than what people stored needs', async () => {
    const first = await openHouse({ chargePoints: [] })
    await first.house.putChargePoint(pointOf({ id: 'CP1', fallbackA: 10 }), undefined, caller)
    const again = await first.restart({ sites: [{ fuseA: 6 }] })
    expect(misfits(again.house)).toMatchObject([{ resolvedAt: null }])
  })

  test('a connector that was met and is too small for the fallback', async () => {
    const first = await openHouse({ sites: [{ fuseA: 100 }], chargePoints: [] })
    await first.house.putChargePoint(pointOf({ id: 'CP1', fallbackA: 40, connectors: [{ id: 1, maxA: 63 }] }), undefined, caller)
    await first.call(await first.boot('CP1'), 'StatusNotification', { connectorId: 2, errorCode: 'NoError', status: 'Available' })
    const again = await first.restart()
    expect(again.house.alerts()).toMatchObject([{ code: 'unenforceable', message: expect.stringMatching(/fallbackA is 40/) as string }])
  })

  test('but not what cannot be built at all: a circuit that the file has dropped', async () => {
    const first = await openHouse({ sites: [{ circuits: [{ id: 'garage' }] }], chargePoints: [] })
    await first.house.putChargePoint(pointOf({ id: 'CP1', circuit: 'garage' }), undefined, caller)
    await expect(first.restart({ sites: [{}] })).rejects.toMatchObject({ kind: 'invalid', code: 'unknown-circuit' })
  })

  test('what the file itself says must fit, whatever is stored', async () => {
    const first = await grown()
    await expect(first.restart({ chargePoints: [{ id: 'CP2', fallbackA: 20 }] })).rejects.toMatchObject({ code: 'fallbacks-do-not-fit' })
  })
})

describe('restart', () => {
  test('sites, charge points, the limit, the cars and the rows are as they were', async () => {
    const first = await openHouse({ chargePoints: [{ id: 'CP1' }] })
    const peer = await first.boot('CP1')
    await first.clock.advance(15_000)
    const id = await first.start(peer)
    await first.clock.advance(15_000)
    await first.house.setGridLimit('main', { currentA: 20, reason: 'evening' }, caller)
    await first.house.patchConnector('CP1', 1, { priority: 2, vehicleMaxA: 18 }, caller)
    await first.clock.advance(20_000)
    const again = await first.restart()
    expect(again.house.gridLimit('main')).toMatchObject({ version: 1, changedBy: 'tester', value: { currentA: 20, reason: 'evening' } })
    expect(again.house.connector('CP1', 1)).toMatchObject({ transactionId: id, priority: 2, vehicleMaxA: 18, power: { confirmedA: 18, reservedA: 18, online: false } })
    expect(await again.house.records.get(id)).toMatchObject({ id, status: 'starting', clientID: 'CP1' })
    expect(again.house.chargePoint('CP1').value.boot).toMatchObject({ chargePointVendor: 'Acme' })
  })

  test('an orderly stop keeps everything too', async () => {
    const first = await openHouse({ chargePoints: [{ id: 'CP1' }] })
    const peer = await first.boot('CP1')
    const id = await first.start(peer)
    await first.directory.stop()
    const again = await openHouse({ clock: first.clock, store: first.store.restart() })
    expect(again.house.records.held().map((one) => one.id)).toEqual([id])
  })

  test('a site that was taken off the file stays; a deleted one does not come back', async () => {
    const first = await openHouse({ sites: [{ id: 'main' }, { id: 'annex' }] })
    await first.house.putSite(siteOf({ id: 'shed' }), caller)
    await first.house.deleteSite('shed', caller)
    const again = await first.restart({ sites: [{ id: 'main' }] })
    expect(again.house.sites().map(({ value }) => value.id)).toEqual(['annex', 'main'])
  })

  test.each([['main', 'annex'], ['annex', 'main']])('a move from %s to %s that was cut short leaves one charge point: where the claim says', async (from, to) => {
    const first = await openHouse({ sites: [{ id: 'main' }, { id: 'annex' }], chargePoints: [] })
    await first.house.putChargePoint(pointOf({ id: 'CP1', site: from }), undefined, caller)
    const old = (await first.store.read(from)).get('chargepoint:CP1')
    await first.house.putChargePoint(pointOf({ id: 'CP1', site: to }), undefined, caller)
    first.directory.crash()
    const store = first.store.restart()
    await store.commit(from, await store.own(from), { puts: new Map([['chargepoint:CP1', old]]) })
    const again = await openHouse({ sites: [{ id: 'main' }, { id: 'annex' }], clock: first.clock, store })
    expect(again.house.chargePoints().map(({ value }) => value.site)).toEqual([to])
    await again.clock.advance(1_000)
    expect((await again.store.restart().read(from)).has('chargepoint:CP1')).toBe(false)
  })

  test('stored records that can no longer be read are left out, and the rest opens', async () => {
    const first = await openHouse({ chargePoints: [] })
    await first.house.putChargePoint(pointOf({ id: 'CP1' }), undefined, caller)
    first.directory.crash()
    const store = first.store.restart()
    await store.commit('main', await store.own('main'), { puts: new Map<string, unknown>([['chargepoint:CP2', { config: { id: 2 } }], ['chargepoint:CP3', { version: 1 }]]) })
    const again = await openHouse({ clock: first.clock, store })
    expect(again.house.chargePoints().map(({ value }) => value.id)).toEqual(['CP1'])
  })
})

test('after a kill nothing more reaches the store, also when a write was under way', async () => {
  let release = (): void => undefined
  const after: string[] = []
  let killed = false
  const { directory, house, clock } = await openHouse({
    chargePoints: [{ id: 'CP1' }],
    through: (store) => ({
      ...store,
      async append(scope, series, entries) {
        if (killed) after.push(`append ${series}`)
        if (series === 'decisions') await new Promise<void>((resolve) => { release = resolve })
        await store.append(scope, series, entries)
      },
      async expire(scope, series, beforeMs) {
        if (killed) after.push(`expire ${series}`)
        await store.expire(scope, series, beforeMs)
      },
    }),
  })
  house.setGridLimit('main', { currentA: 20 }, caller).catch(() => undefined)
  await clock.advance(1_000)
  killed = true
  directory.crash()
  release()
  await clock.advance(60_000)
  expect(after).toEqual([])
})
