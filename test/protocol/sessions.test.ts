// One live session per identity: generations, probing the old one, and late closes, all without a network.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Sessions } from '../../src/protocol/sessions.ts'
import type { Attempt } from '../../src/protocol/session.ts'
import { VirtualClock, settle } from '../virtual-clock.ts'
import { MemorySocket, RecordingLog } from './memory-socket.ts'
import { RecordingDesk } from './recording-desk.ts'

const attempt = (clientID: string): Attempt => ({ clientID, path: `/ocpp/${clientID}`, remoteAddress: '10.0.0.1', loopback: false, secure: false, host: 'kwota.example:8080', subprotocols: ['ocpp1.6'] })

function register() {
  const clock = new VirtualClock()
  const desk = new RecordingDesk()
  const log = new RecordingLog()
  let next = 0
  const sessions = new Sessions({ desk, clock, log, ids: () => `s${++next}` })
  const connect = async (clientID: string) => {
    const socket = new MemorySocket()
    const connection = await sessions.connect(attempt(clientID), socket)
    return { socket, connection }
  }
  return { clock, desk, log, sessions, connect }
}

/** A charge point that answers pings. */
const answering = (opened: { socket: MemorySocket; connection: { pong(): void } | undefined }) => {
  opened.socket.ping = () => opened.connection?.pong()
}

describe('one whose transport has ended, and that is not worked off yet', () => {
  test.each([
    ['is no living one', () => undefined],
    ['is none either when what came before is heard now', (old: { received(text: string): void } | undefined) => old?.received('[2,"1","Heartbeat",{}]')],
    ['is none either when nothing more was read of it', (old: { received(text: string): void } | undefined) => { for (let nth = 0; nth < 200; nth++) old?.received(`[2,"${nth}","Heartbeat",{}]`) }],
  ] as const)('%s: whoever comes back is in at once', async (_, before) => {
    const { connect, desk, sessions } = register()
    // Whatever is asked stays unanswered, so that it piles up.
    desk.onHandle = () => new Promise(() => undefined)
    const old = await connect('A')
    before(old.connection)
    old.connection?.left(1001, 'going away')
    expect(sessions.get('A')).toBe(old.connection)
    const back = connect('A')
    before(old.connection)
    expect((await back).connection).toMatchObject({ generation: 2, open: true })
    old.connection?.closed(1006, '')
    expect(desk.events).toEqual(['connected A 1', 'disconnected A 1 1001 going away', 'connected A 2'])
    expect(sessions.counters).toMatchObject({ replaced: 0, duplicateIdentities: 0 })
  })

  test('ends a probe that is under way', async () => {
    const { connect, desk, sessions } = register()
    const old = await connect('A')
    const back = connect('A')
    await settle()
    old.connection?.left()
    expect((await back).connection).toMatchObject({ generation: 2 })
    expect(desk.events).toContain('connected A 2')
    expect(sessions.counters.replaced).toBe(0)
  })
})

describe('connecting', () => {
  test('a session has an id, a generation and the spelling on record', async () => {
    const { sessions, connect, desk } = register()
    desk.decide = () => ({ admitted: true, clientID: 'CP-One' })
    const { connection } = await connect('cp-one')
    expect(connection).toMatchObject({ clientID: 'CP-One', id: 's1', generation: 1, open: true, reachedAt: 'http://kwota.example:8080' })
    expect(sessions.get('CP-ONE')).toBe(connection)
    expect(sessions.all()).toEqual([connection])
    connection?.closed(1000, '')
    expect(sessions.get('CP-One')).toBeUndefined()
    const again = await connect('CP-ONE')
    expect(again.connection?.generation).toBe(2)
    expect(desk.events).toEqual(['connected CP-One 1', 'disconnected CP-One 1 1000', 'connected CP-One 2'])
  })

  test('refused by the desk', async () => {
    const { connect, desk, sessions } = register()
    desk.decide = () => ({ admitted: false, reason: 'unknown-id', status: 401 })
    expect((await connect('X')).connection).toBeUndefined()
    expect(desk.events).toEqual(['refused X unknown-id'])
    expect(sessions.all()).toEqual([])
  })

  test('strictness and the message limit of the entry are used', async () => {
    const { connect, desk } = register()
    desk.decide = (one) => ({ admitted: true, clientID: one.clientID, strict: true, messagesPerSecond: 0 })
    const { socket, connection } = await connect('A')
    for (let n = 0; n < 200; n++) { connection?.received(`[2,"${n}","Heartbeat",{}]`); await settle() }
    connection?.received('[2,"x","StatusNotification",{"connectorId":1,"errorCode":"NoError","status":"Available","extra":1}]')
    await settle()
    expect(socket.sent).toHaveLength(201)
    expect(socket.frames.at(-1)?.[2]).toBe('PropertyConstraintViolation')
  })
})

describe('a second connection of the same identity', () => {
  test('the old one is alive: the new one is refused with a security event', async () => {
    const { connect, desk, sessions, log } = register()
    const first = await connect('A')
    answering(first)
    const second = await connect('a')
    expect(second.connection).toBeUndefined()
    expect(sessions.get('A')).toBe(first.connection)
    expect(desk.events).toEqual(['connected A 1', 'refused a duplicate-id'])
    expect(log.lines).toContainEqual(expect.objectContaining({ fields: expect.objectContaining({ event: 'duplicate-identity' }) as object }))
    expect(sessions.counters).toMatchObject({ duplicateIdentities: 1, refused: 1 })
  })

  test('the old one is alive, the new one is proven by its certificate: replaced at once, its end told first', async () => {
    const { connect, desk, sessions } = register()
    desk.decide = ({ clientID }) => ({ admitted: true, clientID, replacesLive: true })
    const first = await connect('A')
    answering(first)
    const second = await connect('A')
    expect(sessions.get('A')).toBe(second.connection)
    expect(first.socket.events).toContain('terminate')
    expect(desk.events).toEqual(['connected A 1', 'disconnected A 1 1006 replaced by a new connection', 'connected A 2'])
    expect(sessions.counters).toMatchObject({ duplicateIdentities: 0, replaced: 1 })
  })

  test('the old one is silent for 2 s: replaced, its end told before the new beginning', async () => {
    const { connect, desk, sessions, clock } = register()
    const first = await connect('A')
    const pendingSecond = connect('A')
    await clock.advance(1999)
    expect(sessions.get('A')).toBe(first.connection)
    await clock.advance(1)
    const second = await pendingSecond
    expect(first.socket.events).toEqual(['ping', 'terminate'])
    expect(sessions.get('A')).toBe(second.connection)
    first.connection?.closed(1006, 'late')
    expect(sessions.get('A')).toBe(second.connection)
    expect(desk.events).toEqual(['connected A 1', 'disconnected A 1 1006 replaced by a new connection', 'connected A 2'])
  })

  test('the old one closes while it is asked: the new one is let in', async () => {
    const { connect, desk } = register()
    const first = await connect('A')
    const pendingSecond = connect('A')
    await settle()
    first.connection?.closed(1001, 'bye')
    expect((await pendingSecond).connection?.generation).toBe(2)
    expect(desk.events).toEqual(['connected A 1', 'disconnected A 1 1001 bye', 'connected A 2'])
  })

  test('a third while the second waits is refused', async () => {
    const { connect, clock, desk } = register()
    await connect('A')
    const second = connect('A')
    await settle()
    expect((await connect('A')).connection).toBeUndefined()
    await clock.advance(2000)
    expect((await second).connection?.generation).toBe(2)
    expect(desk.events.filter((event) => event.startsWith('refused'))).toEqual(['refused A duplicate-id'])
  })

  test('a released ticket leaves the door open', async () => {
    const { sessions, connect } = register()
    const ticket = await sessions.claim(attempt('A'), { admitted: true, clientID: 'A' })
    expect(await sessions.claim(attempt('A'), { admitted: true, clientID: 'A' })).toBeUndefined()
    ticket?.release()
    expect((await connect('A')).connection?.generation).toBe(1)
  })
})

test('a desk that throws takes nothing else down', async () => {
  const { connect, desk, log, sessions } = register()
  desk.connected = () => { throw new Error('no room') }
  const { connection } = await connect('A')
  expect(connection?.open).toBe(false)
  expect(sessions.all()).toEqual([])
  expect(log.lines).toContainEqual(expect.objectContaining({ level: 'error', message: 'desk failed on connected' }))
})

test('closeAll tells everyone', async () => {
  const { connect, sessions, desk } = register()
  const opened = [await connect('A'), await connect('B')]
  sessions.closeAll(1012, 'service restart')
  expect(opened.map(({ socket }) => socket.events)).toEqual([['close 1012 service restart'], ['close 1012 service restart']])
  expect(desk.events.slice(2)).toEqual(['disconnected A 1 1012 service restart', 'disconnected B 1 1012 service restart'])
})

test('threat 5: in any order of opens, pongs and late closes: one live session, generations rise, each end is told once', async () => {
  const step = fc.oneof(fc.constant('connect'), fc.constant('advance'), fc.nat({ max: 5 }).map((at) => `close ${at}`), fc.nat({ max: 5 }).map((at) => `answer ${at}`))
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
    const { connect, clock, desk, sessions } = register()
    const opened: Awaited<ReturnType<typeof connect>>[] = []
    for (const what of steps) {
      const [verb, at] = what.split(' ')
      const target = opened[Number(at)]
      if (verb === 'connect') void connect('A').then((one) => { if (one.connection !== undefined) opened.push(one) })
      else if (verb === 'advance') await clock.advance(1000)
      else if (verb === 'close') target?.connection?.closed(1006, 'late')
      else if (target !== undefined) answering(target)
      await settle()
      const live = desk.sessions.filter((session) => session.open)
      expect(live.length).toBeLessThanOrEqual(1)
      expect(sessions.get('A')).toBe(live[0])
    }
    expect(desk.sessions.map((session) => session.generation)).toEqual(desk.sessions.map((_, at) => at + 1))
    const ended = desk.events.filter((event) => event.startsWith('disconnected')).map((event) => event.split(' ')[2])
    expect(new Set(ended).size).toBe(ended.length)
    expect(ended.length).toBe(desk.sessions.filter((session) => !session.open).length)
  }), { numRuns: 100 })
})
