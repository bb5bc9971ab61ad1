// The house while its store is down: a change is durable or not made at all.
import { describe, expect, test } from 'vitest'
import type { MemoryStore } from '../../src/store/memory.ts'
import { StoreUnavailable, type Store } from '../../src/store/port.ts'
import { caller, charging, openHouse, twoSites, type HouseStand } from './house-stand.ts'
import { pointOf, siteOf } from './site-stand.ts'

describe('the store is down', () => {
  type Change = (house: HouseStand['house']) => Promise<unknown>
  const changes: [string, Change][] = [
    ['a changed site', (house) => house.putSite(siteOf({ fuseA: 20 }), caller)],
    ['a new site', (house) => house.putSite(siteOf({ id: 'shed' }), caller)],
    ['a deleted site', (house) => house.deleteSite('annex', caller)],
    ['a changed charge point', (house) => house.putChargePoint(pointOf({ id: 'CP2', connectors: [{ id: 1, maxA: 10 }] }), undefined, caller)],
    ['a new charge point', (house) => house.putChargePoint(pointOf({ id: 'CP3' }), undefined, caller)],
    ['a new password', (house) => house.putChargePoint(pointOf({ id: 'CP2' }), 'sixteen-letters!', caller)],
    ['a moved charge point', (house) => house.putChargePoint(pointOf({ id: 'CP2', site: 'annex' }), undefined, caller)],
    ['a deleted charge point', (house) => house.deleteChargePoint('CP2', caller)],
    ['a car', (house) => house.patchConnector('CP1', 1, { priority: 3, vehicleMaxA: 8 }, caller)],
  ]
  const shown = (house: HouseStand['house']) => ({
    sites: house.sites(), points: house.chargePoints().map(({ version, value: { id, site, hasPassword, connectors } }) => ({ version, id, site, hasPassword, connectors })),
    car: house.connector('CP1', 1), connectors: house.power('main').connectors.map(({ clientID }) => clientID),
  })

  test.each(changes)('%s is refused, and nothing has changed: not now, not when it is back, not after a restart', async (_, change) => {
    const stand = await charging()
    const before = shown(stand.house)
    stand.trouble.store = true
    await expect(change(stand.house)).rejects.toMatchObject({ kind: 'store-down', code: 'store-down' })
    const { power: car, ...rest } = shown(stand.house).car
    const { power: carBefore, ...restBefore } = before.car
    expect([{ ...shown(stand.house), car: rest }, car.confirmedA]).toEqual([{ ...before, car: restBefore }, carBefore.confirmedA])
    stand.trouble.store = false
    await stand.clock.advance(5_000)
    const again = await stand.restart({ sites: [], chargePoints: [] })
    expect(again.house.sites()).toEqual(before.sites)
    expect(shown(again.house).points).toEqual(before.points)
    expect(again.house.connector('CP1', 1)).toMatchObject({ priority: 0, vehicleMaxA: null })
    expect(again.house.chargePoint('CP2').value.boot).toEqual(stand.house.chargePoint('CP2').value.boot)
  })

  test.each(changes)('%s goes through when it is asked again after the store is back', async (_, change) => {
    const stand = await charging()
    stand.trouble.store = true
    await expect(change(stand.house)).rejects.toMatchObject({ kind: 'store-down' })
    stand.trouble.store = false
    await change(stand.house)
    await stand.clock.advance(30_000)
    expect(stand.logged.filter((line) => line.includes('another process'))).toEqual([])
    expect((await stand.house.health()).ready).toBe(true)
  })

  test('a new site whose record fails after its scope was taken: the second try lives', async () => {
    let failing = false
    const through = (memory: MemoryStore): Store => ({
      ...memory,
      commit: (scope, ...rest) => (failing && scope === 'shed' ? Promise.reject(new StoreUnavailable('this scope is stuck')) : memory.commit(scope, ...rest)),
    })
    const { house, clock, logged } = await openHouse({ through })
    failing = true
    await expect(house.putSite(siteOf({ id: 'shed' }), caller)).rejects.toMatchObject({ kind: 'store-down' })
    failing = false
    await house.putSite(siteOf({ id: 'shed' }), caller)
    await clock.advance(30_000)
    expect(logged.filter((line) => line.includes('owns this site'))).toEqual([])
    await house.setGridLimit('shed', { currentA: 10 }, caller)
    expect(house.power('shed').effective.currentA).toBe(10)
    expect((await house.health()).ready).toBe(true)
  })

  test('a charge point whose record failed after its claim can be made in another site', async () => {
    let failing = false
    const through = (memory: MemoryStore): Store => ({
      ...memory, commit: (...batch) => (failing ? Promise.reject(new StoreUnavailable('commits are stuck')) : memory.commit(...batch)),
    })
    const { house } = await openHouse({ ...twoSites, through })
    failing = true
    await expect(house.putChargePoint(pointOf({ id: 'CP1' }), undefined, caller)).rejects.toMatchObject({ kind: 'store-down' })
    failing = false
    expect(await house.putChargePoint(pointOf({ id: 'CP1', site: 'annex' }), undefined, caller)).toMatchObject({ created: true })
  })

  test('a grid limit holds in memory, answers store-down, and an alert stands until the store is back', async () => {
    const { house, trouble, clock, peer } = await charging()
    trouble.store = true
    await expect(house.setGridLimit('main', { currentA: 10 }, caller)).rejects.toMatchObject({ kind: 'store-down' })
    expect(peer.profiles().at(-1)).toBe('TxProfile 1 10')
    expect(house.alerts().filter(({ severity }) => severity !== 'info')).toMatchObject([{ code: 'store-down', siteID: 'main', resolvedAt: null }])
    expect((await house.health()).checks.find(({ name }) => name === 'store')).toMatchObject({ ok: false })
    trouble.store = false
    await clock.advance(2_000)
    expect(house.alerts().filter(({ severity }) => severity !== 'info')).toMatchObject([{ code: 'store-down', resolvedAt: expect.any(String) as string }])
    expect((await house.health()).ready).toBe(true)
  })
})
