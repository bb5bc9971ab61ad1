// A site over time: what it drew in equal steps, the limits behind and ahead, gaps that stay gaps, and the bounds of it all.
import { expect, test } from 'vitest'
import { chartRule } from '../../src/actors/chart.ts'
import { traceSeries, type TraceEntry } from '../../src/actors/site-trace.ts'
import { caller, openHouse, type HouseStand } from './house-stand.ts'
import type { Peer } from './site-stand.ts'

const minuteMs = 60_000
const options = { sites: [{ fuseA: 60, circuits: [{ id: 'garage', limitA: 40 }, { id: 'yard' }] }], chargePoints: [{ id: 'CP1', circuit: 'garage' }, { id: 'CP2', circuit: 'yard' }] }

/** CP1 draws so many amps on each phase, a sample every 10 s, for so long; the site meter sees it and 5 A more. */
async function draw({ house, clock, call }: HouseStand, peer: Peer, currentA: number, forMs: number): Promise<void> {
  const endMs = clock.wall() + forMs
  while (clock.wall() < endMs) {
    await call(peer, 'MeterValues', { connectorId: 1, meterValue: [{ timestamp: new Date(clock.wall()).toISOString(), sampledValue: ['L1', 'L2', 'L3'].map((phase) => ({ value: String(currentA), measurand: 'Current.Import', unit: 'A', phase })) }] })
    house.pushBaseLoad('main', { currentA: { L1: currentA + 5, L2: currentA + 5, L3: currentA + 5 } })
    await clock.advance(9_990)
  }
}

async function charging(): Promise<{ stand: HouseStand; peer: Peer }> {
  const stand = await openHouse(options)
  const peer = await stand.boot('CP1')
  await stand.clock.advance(20_000)
  await stand.start(peer)
  await draw(stand, peer, 30, 60_000)
  return { stand, peer }
}

const at = (ms: number): string => new Date(ms).toISOString()

test('measured power by circuit, of the building and of all; a step before it ran is null', async () => {
  const { stand, peer } = await charging()
  const { house, clock } = stand
  const fromMs = Math.ceil(clock.wall() / minuteMs) * minuteMs
  await draw(stand, peer, 30, 5 * minuteMs)
  const { measured, stepS, at: madeAt } = await house.overviews.chart('main', { from: at(fromMs - 60 * minuteMs), to: at(clock.wall()), stepS: 60 })
  const index = measured.times.indexOf(fromMs / 1000) + 1
  const of = (id: string) => measured.nodes.find((node) => node.id === id)!
  expect([stepS, madeAt]).toEqual([60, at(clock.wall())])
  expect(measured.nodes.map(({ id, parent }) => [id, parent])).toEqual([['main', null], ['garage', 'main']])
  expect([of('garage').powerW[index], of('garage').currentA[index], of('main').powerW[index]]).toEqual([20_700, 30, 20_700])
  expect([measured.buildingW[index], measured.totalW[index]]).toEqual([3_450, 24_150])
  expect([of('garage').powerW[0], measured.totalW[0]]).toEqual([null, null])
  for (const column of [measured.totalW, measured.buildingW, of('garage').currentA]) expect(column).toHaveLength(measured.times.length)
  expect(measured.times.at(-1)! * 1000).toBeLessThan(clock.wall())
})

test('limits: each change is a step, what is to come follows, and a curtailment is an interval', async () => {
  const { stand, peer } = await charging()
  const { house, clock } = stand
  const cutMs = clock.wall()
  await house.setGridLimit('main', { currentA: 40 }, caller)
  await draw(stand, peer, 25, 2 * minuteMs)
  const { value } = await house.limits.createCurtailment('main', { kind: 'curtailment', currentA: 12, expiresAt: at(clock.wall() + 30 * minuteMs), reason: 'test' }, caller)
  await draw(stand, peer, 9, minuteMs)
  const { limits: { past, future }, curtailments, decisions } = await house.overviews.chart('main', {})
  expect(past.map(({ currentA, binding }) => [currentA, binding])).toEqual([[null, null], [60, 'fuse'], [40, 'grid-limit'], [12, `curtailment:${value.id}`]])
  expect(Math.abs(Date.parse(past[2]!.at) - cutMs)).toBeLessThanOrEqual(5_000)
  expect(future.map(({ at: when, currentA }) => [when, currentA])).toEqual([[at(clock.wall()), 12], [value.expiresAt, 40]])
  expect(curtailments).toEqual([{ id: value.id, kind: 'curtailment', state: 'active', limit: value.limit, startsAt: value.startsAt, endsAt: value.expiresAt, reason: 'test', source: null }])
  expect(decisions.find(({ cause }) => cause === 'site-limit-set')).toMatchObject({ words: 'The grid limit was changed: everybody keeps what they have.', id: expect.stringMatching(/^dec_/) as string })
  expect(decisions.find(({ cause }) => cause === 'curtailment')).toMatchObject({ words: 'A curtailment was changed: 1 connector lowered.' })
  expect(decisions.map((one) => one.at)).toEqual(decisions.map((one) => one.at).sort())
  const { limits, decisions: none } = await house.overviews.chart('main', { from: at(clock.wall() + 10 * minuteMs), to: at(clock.wall() + 60 * minuteMs) })
  expect([limits.past, none, limits.future.map(({ currentA }) => currentA)]).toEqual([[], [], [12, 40]])
})

test('while kwota does not run nothing is known, and afterwards it goes on', async () => {
  const { stand, peer } = await charging()
  await draw(stand, peer, 30, 3 * minuteMs)
  await stand.clock.advance(50)
  const killedMs = stand.clock.wall()
  stand.directory.crash()
  await stand.clock.advance(10 * minuteMs)
  const again = await stand.restart()
  const back = await again.boot('CP1')
  await draw(again, back, 10, 4 * minuteMs)
  const { measured, limits: { past } } = await again.house.overviews.chart('main', { from: at(killedMs - 3 * minuteMs), to: at(again.clock.wall()), stepS: 60 })
  const values = measured.nodes.find(({ id }) => id === 'garage')!.powerW
  const index = (ms: number) => measured.times.findLastIndex((second) => second * 1000 <= ms)
  expect(values[index(killedMs - 2 * minuteMs)]).toBe(20_700)
  expect(values[index(killedMs + 5 * minuteMs)]).toBeNull()
  expect(values[index(again.clock.wall() - 2 * minuteMs)]).toBe(6_900)
  expect(past.map(({ currentA }) => currentA)).toEqual([60, null, 60])
})

test('an hour that nobody looked at, or that the clock left out, is not known; a step of which less than half is known neither', async () => {
  const { stand, peer } = await charging()
  const { house, clock } = stand
  await draw(stand, peer, 30, 3 * minuteMs)
  const leftMs = clock.wall()
  clock.jumpWall(60 * minuteMs)
  await draw(stand, peer, 30, 3 * minuteMs)
  const { measured: { times, nodes }, limits: { past } } = await house.overviews.chart('main', { from: at(leftMs - 2 * minuteMs), to: at(clock.wall()), stepS: 600 })
  const values = nodes.find(({ id }) => id === 'garage')!.powerW
  expect(values[times.findIndex((second) => second * 1000 >= leftMs + 20 * minuteMs)]).toBeNull()
  expect(past.map(({ currentA }) => currentA)).toEqual([60, null, 60])
  expect(values.filter((value) => value !== null).length).toBeLessThanOrEqual(1)
})

test('cars that charge and are not measured are unknown, not nothing', async () => {
  const { stand } = await charging()
  const { house, clock } = stand
  await clock.advance(5 * minuteMs)
  const { measured } = await house.overviews.chart('main', { from: at(clock.wall() - 2 * minuteMs), to: at(clock.wall()), stepS: 60 })
  expect(measured.nodes.find(({ id }) => id === 'garage')!.powerW).toEqual(measured.times.map(() => null))
  expect(measured.buildingW.every((value) => value === null)).toBe(true)
})

test('a stretch is written once a minute, or when the limit changes; no more often', async () => {
  const { stand, peer } = await charging()
  const { house, clock, store } = stand
  const rows = async (fromMs: number) => (await store.range('main', traceSeries, fromMs, clock.wall() + 1)).map(({ value }) => value as TraceEntry)
  const fromMs = clock.wall() + 1
  await draw(stand, peer, 30, 10 * minuteMs)
  expect((await rows(fromMs)).length).toBeGreaterThanOrEqual(9)
  expect((await rows(fromMs)).length).toBeLessThanOrEqual(10)
  const toggledMs = clock.wall() + 1
  for (let n = 0; n < 20; n++) {
    await house.setGridLimit('main', { currentA: 40 + n % 2 }, caller)
    await clock.advance(100)
  }
  expect((await rows(toggledMs)).length).toBeLessThanOrEqual(3)
})

test('a long time: a coarser step, at most 2,000 points, steps and 300 decisions', async () => {
  const stand = await openHouse(options)
  const { house, clock, store } = stand
  await clock.advance(1_000)
  const nowMs = clock.wall()
  const limit = (n: number) => ({ currentA: 20 + n % 2, powerW: 0, binding: 'grid-limit' })
  const entries = Array.from({ length: 8 * 1440 }, (_, n) => {
    const fromMs = nowMs - (8 * 1440 - n) * minuteMs
    return { atMs: fromMs + minuteMs, value: { fromMs, cars: { garage: [10, 10, 10], main: [10, 10, 10] }, building: null, limit: limit(n), decisions: [{ id: `dec_1_${n}`, atMs: fromMs, cause: 'sample', lowered: n === 5 ? 9 : 1, raised: 0, state: 'enforced' }] } satisfies TraceEntry }
  })
  await store.append('main', traceSeries, entries)
  const chart = await house.overviews.chart('main', { from: at(nowMs - 8 * 1440 * minuteMs), to: at(nowMs), stepS: 60 })
  expect(chart.stepS).toBeGreaterThan(300)
  expect(chart.measured.times.length).toBeLessThanOrEqual(chartRule.mostPoints)
  expect(chart.measured.nodes.find(({ id }) => id === 'garage')!.powerW.slice(1, -1)).toEqual(chart.measured.times.slice(1, -1).map(() => 6_900))
  expect(chart.limits.past.length).toBeLessThanOrEqual(chartRule.mostPoints)
  expect(chart.decisions.length).toBeLessThanOrEqual(chartRule.mostDecisions)
  expect(chart.decisions[0]).toMatchObject({ id: 'dec_1_5', words: 'A reading came: 9 connectors lowered.' })
  expect((await house.overviews.chart('main', {})).stepS).toBe(60)
})

test.each([
  [{ from: '2024-05-02T00:00:00Z', to: '2024-05-01T00:00:00Z' }, 'range-backwards'], [{ from: '2024-05-01T00:00:00Z', to: '2024-05-09T00:00:01Z' }, 'range-too-long'], [{ from: '2024-05-20T00:00:00Z', to: '2024-05-21T00:00:00Z' }, 'range-too-long'],
])('refused: %o', async (query, code) => {
  const { house } = await openHouse()
  await expect(house.overviews.chart('main', query)).rejects.toMatchObject({ kind: 'invalid', code })
  await expect(house.overviews.chart('nowhere', {})).rejects.toMatchObject({ kind: 'not-found', code: 'unknown-site' })
})
