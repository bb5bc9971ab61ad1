// Those who are cut together: few leave at once, many so many a turn and in order, and whoever fails keeps nobody from leaving.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DepartureLine } from '../../src/protocol/departure-line.ts'
import { Client, startServer, type Running } from './station-server.ts'

const nextTurn = () => new Promise((resolve) => setImmediate(resolve))

describe('the line', () => {
  test('few leave at once, the rest so many a turn, in order', async () => {
    const line = new DepartureLine(3)
    const left: number[] = []
    for (let nth = 0; nth < 8; nth++) line.leave(() => left.push(nth))
    expect(left).toEqual([0, 1, 2])
    await nextTurn()
    expect(left).toEqual([0, 1, 2, 3, 4, 5])
    line.leave(() => left.push(8))
    expect(left).toHaveLength(6)
    await nextTurn()
    expect(left).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
    await nextTurn()
    line.leave(() => left.push(9))
    expect(left).toHaveLength(10)
  })

  test('what leaves from within a departure comes behind the others', async () => {
    const line = new DepartureLine(2)
    const left: string[] = []
    line.leave(() => { left.push('a'); line.leave(() => left.push('of a')) })
    line.leave(() => left.push('b'))
    expect(left).toEqual(['a', 'of a'])
    await nextTurn()
    expect(left).toEqual(['a', 'of a', 'b'])
  })

  test('whoever fails keeps nobody from leaving', async () => {
    const line = new DepartureLine(1)
    const left: string[] = []
    expect(() => line.leave(() => { throw new Error('broken') })).toThrow('broken')
    line.leave(() => left.push('next'))
    line.leave(() => left.push('last'))
    expect(left).toEqual([])
    await nextTurn()
    await nextTurn()
    expect(left).toEqual(['next', 'last'])
  })
})

describe('over sockets', () => {
  let running: Running
  beforeEach(async () => { running = await startServer() })
  afterEach(() => running.stop())

  const departures = () => running.desk.events.filter((event) => event.startsWith('disconnected'))

  test('two hundred who are cut in one moment are worked off over turns, and are all told', async () => {
    const { desk, endpoint } = running
    const clients = Array.from({ length: 200 }, (_, nth) => new Client(`${endpoint}/ocpp/CP-${nth}`))
    await Promise.all(clients.map((client) => client.arrival))
    const perTurn: number[] = []
    let isWatching = true
    const watch = (): void => {
      perTurn.push(departures().length)
      if (isWatching) setImmediate(watch)
    }
    setImmediate(watch)
    for (const client of clients) client.socket.terminate()
    await Promise.all(clients.map((_, nth) => desk.until(`disconnected CP-${nth} `)))
    isWatching = false
    expect(departures()).toHaveLength(200)
    // One slice before the immediates of a turn, one among them.
    expect(Math.max(...perTurn.slice(1).map((many, at) => many - perTurn[at]!))).toBeLessThanOrEqual(64)
    expect(perTurn.filter((many, at) => many !== perTurn[at - 1]).length).toBeGreaterThan(3)
  })

  test('whoever comes back while its old connection stands in line is let in, and its old one ends first', async () => {
    const { desk, endpoint } = running
    const names = Array.from({ length: 100 }, (_, nth) => `CP-${nth}`)
    const clients = names.map((name) => new Client(`${endpoint}/ocpp/${name}`))
    await Promise.all(clients.map((client) => client.arrival))
    for (const client of clients) client.socket.terminate()
    const back = names.map((name) => new Client(`${endpoint}/ocpp/${name}`))
    expect(new Set(await Promise.all(back.map(async (client) => (await client.arrival).status)))).toEqual(new Set([101]))
    for (const name of names) {
      expect(desk.events.filter((event) => event.includes(` ${name} `)).map((event) => event.split(' ').slice(0, 3).join(' ')))
        .toEqual([`connected ${name} 1`, `disconnected ${name} 1`, `connected ${name} 2`])
    }
  })
})
