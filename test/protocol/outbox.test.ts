// The outgoing side of a connection: one outstanding CALL, priorities, time-outs, late and foreign answers.
import { describe, expect, test } from 'vitest'
import type { CallOptions, CallOutcome } from '../../src/protocol/session.ts'
import { settle } from '../virtual-clock.ts'
import { openConnection } from './memory-socket.ts'

function station(options: Parameters<typeof openConnection>[0] = {}) {
  const opened = openConnection({ ...options, limits: { pingIntervalMs: 0, ...options.limits } })
  const outcomes: Record<string, CallOutcome> = {}
  /** Queues a CALL that can be told apart by the key it sets. */
  const order = (key: string, callOptions?: CallOptions) => {
    void opened.connection.call('ChangeConfiguration', () => ({ key, value: '1' }), callOptions).then((outcome) => { outcomes[key] = outcome })
  }
  const sentKeys = () => opened.socket.frames.map((frame) => (frame[3] as { key: string }).key)
  const accept = () => opened.say([3, opened.lastId(), { status: 'Accepted' }])
  return { ...opened, outcomes, order, sentKeys, accept }
}

describe('one at a time', () => {
  test('the next leaves when the first is answered', async () => {
    const { order, sentKeys, accept, outcomes } = station()
    order('a')
    order('b')
    expect(sentKeys()).toEqual(['a'])
    await accept()
    expect(sentKeys()).toEqual(['a', 'b'])
    expect(outcomes['a']).toEqual({ type: 'result', payload: { status: 'Accepted' } })
  })

  test('onEnd knows how one ended before the next is built, and what it queues goes by its priority', async () => {
    const { order, sentKeys, accept, clock, connection } = station()
    const ended: string[] = []
    order('a', { onEnd: ({ type }) => { ended.push(type); order('urgent', { priority: 0 }) } })
    void connection.call('ChangeConfiguration', () => ({ key: `b after ${ended.join()}`, value: '1' }), { onEnd: ({ type }) => ended.push(type) })
    void connection.call('ChangeConfiguration', () => ({ key: `c after ${ended.join()}`, value: '1' }))
    await accept()
    await accept()
    expect(sentKeys()).toEqual(['a', 'urgent', 'b after result'])
    await clock.advance(60_000)
    expect(sentKeys().slice(0, 4)).toEqual(['a', 'urgent', 'b after result', 'c after result,timed-out'])
  })

  test('priorities first, first come first served within one', async () => {
    const { order, sentKeys, accept } = station()
    order('outstanding')
    order('p2a')
    order('p1a', { priority: 1 })
    order('p0a', { priority: 0 })
    order('p0b', { priority: 0 })
    order('p1b', { priority: 1 })
    order('p2b', { priority: 2 })
    for (let n = 0; n < 6; n++) await accept()
    expect(sentKeys()).toEqual(['outstanding', 'p0a', 'p0b', 'p1a', 'p1b', 'p2a', 'p2b'])
  })

  test('built when it is sent, withdrawn by null, onSent at the very moment', async () => {
    const { connection, socket, order, accept, sentKeys } = station()
    let value = 'stale'
    const sent: string[] = []
    order('first')
    const built = connection.call('ChangeConfiguration', () => ({ key: 'k', value }), { onSent: () => sent.push(`built ${socket.sent.length}`) })
    const withdrawn = connection.call('Reset', () => null, { onSent: () => sent.push('never') })
    order('last')
    value = 'fresh'
    await accept()
    expect(socket.frames[1]?.[3]).toEqual({ key: 'k', value: 'fresh' })
    expect(sent).toEqual(['built 2'])
    await accept()
    expect(await built).toMatchObject({ type: 'result' })
    expect(await withdrawn).toEqual({ type: 'dropped', reason: 'withdrawn' })
    expect(sentKeys()).toEqual(['first', 'k', 'last'])
  })

  test('an invalid request rejects, is not sent, and stops nobody', async () => {
    const { connection, order, sentKeys } = station()
    await expect(connection.call('Reset', () => ({ type: 'Now' }))).rejects.toThrow(/invalid Reset request/)
    await expect(connection.call('Heartbeat', () => ({}))).rejects.toThrow(/not ours to send/)
    await expect(connection.call('Reset', () => { throw new Error('no profile') })).rejects.toThrow('no profile')
    order('after')
    expect(sentKeys()).toEqual(['after'])
  })

  test('a build that calls again is queued behind itself', async () => {
    const { connection, order, sentKeys, accept } = station()
    void connection.call('ChangeConfiguration', () => { order('inner', { priority: 0 }); return { key: 'outer', value: '' } })
    await accept()
    expect(sentKeys()).toEqual(['outer', 'inner'])
  })

  test('ids are unique and at most 36 characters', async () => {
    const { order, accept, socket } = station()
    for (let n = 0; n < 20; n++) { order(`k${n}`); await accept() }
    const ids = socket.frames.map((frame) => String(frame[1]))
    expect(new Set(ids).size).toBe(20)
    for (const id of ids) expect(id.length).toBeLessThanOrEqual(36)
  })
})

describe('the queue is bounded', () => {
  test('full: the new one is dropped', async () => {
    const { order, outcomes } = station({ limits: { outgoingQueue: 2 } })
    for (const key of ['out', 'a', 'b', 'c']) order(key)
    order('d', { priority: 1 })
    await settle()
    expect(outcomes).toEqual({ c: { type: 'dropped', reason: 'queue-full' }, d: { type: 'dropped', reason: 'queue-full' } })
  })

  test('full: a lowering takes the place of the newest of the lowest priority', async () => {
    const { order, outcomes } = station({ limits: { outgoingQueue: 3 } })
    order('out')
    order('p1', { priority: 1 })
    order('old')
    order('new')
    for (const key of ['x', 'y', 'z']) order(key, { priority: 0 })
    await settle()
    const dropped = { type: 'dropped', reason: 'queue-full' }
    expect(outcomes).toEqual({ new: dropped, old: dropped, p1: dropped })
    order('w', { priority: 0 })
    await settle()
    expect(outcomes['w']).toEqual(dropped)
  })
})

describe('time-outs', () => {
  test('30 s unless told otherwise; then the next leaves', async () => {
    const { order, outcomes, clock, sentKeys, counters } = station()
    order('a')
    order('b', { timeoutMs: 1000 })
    await clock.advance(29_999)
    expect(outcomes).toEqual({})
    await clock.advance(1)
    expect(outcomes['a']).toEqual({ type: 'timed-out' })
    expect(sentKeys()).toEqual(['a', 'b'])
    await clock.advance(1000)
    expect(outcomes['b']).toEqual({ type: 'timed-out' })
    expect(counters.timeOuts).toBe(2)
  })

  test('a lowering gives the CALL in front of it 5 s from its sending', async () => {
    const { order, clock, sentKeys, outcomes } = station()
    order('a')
    await clock.advance(2000)
    order('low', { priority: 0 })
    await clock.advance(2999)
    expect(sentKeys()).toEqual(['a'])
    await clock.advance(1)
    expect(outcomes['a']).toEqual({ type: 'timed-out' })
    expect(sentKeys()).toEqual(['a', 'low'])
    await clock.advance(29_999)
    expect(outcomes['low']).toBeUndefined()
  })

  test('past the 5 s it goes at once, and what is sent ahead of waiting lowerings has 5 s too', async () => {
    const { order, clock, sentKeys } = station()
    order('a')
    await clock.advance(6000)
    order('low1', { priority: 0 })
    expect(sentKeys()).toEqual(['a', 'low1'])
    order('low2', { priority: 0 })
    order('low3', { priority: 0 })
    await clock.advance(5000)
    expect(sentKeys()).toEqual(['a', 'low1', 'low2'])
  })

  test('a shorter time-out is not lengthened', async () => {
    const { order, clock, outcomes } = station()
    order('a', { timeoutMs: 1000 })
    order('low', { priority: 0 })
    await clock.advance(1000)
    expect(outcomes['a']).toEqual({ type: 'timed-out' })
  })
})

describe('answers', () => {
  test('threat 21: late ones reach onLate once and never another call', async () => {
    const late: CallOutcome[] = []
    const { order, clock, lastId, say, outcomes, counters, accept } = station()
    order('a', { onLate: (outcome) => late.push(outcome) })
    const first = lastId()
    await clock.advance(30_000)
    order('b')
    expect(late).toEqual([])
    await say([3, first, { status: 'Rejected' }], [3, first, { status: 'Accepted' }])
    expect(late).toEqual([{ type: 'result', payload: { status: 'Rejected' } }])
    expect(outcomes['b']).toBeUndefined()
    expect(counters).toMatchObject({ lateAnswers: 1, unknownAnswers: 1 })
    await accept()
    expect(outcomes['b']).toMatchObject({ type: 'result' })
  })

  test('the memory of timed-out CALLs is bounded', async () => {
    const { order, clock, lastId, say, counters, accept } = station({ limits: { lateAnswers: 2 } })
    const ids: string[] = []
    for (const key of ['a', 'b', 'c']) {
      order(`ok-${key}`)
      await accept()
      order(key, { timeoutMs: 10 })
      ids.push(lastId())
      await clock.advance(10)
    }
    await say(...ids.map((id) => [3, id, { status: 'Accepted' }]))
    expect(counters).toMatchObject({ lateAnswers: 2, unknownAnswers: 1 })
  })

  test('threat 21: foreign ones are counted and matched to nothing', async () => {
    const { order, say, outcomes, counters } = station()
    order('a')
    await say([3, 'nobody', { status: 'Accepted' }], [4, 'somebody', 'InternalError', '', {}])
    expect(outcomes).toEqual({})
    expect(counters.unknownAnswers).toBe(2)
  })

  test.each<[string, (id: string) => unknown, object]>([
    ['CALLERROR', (id) => [4, id, 'NotSupported', 'no', {}], { type: 'error', code: 'NotSupported', description: 'no' }],
    ['CALLERROR in other spelling', (id) => [4, id, 'OccurrenceConstraintViolation', '', {}], { type: 'error', code: 'OccurenceConstraintViolation' }],
    ['unknown status', (id) => [3, id, { status: 'Fine' }], { type: 'error', code: 'PropertyConstraintViolation' }],
    ['missing status', (id) => [3, id, {}], { type: 'error', code: 'OccurenceConstraintViolation' }],
    ['no object', (id) => [3, id, 'Accepted'], { type: 'error', code: 'TypeConstraintViolation' }],
    ['wrong length', (id) => [3, id], { type: 'error', code: 'FormationViolation' }],
    ['broken off', (id) => `[3,"${id}",{"sta`, { type: 'error', code: 'FormationViolation' }],
    ['an extra field', (id) => [3, id, { status: 'Accepted', info: 1 }], { type: 'result', payload: { status: 'Accepted', info: 1 } }],
  ])('%s', async (_, frame, expected) => {
    const { order, say, lastId, outcomes } = station()
    order('a')
    await say(frame(lastId()))
    expect(outcomes['a']).toMatchObject(expected)
  })

  test('CALLs cross: theirs is answered while ours is outstanding', async () => {
    const { order, say, socket, outcomes, lastId } = station()
    order('a')
    const ours = lastId()
    await say([2, ours, 'Heartbeat', {}])
    expect(socket.frames.at(-1)?.[0]).toBe(3)
    expect(outcomes).toEqual({})
    await say([3, ours, { status: 'Accepted' }])
    expect(outcomes['a']).toMatchObject({ type: 'result' })
  })

  test('an answer of ours is heard although the charge point is over its message limit', async () => {
    const { order, say, lastId, outcomes } = station({ limits: { messagesPerSecond: 1, burst: 1 } })
    order('a')
    const ours = lastId()
    await say(...Array.from({ length: 10 }, (_, at) => [2, `${at}`, 'Heartbeat', {}]), [3, ours, { status: 'Accepted' }])
    expect(outcomes['a']).toMatchObject({ type: 'result' })
  })
})

describe('the end', () => {
  test('what was sent is disconnected, what was not is dropped, what comes after too', async () => {
    const { order, connection, outcomes, ends, clock } = station()
    order('sent')
    order('queued')
    connection.closed(1006, 'gone')
    connection.closed(1000, 'again')
    connection.close(1000, 'again')
    order('after')
    await settle()
    const dropped = { type: 'dropped', reason: 'closed' }
    expect(outcomes).toEqual({ sent: { type: 'disconnected' }, queued: dropped, after: dropped })
    expect(ends).toEqual(['1006 gone'])
    expect(connection.open).toBe(false)
    expect(clock.pending).toBe(0)
  })

  test('a close of ours ends it at once, deaf to what still arrives', async () => {
    const { connection, socket, say, handled, ends } = station()
    connection.close(1012, 'service restart')
    await say([2, '1', 'Heartbeat', {}])
    expect(socket.events).toEqual(['close 1012 service restart'])
    expect(handled).toEqual([])
    expect(ends).toEqual(['1012 service restart'])
  })

  test('a charge point that does not read is cut, and the CALL counts as never sent', async () => {
    const { connection, socket, order, outcomes, ends } = station()
    socket.bufferedAmount = 256 * 1024 - 10
    order('a')
    await settle()
    expect(outcomes['a']).toEqual({ type: 'dropped', reason: 'closed' })
    expect(socket.events).toEqual(['terminate'])
    expect(ends).toEqual(['1006 reads too slowly'])
    expect(connection.open).toBe(false)
  })
})

describe('life', () => {
  test('pings every 30 s; two silent intervals end it', async () => {
    const { clock, socket, ends } = openConnection()
    await clock.advance(59_000)
    expect(socket.events).toEqual(['ping'])
    await clock.advance(1000)
    expect(socket.events).toEqual(['ping', 'terminate'])
    expect(ends).toEqual(['1006 silent'])
    expect(clock.pending).toBe(0)
  })

  test.each(['pong', 'frame'])('a %s is life', async (kind) => {
    const { clock, connection, ends } = openConnection()
    for (let n = 0; n < 10; n++) {
      await clock.advance(29_000)
      if (kind === 'pong') connection.pong()
      else connection.received('[9]')
    }
    expect(ends).toEqual([])
  })

  test('three CALLs timed out in a row while pings are answered: deaf, recycled', async () => {
    const { order, clock, log, socket, ends, outcomes, counters } = station()
    for (const key of ['a', 'b', 'c', 'd']) order(key)
    await clock.advance(60_000)
    expect(ends).toEqual([])
    await clock.advance(30_000)
    expect(ends).toEqual(['1011 no answer to calls'])
    expect(socket.events).toEqual(['close 1011 no answer to calls'])
    expect(outcomes['c']).toEqual({ type: 'timed-out' })
    expect(outcomes['d']).toEqual({ type: 'dropped', reason: 'closed' })
    expect(counters.deaf).toBe(1)
    expect(log.lines).toContainEqual(expect.objectContaining({ level: 'error', fields: expect.objectContaining({ event: 'deaf' }) as object }))
  })

  test('one that answers after 16 s is slow, not deaf, however many lowerings cut its time to 5 s', async () => {
    const { order, clock, connection, socket, say, sentKeys, ends, counters } = station()
    socket.ping = () => { clock.after(20, () => connection.pong()) }
    for (let n = 0; n < 30; n++) order(`low${n}`, { priority: 0 })
    let answered = 0
    for (let seconds = 0; seconds < 120; seconds++) {
      await clock.advance(1000)
      const next = socket.frames[answered]
      if (seconds % 16 !== 15 || next === undefined) continue
      answered++
      await say([3, next[1], { status: 'Accepted' }])
    }
    expect(sentKeys().length).toBeGreaterThan(10)
    expect(counters).toMatchObject({ deaf: 0, timeOuts: 24 })
    expect(counters.lateAnswers).toBeGreaterThan(5)
    expect(ends).toEqual([])
  })

  test('not even a pong while the time is cut: deaf after three', async () => {
    const { order, clock, socket, ends } = station()
    for (let n = 0; n < 5; n++) order(`low${n}`, { priority: 0 })
    await clock.advance(14_999)
    expect(socket.events).toEqual(['ping', 'ping', 'ping'])
    expect(ends).toEqual([])
    await clock.advance(1)
    expect(ends).toEqual(['1011 no answer to calls'])
  })

  test('pongs, and no answer to three CALLs within 30 s of each: deaf although every one was cut short', async () => {
    const { order, clock, connection, socket, ends } = station()
    socket.ping = () => { clock.after(20, () => connection.pong()) }
    for (let n = 0; n < 30; n++) order(`low${n}`, { priority: 0 })
    await clock.advance(39_999)
    expect(ends).toEqual([])
    await clock.advance(1)
    expect(ends).toEqual(['1011 no answer to calls'])
  })

  test('what we do not read is no silence', async () => {
    const { order, clock, say, socket, ends } = station({ desk: { handle: () => new Promise(() => undefined) } })
    await say(...Array.from({ length: 17 }, (_, at) => [2, `${at}`, 'Heartbeat', {}]))
    expect(socket.events).toEqual(['pause'])
    for (let n = 0; n < 5; n++) order(`low${n}`, { priority: 0 })
    await clock.advance(29_000)
    expect(ends).toEqual([])
  })

  test('an answer in between, late or not, starts the count again', async () => {
    const { order, clock, say, lastId, ends } = station()
    for (const key of ['a', 'b', 'c', 'd']) order(key)
    await clock.advance(59_000)
    const second = lastId()
    await clock.advance(1000)
    await say([3, second, { status: 'Accepted' }])
    await clock.advance(59_000)
    expect(ends).toEqual([])
  })
})

test('the same connection serves a simulated charge point', async () => {
  const { connection, say, lastId, socket } = openConnection({ role: 'station', desk: { handle: () => Promise.resolve({ status: 'Accepted' }) } })
  const beat = connection.call('Heartbeat', () => ({}))
  await say([3, lastId(), { currentTime: '2024-05-01T10:00:00Z' }])
  expect(await beat).toMatchObject({ type: 'result' })
  await say([2, '1', 'Reset', { type: 'Soft' }], [2, '2', 'Heartbeat', {}])
  expect(socket.frames.slice(1)).toEqual([[3, '1', { status: 'Accepted' }], [4, '2', 'NotSupported', expect.any(String), {}]])
})
