// A site that is not looked at any more cannot say so itself: somebody else does.
import { expect, test } from 'vitest'
import { openHouse } from './house-stand.ts'

const ticking = (alerts: readonly { code: string; resolvedAt: string | null }[]) => alerts.filter(({ code, resolvedAt }) => code === 'engine-not-ticking' && resolvedAt === null)

test('a site that was not looked at for more than 15 s is told of, by itself, until it is looked at again or is gone', async () => {
  const { house, directory, clock } = await openHouse({ sites: [{ id: 'main' }, { id: 'annex' }] })
  await clock.advance(60_000)
  expect(ticking(house.alerts())).toEqual([])
  directory.estate.sites.get('annex')!.room.stop()
  await clock.advance(14_000)
  expect(ticking(house.alerts())).toEqual([])
  await clock.advance(12_000)
  expect(ticking(house.alerts())).toMatchObject([{ siteID: 'annex', severity: 'critical', message: expect.stringMatching(/looked at this site \d+ s ago/) as string }])
  await house.deleteSite('annex', { name: 'tester', requestId: 'r' })
  await clock.advance(6_000)
  expect(ticking(house.alerts())).toEqual([])
})
