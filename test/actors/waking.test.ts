// A start with many running transactions: sites steer at once, actors follow in turn, and nobody who asks meanwhile sees a difference.
import { expect, test } from 'vitest'
import type { Estate } from '../../src/actors/estate.ts'
import { wokenAtOnce } from '../../src/actors/waking.ts'
import { defaultSettings } from '../../src/settings.ts'
import { settle } from '../virtual-clock.ts'
import { openHouse } from './house-stand.ts'

const others = 12
const ids = Array.from({ length: wokenAtOnce + others }, (_, at) => `CP${String(at + 1).padStart(3, '0')}`)
const tagOf = (id: string): string => `TAG-${id}`
const opened = ({ points }: Estate): string[] => [...points.values()].filter((point) => point.opened !== null).map(({ record }) => record.config.id)

async function killedWhileAllCharge() {
  const stand = await openHouse({ sites: [{ fuseA: 32 * ids.length }], chargePoints: ids.map((id) => ({ id })), idTags: ids.map((id) => ({ id: tagOf(id), status: 'Accepted', concurrent: false })) })
  const transactions = new Map<string, number>()
  for (const id of ids) transactions.set(id, await stand.start(await stand.boot(id), tagOf(id)))
  await stand.clock.advance(1_000)
  const again = await stand.restart()
  const { estate } = again.directory
  const asleep = ids.filter((id) => !opened(estate).includes(id))
  return { stand, again, estate, transactions, asleep }
}

test('the site steers before all actors are there; the others follow by themselves', async () => {
  const { again, estate, asleep } = await killedWhileAllCharge()
  expect(asleep).toHaveLength(others)
  expect([...estate.sites.values()][0]!.room.engine.plan?.targets.size).toBe(ids.length)
  await again.clock.advance(100)
  expect(opened(estate)).toHaveLength(ids.length)
  await again.clock.advance(6_000)
  for (const id of asleep) expect(estate.point(id)!.family!.view().connectors[0]!.limit, id).not.toBe('none')
})

test('who asks sees what runs, and begins only whom it asks for', async () => {
  const { again, estate, transactions, asleep } = await killedWhileAllCharge()
  const [first, second] = asleep as [string, string]
  const whole = await again.house.records.get(transactions.get(first)!)
  expect(whole).toMatchObject({ clientID: first, idTag: tagOf(first), stoppedAt: null })
  expect(opened(estate)).toHaveLength(wokenAtOnce + 1)
  expect(again.house.chargePoint(second).value).toMatchObject({ id: second })
  const overview = again.house.overviews.overview([...estate.sites.keys()][0]!)
  expect(overview.connectors.filter(({ transaction }) => transaction !== null)).toHaveLength(ids.length)
})

test('a tag that charges at one whose turn has not come may not start elsewhere, and may there again', async () => {
  const { again, estate, asleep } = await killedWhileAllCharge()
  const [first, second] = asleep as [string, string]
  const [siteID, { scope }] = [...estate.sites][0]!
  const startAt = async (clientID: string) => (await estate.authorisation.authoriser.authorise({ idTag: tagOf(first), clientID, siteID, scope, connectorId: 1, reason: 'start', rules: defaultSettings })).idTagInfo.status
  expect(await startAt(second)).toBe('ConcurrentTx')
  expect(opened(estate)).not.toContain(first)
  const there = await again.boot(first)
  expect(await again.call(there, 'StartTransaction', { connectorId: 1, idTag: tagOf(first), meterStart: 0, timestamp: new Date(again.clock.wall()).toISOString() })).toMatchObject({ idTagInfo: { status: 'Accepted' } })
})

test('what ends before its turn came is kept as it was', async () => {
  const { again, transactions, asleep } = await killedWhileAllCharge()
  await again.directory.stop()
  await settle()
  const third = await again.restart()
  await third.clock.advance(100)
  for (const id of asleep) expect(await third.house.records.get(transactions.get(id)!), id).toMatchObject({ clientID: id, stoppedAt: null })
})
