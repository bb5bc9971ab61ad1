// Every kind of record is read back by the kind that writes it, and people are alarmed only where something is lost.
import { expect, test } from 'vitest'
import { recordFault } from '../../src/actors/record-kinds.ts'
import { caller, openHouse, type HouseStand } from './house-stand.ts'
import type { Peer } from './site-stand.ts'

const told = (stand: HouseStand) => stand.house.alerts().filter(({ code }) => code === 'quarantined' || code === 'record-begun-anew')

/** A frame and its answer, as the message log sees them. */
function beat({ desk }: HouseStand, peer: Peer, id: string) {
  desk.frame?.(peer, 'in', `[2,"${id}","Heartbeat",{}]`)
  desk.frame?.(peer, 'out', `[3,"${id}",{"currentTime":"2024-05-01T10:00:00.000Z"}]`)
}

/** A house that ran for some minutes with its logs kept. */
async function busy() {
  const stand = await openHouse({ sites: [{ id: 'main', demandWindow: { targetW: 40_000 } }], chargePoints: [{ id: 'CP1' }], messageLog: { keepDays: 1, keepMiB: 10 }, idTags: [{ id: 'TAG', status: 'Accepted', concurrent: false }] })
  const peer = await stand.boot('CP1')
  await stand.clock.advance(15_000)
  await stand.start(peer)
  beat(stand, peer, '1')
  const done = stand.house.setGridLimit('main', { currentA: 50, ttlS: 3_600 }, caller)
  await stand.clock.advance(180_000)
  await done
  beat(stand, peer, '2')
  await stand.clock.advance(120_000)
  return stand
}

test('what the logs note of themselves is read back: a restart sets nothing aside', async () => {
  const first = await busy()
  const kept = await first.store.read('main')
  expect([...kept.keys()]).toEqual(expect.arrayContaining(['message-log', 'decision-log']))
  expect(kept.get('message-log')).toEqual([[expect.any(Number), expect.any(Number), expect.any(Number)]])
  expect([...kept].flatMap(([key, value]) => recordFault(key, value) ?? [])).toEqual([])
  const second = await first.restart()
  expect(told(second)).toEqual([])
  expect((await second.store.read('main')).get('message-log')).toEqual(kept.get('message-log'))
  second.directory.crash()
})

test('what a version set aside that could not read it is taken back', async () => {
  const first = await busy()
  const [[hour, fromMs, bytes]] = (await first.store.read('main')).get('message-log') as [[number, number, number]]
  first.directory.crash()
  const store = first.store.restart()
  await store.own('main')
  store.damage('main', 'quarantine:message-log', JSON.stringify({ v: 1, key: 'message-log', reason: '0: Too big', atMs: first.clock.wall(), value: [[hour - 1, fromMs - 3_600_000, 70], [hour, fromMs, 5]] }))
  const second = await openHouse({ sites: [{ id: 'main' }], chargePoints: [{ id: 'CP1' }], messageLog: { keepDays: 1, keepMiB: 10 }, clock: first.clock, store: store.restart() })
  beat(second, await second.boot('CP1'), '3')
  await second.clock.advance(120_000)
  const kept = await second.store.read('main')
  expect(kept.has('quarantine:message-log')).toBe(false)
  expect((kept.get('message-log') as number[][]).map(([at]) => at)).toEqual(expect.arrayContaining([hour - 1, hour]))
  expect((kept.get('message-log') as number[][]).find(([at]) => at === hour)![2]).toBeGreaterThan(bytes)
  expect(told(second)).toEqual([])
  second.directory.crash()
})

test('a record that is begun anew is information; one that is lost is critical, and names the way out', async () => {
  const first = await busy()
  first.directory.crash()
  const store = first.store.restart()
  await store.own('main')
  for (const key of ['message-log', 'decision-log', 'grid-limit']) store.damage('main', key, '{"a":1}')
  const second = await openHouse({ sites: [{ id: 'main' }], chargePoints: [{ id: 'CP1' }], clock: first.clock, store: store.restart() })
  expect(told(second).map(({ code, severity, message }) => [code, severity, /record ([\w-]+)/.exec(message)?.[1]]).sort()).toEqual([
    ['quarantined', 'critical', 'grid-limit'], ['record-begun-anew', 'info', 'decision-log'], ['record-begun-anew', 'info', 'message-log'],
  ])
  expect(told(second).find(({ code }) => code === 'quarantined')?.message).toContain('PUT /api/v1/sites/{siteID}/grid-limit')
  second.directory.crash()
})
