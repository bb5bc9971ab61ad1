// What changes without a request has its entry too: the file at a start, keys proven, newcomers, limits that end or lapse.
import { expect, test } from 'vitest'
import { beginRotation } from '../../src/actors/key-rotation.ts'
import { caller, openHouse, type HouseStand } from './house-stand.ts'

async function told(stand: HouseStand): Promise<readonly string[]> {
  const { data } = await stand.house.audit.list({ oldestFirst: true, limit: 500 })
  return data.map(({ actor, action, target }) => `${actor} ${action} ${target.id}`)
}

test('the file: what it changes at a start, and nothing when it says the same again', async () => {
  const stand = await openHouse({ chargePoints: [{ id: 'CP1' }] })
  const first = ['kwota.yaml provision-site main', 'kwota.yaml provision-charge-point CP1']
  expect(await told(stand)).toEqual(first)
  const again = await stand.restart()
  expect(await told(again)).toEqual(first)
  const changed = await again.restart({ sites: [{ fuseA: 20 }] })
  expect((await told(changed)).slice(2)).toEqual(['kwota.yaml provision-site main'])
})

test('a key that a charge point proves, a newcomer, a grid limit that is not renewed and a curtailment that ends', async () => {
  const password = 'sixteen-letters!'
  const stand = await openHouse({ chargePoints: [{ id: 'CP1', securityProfile: 1, password }], unknown: 'accept' })
  const before = (await told(stand)).length
  const key = Buffer.alloc(20, 1)
  await beginRotation(stand.directory.estate, 'CP1', key.toString('hex'))
  await stand.admit('CP1', { username: 'CP1', password: key })
  await stand.boot('NEW')
  await stand.house.setGridLimit('main', { currentA: 20, ttlS: 60 }, caller)
  await stand.house.limits.createCurtailment('main', { currentA: 10, expiresAt: new Date(stand.clock.wall() + 120_000).toISOString() }, caller)
  await stand.clock.advance(180_000)
  const since = (await told(stand)).slice(before)
  expect(since.slice(0, 3)).toEqual(['station:CP1 prove-credentials CP1', 'station:NEW join-charge-point NEW', 'engine fall-back-to-failsafe main'])
  expect(since.slice(3)).toEqual([expect.stringMatching(/^engine expire-limit cur_/)])
  const { data } = await stand.house.audit.list({ oldestFirst: true, limit: 500, actor: 'station:CP1' })
  expect(data[0]).toMatchObject({ before: { password: null }, after: { password: 'changed' } })
  // It lapsed once, also for the next run.
  const again = await stand.restart()
  await again.clock.advance(10_000)
  expect((await told(again)).filter((one) => one.includes('failsafe'))).toHaveLength(1)
})
