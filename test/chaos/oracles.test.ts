// Who judges in the chaos programs finds what is wrong: a promise that is not kept, an id given twice, a raising too many, a heap that grows.
import { describe, expect, test } from 'vitest'
import { badFrames } from '../../chaos/bad-frames.ts'
import { brokenPayloads } from '../../chaos/broken-payloads.ts'
import { GridWitness } from '../../chaos/grid-witness.ts'
import { growthOf, type Sample } from '../../chaos/growth.ts'
import { drawKill } from '../../chaos/kill-plan.ts'
import { createRandom } from '../../chaos/random.ts'
import { afterPowerLoss } from '../../chaos/torn-log.ts'
import { checkAudit } from '../../chaos/torture-audit.ts'
import { PromiseBook, writtenBy } from '../../chaos/torture-book.ts'
import { Sessions } from '../../chaos/torture-sessions.ts'
import { readFrame } from '../../src/protocol/frames.ts'
import { judge } from '../../src/protocol/judge.ts'
import { messages } from '../../src/protocol/messages/index.ts'

describe('the list of promises', () => {
  const written = (...steps: readonly (readonly [string, 'acknowledged' | 'refused' | 'unknown'])[]): PromiseBook => {
    const book = new PromiseBook()
    for (const [value, how] of steps) {
      book.ask('tag A', value)
      book.answered('tag A', value, how)
    }
    return book
  }

  test.each([
    ['what was acknowledged', [['1', 'acknowledged']], '1', 0],
    ['an older value', [['1', 'acknowledged'], ['2', 'acknowledged']], '1', 1],
    ['nothing any more', [['1', 'acknowledged']], 'gone', 1],
    ['what was not answered', [['1', 'acknowledged'], ['2', 'unknown']], '2', 0],
    ['what stood before what was not answered', [['1', 'acknowledged'], ['2', 'unknown']], '1', 0],
    ['what was refused', [['1', 'acknowledged'], ['2', 'refused']], '2', 1],
    ['nothing, where nothing was acknowledged', [['1', 'unknown']], 'gone', 0],
  ] as const)('finds %s', (_, steps, found, faults) => {
    const book = written(...steps)
    book.found('tag A', found)
    expect(book.faults).toHaveLength(faults)
  })

  test('holds on to what it has found once', () => {
    const book = written(['1', 'acknowledged'], ['2', 'unknown'])
    book.found('tag A', '2')
    book.found('tag A', '1')
    expect(book.faults).toEqual(['tag A: 2 was acknowledged, 1 is there'])
  })

  test('takes an answer for what it is', () => {
    expect([null, { status: 201 }, { status: 409 }, { status: 503 }].map(writtenBy)).toEqual(['unknown', 'acknowledged', 'refused', 'unknown'])
  })
})

describe('the promises about sessions', () => {
  const start = { connectorId: 1, idTag: 'T', meterStart: 5, timestamp: '2026-11-23T12:00:00.000Z' }
  const stop = { meterStop: 9, timestamp: '2026-11-23T12:05:00.000Z', reason: 'Local' }
  const view = { id: 7, clientID: 'CP', connectorId: 1, idTag: 'T', meterStartWh: 5, startedAt: start.timestamp, stoppedAt: null, meterStopWh: null, stopReason: null }
  const stopped = { ...view, stoppedAt: stop.timestamp, meterStopWh: 9, stopReason: 'Local' }
  const begun = () => {
    const book = new PromiseBook()
    const sessions = new Sessions(book)
    const session = sessions.begin('CP', start)
    sessions.started(session, 7, 'Accepted')
    return { book, sessions, session }
  }

  test.each([
    ['kept', view, 0], ['gone', null, 1], ['of another charge point', { ...view, clientID: 'CP2' }, 1], ['with another register', { ...view, meterStartWh: 6 }, 1], ['stopped by nobody', stopped, 1],
  ])('a start that is %s', (_, found, faults) => {
    const { book, sessions, session } = begun()
    sessions.expectation(session)(found)
    expect(book.faults).toHaveLength(faults)
  })

  test.each([['kept', stopped, 0], ['forgotten', view, 1], ['with another end', { ...stopped, meterStopWh: 8 }, 1]])('a stop that is %s', (_, found, faults) => {
    const { book, sessions, session } = begun()
    session.stop = stop
    sessions.stopped(session)
    sessions.expectation(session)(found)
    expect(book.faults).toHaveLength(faults)
  })

  test('a stop that was not answered may be there or not', () => {
    const { book, sessions, session } = begun()
    session.stop = stop
    for (const found of [view, stopped]) sessions.expectation(session)(found)
    expect(book.faults).toEqual([])
  })

  test('two ids for one start, one id for two starts, two transactions of one start', () => {
    const { book, sessions, session } = begun()
    sessions.started(session, 8, 'Accepted')
    sessions.started(sessions.begin('CP', { ...start, meterStart: 6 }), 7, 'Accepted')
    expect(book.faults).toEqual([expect.stringContaining('the same start was answered 7 and 8'), expect.stringContaining('transaction 7 was given to CP from 5 Wh before')])
    const other = begun()
    other.sessions.checkAll([view, { ...view, id: 8 }])
    expect(other.book.faults).toEqual(['CP from 5 Wh: one start became transactions 7 and 8'])
  })
})

describe('the audit log', () => {
  const entry = (sequence: number, requestId: string) => ({ sequence, previousHash: `h${sequence - 1}`, hash: `h${sequence}`, cause: { requestId } })
  const whole = [entry(1, 'a'), entry(2, 'b'), entry(3, 'c')]
  test.each([
    ['whole', whole, ['a', 'c'], 0],
    ['with a hole', [whole[0], whole[2]], ['a'], 1],
    ['with an entry that was changed', [whole[0], { ...whole[1], hash: 'other' }, whole[2]], ['a'], 1],
    ['without a change that was acknowledged', whole, ['d'], 1],
    ['with one that stands in it twice', [...whole, entry(4, 'a')], ['a'], 1],
  ])('%s', async (_, data, requestIds, faults) => {
    const book = new PromiseBook()
    await checkAudit({ ask: async () => ({ status: 200, body: { data, nextCursor: null }, location: null, etag: null }) }, book, requestIds)
    expect(book.faults).toHaveLength(faults)
  })
})

describe('the witness of the grid', () => {
  const watch = (sumA: () => number) => {
    const faults: string[] = []
    return { faults, witness: new GridWitness({ fuseA: 100, sumA, fault: (text) => faults.push(text) }) }
  }

  test('a raising within the limit is none of its business, one above it is', () => {
    const { faults, witness } = watch(() => 90)
    witness.told('CP', 6, 16)
    expect(faults).toEqual([])
    const over = watch(() => 101)
    over.witness.told('CP', 6, 16)
    expect(over.faults).toEqual([expect.stringContaining('CP was raised from 6 to 16 A')])
  })

  test('a lowering is never rash, and a sum that stays too high for ten seconds is told', () => {
    const { faults, witness } = watch(() => 101)
    witness.told('CP', 16, 6)
    for (let at = 0; at < 99; at++) witness.look(100)
    expect(faults).toEqual([])
    witness.look(100)
    expect(faults).toHaveLength(1)
  })

  test('a limit that was only asked for does not hold anybody, and one that may have been lifted does not either', () => {
    const { faults, witness } = watch(() => 90)
    witness.limitAsked(50)
    witness.told('CP', 6, 16)
    expect(faults).toEqual([])
  })
})

test('kills come while it starts, at any time, and behind a write; the same for the same seed', () => {
  const [random, again] = [createRandom(4), createRandom(4)]
  const plans = Array.from({ length: 500 }, () => drawKill(random))
  expect(Array.from({ length: 500 }, () => drawKill(again))).toEqual(plans)
  for (const type of ['starting', 'time', 'writes']) expect(plans.filter((plan) => plan.type === type).length).toBeGreaterThan(20)
})

test('a power cut leaves at least what was synced', () => {
  const random = createRandom(9)
  const log = Buffer.from(Array.from({ length: 500 }, (_, at) => at % 251))
  for (let round = 0; round < 300; round++) {
    const durable = random.between(0, 600)
    const [bytes, sound] = afterPowerLoss(log, durable, random.next)
    expect(sound).toBe(Math.min(500, durable))
    expect(bytes.subarray(0, sound).equals(log.subarray(0, sound))).toBe(true)
  }
})

describe('frames that nobody should send', () => {
  const broken = brokenPayloads(messages)

  test('the broken requests are of every action a charge point may send, and refused where nothing is let through', () => {
    const actions = new Set(broken.map(({ action }) => action))
    expect([...actions].sort()).toEqual(Object.entries(messages).filter(([, { direction }]) => direction !== 'central').map(([action]) => action).sort())
    expect(broken.filter(({ action, text }) => judge(action, JSON.parse(text), { strict: true }).ok)).toEqual([])
  })

  test('a seed and an index make a frame; none is a request that could be meant', () => {
    const [source, again] = [badFrames(3, broken), badFrames(3, broken)]
    expect(again.at(777)).toEqual(source.at(777))
    expect(badFrames(4, broken).at(777)).not.toEqual(source.at(777))
    const meant = Array.from({ length: 5_000 }, (_, index) => source.at(index)).filter(({ text }) => {
      const reading = readFrame(text)
      return reading.type === 'call' && judge(reading.action, reading.payload, { strict: true }).ok
    })
    expect(meant).toEqual([])
  })
})

describe('growth of the heap', () => {
  const samples = (heapMiB: (minute: number) => number, perMinute: number): Sample[] => Array.from({ length: 21 }, (_, at) => ({ atS: at * 30, heapMiB: heapMiB(at / 2), sessions: at * perMinute / 2 }))
  test.each([
    ['the same all the time', samples(() => 100, 0), true],
    ['more until the code is warm', samples((minute) => 100 + Math.min(minute, 2) * 10, 0), true],
    ['up and down', samples((minute) => 100 + (minute % 1) * 4, 0), true],
    ['a little more each minute', samples((minute) => 100 + minute, 0), false],
    ['4 KiB for each transaction that is remembered', samples((minute) => 100 + minute * 4, 1_024), true],
    ['20 KiB for each transaction', samples((minute) => 100 + minute * 20, 1_024), false],
  ])('%s', (_, given, isFlat) => expect(growthOf(given)).toMatchObject({ isFlat }))
})
