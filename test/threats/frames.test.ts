// What one charge point may send, over real sockets: too long, too deep, too often, twice, crossed and misspelt; its neighbour never notices.
import { AsyncLocalStorage } from 'node:async_hooks'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createLog } from '../../src/log.ts'
import { readFrame } from '../../src/protocol/frames.ts'
import type { Limits } from '../../src/protocol/ports.ts'
import { openConnection } from '../protocol/memory-socket.ts'
import { Client, maskedFrame, openRaw, startServer, type Running } from '../protocol/station-server.ts'

let running: Running
let good: Client
const clients: Client[] = []
async function start(limits: Partial<Limits> = {}): Promise<void> {
  running = await startServer({ limits })
  good = await come('GOOD')
}
async function come(clientID: string): Promise<Client> {
  const client = await new Client(`${running.endpoint}/ocpp/${clientID}`).ready()
  clients.push(client)
  return client
}
beforeEach(() => { clients.length = 0 })
afterEach(async () => {
  for (const client of clients) client.socket.terminate()
  await running?.stop()
})

const ended = (clientID: string) => running.desk.events.filter((event) => event.startsWith(`disconnected ${clientID} `))
/** Still there, still answered. */
async function neighbourIsServed(): Promise<void> {
  const many = good.received.length
  good.send([2, `g${many}`, 'Heartbeat', {}])
  expect((await good.frames(many + 1)).at(-1)?.[1]).toBe(`g${many}`)
  expect(ended('GOOD')).toEqual([])
}

const header64 = (length: bigint) => {
  const header = Buffer.alloc(14)
  header[0] = 0x81
  header[1] = 0xff
  header.writeBigUInt64BE(length, 2)
  return header
}

test.each([['65,537 bytes', Buffer.concat([header64(65_537n), Buffer.alloc(65_537, 0x20)])], ['16 MiB that are only announced', header64(16n * 1024n * 1024n)], ['2^63 bytes', header64(1n << 63n)], ['2^64 - 1 bytes', header64((1n << 64n) - 1n)]])('threat 9: a frame of %s is closed 1009 and said once', async (_, bytes) => {
  await start()
  const evil = await openRaw(running.port, '/ocpp/EVIL')
  evil.write(bytes)
  await running.desk.until('disconnected EVIL')
  expect(ended('EVIL')[0]).toMatch(/^disconnected EVIL 1 1009/)
  expect(running.desk.handled).toEqual([])
  expect(running.log.lines.filter(({ level }) => level === 'warn')).toHaveLength(1)
  evil.destroy()
  await neighbourIsServed()
})

test('threat 12: arrays and objects in each other, 13 and thousands deep: FormationViolation, no stack runs out, also with asynchronous contexts on; the socket stays', async () => {
  await start({ messagesPerSecond: 0 })
  const evil = await come('EVIL')
  await new AsyncLocalStorage().run({}, async () => {
    const depths = [13, 1_000, 10_000]
    for (const depth of depths) {
      evil.send(`[2,"a${depth}","DataTransfer",${'['.repeat(depth)}${']'.repeat(depth)}]`)
      evil.send(`[2,"o${depth}","DataTransfer",${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}]`)
    }
    const answers = await evil.frames(6)
    expect(answers.map(([type, id, code]) => [type, id, code])).toEqual(depths.flatMap((depth) => [[4, `a${depth}`, 'FormationViolation'], [4, `o${depth}`, 'FormationViolation']]))
    expect(readFrame(`[2,"x","DataTransfer",${'['.repeat(1e6)}`)).toMatchObject({ type: 'bad-call', id: 'x' })
    expect(readFrame(`[2,"x","DataTransfer",${'['.repeat(1e6)}${']'.repeat(1e6)}]`)).toMatchObject({ type: 'bad-call', id: 'x' })
  })
  expect([running.desk.handled, ended('EVIL')]).toEqual([[], []])
  await neighbourIsServed()
})

test('threat 15: a charge point that floods is read no further, its neighbour gets each answer meanwhile, and then it is closed 1008', async () => {
  await start({ messagesPerSecond: 20, burst: 20, overrunMs: 800 })
  const flood = await come('FLOOD')
  const frames = Array.from({ length: 20_000 }, (_, at) => maskedFrame(0x81, Buffer.from(`[2,"${at}","Heartbeat",{}]`)))
  const raw = await openRaw(running.port, '/ocpp/RAW')
  raw.write(Buffer.concat(frames))
  for (let at = 0; at < 20_000; at++) flood.send(`[2,"${at}","Heartbeat",{}]`)
  for (let round = 0; round < 15; round++) await neighbourIsServed()
  await running.desk.until('disconnected FLOOD')
  await running.desk.until('disconnected RAW')
  expect([ended('FLOOD')[0], ended('RAW')[0]]).toEqual([expect.stringContaining(' 1008 too many messages'), expect.stringContaining(' 1008 too many messages')])
  expect(running.server.counters).toMatchObject({ overruns: 2 })
  expect(running.desk.handled.filter(({ clientID }) => clientID !== 'GOOD').length).toBeLessThan(500)
  await neighbourIsServed()
  raw.destroy()
})

test('threat 16: a charge point stops reading while a value changes ten thousand times: 32 wait at most, the last value is what is built, and with 256 KiB unsent it is cut', async () => {
  await start({ callTimeoutMs: 60_000, pingIntervalMs: 0 })
  const slow = await openRaw(running.port, '/ocpp/SLOW')
  slow.pause()
  const session = running.server.get('SLOW')!
  let value = 0
  const outcomes = Array.from({ length: 10_000 }, () => {
    value++
    return session.call('DataTransfer', () => ({ vendorId: 'x', data: String(value) }))
  })
  const dropped = (await Promise.all(outcomes.slice(33))).filter(({ type }) => type === 'dropped')
  expect(dropped).toHaveLength(10_000 - 33)
  expect(running.server.counters).toMatchObject({ callsOut: 1, dropped: 10_000 - 33 })
  const sent: string[] = []
  Object.assign(running.desk, { frame: (_: unknown, direction: string, text: string) => { if (direction === 'out') sent.push(text) } })
  const first = session.id
  slow.resume()
  slow.write(maskedFrame(0x81, Buffer.from(`[3,"${first.slice(-24)}-1",{"status":"Accepted"}]`)))
  await expect.poll(() => sent.length).toBe(1)
  expect(JSON.parse(sent[0]!)).toMatchObject([2, expect.any(String), 'DataTransfer', { data: '10000' }])
  slow.destroy()
  await running.desk.until('disconnected SLOW')
  // In memory, where what is unsent can be said.
  const memory = openConnection()
  memory.socket.bufferedAmount = 256 * 1024
  await memory.say([2, 'h', 'Heartbeat', {}])
  expect([memory.socket.events.includes('terminate'), memory.counters.slowReaders]).toEqual([true, 1])
  await neighbourIsServed()
})

test('threat 17: a hundred meter values before each message about a transaction: none of those is lost, all in order, and what waits has a bound', async () => {
  await start({ messagesPerSecond: 0, incomingQueue: 16 })
  const chatty = await come('CHATTY')
  const transactions: string[] = []
  for (let round = 0; round < 10; round++) {
    for (let at = 0; at < 100; at++) chatty.send([2, `m${round}-${at}`, 'MeterValues', { connectorId: 1, meterValue: [{ timestamp: '2026-11-23T10:00:00Z', sampledValue: [{ value: '1' }] }] }])
    chatty.send([2, `t${round}`, 'StartTransaction', { connectorId: 1, idTag: 'A', meterStart: round, timestamp: '2026-11-23T10:00:00Z' }])
    transactions.push(`t${round}`)
  }
  const answers = await chatty.frames(1_010)
  expect(answers.map(([, id]) => id).filter((id) => String(id).startsWith('t'))).toEqual(transactions)
  expect(running.desk.handled.filter(({ action }) => action === 'StartTransaction').map(({ payload }) => (payload as { meterStart: number }).meterStart)).toEqual(transactions.map((_, at) => at))
  await neighbourIsServed()
})

describe('names and doubles', () => {
  const slots = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty']

  test('threat 18: names of prototypes as identity, action, key, tag and in every object change no prototype and get an answer of their own', async () => {
    await start({ messagesPerSecond: 0 })
    const before = Object.getOwnPropertyNames(Object.prototype).toSorted()
    for (const name of slots) {
      const evil = await come(name)
      const inner = `{"${name}":{"polluted":true}}`
      const payloads = [`{"vendorId":"${name}","data":"${name}"}`, `{"vendorId":"x","${name}":${inner}}`, inner, `{"connectorId":1,"errorCode":"NoError","status":"Available","${name}":${inner}}`, `{"idTag":"${name}"}`]
      for (const [at, payload] of payloads.entries()) for (const action of ['DataTransfer', 'StatusNotification', 'Authorize', name]) evil.send(`[2,"${at}${action}","${action}",${payload}]`)
      const answers = await evil.frames(payloads.length * 4)
      expect(answers.filter(([type, , code]) => type !== 3 && !/Violation|NotImplemented|NotSupported|InternalError/.test(String(code)))).toEqual([])
      expect(running.server.get(name)?.clientID).toBe(name)
    }
    expect(Object.getOwnPropertyNames(Object.prototype).toSorted()).toEqual(before)
    expect(Object.hasOwn({}, 'polluted') || 'polluted' in {}).toBe(false)
    await neighbourIsServed()
  })

  test('threat 19: of a key that stands twice the last one holds, for the judge, the handler and the memory of answers alike', async () => {
    await start()
    const evil = await come('EVIL')
    const said = (id: string, info: string) => evil.send(`[2,"${id}","StatusNotification",{"connectorId":1,"errorCode":"NoError","status":"Available",${info}}]`)
    said('a', '"info":"FIRST","info":"LAST"')
    said('a', '"info":"LAST"')
    said('a', '"info":"FIRST"')
    said('b', '"info":"FIRST","info":7')
    const answers = await evil.frames(4)
    expect(running.desk.handled.map(({ payload }) => payload)).toEqual([{ connectorId: 1, errorCode: 'NoError', status: 'Available', info: 'LAST' }])
    expect(answers[0]).toEqual(answers[1])
    expect([answers[2]?.[2], answers[3]?.[2]]).toEqual(['FormationViolation', 'TypeConstraintViolation'])
    await neighbourIsServed()
  })

  test('threat 20: one message ten thousand times over: handled once, the same answer each time; another in its name is refused', async () => {
    const { say, socket, handled } = openConnection({ limits: { messagesPerSecond: 0 } })
    const start = (meterStart: number) => [2, 'same', 'StopTransaction', { transactionId: 1, meterStop: meterStart, timestamp: '2026-11-23T10:00:00Z' }]
    for (let at = 0; at < 10_000; at++) await say(start(1))
    await say(start(2))
    expect(handled).toHaveLength(1)
    expect(new Set(socket.sent.slice(0, -1)).size).toBe(1)
    expect(socket.sent).toHaveLength(10_001)
    expect(socket.frames.at(-1)?.slice(0, 3)).toEqual([4, 'same', 'FormationViolation'])
  })
})

test('threat 23: CALLs cross a thousand times, with the same message ids on both sides: each side gets the answer to its own', async () => {
  await start({ messagesPerSecond: 0 })
  const peer = await come('PEER')
  peer.socket.on('message', (data: Buffer) => {
    const [type, id, action] = JSON.parse(data.toString()) as [number, string, string]
    // Its own CALL, under the very id of ours, leaves before the answer.
    if (type === 2) peer.send([2, id, 'Heartbeat', {}])
    if (type === 2) peer.send([3, id, { status: action === 'DataTransfer' ? 'Accepted' : 'Rejected' }])
  })
  const session = running.server.get('PEER')!
  for (let round = 0; round < 1_000; round++) {
    const outcome = await session.call('DataTransfer', () => ({ vendorId: String(round) }))
    expect(outcome).toEqual({ type: 'result', payload: { status: 'Accepted' } })
  }
  await peer.frames(2_000)
  expect(peer.received.filter(([type]) => type === 3)).toHaveLength(1_000)
  expect(running.desk.handled.filter(({ clientID }) => clientID === 'PEER')).toHaveLength(1_000)
  await neighbourIsServed()
})

test('threat 24: text of every kind in every field is answered or refused, and is one line in the log; what is no UTF-8 is closed 1007, what is no text 1003', async () => {
  await start({ messagesPerSecond: 0 })
  const evil = await come('EVIL')
  const corpus = ['\ufeffx', '\u202egnp', 'a\r\nb', '\u0000', '\ud800', '\udc00x', '\u2028', '\u001b[2J', 'e\u0301', '👩‍👩‍👧', '\uffff', '٣', '\u200b', 'x'.repeat(300)]
  let sent = 0
  for (const text of corpus) {
    for (const [action, payload] of [['Authorize', { idTag: text }], ['BootNotification', { chargePointVendor: text, chargePointModel: text, chargePointSerialNumber: text }], ['DataTransfer', { vendorId: text, messageId: text, data: text }], ['StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Available', info: text, vendorId: text, vendorErrorCode: text, timestamp: text }], [text, {}]] as const) {
      evil.send([2, `u${sent++}`, action, payload])
    }
  }
  const answers = await evil.frames(sent)
  expect(answers.map(([, id]) => id)).toEqual(answers.map((_, at) => `u${at}`))
  const lines: string[] = []
  const log = createLog({ level: 'info', stream: { write: (line) => lines.push(line) } })
  for (const { fields, message } of running.log.lines) log.warn(fields, message)
  expect(lines.filter((line) => /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2028\u2029]/.test(line.trimEnd()))).toEqual([])
  for (const [name, frame, code] of [['BYTES', maskedFrame(0x81, Buffer.from([0xff, 0xfe])), 1007], ['BINARY', maskedFrame(0x82, Buffer.from('[2,"1","Heartbeat",{}]')), 1003]] as const) {
    const raw = await openRaw(running.port, `/ocpp/${name}`)
    raw.write(frame)
    await once(raw, 'data')
    expect(await running.desk.until(`disconnected ${name}`)).toContain(` ${code}`)
    raw.destroy()
  }
  await neighbourIsServed()
})
