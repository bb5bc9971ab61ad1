// What a charge point counts from its first connection on, before it has booted and where it never does.
import { describe, expect, test } from 'vitest'
import { openHouse } from './house-stand.ts'
import { openRoom, Peer } from './site-stand.ts'

describe('first contact', () => {
  const pair = { sites: [{ id: 'main', fuseA: 40 }], chargePoints: [{ id: 'CP1' }, { id: 'CP2' }] }
  const reserved = (house: Awaited<ReturnType<typeof openHouse>>['house']) => house.power('main').connectors.map(({ reservedA }) => reservedA)

  test('a connection that was let in counts the hardware, without an alarm for 60 s, and is told nothing', async () => {
    const { clock, directory, desk, house } = await openHouse(pair)
    expect(reserved(house)).toEqual([0, 0])
    const one = new Peer(clock, 'CP1')
    const two = new Peer(clock, 'CP2')
    desk.connected(one)
    desk.connected(two)
    await clock.advance(1_000)
    expect([reserved(house), house.power('main').state]).toEqual([[32, 32], 'enforcing'])
    const open = () => directory.estate.alerts.list().filter(({ code, resolvedAt }) => code === 'unenforceable' && resolvedAt === null).length
    await clock.advance(58_000)
    expect(open()).toBe(0)
    await clock.advance(10_000)
    expect([open(), house.power('main').state, house.power('main').deficitA]).toEqual([1, 'unenforceable', 24])
    expect([...one.calls, ...two.calls]).toEqual([])
  })

  test('one that left again without a boot counts on, also after a restart', async () => {
    const { clock, desk, house, store } = await openHouse(pair)
    const one = new Peer(clock, 'CP1')
    desk.connected(one)
    await clock.advance(1_000)
    one.cut()
    desk.disconnected(one, 1006, '')
    await clock.advance(1_000)
    expect(reserved(house)).toEqual([32, 0])
    const again = await openHouse({ ...pair, store: store.restart(), clock })
    await clock.advance(1_000)
    expect(reserved(again.house)).toEqual([32, 0])
  })

  test('who waits in the lobby counts nothing', async () => {
    const { clock, desk, house } = await openHouse({ ...pair, unknown: 'pending' })
    desk.connected(new Peer(clock, 'STRANGER'))
    await clock.advance(1_000)
    expect(reserved(house)).toEqual([0, 0])
  })

  test('many at once are one review, and who is known already none', async () => {
    const ids = Array.from({ length: 40 }, (_, index) => `CP${index}`)
    const { clock, room } = await openRoom({ site: { fuseA: 63 }, chargePoints: ids.map((id) => ({ id })) })
    await clock.advance(1_000)
    const causes: string[] = []
    const review = room.engine.review.bind(room.engine)
    room.engine.review = (cause) => {
      causes.push(cause)
      return review(cause)
    }
    for (const id of ids) room.stationConnected(id)
    await clock.advance(100)
    expect(causes).toEqual(['station-connected'])
    for (const id of ids) room.stationConnected(id)
    await clock.advance(100)
    expect(causes.length).toBe(1)
    expect(room.power().connectors.every(({ reservedA }) => reservedA === 32)).toBe(true)
  })
})
