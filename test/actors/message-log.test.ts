// The message log: frames paired with their answers, kept within bounds, and found again newest first.
import { describe, expect, test } from 'vitest'
import { MessageLog, type MessageQuery } from '../../src/actors/message-log.ts'
import type { MessageKeep } from '../../src/actors/message-shelf.ts'
import { openScope } from '../../src/actors/scope.ts'
import type { Session } from '../../src/protocol/session.ts'
import { createMemoryStore, type MemoryStore } from '../../src/store/memory.ts'
import { VirtualClock } from '../virtual-clock.ts'
import { Peer } from './site-stand.ts'

const dayMs = 86_400_000

async function stand(options: { keep?: MessageKeep | null; store?: MemoryStore; clock?: VirtualClock; sites?: readonly string[]; siteOf?: (clientID: string) => string } = {}) {
  const clock = options.clock ?? new VirtualClock()
  const trouble = { store: false }
  const store = options.store ?? createMemoryStore({ failing: () => trouble.store })
  const logged: [string, object][] = []
  const note = (fields: object, message: string): void => { logged.push([message, fields]) }
  const scope = await openScope({ store, name: 'main', clock })
  const messages = new MessageLog({
    store, clock, log: { debug: note, info: note, warn: note, error: note }, keep: options.keep === undefined ? { keepDays: 7, keepMiB: 256 } : options.keep, run: 'r',
    siteIDs: () => options.sites ?? ['main'], siteOf: options.siteOf ?? (() => 'main'), scopeOf: (siteID) => (siteID === 'main' ? scope : undefined), callTimeoutMs: 30_000,
  })
  let generation = 0
  const connect = (clientID = 'CP1') => new Peer(clock, clientID, ++generation)
  return {
    clock, store, trouble, logged, messages, connect, scope,
    list: async (query: Partial<MessageQuery> = {}) => (await messages.list({ limit: 500, ...query })).data,
    /** A Heartbeat and its answer. */
    beat(session: Session, id: string) {
      messages.frame(session, 'in', `[2,"${id}","Heartbeat",{}]`)
      messages.frame(session, 'out', `[3,"${id}",{"currentTime":"2024-05-01T10:00:00.000Z"}]`)
    },
  }
}

describe('pairing', () => {
  test('a request of the charge point with our answer', async () => {
    const { messages, connect, clock, list } = await stand()
    const session = connect()
    messages.frame(session, 'in', '[2,"17","Heartbeat",{}]')
    expect(await list()).toMatchObject([{ status: 'waiting', response: null, error: null, latencyMs: null }])
    await clock.advance(20)
    messages.frame(session, 'out', '[3,"17",{"currentTime":"2024-05-01T10:00:00.000Z"}]')
    const [row] = await list()
    expect(row).toEqual({
      id: expect.any(String) as string, at: '2024-05-01T10:00:00.000Z', clientID: 'CP1', siteID: 'main', direction: 'in', action: 'Heartbeat', messageId: '17',
      request: {}, response: { currentTime: '2024-05-01T10:00:00.000Z' }, error: null, latencyMs: 20, status: 'answered', bytes: 74,
      raw: { request: '[2,"17","Heartbeat",{}]', response: '[3,"17",{"currentTime":"2024-05-01T10:00:00.000Z"}]' },
    })
    await clock.advance(1_000)
    expect(await list()).toEqual([row])
  })

  test('crossing requests with the same id, one each way', async () => {
    const { messages, connect, list } = await stand()
    const session = connect()
    messages.frame(session, 'in', '[2,"1","Heartbeat",{}]')
    messages.frame(session, 'out', '[2,"1","ClearCache",{}]')
    messages.frame(session, 'in', '[3,"1",{"status":"Accepted"}]')
    messages.frame(session, 'out', '[3,"1",{"currentTime":"x"}]')
    expect(await list()).toMatchObject([
      { direction: 'out', action: 'ClearCache', response: { status: 'Accepted' } },
      { direction: 'in', action: 'Heartbeat', response: { currentTime: 'x' } },
    ])
  })

  test('a duplicate id is a row of its own, answered in turn', async () => {
    const { messages, connect, list } = await stand()
    const session = connect()
    messages.frame(session, 'in', '[2,"1","Heartbeat",{}]')
    messages.frame(session, 'in', '[2,"1","Heartbeat",{"again":1}]')
    messages.frame(session, 'out', '[3,"1",{"n":1}]')
    messages.frame(session, 'out', '[4,"1","FormationViolation","used before",{}]')
    expect(await list()).toMatchObject([
      { request: { again: 1 }, response: null, error: { code: 'FormationViolation', description: 'used before', details: {} }, status: 'error' },
      { request: {}, response: { n: 1 }, status: 'answered' },
    ])
  })

  test('answers stay with their own connection', async () => {
    const { messages, connect, list } = await stand()
    const [old, young] = [connect(), connect()]
    messages.frame(old, 'out', '[2,"1","Reset",{"type":"Soft"}]')
    messages.frame(young, 'in', '[3,"1",{"status":"Accepted"}]')
    expect(await list()).toMatchObject([{ status: 'unmatched', action: null, request: null, response: { status: 'Accepted' }, direction: 'in' }, { action: 'Reset', status: 'waiting' }])
    messages.ended(old)
    expect(await list()).toMatchObject([{ status: 'unmatched' }, { action: 'Reset', status: 'unanswered' }])
  })

  test('what is no frame is kept as it came', async () => {
    const { messages, connect, list } = await stand()
    const session = connect()
    messages.frame(session, 'in', 'hello')
    messages.frame(session, 'in', '[2,"9","Heartbeat",{oops')
    messages.frame(session, 'out', '[4,"9","FormationViolation","not JSON",{}]')
    expect(await list()).toMatchObject([
      { status: 'unreadable', action: 'Heartbeat', messageId: '9', request: '[2,"9","Heartbeat",{oops', error: { code: 'FormationViolation' } },
      { status: 'unreadable', action: null, messageId: null, request: 'hello', raw: { request: 'hello', response: null } },
    ])
  })

  test('a request of ours without an answer is timed out, and a late answer still finds it', async () => {
    const { messages, connect, list, clock } = await stand()
    const session = connect()
    messages.frame(session, 'out', '[2,"1","Reset",{"type":"Soft"}]')
    await clock.advance(31_000)
    expect(await list({ errorsOnly: true })).toMatchObject([{ status: 'timed-out' }])
    messages.frame(session, 'in', '[3,"1",{"status":"Accepted"}]')
    expect(await list()).toMatchObject([{ status: 'answered', latencyMs: 31_000 }])
    messages.frame(session, 'out', '[2,"2","Reset",{"type":"Soft"}]')
    await clock.advance(130_000)
    messages.frame(session, 'in', '[2,"x","Heartbeat",{}]')
    messages.frame(session, 'in', '[3,"2",{"status":"Accepted"}]')
    expect(await list()).toMatchObject([{ status: 'unmatched', messageId: '2' }, { action: 'Heartbeat' }, { messageId: '2', status: 'timed-out' }, { messageId: '1' }])
  })

  test('a flood that waits for answers is bounded', async () => {
    const { messages, connect, list } = await stand()
    const session = connect()
    for (let id = 0; id < 200; id++) messages.frame(session, 'in', `[2,"${id}","Heartbeat",{}]`)
    const rows = await list()
    expect(rows.length).toBe(200)
    expect(rows.filter(({ status }) => status === 'waiting').length).toBe(64)
  })

  test('a long text is cut, and so is every one when too much waits', async () => {
    const { messages, connect, list } = await stand()
    const long = (id: string) => `[2,"${id}","DataTransfer",{"vendorId":"v","data":"${'x'.repeat(70_000)}"}]`
    messages.frame(connect(), 'in', long('1'))
    expect(await list()).toMatchObject([{ status: 'waiting', bytes: long('1').length, raw: { request: long('1').slice(0, 65_536) }, request: long('1').slice(0, 65_536) }])
    for (let peer = 0; peer < 300; peer++) messages.frame(connect(), 'in', long('1'))
    expect((await list({ limit: 1 }))[0]?.raw.request?.length).toBe(1_024)
  })
})

describe('secrets', () => {
  test('never get in, not even from an answer that repeats them', async () => {
    const { messages, connect, list, clock, store } = await stand()
    const session = connect()
    messages.frame(session, 'out', '[2,"1","ChangeConfiguration",{"key":"AuthorizationKey","value":"sixteen-letters!"}]')
    messages.frame(session, 'in', '[4,"1","PropertyConstraintViolation","sixteen-letters! is too short",{"value":"sixteen-letters!"}]')
    messages.frame(session, 'in', '[3,"0",{"configurationKey":[{"key":"AuthorizationKey","value":"sixteen-letters!"}]}]')
    messages.frame(session, 'in', '["AuthorizationKey","sixteen-letters!"')
    expect(JSON.stringify(await list())).not.toContain('sixteen')
    await clock.advance(1_000)
    expect(JSON.stringify(await store.range('main', 'messages', 0, Infinity))).not.toContain('sixteen')
    expect(await list()).toMatchObject([{}, {}, { request: { key: 'AuthorizationKey', value: '***' }, error: { description: '*** is too short' } }])
  })
})

describe('finding again', () => {
  test('filters', async () => {
    const { messages, connect, list, clock, beat } = await stand({ sites: ['main', 'annex'], siteOf: (clientID) => (clientID === 'CP2' ? 'annex' : 'main') })
    const [one, two] = [connect('CP1'), connect('CP2')]
    beat(one, 'a')
    await clock.advance(1_000)
    messages.frame(two, 'out', '[2,"b","Reset",{"type":"Soft"}]')
    messages.frame(two, 'in', '[4,"b","NotSupported","No SOFT reset",{}]')
    await clock.advance(1_000)
    beat(two, 'c')
    const ids = async (query: Partial<MessageQuery>) => (await list(query)).map(({ messageId }) => messageId).join('')
    expect(await ids({})).toBe('cba')
    expect(await ids({ clientID: 'cp2' })).toBe('cb')
    expect(await ids({ siteID: 'main' })).toBe('a')
    expect(await ids({ siteID: 'nowhere' })).toBe('')
    expect(await ids({ action: 'Heartbeat' })).toBe('ca')
    expect(await ids({ direction: 'out' })).toBe('b')
    expect(await ids({ errorsOnly: true })).toBe('b')
    expect(await ids({ text: 'soft RESET' })).toBe('b')
    expect(await ids({ from: '2024-05-01T10:00:01Z' })).toBe('cb')
    expect(await ids({ to: '2024-05-01T10:00:01Z' })).toBe('a')
    expect(await ids({ from: '2024-05-01T10:00:01Z', to: '2024-05-01T10:00:02Z' })).toBe('b')
  })

  test('in pages, over rows in memory and in the store, each row once', async () => {
    const { messages, connect, clock, beat } = await stand()
    const session = connect()
    for (let n = 0; n < 700; n++) {
      beat(session, String(n))
      if (n % 3 === 0) await clock.advance(n % 100 === 0 ? 3_600_000 : 90)
    }
    const seen: string[] = []
    let after: string | undefined
    for (;;) {
      const page = await messages.list({ limit: 33, after })
      seen.push(...page.data.map(({ messageId }) => messageId ?? ''))
      if (page.next === null) break
      after = page.next
      if (seen.length === 330) beat(session, 'later')
    }
    expect(seen).toEqual(Array.from({ length: 700 }, (_, n) => String(699 - n)))
  })

  test('thousands within a millisecond', async () => {
    const { connect, clock, beat, list, messages } = await stand()
    const session = connect()
    for (let n = 0; n < 3_000; n++) beat(session, String(n))
    await clock.advance(1_000)
    expect((await list()).map(({ messageId }) => messageId)).toEqual(Array.from({ length: 500 }, (_, n) => String(2_999 - n)))
    const page = await messages.list({ limit: 2, text: '"7"' })
    expect(page).toMatchObject({ data: [{ messageId: '7' }], next: null })
  })

  test('a search ends after 20,000 rows, and goes on from there', async () => {
    const { connect, clock, beat, messages } = await stand()
    const session = connect()
    for (let n = 0; n < 25_000; n++) {
      beat(session, String(n))
      if (n % 500 === 0) await clock.advance(300)
    }
    await clock.advance(300)
    const first = await messages.list({ limit: 10, text: '"11"' })
    expect(first.data).toEqual([])
    expect(await messages.list({ limit: 10, text: '"11"', after: first.next ?? '' })).toMatchObject({ data: [{ messageId: '11' }], next: null })
  })

  test('a store that cannot be read is said', async () => {
    const { messages, trouble } = await stand()
    trouble.store = true
    await expect(messages.list({ limit: 1 })).rejects.toMatchObject({ kind: 'store-down' })
  })
})

describe('keeping', () => {
  test('a restart finds what was written; an orderly stop writes what waits', async () => {
    const first = await stand()
    const session = first.connect()
    first.beat(session, 'a')
    first.messages.frame(session, 'out', '[2,"b","Reset",{"type":"Soft"}]')
    await first.messages.stop()
    const second = await stand({ store: first.store.restart(), clock: first.clock })
    expect(await second.list()).toMatchObject([{ messageId: 'b', status: 'unanswered' }, { messageId: 'a', status: 'answered' }])
  })

  test.each([[5, 6], [Infinity, 20]])('an orderly stop writes also what comes during its last write: %d times a row, %d stored', async (times, stored) => {
    const memory = createMemoryStore()
    let late = times
    const store: MemoryStore = {
      ...memory,
      append: async (...given) => {
        await memory.append(...given)
        if (late-- > 0) beat(session, `late ${late}`)
      },
    }
    const { messages, connect, beat, clock } = await stand({ store })
    const session = connect()
    beat(session, 'a')
    await messages.stop()
    const again = await stand({ store: memory.restart(), clock })
    expect((await again.list()).length).toBe(stored)
  })

  test('an orderly stop tries a store that is down once', async () => {
    const { messages, connect, beat, trouble, store, logged } = await stand()
    beat(connect(), 'a')
    trouble.store = true
    await messages.stop()
    expect([logged.map(([message]) => message), await store.range('main', 'messages', 0, Infinity).catch(() => 'down')]).toEqual([['messages cannot be stored'], 'down'])
  })

  test('abandoned it writes nothing more, also of what it had begun to write', async () => {
    const memory = createMemoryStore()
    let release = (): void => undefined
    let down = true
    const store: MemoryStore = {
      ...memory,
      append: async (...given) => {
        if (down) throw new Error('down')
        await memory.append(...given)
        await new Promise<void>((resolve) => { release = resolve })
      },
    }
    const { messages, connect, beat, clock } = await stand({ store })
    const session = connect()
    for (let n = 0; n < 1_200; n++) beat(session, String(n))
    await clock.advance(250)
    down = false
    await clock.advance(1_000)
    messages.abandon()
    release()
    await clock.advance(1_000)
    const again = await stand({ store: memory.restart(), clock })
    expect((await again.list({ limit: 2_000 })).length).toBe(500)
  })

  test('while the store is down rows wait, within bounds, and the log says it once', async () => {
    const { messages, connect, clock, beat, trouble, list, logged } = await stand()
    const session = connect()
    trouble.store = true
    for (let n = 0; n < 7_000; n++) beat(session, String(n))
    await clock.advance(10_000)
    expect(logged.map(([message]) => message)).toEqual(['messages cannot be stored'])
    trouble.store = false
    await clock.advance(2_000)
    expect(logged[1]).toMatchObject(['messages are stored again', { lost: expect.any(Number) as number }])
    const rows = (await everything(messages)).length
    expect(rows).toBeGreaterThanOrEqual(4_500)
    expect(rows).toBeLessThanOrEqual(5_501)
    expect(await list({ limit: 1 })).toMatchObject([{ messageId: '6999' }])
  })

  async function everything(messages: MessageLog) {
    const found = []
    for (let after: string | undefined; ;) {
      const { data, next } = await messages.list({ limit: 500, after })
      found.push(...data)
      if (next === null) return found
      after = next
    }
  }

  test('after some days it is gone', async () => {
    const { connect, clock, beat, list, store } = await stand({ keep: { keepDays: 2, keepMiB: 256 } })
    const session = connect()
    beat(session, 'old')
    await clock.advance(dayMs)
    beat(session, 'young')
    await clock.advance(dayMs + 1)
    expect(await list()).toMatchObject([{ messageId: 'young' }])
    beat(session, 'now')
    await clock.advance(1_000)
    expect((await store.range('main', 'messages', 0, Infinity)).length).toBe(2)
  })

  test('beyond its size the oldest goes, also after a restart', async () => {
    let one = await stand({ keep: { keepDays: 7, keepMiB: 1 } })
    const fill = async (hours: number) => {
      const session = one.connect()
      for (let minute = 0; minute < hours * 60; minute++) {
        one.messages.frame(session, 'in', `[2,"${minute}","DataTransfer",{"vendorId":"v","data":"${'x'.repeat(4_000)}"}]`)
        one.messages.frame(session, 'out', `[3,"${minute}",{"status":"Accepted"}]`)
        await one.clock.advance(60_000)
      }
    }
    const sizes = async () => (await one.store.range('main', 'messages', 0, Infinity)).reduce((sum, { value }) => sum + JSON.stringify(value).length, 0)
    await fill(6)
    expect(await sizes()).toBeLessThan(1.02 * 1024 * 1024)
    expect(await sizes()).toBeGreaterThan(0.8 * 1024 * 1024)
    await one.messages.stop()
    await one.scope.close()
    one = await stand({ keep: { keepDays: 7, keepMiB: 1 }, store: one.store.restart(), clock: one.clock })
    await fill(1)
    expect(await sizes()).toBeLessThan(1.02 * 1024 * 1024)
    expect((await one.list({ limit: 1 }))[0]).toMatchObject({ messageId: '59' })
  })

  test('switched off nothing is recorded', async () => {
    const { connect, beat, list, clock } = await stand({ keep: null })
    beat(connect(), 'a')
    expect([await list(), clock.pending]).toEqual([[], 0])
  })
})
