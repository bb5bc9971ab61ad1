// The incoming side of a connection: order, exactly one answer each, repeats, faults, and its bounds.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CallError } from '../../src/protocol/session.ts'
import { settle } from '../virtual-clock.ts'
import { openConnection } from './memory-socket.ts'

const beat = (id: string) => [2, id, 'Heartbeat', {}]
const status = { connectorId: 1, errorCode: 'NoError', status: 'Available' }

describe('answers', () => {
  test('a CALL gets its result', async () => {
    const { say, socket } = openConnection()
    await say(beat('1'))
    expect(socket.frames).toEqual([[3, '1', { currentTime: '2024-05-01T10:00:00.000Z' }]])
  })

  test('eight at once are handled one at a time and answered in order', async () => {
    let running = 0
    let most = 0
    const { say, socket, clock } = openConnection({
      desk: {
        handle: async () => {
          most = Math.max(most, ++running)
          await new Promise<void>((resolve) => { clock.after(10, resolve) })
          running--
          return {}
        },
      },
    })
    await say(...Array.from({ length: 8 }, (_, at) => [2, `m${at}`, 'StatusNotification', status]))
    await clock.advance(100)
    expect(most).toBe(1)
    expect(socket.frames.map((frame) => frame[1])).toEqual(['m0', 'm1', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7'])
  })

  test.each<[string, unknown, unknown[] | undefined]>([
    ['unknown action', [2, '1', 'CustomOperation', {}], ['1', 'NotImplemented']],
    ['wrong direction', [2, '1', 'Reset', { type: 'Hard' }], ['1', 'NotSupported']],
    ['missing field', [2, '1', 'Authorize', {}], ['1', 'OccurenceConstraintViolation']],
    ['wrong type', [2, '1', 'Authorize', { idTag: 1 }], ['1', 'TypeConstraintViolation']],
    ['bad value', [2, '1', 'Authorize', { idTag: 'x'.repeat(21) }], ['1', 'PropertyConstraintViolation']],
    ['extra field', [2, '1', 'Heartbeat', { a: 1 }], ['1', 'PropertyConstraintViolation']],
    ['payload no object', [2, '1', 'Heartbeat', 'x'], ['1', 'TypeConstraintViolation']],
    ['wrong length', [2, '1', 'Heartbeat'], ['1', 'FormationViolation']],
    ['id too long', [2, 'i'.repeat(37), 'Heartbeat', {}], ['i'.repeat(37), 'FormationViolation']],
    ['too deep', `[2,"1","Heartbeat",${'['.repeat(12)}${']'.repeat(12)}]`, ['1', 'FormationViolation']],
    ['not JSON, id readable', '[2,"1","Heart', ['1', 'FormationViolation']],
    ['not JSON', 'hello', undefined],
    ['no id', [2, 7, 'Heartbeat', {}], undefined],
    ['unknown message type', [9, '1', {}], undefined],
    ['an answer to nothing', [3, '1', {}], undefined],
    ['an error to nothing', [4, '1', 'GenericError', '', {}], undefined],
  ])('%s', async (_, frame, expected) => {
    const { say, socket, handled, connection } = openConnection()
    await say(frame)
    expect(socket.frames.map((sent) => [sent[0], sent[1], sent[2]])).toEqual(expected === undefined ? [] : [[4, ...expected]])
    expect(handled).toEqual([])
    expect(connection.open).toBe(true)
    await say(beat('next'))
    expect(socket.frames.at(-1)?.[1]).toBe('next')
  })

  test('what is dropped is counted', async () => {
    const { say, counters } = openConnection()
    await say('hello', [9, '1'], [3, 'x', {}], [3, 'x'], [2, '1', 'Nope', {}])
    expect(counters).toMatchObject({ badFrames: 2, ignoredFrames: 1, unknownAnswers: 1, callErrorsSent: 1, framesIn: 5 })
  })

  test('soft faults reach the desk with the raw payload', async () => {
    const { say, handled, counters } = openConnection()
    await say([2, '1', 'StatusNotification', { ...status, evse: 9 }])
    expect(handled).toEqual([{ action: 'StatusNotification', payload: { ...status, evse: 9 }, faults: ['payload: unknown field "evse"'] }])
    expect(counters.softFaults).toBe(1)
    const strict = openConnection({ strict: true })
    await strict.say([2, '1', 'StatusNotification', { ...status, evse: 9 }])
    expect(strict.socket.frames[0]?.[2]).toBe('PropertyConstraintViolation')
    expect(strict.handled).toEqual([])
  })

  test('an id of 63 bits does not break the frame', async () => {
    const { say, socket, handled } = openConnection()
    await say('[2,"1","StopTransaction",{"meterStop":5,"timestamp":"2024-05-01T10:00:00Z","transactionId":9223372036854775807}]')
    expect(socket.frames).toEqual([[3, '1', {}]])
    expect(handled[0]?.payload).toMatchObject({ transactionId: 9223372036854776000, meterStop: 5 })
    expect(handled[0]?.faults).toHaveLength(1)
  })
})

describe('handlers', () => {
  test('CallError', async () => {
    const { say, socket, log } = openConnection({ desk: { handle: () => Promise.reject(new CallError('SecurityError', 'boot first')) } })
    await say(beat('1'))
    expect(socket.frames).toEqual([[4, '1', 'SecurityError', 'boot first', {}]])
    expect(log.lines).toEqual([])
  })

  test.each<[string, () => Promise<unknown>]>([
    ['a CallError with a made-up code', () => Promise.reject(new CallError('Oops', 'secret'))],
    ['any other error', () => Promise.reject(new Error('password=1234'))],
    ['a synchronous error', () => { throw new Error('password=1234') }],
    ['an invalid answer', () => Promise.resolve({ now: 1 })],
  ])('%s is InternalError, its cause in our log only', async (_, handle) => {
    const { say, socket, log } = openConnection({ desk: { handle } })
    await say(beat('1'))
    expect(socket.frames).toEqual([[4, '1', 'InternalError', 'the message could not be processed', {}]])
    expect(log.lines.at(-1)).toMatchObject({ level: 'error', fields: { clientID: 'CP1', action: 'Heartbeat' } })
  })

  test('a message log that throws harms nobody', async () => {
    const { say, socket } = openConnection({
      desk: { handle: () => Promise.resolve({}), frame: () => { throw new Error('disk full') } },
    })
    await say([2, '1', 'StatusNotification', status])
    expect(socket.frames).toEqual([[3, '1', {}]])
  })

  test('an answer after the end goes nowhere', async () => {
    let answer: ((value: unknown) => void) | undefined
    const { say, socket, connection } = openConnection({ desk: { handle: () => new Promise((resolve) => { answer = resolve }) } })
    await say(beat('1'), beat('2'))
    connection.closed(1006, 'gone')
    answer?.({ currentTime: '2024-05-01T10:00:00Z' })
    await settle()
    expect(socket.sent).toEqual([])
  })
})

describe('repeats', () => {
  test('same id and payload: the same answer, handled once', async () => {
    const { say, socket, clock, handled, counters } = openConnection()
    await say(beat('1'))
    await clock.advance(5000)
    await say(beat('1'), '[2, "1", "Heartbeat", {}]')
    expect(handled).toHaveLength(1)
    expect(new Set(socket.sent).size).toBe(1)
    expect(socket.sent).toHaveLength(3)
    expect(counters.duplicateCalls).toBe(2)
  })

  test('a repeat that overtakes the first answer gets it too', async () => {
    const { say, socket, handled } = openConnection()
    await say(beat('1'), beat('1'))
    expect(handled).toHaveLength(1)
    expect(socket.sent).toHaveLength(2)
  })

  test('same id, other payload: FormationViolation, the first answer stays', async () => {
    const { say, socket, handled } = openConnection()
    await say([2, '1', 'Authorize', { idTag: 'A' }], beat('2'), [2, '2', 'StatusNotification', status], beat('2'))
    expect(handled).toHaveLength(2)
    expect(socket.frames[2]).toEqual([4, '2', 'FormationViolation', 'message id was used before on this connection', {}])
    expect(socket.sent[3]).toBe(socket.sent[1])
  })

  test('meter values too: the same answer to the same reading, none to another of its id', async () => {
    let handled = 0
    const { say, socket } = openConnection({ desk: { handle: () => { handled++; return {} } } })
    const reading = (value: string) => [2, 'm1', 'MeterValues', { connectorId: 1, meterValue: [{ timestamp: '2026-01-01T00:00:00Z', sampledValue: [{ value }] }] }]
    await say(reading('1'), reading('1'), reading('2'), reading('1'))
    expect(handled).toBe(1)
    expect(socket.frames).toEqual([[3, 'm1', {}], [3, 'm1', {}], [4, 'm1', 'FormationViolation', 'message id was used before on this connection', {}], [3, 'm1', {}]])
  })

  test('a failure is not remembered: the repeat is handled again', async () => {
    let fail = true
    const { say, socket } = openConnection({ desk: { handle: () => fail ? Promise.reject(new Error('store down')) : Promise.resolve({}) } })
    await say([2, '1', 'StatusNotification', status])
    fail = false
    await say([2, '1', 'StatusNotification', status])
    expect(socket.frames.map((frame) => frame[0])).toEqual([4, 3])
  })

  test('the memory is bounded', async () => {
    const { say, handled } = openConnection({ limits: { rememberedReplies: 2, messagesPerSecond: 0 } })
    await say(beat('1'), beat('2'), beat('3'), beat('1'), beat('3'))
    expect(handled).toHaveLength(4)
  })
})

describe('repeats of meter values', () => {
  const reading = (id: string, value = '1') => [2, id, 'MeterValues', { connectorId: 1, meterValue: [{ timestamp: '2026-01-01T00:00:00Z', sampledValue: [{ value }] }] }]

  test('their memory is bounded too, and apart from that of others', async () => {
    let handled = 0
    const { say } = openConnection({ limits: { rememberedReplies: 2, messagesPerSecond: 0 }, desk: { handle: (_session, action) => { handled++; return action === 'Heartbeat' ? { currentTime: '2026-01-01T00:00:00Z' } : {} } } })
    await say(reading('1'), beat('b'), reading('2'), reading('1'), beat('b'))
    expect(handled).toBe(3)
    await say(reading('3'), reading('2'), reading('1'))
    expect(handled).toBe(5)
  })

  test('an id is one id, whatever came with it', async () => {
    const { say, socket } = openConnection({ desk: { handle: (_session, action) => action === 'Heartbeat' ? { currentTime: '2026-01-01T00:00:00Z' } : {} } })
    await say(reading('1'), beat('1'), beat('2'), reading('2'))
    expect(socket.frames.map(([type]) => type)).toEqual([3, 4, 3, 4])
  })
})

describe('bounds', () => {
  test('beyond the burst a charge point is slowed down, not refused', async () => {
    const { say, socket, clock, counters } = openConnection({ limits: { messagesPerSecond: 20, burst: 3 } })
    await say(...Array.from({ length: 10 }, (_, at) => beat(`${at}`)))
    expect(socket.sent).toHaveLength(3)
    await clock.advance(200)
    expect(socket.sent).toHaveLength(7)
    await clock.advance(1000)
    expect(socket.frames.map((frame) => frame[1])).toEqual(Array.from({ length: 10 }, (_, at) => `${at}`))
    expect(counters.pauses).toBe(0)
    expect(clock.pending).toBe(1)
  })

  test('a full queue stops the reading until there is room', async () => {
    const { say, socket, clock, counters, ends } = openConnection({ limits: { messagesPerSecond: 20, burst: 1 } })
    await say(...Array.from({ length: 20 }, (_, at) => beat(`${at}`)))
    expect(socket.events).toEqual(['pause'])
    await clock.advance(200)
    expect(socket.events).toEqual(['pause', 'resume'])
    await clock.advance(60_000)
    expect(socket.sent).toHaveLength(20)
    expect(counters.pauses).toBe(1)
    expect(ends).toEqual([])
  })

  test('a flood is closed with 1008 after 30 s although room was made all the time', async () => {
    const { say, socket, clock, ends } = openConnection()
    let at = 0
    for (let step = 0; step < 400 && ends.length === 0; step++) {
      for (let n = 0; n < 200 && socket.events.at(-1) !== 'pause'; n++) await say(beat(`${at++}`))
      await clock.advance(100)
    }
    expect(socket.events.filter((event) => event === 'resume').length).toBeGreaterThan(100)
    expect(ends).toEqual(['1008 too many messages'])
    expect(socket.events.at(-1)).toBe('close 1008 too many messages')
    expect(clock.mono()).toBeGreaterThanOrEqual(30_000)
    expect(socket.sent.length).toBeLessThan(100 + 20 * 36)
    expect(clock.pending).toBe(0)
  })

  test('frames nobody answers are paid for too', async () => {
    const { say, socket, clock } = openConnection({ limits: { messagesPerSecond: 1, burst: 2 } })
    await say('a', 'b', beat('1'))
    expect(socket.sent).toEqual([])
    await clock.advance(1000)
    expect(socket.sent).toHaveLength(1)
  })

  test('a transport that does not stop reading is cut', async () => {
    const { say, ends } = openConnection({ limits: { messagesPerSecond: 1, burst: 1 } })
    const big = [2, 'x', 'DataTransfer', { vendorId: 'v', data: 'd'.repeat(60_000) }]
    await say(...Array.from({ length: 6 }, () => big))
    expect(ends).toEqual(['1008 too much data'])
  })

  test('messagesPerSecond 0: only the queue counts', async () => {
    const { say, socket } = openConnection({ limits: { messagesPerSecond: 0 } })
    for (let round = 0; round < 50; round++) await say(...Array.from({ length: 10 }, (_, at) => beat(`${round}-${at}`)))
    expect(socket.sent).toHaveLength(500)
    expect(socket.events).toEqual([])
  })

  test('a hanging handler stops the reading, then the connection', async () => {
    const { say, socket, clock, ends } = openConnection({ desk: { handle: () => new Promise(() => undefined) } })
    await say(...Array.from({ length: 17 }, (_, at) => beat(`${at}`)))
    expect(socket.events).toEqual(['pause'])
    await clock.advance(30_000)
    expect(ends).toEqual(['1008 too many messages'])
  })
})

test('threat 25: whatever comes: nothing throws, and no frame gets more than one answer', async () => {
  const id = fc.constantFrom('a', 'b', 'c', '', 'x'.repeat(40), 7, null)
  const action = fc.constantFrom('Heartbeat', 'StatusNotification', 'MeterValues', 'Reset', 'Nope', '__proto__', 3)
  const payload = fc.oneof(fc.constant({}), fc.constant(status), fc.jsonValue({ maxDepth: 4 }), fc.constant(JSON.parse('{"__proto__":{"a":1}}')))
  const frame = fc.oneof(
    fc.tuple(fc.constantFrom(2, 3, 4, 8), id, action, payload).map((parts) => JSON.stringify(parts)),
    fc.tuple(fc.constantFrom(3, 4), id, payload).map((parts) => JSON.stringify(parts)),
    fc.tuple(fc.constant(2), id, action, payload, fc.nat()).map(([a, b, c, d, cut]) => JSON.stringify([a, b, c, d]).slice(0, cut % 60)),
    fc.string({ unit: 'binary', maxLength: 60 }),
  )
  await fc.assert(fc.asyncProperty(fc.array(frame, { maxLength: 20 }), async (frames) => {
    const { say, socket, connection, counters } = openConnection({ limits: { messagesPerSecond: 0 } })
    for (const text of frames) {
      const before = socket.sent.length
      await say(text)
      expect(socket.sent.length - before).toBeLessThanOrEqual(1)
      for (const answer of socket.frames.slice(before)) expect([3, 4]).toContain(answer[0])
    }
    expect(connection.open).toBe(true)
    expect(counters.framesIn).toBe(frames.length)
    const before = socket.sent.length
    await say(beat('still-here'))
    expect(socket.sent.length).toBe(before + 1)
  }), { numRuns: 200 })
})
