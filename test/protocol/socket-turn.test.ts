// Frames of one turn of the event loop: in order, nobody's lost to the failure of another, and what happens to a connection waits for what came before it.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { SocketTurn } from '../../src/protocol/socket-turn.ts'
import { maskedFrame, openRaw, startServer, Client, type Running } from './station-server.ts'

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

  test('the answers of a flood come in its order', async () => {
    const clients = await Promise.all(Array.from({ length: 20 }, (_, at) => new Client(`${running.endpoint}/ocpp/CP-${at}`).ready()))
    for (let id = 1; id <= 30; id++) for (const client of clients) client.send([2, `${id}`, 'Heartbeat', {}])
    for (const client of clients) expect((await client.frames(30)).map(([, id]) => id)).toEqual(Array.from({ length: 30 }, (_, at) => `${at + 1}`))
  })
})
