// Tariffs: every change is a version that stays, what is named cannot go, and what a file says counts at every start.
import { describe, expect, test } from 'vitest'
import { tariffSchema } from '../../src/sessions/tariff.ts'
import { chargePointSchema, siteSchema } from '../../src/power/site.ts'
import { idTagSchema } from '../../src/settings.ts'
import { caller, openHouse, type HouseStand } from './house-stand.ts'

const tariffOf = (id: string, more: object = {}) => tariffSchema.parse({ id, currency: 'EUR', perKWhMinor: 30, ...more })
const conflict = (code: string, message: RegExp) => expect.objectContaining({ kind: 'conflict', code, message: expect.stringMatching(message) as string }) as unknown
const day = tariffOf('day')

test('the same content is the same version, other content the next, and every version stays', async () => {
  const { house, clock } = await openHouse()
  expect(await house.tariffs.put(day, caller)).toMatchObject({ created: true, tariff: { version: 1, changedBy: 'tester', value: { id: 'day', version: 1, perKWhMinor: 30 } } })
  const first = house.tariffs.get('day')
  await clock.advance(60_000)
  expect(await house.tariffs.put(tariffOf('day'), caller)).toMatchObject({ created: false, tariff: first })
  expect(await house.tariffs.put(tariffOf('day', { perKWhMinor: 31 }), { name: 'Mia', requestId: 'r' })).toMatchObject({ created: false, tariff: { version: 2, changedBy: 'Mia' } })
  expect(house.tariffs.versions('day').map(({ version, value }) => [version, value.perKWhMinor])).toEqual([[2, 31], [1, 30]])
  expect(house.tariffs.get('day', 1)).toEqual(first)
  expect(() => house.tariffs.get('day', 3)).toThrow(expect.objectContaining({ kind: 'not-found', code: 'unknown-tariff-version' }))
})

test('changes at the same time are versions one after the other', async () => {
  const { house } = await openHouse()
  const all = await Promise.all([1, 2, 2, 3].map((perKWhMinor) => house.tariffs.put(tariffOf('a', { perKWhMinor }), caller)))
  expect(all.map(({ tariff }) => tariff.version)).toEqual([1, 2, 2, 3])
})

test('one that was removed is gone, its versions are not, and made again it goes on counting', async () => {
  const stand = await openHouse()
  await stand.house.tariffs.put(day, caller)
  await stand.house.tariffs.remove('day')
  expect(stand.house.tariffs.list()).toEqual([])
  expect(() => stand.house.tariffs.get('day')).toThrow(expect.objectContaining({ code: 'unknown-tariff', message: expect.stringContaining('any more') as string }))
  const { house } = await stand.restart()
  expect(house.tariffs.list()).toEqual([])
  expect(house.tariffs.get('day', 1).value).toMatchObject({ perKWhMinor: 30 })
  expect(await house.tariffs.put(tariffOf('day', { perKWhMinor: 5 }), caller)).toMatchObject({ created: true, tariff: { version: 2 } })
  await expect(house.tariffs.remove('night')).rejects.toMatchObject({ kind: 'not-found', code: 'unknown-tariff' })
})

test('after a kill nothing that was answered is missing', async () => {
  const stand = await openHouse()
  for (const perKWhMinor of [1, 2, 3]) await stand.house.tariffs.put(tariffOf('day', { perKWhMinor }), caller)
  const { house } = await stand.restart()
  expect(house.tariffs.versions('day').map(({ version, value }) => [version, value.perKWhMinor])).toEqual([[3, 3], [2, 2], [1, 1]])
  expect(house.tariffs.get('day').version).toBe(3)
})

test('while the store is down nothing changes', async () => {
  const { house, trouble } = await openHouse()
  await house.tariffs.put(day, caller)
  trouble.store = true
  await expect(house.tariffs.put(tariffOf('day', { perKWhMinor: 9 }), caller)).rejects.toMatchObject({ kind: 'store-down' })
  await expect(house.tariffs.remove('day')).rejects.toMatchObject({ kind: 'store-down' })
  expect(house.tariffs.get('day').value).toMatchObject({ version: 1, perKWhMinor: 30 })
})

describe('who names a tariff', () => {
  const open = () => openHouse({ sites: [{ id: 'main' }], chargePoints: [{ id: 'CP1' }], tariffs: [day, tariffOf('night')] })

  test('keeps it, by name', async () => {
    const { house } = await open()
    await house.putSite(siteSchema.parse({ id: 'main', fuseA: 63, settings: { tariffId: 'day' } }), caller)
    await house.settings.put('CP1', { tariffId: 'day' }, {}, caller)
    await house.idTags.put(idTagSchema.parse({ id: 'TAG', tariffId: 'day' }), caller)
    await expect(house.tariffs.remove('day')).rejects.toEqual(conflict('tariff-in-use', /site main, charge point CP1, 1 id tag\./))
    await house.tariffs.remove('night')
    await house.putSite(siteSchema.parse({ id: 'main', fuseA: 63 }), caller)
    await house.settings.put('CP1', {}, {}, caller)
    await house.idTags.remove('TAG')
    await house.tariffs.remove('day')
  })

  test('names one that exists, or is told which there are', async () => {
    const { house } = await open()
    const unknown = (pointer: string) => expect.objectContaining({ kind: 'invalid', code: 'unknown-tariff', hint: expect.stringContaining('day, night') as string, errors: [expect.objectContaining({ pointer })] }) as unknown
    await expect(house.putSite(siteSchema.parse({ id: 'main', fuseA: 63, settings: { tariffId: 'x' } }), caller)).rejects.toEqual(unknown('/settings/tariffId'))
    await expect(house.putChargePoint(chargePointSchema.parse({ id: 'CP1', site: 'main', settings: { tariffId: 'x' } }), undefined, caller)).rejects.toEqual(unknown('/settings/tariffId'))
    await expect(house.settings.put('CP1', { tariffId: 'x' }, {}, caller)).rejects.toEqual(unknown('/tariffId'))
    await expect(house.idTags.put(idTagSchema.parse({ id: 'TAG', tariffId: 'x' }), caller)).rejects.toEqual(unknown('/tariffId'))
    await expect(house.idTags.import([idTagSchema.parse({ id: 'A' }), idTagSchema.parse({ id: 'B', tariffId: 'x' })], 'merge', caller)).rejects.toEqual(unknown('/rows/1/tariffId'))
    expect(house.idTags.list()).toEqual([])
  })
})

describe('named and removed at once', () => {
  const named = {
    'a site': (house: HouseStand['house']) => house.putSite(siteSchema.parse({ id: 'main', fuseA: 63, settings: { tariffId: 'day' } }), caller),
    'a new site': (house: HouseStand['house']) => house.putSite(siteSchema.parse({ id: 'other', fuseA: 63, settings: { tariffId: 'day' } }), caller),
    'a charge point': (house: HouseStand['house']) => house.settings.put('CP1', { tariffId: 'day' }, {}, caller),
    'a new charge point': (house: HouseStand['house']) => house.putChargePoint(chargePointSchema.parse({ id: 'CP2', site: 'main', settings: { tariffId: 'day' } }), undefined, caller),
    'an id tag': (house: HouseStand['house']) => house.idTags.put(idTagSchema.parse({ id: 'TAG', tariffId: 'day' }), caller),
    'a table of id tags': (house: HouseStand['house']) => house.idTags.import([idTagSchema.parse({ id: 'TAG', tariffId: 'day' })], 'merge', caller),
  }

  test.each(Object.entries(named))('by %s: one of the two is refused, whichever comes first', async (_, name) => {
    for (const nameFirst of [true, false]) {
      const { house } = await openHouse({ sites: [{ id: 'main' }], chargePoints: [{ id: 'CP1' }], tariffs: [day] })
      const asked = nameFirst ? [name(house), house.tariffs.remove('day')] : [house.tariffs.remove('day'), name(house)]
      const [first, second] = await Promise.allSettled(asked)
      expect([first?.status, second]).toEqual(['fulfilled', { status: 'rejected', reason: expect.objectContaining({ code: nameFirst ? 'tariff-in-use' : 'unknown-tariff' }) as unknown }])
    }
  })
})

describe('what the file says', () => {
  test('counts at every start, and the same again is no new version', async () => {
    const stand = await openHouse({ tariffs: [day] })
    await stand.house.tariffs.put(tariffOf('mine'), caller)
    const again = await stand.restart()
    expect(again.house.tariffs.list().map(({ value, version, changedBy }) => [value.id, version, changedBy])).toEqual([['day', 1, 'kwota.yaml'], ['mine', 1, 'tester']])
    const { house } = await again.restart({ tariffs: [tariffOf('day', { perKWhMinor: 7 })] })
    expect(house.tariffs.get('day').value).toMatchObject({ version: 2, perKWhMinor: 7 })
  })

  test('may not name what is nowhere', async () => {
    const unknown = (who: RegExp) => expect.objectContaining({ code: 'unknown-tariff', message: expect.stringMatching(who) as string }) as unknown
    await expect(openHouse({ sites: [{ id: 'main', settings: { tariffId: 'x' } }] })).rejects.toEqual(unknown(/site main names the tariff x/))
    await expect(openHouse({ chargePoints: [{ id: 'CP1', settings: { tariffId: 'x' } }] })).rejects.toEqual(unknown(/charge point CP1/))
    await expect(openHouse({ idTags: [idTagSchema.parse({ id: 'T', tariffId: 'x' })] })).rejects.toEqual(unknown(/id tag T/))
    await expect(openHouse({ defaults: { tariffId: 'x' } })).rejects.toEqual(unknown(/settings/))
    const everywhere = openHouse({ defaults: { tariffId: 'x' }, sites: [{ id: 'main', settings: { tariffId: 'day' } }], chargePoints: [{ id: 'CP1' }, { id: 'CP2', settings: { tariffId: 'y' } }], idTags: [idTagSchema.parse({ id: 'T', tariffId: 'x' })], tariffs: [day] })
    await expect(everywhere).rejects.toMatchObject({ errors: [{ pointer: '/settings/tariffId', message: 'there is no tariff x' }, { pointer: '/chargePoints/1/settings/tariffId', message: 'there is no tariff y' }, { pointer: '/idTags/0/tariffId' }] })
  })
})

test('a start that is told late has the version that held as it began', async () => {
  const stand = await openHouse({ sites: [{ id: 'main', settings: { tariffId: 'day' } }], chargePoints: [{ id: 'CP1' }], tariffs: [tariffOf('day', { perKWhMinor: 10 })] })
  const iso = () => new Date(stand.clock.wall()).toISOString()
  const peer = await stand.boot('CP1')
  const [before, , after] = [iso(), await stand.clock.advance(3_600_000), await stand.house.tariffs.put(tariffOf('day', { perKWhMinor: 99 }), caller)]
  await stand.clock.advance(3_600_000)
  const versionOf = async (timestamp: string) => {
    const { transactionId } = await stand.call(peer, 'StartTransaction', { connectorId: 1, idTag: 'X', meterStart: 0, timestamp }) as { transactionId: number }
    await stand.clock.advance(600_000)
    await stand.call(peer, 'StopTransaction', { transactionId, meterStop: 1_000, timestamp: iso() })
    const { amountMinor, tariff } = await stand.house.terms.cost(transactionId)
    return [tariff.version, amountMinor]
  }
  expect(await versionOf(before)).toEqual([1, 10])
  expect(await versionOf(after.tariff.changedAt)).toEqual([2, 99])
  expect(await versionOf(iso())).toEqual([2, 99])
  // Before there was any, the first counts.
  expect(await versionOf('2020-01-01T00:00:00Z')).toEqual([1, 10])
})
