// Frames of one turn of the event loop: in order, nobody's lost to the failure of another, and what happens to a connection waits for what came before it.
import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { SocketTurn } from '../../src/protocol/socket-turn.ts'
import { openConnection } from './memory-socket.ts'
import { maskedFrame, openRaw, upgradeOf, startServer, Client, type Running } from './station-server.ts'

const text = (frame: string) => maskedFrame(0x81, Buffer.from(frame))
const nextTurn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)))

describe('one turn', () => {
  test('what was heard is worked off at its end, in order over all connections', async () => {
    const turn = new SocketTurn()
    const heard: string[] = []
    const [a, b] = [{ received: (text: string) => heard.push(`a ${text}`) }, { received: (text: string) => heard.push(`b ${text}`) }]
    turn.hear(a, '1')
    turn.hear(b, '1')
    turn.hear(a, '2')
    expect(heard).toEqual([])
    await nextTurn()
    expect(heard).toEqual(['a 1', 'b 1', 'a 2'])
  })

  test('what was heard and said waits both ways while it is in doubt whose it is, and then goes on in order', async () => {
    let sure = (): void => undefined
    let doubt: Promise<void> | null = null
    const turn = new SocketTurn(() => doubt)
    const heard: string[] = []
    const said: string[] = []
    const speaker = { write: (text: string) => { said.push(text) } }
    const listener = { received: (text: string) => { heard.push(text); turn.say(speaker, `re ${text}`) } }
    turn.say(speaker, 'before')
    doubt = new Promise((resolve) => { sure = resolve })
    for (let nth = 0; nth < 40; nth += 1) turn.hear(listener, `${nth}${'x'.repeat(2_000)}`)
    for (let nth = 0; nth < 40; nth += 1) turn.say(speaker, 'meanwhile')
    turn.settle()
    await nextTurn()
    expect([heard, said]).toEqual([[], []])
    doubt = null
    sure()
    await nextTurn()
    expect(heard.map((text) => Number.parseInt(text, 10))).toEqual(Array.from({ length: 40 }, (_, nth) => nth))
    expect(said.slice(0, 2)).toEqual(['before', 'meanwhile'])
    expect(said).toHaveLength(81)
  })

  test('settling works it off now, and what is heard meanwhile too', async () => {
    const turn = new SocketTurn()
    const heard: string[] = []
    const one = { received: (text: string) => { heard.push(text); if (text.length < 3) turn.hear(one, `${text}+`) } }
    turn.hear(one, '1')
    turn.settle()
    expect(heard).toEqual(['1', '1+', '1++'])
    await nextTurn()
    expect(heard).toHaveLength(3)
  })

  test('who is worked off and ends a connection, which settles again, overtakes nobody', () => {
    const turn = new SocketTurn()
    const heard: string[] = []
    const one = {
      received: (text: string) => {
        heard.push(text)
        if (text === '1') turn.hear(one, '3')
        turn.settle()
      },
    }
    for (const text of ['1', '2']) turn.hear(one, text)
    turn.settle()
    expect(heard).toEqual(['1', '2', '3'])
  })

  test.each([['long ones', 'x'.repeat(4_096)], ['empty ones', '']])('who floods (%s) is worked off before the next read, so that it can be paused', (_, text) => {
    const turn = new SocketTurn()
    let [heard, waited] = [0, 0]
    for (let count = 1; count <= 5_000; count++) {
      turn.hear({ received: () => heard++ }, text)
      waited = Math.max(waited, (count - heard) * (text.length + 64))
    }
    expect(waited).toBeLessThanOrEqual(65_536)
    expect(heard).toBeGreaterThan(3_900)
  })

  test('what is said leaves at the end of the turn, and many at once before it: who does not read shows in time', async () => {
    const turn = new SocketTurn()
    const left: string[] = []
    const client = { write: (text: string) => void left.push(text) }
    turn.say(client, '1')
    expect(left).toEqual([])
    await nextTurn()
    expect(left).toEqual(['1'])
    for (let count = 0; count < 100; count++) turn.say(client, `${count}`)
    expect(left.length).toBeGreaterThan(90)
    turn.leave()
    expect(left.slice(1)).toEqual(Array.from({ length: 100 }, (_, at) => `${at}`))
  })

  test('who throws takes no frame of others with it', () => {
    const turn = new SocketTurn()
    const heard: string[] = []
    const good = { received: (text: string) => void heard.push(text) }
    turn.hear(good, '1')
    turn.hear({ received: () => { throw new Error('broken') } }, '2')
    turn.hear(good, '3')
    expect(() => turn.settle()).toThrow('broken')
    turn.settle()
    expect(heard).toEqual(['1', '3'])
  })
})

describe('over real sockets', () => {
  let running: Running
  beforeEach(async () => { running = await startServer() })
  afterEach(() => running.stop())

  test('what a charge point said right before it hung up is worked off', async () => {
    const client = new Client(`${running.endpoint}/ocpp/CP1`)
    await client.ready()
    client.send([2, '1', 'Heartbeat', {}])
    client.socket.terminate()
    await running.desk.until('disconnected CP1')
    expect(running.desk.handled.map(({ action }) => action)).toEqual(['Heartbeat'])
  })

  test('what came in one segment with a frame that ends the connection is worked off before it', async () => {
    const socket = await openRaw(running.port, '/ocpp/CP2')
    socket.write(Buffer.concat([text('[2,"1","Heartbeat",{}]'), maskedFrame(0x82, Buffer.from('binary'))]))
    await running.desk.until('disconnected CP2 1 1003')
    expect(running.desk.handled.map(({ action }) => action)).toEqual(['Heartbeat'])
    socket.destroy()
  })

  test.each([['a close frame', maskedFrame(0x88, Buffer.from([3, 232]))], ['bad UTF-8', maskedFrame(0x81, Buffer.from([0xff, 0xfe]))], ['a binary frame', maskedFrame(0x82, Buffer.from('x'))]])('what came before %s is answered', async (_, end) => {
    running.desk.atOnce = true
    const socket = await openRaw(running.port, '/ocpp/CP3')
    let got = ''
    socket.on('data', (chunk: Buffer) => { got += chunk.toString('latin1') })
    socket.write(Buffer.concat([text('[2,"b1","Heartbeat",{}]'), end]))
    await expect.poll(() => got).toContain('[3,"b1"')
    socket.destroy()
  })

  test('what came before somebody else takes over the identity is worked off', async () => {
    running.desk.atOnce = true
    running.desk.decide = (attempt) => ({ admitted: true, clientID: attempt.clientID, replacesLive: true })
    for (let count = 1; count <= 5; count++) {
      const old = await openRaw(running.port, '/ocpp/CP4')
      const fresh = connect(running.port, '127.0.0.1')
      await once(fresh, 'connect')
      // Both are read in one turn.
      old.write(text(`[2,"${count}","Heartbeat",{}]`))
      fresh.write(upgradeOf('/ocpp/CP4'))
      await once(fresh, 'data')
      await expect.poll(() => running.desk.handled.length).toBe(count)
      old.destroy()
      fresh.destroy()
    }
  })

  test('a backlog that comes at once is slowed down, not refused', async () => {
    running.desk.atOnce = true
    const socket = await openRaw(running.port, '/ocpp/CP5')
    const reading = (id: number) => text(JSON.stringify([2, `m${id}`, 'MeterValues', { connectorId: 1, meterValue: [{ timestamp: '2026-01-01T00:00:00Z', sampledValue: Array.from({ length: 14 }, () => ({ value: '123.4', measurand: 'Current.Import', unit: 'A', phase: 'L1', location: 'Outlet' })) }] }]))
    socket.write(Buffer.concat(Array.from({ length: 400 }, (_, id) => reading(id))))
    // Kept from reading while all of that arrives, as may happen at any time.
    for (const untilMs = performance.now() + 100; performance.now() < untilMs;);
    await expect.poll(() => running.desk.handled.length, { timeout: 5_000 }).toBeGreaterThan(100)
    expect(running.desk.events.filter((event) => event.startsWith('disconnected'))).toEqual([])
    // On a busy machine the last of it is read later.
    await expect.poll(() => running.server.counters.pauses, { timeout: 5_000 }).toBeGreaterThan(0)
    socket.destroy()
  })

  test('the answers of a flood come in its order', async () => {
    const clients = await Promise.all(Array.from({ length: 20 }, (_, at) => new Client(`${running.endpoint}/ocpp/CP-${at}`).ready()))
    for (let id = 1; id <= 30; id++) for (const client of clients) client.send([2, `${id}`, 'Heartbeat', {}])
    for (const client of clients) expect((await client.frames(30)).map(([, id]) => id)).toEqual(Array.from({ length: 30 }, (_, at) => `${at + 1}`))
  })
})

test('what a session has said leaves when it is hastened, with what others said before', async () => {
  const { connection, socket } = openConnection()
  void connection.call('ClearCache', () => ({}))
  connection.hasten()
  expect(socket.events).toEqual(['hasten 1'])
})
