// Races over real sockets, each brought about by barriers: every step waits for the one before it, none for a clock.
import { once } from 'node:events'
import type { Socket as TcpSocket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import type { CallOutcome, Session } from '../../src/protocol/session.ts'
import { Client, maskedFrame, openRaw, startServer, type Running } from './station-server.ts'

interface Gate { readonly open: () => void; readonly passed: Promise<void> }

let running: Running
const opened: { close(): void }[] = []
afterEach(async () => {
  for (const one of opened.splice(0)) one.close()
  await running.stop()
})

function gate(): Gate {
  let open = (): void => undefined
  const passed = new Promise<void>((resolve) => { open = resolve })
  return { open, passed }
}

async function connect(id: string, options: object = {}): Promise<Client> {
  const client = new Client(`${running.endpoint}/ocpp/${id}`, ['ocpp1.6'], options)
  opened.push({ close: () => client.socket.terminate() })
  return client.ready()
}

async function bare(id: string): Promise<TcpSocket> {
  const socket = await openRaw(running.port, `/ocpp/${id}`)
  opened.push({ close: () => socket.destroy() })
  return socket
}

function live(id = 'CP1'): Session {
  const session = running.server.get(id)
  if (session === undefined) throw new Error(`${id} is not connected`)
  return session
}

const start = (meterStart: number) => ({ connectorId: 1, idTag: 'A', meterStart, timestamp: '2024-05-01T10:00:00Z' })
const heartbeat = (id: string) => [2, id, 'Heartbeat', {}]
const text = (frame: unknown) => maskedFrame(0x81, Buffer.from(JSON.stringify(frame)))

describe('an old socket that closes after the new one opened', () => {
  test('ends nothing of the new one, and what it was asked is not answered by the other', async () => {
    running = await startServer({ limits: { probeMs: 50 } })
    const gone = new Promise<void>((resolve) => running.http.once('connection', (socket: TcpSocket) => socket.once('close', () => resolve())))
    const old = await bare('CP1')
    const asked = live().call('ClearCache', () => ({}))
    const fresh = await connect('CP1')
    // Ends it from its own side too, however far the server is with that.
    old.destroy()
    await gone
    expect(await asked).toEqual({ type: 'disconnected' })
    fresh.send(heartbeat('after'))
    expect((await fresh.frames(1))[0]).toMatchObject([3, 'after', {}])
    expect(running.desk.events).toEqual(['connected CP1 1', 'disconnected CP1 1 1006 replaced by a new connection', 'connected CP1 2'])
    expect(live()).toMatchObject({ generation: 2, open: true })
    const outcome = live().call('Reset', () => ({ type: 'Soft' }))
    const [, call] = await fresh.frames(2)
    expect(call?.slice(2)).toEqual(['Reset', { type: 'Soft' }])
    fresh.send([3, call?.[1], { status: 'Accepted' }])
    expect(await outcome).toEqual({ type: 'result', payload: { status: 'Accepted' } })
  })

  test('goes while it is asked whether it is alive: the new one need not wait', async () => {
    running = await startServer({ limits: { probeMs: 60_000 } })
    const old = await connect('CP1', { autoPong: false })
    old.socket.on('ping', () => old.socket.terminate())
    const fresh = await connect('CP1')
    fresh.send(heartbeat('1'))
    expect((await fresh.frames(1))[0]).toMatchObject([3, '1', {}])
    expect(running.desk.events.map((event) => event.split(' ').slice(0, 3).join(' '))).toEqual(['connected CP1 1', 'disconnected CP1 1', 'connected CP1 2'])
  })

  test('what it said last is answered to it or to nobody', async () => {
    running = await startServer({ limits: { probeMs: 50 } })
    const [reached, released] = [gate(), gate()]
    running.desk.onHandle = async (_session, action) => {
      if (action !== 'StartTransaction') return undefined
      reached.open()
      await released.passed
      return undefined
    }
    const old = await bare('CP1')
    old.write(text([2, 'start', 'StartTransaction', start(1)]))
    await reached.passed
    const fresh = await connect('CP1')
    released.open()
    fresh.send(heartbeat('mine'))
    await fresh.frames(1)
    fresh.send(heartbeat('fence'))
    expect(await fresh.frames(2)).toMatchObject([[3, 'mine', {}], [3, 'fence', {}]])
    expect(running.desk.handled.map(({ action }) => action)).toEqual(['StartTransaction', 'Heartbeat', 'Heartbeat'])
  })
})

describe('an answer after the time-out', () => {
  test('goes to its own call, not to the one that is waiting', async () => {
    running = await startServer()
    const client = await connect('CP1')
    let late: CallOutcome | undefined
    const first = live().call('ChangeConfiguration', () => ({ key: 'a', value: '1' }), { timeoutMs: 20, onLate: (outcome) => { late = outcome } })
    expect(await first).toEqual({ type: 'timed-out' })
    const second = live().call('ChangeConfiguration', () => ({ key: 'b', value: '2' }))
    const [one, two] = await client.frames(2)
    client.send([3, one?.[1], { status: 'Rejected' }])
    client.send(heartbeat('fence'))
    await client.frames(3)
    expect(late).toEqual({ type: 'result', payload: { status: 'Rejected' } })
    client.send([3, two?.[1], { status: 'RebootRequired' }])
    expect(await second).toEqual({ type: 'result', payload: { status: 'RebootRequired' } })
    expect(running.server.counters).toMatchObject({ timeOuts: 1, lateAnswers: 1, unknownAnswers: 0 })
  })

  test('comes on the next connection: it answers nothing there', async () => {
    running = await startServer()
    const old = await connect('CP1')
    const asked = live().call('ClearCache', () => ({}))
    const [call] = await old.frames(1)
    old.socket.terminate()
    expect(await asked).toEqual({ type: 'disconnected' })
    const fresh = await connect('CP1')
    const other = live().call('Reset', () => ({ type: 'Hard' }))
    const [reset] = await fresh.frames(1)
    fresh.send([3, call?.[1], { status: 'Accepted' }])
    fresh.send([3, reset?.[1], { status: 'Rejected' }])
    expect(await other).toEqual({ type: 'result', payload: { status: 'Rejected' } })
    fresh.send(heartbeat('fence'))
    await fresh.frames(2)
    expect(running.server.counters.unknownAnswers).toBe(1)
  })
})

describe('CALLs that cross', () => {
  test('with the same message id: each side gets the answer to its own', async () => {
    running = await startServer()
    const client = await connect('CP1')
    const ours = live().call('TriggerMessage', () => ({ requestedMessage: 'Heartbeat' }))
    const [call] = await client.frames(1)
    const id = call?.[1]
    client.send([2, id, 'StartTransaction', start(1)])
    expect((await client.frames(2))[1]).toEqual([3, id, { idTagInfo: { status: 'Accepted' }, transactionId: 7 }])
    client.send([3, id, { status: 'Accepted' }])
    expect(await ours).toEqual({ type: 'result', payload: { status: 'Accepted' } })
  })

  test('theirs stands still in its handler: the answer to ours is heard all the same', async () => {
    running = await startServer()
    const [reached, released] = [gate(), gate()]
    running.desk.onHandle = async () => {
      reached.open()
      await released.passed
      return undefined
    }
    const client = await connect('CP1')
    client.send(heartbeat('held'))
    await reached.passed
    const ours = live().call('ClearCache', () => ({}))
    const [call] = await client.frames(1)
    client.send([3, call?.[1], { status: 'Accepted' }])
    expect(await ours).toEqual({ type: 'result', payload: { status: 'Accepted' } })
    released.open()
    expect((await client.frames(2))[1]).toMatchObject([3, 'held', {}])
  })
})

test('eight CALLs in one TCP segment, the first held back: none overtakes it, and the answers come in order', async () => {
  running = await startServer()
  const [reached, released] = [gate(), gate()]
  running.desk.onHandle = async (_session, _action, payload) => {
    const { meterStart } = payload as { meterStart: number }
    if (meterStart === 0) {
      reached.open()
      await released.passed
    }
    return { idTagInfo: { status: 'Accepted' }, transactionId: 100 + meterStart }
  }
  const socket = await bare('CP1')
  const numbers = [0, 1, 2, 3, 4, 5, 6, 7]
  let received = ''
  const answered = new Promise<void>((resolve) => socket.on('data', (chunk: Buffer) => {
    received += chunk.toString('latin1')
    if (received.includes('"c7"')) resolve()
  }))
  socket.write(Buffer.concat(numbers.map((n) => text([2, `c${n}`, 'StartTransaction', start(n)]))))
  await reached.passed
  expect(running.desk.handled.length).toBe(1)
  released.open()
  await answered
  expect([...received.matchAll(/\[3,"(c\d)",\{"idTagInfo":\{"status":"Accepted"\},"transactionId":(\d+)\}\]/g)].map(([, id, transaction]) => `${id} ${transaction}`)).toEqual(numbers.map((n) => `c${n} ${100 + n}`))
  expect(running.desk.handled.map(({ payload }) => (payload as { meterStart: number }).meterStart)).toEqual(numbers)
})

describe('fifty sockets of one identity at once', () => {
  const many = Array.from({ length: 50 }, (_, index) => index)

  /** How many were connected at once, at most, as the desk was told. */
  function mostAtOnce(): number {
    let [now, most] = [0, 0]
    for (const event of running.desk.events) {
      now += event.startsWith('connected') ? 1 : event.startsWith('disconnected') ? -1 : 0
      most = Math.max(most, now)
    }
    return most
  }

  async function storm(options: object): Promise<Client[]> {
    const clients = many.map(() => new Client(`${running.endpoint}/ocpp/CP1`, ['ocpp1.6'], options))
    for (const client of clients) opened.push({ close: () => client.socket.terminate() })
    const arrivals = await Promise.all(clients.map(({ arrival }) => arrival))
    expect(new Set(arrivals.map(({ status }) => status))).toEqual(new Set([101, 409]))
    const inside = clients.filter((_, index) => arrivals[index]?.status === 101)
    await Promise.all(inside.filter(({ socket }) => socket.readyState === 0).map(({ socket }) => once(socket, 'open')))
    return inside
  }

  test('threat 4: fifty sockets of one identity at once that all answer pings: one is in, and every CALL of ours is his', async () => {
    running = await startServer({ limits: { probeMs: 10_000 } })
    const inside = await storm({})
    expect(inside.length).toBe(1)
    expect(running.desk.events.filter((event) => event === 'refused CP1 duplicate-id').length).toBe(49)
    await each(inside[0])
  })

  test('none answers a ping: never two at once, and every CALL of ours goes to the last', async () => {
    running = await startServer({ limits: { probeMs: 20 } })
    const inside: Client[] = []
    // Each storm finds a dead socket in its place.
    for (let round = 0; round < 4; round++) inside.push(...await storm({ autoPong: false }))
    const ended = new Set<Client>()
    await new Promise<void>((resolve) => {
      for (const client of inside) {
        void client.closed.then(() => {
          ended.add(client)
          if (ended.size === inside.length - 1) resolve()
        })
      }
    })
    expect(inside.length).toBeGreaterThanOrEqual(4)
    expect(live().generation).toBe(inside.length)
    await each(inside.find((client) => !ended.has(client)))
    expect([...ended].filter(({ received }) => received.length > 0)).toEqual([])
  })

  async function each(client: Client | undefined): Promise<void> {
    if (client === undefined) throw new Error('nobody is in')
    const outcomes = many.slice(0, 10).map((n) => live().call('ChangeConfiguration', () => ({ key: `k${n}`, value: '' })))
    for (let n = 0; n < outcomes.length; n++) {
      const call = (await client.frames(n + 1))[n]
      expect(call?.slice(2)).toEqual(['ChangeConfiguration', { key: `k${n}`, value: '' }])
      client.send([3, call?.[1], { status: 'Accepted' }])
    }
    expect((await Promise.all(outcomes)).map(({ type }) => type)).toEqual(outcomes.map(() => 'result'))
    expect(mostAtOnce()).toBe(1)
    expect(running.server.sessions.all().length).toBe(1)
  }
})
