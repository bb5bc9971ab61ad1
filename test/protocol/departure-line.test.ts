// Those who are cut together: few leave at once, many so many a turn and in order, and whoever fails keeps nobody from leaving.
import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DepartureLine } from '../../src/protocol/departure-line.ts'
import type { RecordingDesk } from './recording-desk.ts'
import { Client, startServer } from './station-server.ts'
import { startSecure } from './tls-station.ts'

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

interface Yard { readonly desk: RecordingDesk; readonly endpoint: string; readonly authority: string | undefined; readonly server: Server; stop(): Promise<void> }

async function open(kind: 'TCP' | 'TLS'): Promise<Yard> {
  if (kind === 'TCP') {
    const running = await startServer()
    return { ...running, server: running.http, authority: undefined }
  }
  const secure = await startSecure()
  return { ...secure, server: secure.https, endpoint: `wss://localhost:${secure.port}`, authority: secure.root.cert }
}

describe.each(['TCP', 'TLS'] as const)('over %s', (kind) => {
  const many = kind === 'TCP' ? 200 : 100
  let yard: Yard
  let closed = 0
  beforeEach(async () => {
    closed = 0
    yard = await open(kind)
    yard.server.on(kind === 'TCP' ? 'connection' : 'secureConnection', (socket: Socket) => socket.on('close', () => { closed++ }))
  })
  afterEach(() => yard.stop())

  const come = (name: string) => new Client(`${yard.endpoint}/ocpp/${name}`, ['ocpp1.6'], yard.authority === undefined ? {} : { ca: yard.authority })
  const departures = () => yard.desk.events.filter((event) => event.startsWith('disconnected'))

  test('many who are cut in one moment: sockets and connections are worked off over turns, and all are told', async () => {
    const clients = Array.from({ length: many }, (_, nth) => come(`CP-${nth}`))
    await Promise.all(clients.map((client) => client.arrival))
    const perTurn: { readonly sockets: number; readonly told: number }[] = []
    let isWatching = true
    const watch = (): void => {
      perTurn.push({ sockets: closed, told: departures().length })
      if (isWatching) setImmediate(watch)
    }
    setImmediate(watch)
    for (const client of clients) client.socket.terminate()
    await Promise.all(clients.map((_, nth) => yard.desk.until(`disconnected CP-${nth} `)))
    isWatching = false
    expect(departures()).toHaveLength(many)
    // One slice before the immediates of a turn, one among them.
    const steps = perTurn.slice(1).map(({ sockets, told }, at) => ({ sockets: sockets - perTurn[at]!.sockets, told: told - perTurn[at]!.told }))
    for (const { sockets, told } of steps) expect([sockets <= 32, told <= 32]).toEqual([true, true])
  })

  test('whoever comes back while its old connection stands in line is let in, and its old one ends first', async () => {
    const names = Array.from({ length: many }, (_, nth) => `CP-${nth}`)
    const clients = names.map(come)
    await Promise.all(clients.map((client) => client.arrival))
    for (const client of clients) client.socket.terminate()
    const back = names.map(come)
    expect(new Set(await Promise.all(back.map(async (client) => (await client.arrival).status)))).toEqual(new Set([101]))
    for (const name of names) {
      expect(yard.desk.events.filter((event) => event.includes(` ${name} `)).map((event) => event.split(' ').slice(0, 3).join(' ')))
        .toEqual([`connected ${name} 1`, `disconnected ${name} 1`, `connected ${name} 2`])
    }
  })

  test('frames that came with the end are answered to whoever still reads', async () => {
    yard.desk.atOnce = true
    const client = come('CP1')
    await client.arrival
    client.socket.send('[2,"1","Heartbeat",{}]')
    client.socket.send('[2,"2","Heartbeat",{}]')
    client.socket.close()
    await client.closed
    expect(client.received.map(([, id]) => id)).toEqual(['1', '2'])
    expect(yard.desk.handled).toHaveLength(2)
  })
})
