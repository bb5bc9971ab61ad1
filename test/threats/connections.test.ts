// Floods of connections over real sockets: silent ones and slow ones are cut, the rest waits in line, and whoever means it gets in.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { atEndOfTurn } from '../../src/clock.ts'
import { preRequestMs } from '../../src/protocol/guard-http.ts'
import { assemblyMs } from '../../src/protocol/message-deadline.ts'
import { Client, maskedFrame, openRaw, startServer, upgradeOf, type Running } from '../protocol/station-server.ts'
import { VirtualClock } from '../virtual-clock.ts'

let running: Running
const open: (Socket | Client)[] = []
afterEach(async () => {
  for (const one of open.splice(0)) one instanceof Client ? one.socket.terminate() : one.destroy()
  await running.stop()
})

async function knock(text: string): Promise<Socket> {
  const socket = connect(running.port, '127.0.0.1')
  socket.on('error', () => undefined)
  open.push(socket)
  await once(socket, 'connect')
  if (text !== '') socket.write(text)
  return socket
}

function come(clientID: string): Client {
  const client = new Client(`${running.endpoint}/ocpp/${clientID}`)
  open.push(client)
  return client
}

async function isServed(client: Client): Promise<boolean> {
  if (client.socket.readyState !== client.socket.OPEN) await client.ready()
  client.send([2, 'h', 'Heartbeat', {}])
  const [answer] = await client.frames(1)
  return answer?.[0] === 3 && answer[1] === 'h'
}

const warnings = (event: string) => running.log.lines.filter(({ fields }) => 'event' in fields && fields.event === event)

test('threat 13: two hundred slow and silent sockets are all cut after five seconds, and a charge point that comes meanwhile is served and stays', async () => {
  const clock = new VirtualClock()
  running = await startServer({ clock })
  const half = upgradeOf('/ocpp/SLOW').slice(0, 60)
  const bad = await Promise.all(Array.from({ length: 200 }, (_, at) => knock(at % 2 === 0 ? '' : half)))
  const good = come('GOOD')
  expect(await isServed(good)).toBe(true)
  const cut = Promise.all(bad.map((socket) => once(socket, 'close')))
  await clock.advance(preRequestMs)
  await cut
  expect(good.socket.readyState).toBe(good.socket.OPEN)
  expect(running.desk.events).toEqual(['connected GOOD 1'])
})

test('threat 13: of those that say nothing the oldest goes when there are too many, so that there is always room for one that asks', async () => {
  running = await startServer({ mostSilent: 20 })
  const first = await Promise.all(Array.from({ length: 20 }, () => knock('')))
  const gone = Promise.all(first.map((socket) => once(socket, 'close')))
  for (let at = 0; at < 20; at++) await knock('')
  expect(await isServed(come('GOOD'))).toBe(true)
  await gone
})

test('threat 13: an address has so many connections and no more, one that ends makes room, and the log says which setting', async () => {
  running = await startServer({ caps: { most: 100, perAddress: 3 } })
  const [one, two, three] = [come('A'), come('B'), come('C')]
  for (const client of [one, two, three]) expect(await isServed(client)).toBe(true)
  await once(await knock(upgradeOf('/ocpp/D')), 'close')
  expect(warnings('too-many-connections').map(({ fields }) => fields)).toMatchObject([{ setting: 'connections.perAddress', ofThisAddress: 3 }])
  one.socket.terminate()
  await running.desk.until('disconnected A')
  expect(await isServed(come('D'))).toBe(true)
  expect(running.desk.events.filter((event) => event.startsWith('connected'))).toHaveLength(4)
})

test('threat 13: this machine is not counted unless the setting says so; the sum of all is', async () => {
  running = await startServer({ caps: { most: 5, perAddress: null } })
  for (const name of ['A', 'B', 'C', 'D', 'E']) expect(await isServed(come(name))).toBe(true)
  await once(await knock(upgradeOf('/ocpp/F')), 'close')
  expect(warnings('too-many-connections').map(({ fields }) => fields)).toMatchObject([{ setting: 'connections.most', connections: 5 }])
})

test('threat 14: three hundred that come at once are taken up four a turn in their order, timers run in between, and all are served', async () => {
  running = await startServer({ line: { perTurn: 4 } })
  const { desk } = running
  /** How many were taken up before each turn of the loop. */
  const perTurn: number[] = []
  let watching = true
  const look = (): void => {
    perTurn.push(desk.attempts.length)
    if (watching) atEndOfTurn(look)
  }
  look()
  const clients = Array.from({ length: 300 }, (_, at) => come(`CP${at}`))
  await Promise.all(clients.map(({ arrival }) => arrival))
  watching = false
  expect(Math.max(...perTurn.slice(1).map((many, at) => many - perTurn[at]!))).toBeLessThanOrEqual(4)
  expect(desk.sessions).toHaveLength(300)
  expect((await Promise.all(clients.map(isServed))).every(Boolean)).toBe(true)
})

test('threat 14: above what may wait they are told 503 and when to come again, and those that wait are served first come first served', async () => {
  running = await startServer({ line: { perTurn: 1, mostWaiting: 10, mostUnderWay: 1 } })
  const { desk } = running
  let letIn: () => void = () => undefined
  const held = new Promise<void>((resolve) => { letIn = resolve })
  desk.decide = async ({ clientID }) => {
    await held
    return { admitted: true, clientID }
  }
  const first = come('FIRST')
  await expect.poll(() => desk.attempts.length).toBe(1)
  // One socket after the other, so that their order is known.
  const waiting: Socket[] = []
  for (let at = 0; at < 10; at++) waiting.push(await knock(upgradeOf(`/ocpp/W${at}`)))
  const late = come('LATE')
  const { status, headers } = await late.arrival
  expect([status, headers['retry-after']]).toEqual([503, '10'])
  expect(desk.events).toEqual(['refused LATE rate-limited'])
  letIn()
  await first.ready()
  await expect.poll(() => desk.sessions.length).toBe(11)
  expect(desk.attempts.map(({ clientID }) => clientID)).toEqual(['FIRST', ...waiting.map((_, at) => `W${at}`)])
})

test('threat 10: fifty sockets send messages in one-byte pieces without an end: above 64 pieces they are closed 1008, below it when ten seconds are over, and only they', async () => {
  const clock = new VirtualClock()
  running = await startServer({ clock, limits: { pingIntervalMs: 0 } })
  const piece = (first: boolean) => maskedFrame(first ? 0x01 : 0x00, Buffer.from('['))
  const many = await Promise.all(Array.from({ length: 25 }, (_, at) => openRaw(running.port, `/ocpp/MANY${at}`)))
  const few = await Promise.all(Array.from({ length: 25 }, (_, at) => openRaw(running.port, `/ocpp/FEW${at}`)))
  open.push(...many, ...few)
  const good = come('GOOD')
  expect(await isServed(good)).toBe(true)
  for (const socket of many) socket.write(Buffer.concat(Array.from({ length: 66 }, (_, at) => piece(at === 0))))
  for (const [at, socket] of few.entries()) {
    socket.write(piece(true))
    // A ping in between is no end.
    if (at % 2 === 0) socket.write(maskedFrame(0x89, Buffer.alloc(0)))
  }
  const ended = (name: string) => running.desk.events.filter((event) => event.startsWith(`disconnected ${name}`))
  await expect.poll(() => ended('MANY').length).toBe(25)
  expect(ended('MANY').every((event) => event.includes(' 1008 '))).toBe(true)
  expect(ended('FEW')).toEqual([])
  await expect.poll(() => clock.pending).toBeGreaterThanOrEqual(25)
  await clock.advance(assemblyMs)
  await expect.poll(() => ended('FEW').length).toBe(25)
  expect(ended('FEW').every((event) => event.endsWith('1008 message not finished in time'))).toBe(true)
  expect(warnings('message-not-finished')).toHaveLength(25)
  good.send([2, 'h2', 'Heartbeat', {}])
  expect((await good.frames(2))[1]?.[1]).toBe('h2')
})
