// Blocks of the message log: whatever rows go in come out again, also of those that older versions have written, and what is torn spoils nothing else.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FrameTemplates } from '../../src/actors/frame-templates.ts'
import { blockMs, MessageBlocks, readBlock } from '../../src/actors/message-block.ts'
import { messageStatuses, stamp, type MessageRow } from '../../src/actors/message-row.ts'

const slotMs = 1_764_000_000_000

function row(given: Partial<MessageRow> & { readonly at?: number } = {}): MessageRow {
  const { at = 17, ...fields } = given
  const messageId = fields.messageId === undefined ? 'm1' : fields.messageId
  const action = fields.action === undefined ? 'Heartbeat' : fields.action
  const request = fields.request === undefined ? `[2,"${messageId}","${action}",{}]` : fields.request
  const answer = fields.answer === undefined ? `[3,"${messageId}",{"currentTime":"2026-11-24T14:00:00.000Z"}]` : fields.answer
  return {
    id: `${stamp(slotMs + at)}-0000000aabcd`, atMs: slotMs + at, sentMono: 0, clientID: 'CP1', siteID: 'depot', direction: 'in', status: 'answered', latencyMs: 1.2, cut: false,
    bytes: (request?.length ?? 0) + (answer?.length ?? 0), ...fields, messageId, action, request, answer,
  }
}

/** Through the text that a store keeps. */
function kept(rows: readonly MessageRow[], blocks = new MessageBlocks()): MessageRow[] {
  return blocks.of(rows).flatMap(({ atMs, value }) => readBlock('depot', atMs, JSON.parse(JSON.stringify(value))))
}

const meterValues = (id: string, wh: string, amps: string): string => JSON.stringify([2, id, 'MeterValues', { connectorId: 1, transactionId: 7, meterValue: [{ timestamp: '2026-11-24T14:00:00.000Z', sampledValue: [
  { value: wh, context: 'Sample.Periodic', format: 'Raw', measurand: 'Energy.Active.Import.Register', location: 'Outlet', unit: 'Wh' },
  ...['L1', 'L2', 'L3'].map((phase) => ({ value: amps, context: 'Sample.Periodic', measurand: 'Current.Import', phase, unit: 'A' })),
] }] }])
const metered = (n: number): MessageRow => row({ at: n % blockMs, messageId: `m-${n}`, action: 'MeterValues', clientID: `CP${n % 7}`, request: meterValues(`m-${n}`, String(1_000 + n), `${n % 32}.5`), answer: `[3,"m-${n}",{}]` })

test('what many frames have in common is written once', () => {
  const rows = Array.from({ length: 100 }, (_, n) => metered(n))
  const [block, ...others] = new MessageBlocks().of(rows)
  expect(others).toEqual([])
  expect(block?.value.templates).toHaveLength(2)
  const plain = rows.reduce((sum, { bytes }) => sum + bytes, 0)
  expect(JSON.stringify(block?.value).length).toBeLessThan(plain / 5)
  expect(kept(rows)).toEqual(rows)
})

test('a block is whole by itself: what was learned for one before is written in each', () => {
  const blocks = new MessageBlocks()
  expect(kept([metered(1)], blocks)).toEqual([metered(1)])
  expect(kept([metered(2)], blocks)).toEqual([metered(2)])
})

describe('whatever is said comes back', () => {
  test.each<[string, Partial<MessageRow>]>([
    ['an error', { answer: '[4,"m1","InternalError","\\"quoted\\"",{"a":[1,2.5e3]}]', status: 'error' }],
    ['no answer', { answer: null, status: 'unanswered', latencyMs: null }],
    ['an answer to nothing', { request: null, action: null, status: 'unmatched', latencyMs: null }],
    ['no frame', { request: 'hello', action: null, messageId: null, answer: null, status: 'unreadable', latencyMs: null }],
    ['blanks', { request: ' [ 2 , "m1" , "Heartbeat" , { } ] ' }],
    ['an escaped quote', { request: '[2,"m1","Heartbeat",{"a":"x\\"y","b":"z\\\\"}]' }],
    ['a text cut in a number', { request: '[2,"m1","Heartbeat",{"a":12', cut: true, bytes: 90_000 }],
    ['a text cut in a text', { request: '[2,"m1","Heartbeat",{"a":"b', cut: true, bytes: 90_000 }],
    ['a long text', { request: `[2,"m1","Heartbeat",{"a":"${'x'.repeat(60_000)}"}]` }],
    ['the separator', { request: '[2,"m1","Heartbeat",{"a":"\x7f"}]' }],
    ['the separator in an id', { messageId: 'm\x7f1' }],
    ['an id that was escaped', { messageId: 'm"1', request: '[2,"m\\"1","Heartbeat",{}]', answer: '[3,"m\\"1",{}]' }],
    ['another id in the answer', { answer: '[3,"m2",{}]' }],
    ['numbers at the end', { request: '[2,"m1","Heartbeat",1]', answer: '[3,"m1",-0.0]' }],
    ['half a character', { request: '[2,"m1","Heartbeat",{"a":"\ud800"}]' }],
    ['letters of everywhere', { clientID: 'Köln/😀', request: '[2,"m1","Heartbeat",{"ä":"ü 😀","b":"日本"}]' }],
    ['our question', { direction: 'out', latencyMs: 0 }],
    ['an id of another kind', { id: 'torn' }],
    ['a time between milliseconds', { at: 3.25 } as Partial<MessageRow>],
  ])('%s', (_, given) => {
    expect(kept([row(given)])).toEqual([row(given)])
    expect(kept([row(), row(given), metered(5), row(given)])).toEqual([row(), row(given), metered(5), row(given)])
  })

  test('in any order and mixture', () => {
    const text = fc.oneof(fc.json(), fc.string(), fc.string({ unit: 'binary' }), fc.constantFrom('",{}]', '",1', '{"status":"Charging","n":-1.5}'))
    const frame = fc.record({
      at: fc.integer({ min: -50, max: 250 }), clientID: fc.constantFrom('CP1', 'CP2'), direction: fc.constantFrom('in' as const, 'out' as const), status: fc.constantFrom(...messageStatuses), cut: fc.boolean(),
      action: fc.option(fc.oneof(fc.constantFrom('MeterValues', 'Heartbeat'), fc.string()), { nil: null }), messageId: fc.option(fc.oneof(fc.constantFrom('1', 'a-b'), fc.string()), { nil: null }),
      latencyMs: fc.option(fc.double({ min: 0, max: 1e6, noNaN: true }).map((ms) => Math.round(ms * 10) / 10), { nil: null }), bytes: fc.nat(), asked: fc.option(text, { nil: null }), said: fc.option(text, { nil: null }), framed: fc.boolean(),
    }).map(({ asked, said, framed, ...fields }) => row({
      ...fields,
      request: asked === null ? null : framed ? `[2,"${fields.messageId}","${fields.action}",${asked}]` : asked, answer: said === null ? null : framed ? `[${fields.cut ? 3 : 4},"${fields.messageId}",${said}]` : said,
    }))
    fc.assert(fc.property(fc.array(frame, { maxLength: 20 }), (rows) => {
      const inOrder = [...rows].sort((a, b) => Math.floor(a.atMs / blockMs) - Math.floor(b.atMs / blockMs))
      const bySlot = (some: readonly MessageRow[]): MessageRow[] => [...some].sort((a, b) => Math.floor(a.atMs / blockMs) - Math.floor(b.atMs / blockMs))
      expect(bySlot(kept(rows))).toEqual(inOrder)
    }), { numRuns: 300 })
  })
})

test('a block of up to 0.7 is read as it was', () => {
  const old = [['00mjq-1', slotMs + 3, 'CP1', 0, 'Heartbeat', 'm1', 'answered', 0.4, 44, 0, '[2,"m1","Heartbeat",{}]', '[3,"m1",{}]'], 'torn', ['too', 'short']]
  expect(readBlock('depot', slotMs, old)).toEqual([{
    id: '00mjq-1', atMs: slotMs + 3, sentMono: 0, clientID: 'CP1', siteID: 'depot', direction: 'in', action: 'Heartbeat', messageId: 'm1', status: 'answered', latencyMs: 0.4, bytes: 44, cut: false,
    request: '[2,"m1","Heartbeat",{}]', answer: '[3,"m1",{}]',
  }])
})

test('a damaged row hides no other, and what is no block has none', () => {
  const { value } = new MessageBlocks().of([row(), metered(2)])[0]!
  const [timed, good] = value.rows.map(String) as [string, string]
  const broken = [timed, good].flatMap((one) => one.split('\x7f').map((_, index, fields) => fields.filter((_, at) => at !== index).join('\x7f')))
  for (const torn of [...broken, '', '\x7f'.repeat(40), 7, null, ['x'], good.replace('\x7f0\x7f1.2', '\x7f999\x7f1.2')]) {
    const rows = readBlock('depot', slotMs, { ...value, rows: [torn, good] })
    expect(rows.at(-1)).toEqual(metered(2))
    for (const { request, answer } of rows) expect(`${request}${answer}`).not.toContain('undefined')
  }
  for (const none of [null, 1, 'x', {}, { rows: [good] }, { names: [], templates: [], rows: [good] }, { ...value, templates: [[]] }]) expect(readBlock('depot', slotMs, none)).toEqual([])
})

test('what is learned is bounded: after very many kinds of frames the first are learned anew, and nothing is lost', () => {
  const templates = new FrameTemplates()
  const find = (n: number) => templates.find(`A${n}`, `[2,"m1","A${n}",{"${'k'.repeat(2_000)}${n}":1}]`, `[2,"m1","A${n}"`)?.template
  const first = find(0)
  expect(find(0)).toBe(first)
  for (let n = 0; n < 600; n++) find(n)
  expect(find(0)).not.toBe(first)
  expect(find(0)).toEqual(first)
})
