// A quiet site is told that its store takes nothing, and that a loop stood still; both are over by themselves.
import { expect, test } from 'vitest'
import { StallWatch } from '../../src/actors/stall-watch.ts'
import { openHouse, type HouseStand } from './house-stand.ts'

const open = ({ house }: HouseStand, wanted: string) => house.alerts().filter(({ code, resolvedAt }) => code === wanted && resolvedAt === null).map(({ siteID }) => siteID).sort()

test('a store that takes nothing is told of at every site, also where nothing is written, until it takes writes again', async () => {
  const stand = await openHouse({ sites: [{ id: 'main' }, { id: 'annex' }] })
  await stand.clock.advance(6_000)
  expect(open(stand, 'store-down')).toEqual([])
  stand.trouble.store = true
  await stand.clock.advance(6_000)
  expect(open(stand, 'store-down')).toEqual(['annex', 'main'])
  await stand.clock.advance(20_000)
  expect(open(stand, 'store-down')).toEqual(['annex', 'main'])
  expect(stand.logged.filter((line) => line === 'the store does not take writes').length).toBeLessThan(4)
  stand.trouble.store = false
  await stand.clock.advance(6_000)
  expect(open(stand, 'store-down')).toEqual([])
  await stand.directory.stop()
})

test('a loop that stood still is told of at every site for a minute after the last time', async () => {
  const stand = await openHouse({ sites: [{ id: 'main' }, { id: 'annex' }] })
  const watch = new StallWatch(stand.directory.estate)
  watch.stalled(2_250)
  await stand.clock.advance(40_000)
  watch.stalled(1_250)
  await stand.clock.advance(40_000)
  expect(open(stand, 'loop-stalled')).toEqual(['annex', 'main'])
  await stand.clock.advance(21_000)
  expect(open(stand, 'loop-stalled')).toEqual([])
  watch.stop()
  await stand.directory.stop()
})

test('an orderly end waits for a store that takes nothing, as long as it is told to, and names what it could not write', async () => {
  for (const backAfterMs of [2_000, Infinity]) {
    const stand = await openHouse({ sites: [{ id: 'main' }] })
    await stand.clock.advance(1_000)
    stand.trouble.store = true
    const put = stand.house.setGridLimit('main', { currentA: 9 }, { name: 'tester', requestId: 'r' })
    await expect(put).rejects.toMatchObject({ kind: 'store-down' })
    let unwritten: Awaited<ReturnType<typeof stand.directory.stop>> | null = null
    void stand.directory.stop(10_000).then((left) => { unwritten = left })
    await stand.clock.advance(2_000)
    expect(unwritten).toBe(null)
    if (backAfterMs < Infinity) stand.trouble.store = false
    await stand.clock.advance(10_000)
    expect(unwritten).toEqual(backAfterMs < Infinity ? [] : [{ scope: 'main', records: expect.any(Number) as number, reason: expect.any(String) as string }])
    stand.trouble.store = false
    const again = await stand.restart()
    expect(again.house.gridLimit('main').value.currentA).toBe(backAfterMs < Infinity ? 9 : null)
    await again.directory.stop()
  }
})
