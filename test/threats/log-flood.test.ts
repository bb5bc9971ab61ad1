// What strangers may write into the log, and how much of it: one line each, in one line, and the rest as a sum.
import { expect, test } from 'vitest'
import { createLog } from '../../src/log.ts'
import { sampleLog } from '../../src/log-sampling.ts'
import { VirtualClock } from '../virtual-clock.ts'

function open() {
  const clock = new VirtualClock()
  const lines: string[] = []
  return { clock, lines, log: sampleLog(createLog({ level: 'info', stream: { write: (line) => lines.push(line) } }), clock), parsed: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>) }
}

const evil = ['CP1\r\n{"level":"error","msg":"forged"}', '\u001b[2J\u001b]0;owned\u0007', 'a\u2028b\u0000c', '\u202egnp.exe', '\ud800', '\u009b31m', 'x'.repeat(100_000)]

test('threat 40: identity, vendor, tag and reason hold what they like: each line is one line of JSON without a control character, at most 256 characters a field', () => {
  const { log, lines, parsed } = open()
  for (const text of evil) log.warn({ clientID: text, vendor: text, reason: text, nested: { [text]: text }, idTag: text }, 'a connection was refused')
  expect(lines).toHaveLength(evil.length)
  for (const line of lines) {
    expect(line.trimEnd()).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\n\r]/)
    expect(line.length).toBeLessThan(2_500)
  }
  expect(parsed().every(({ level, msg, idTag, clientID }) => level === 'warn' && msg === 'a connection was refused' && idTag === '[masked]' && (clientID as string).length <= 256 * 6)).toBe(true)
})

test('threat 40: a hundred thousand refusals of one charge point are twenty lines and a sum, and nobody else is kept out of the log', () => {
  const { log, parsed } = open()
  const refused = (clientID: string) => log.warn({ clientID, remoteAddress: '10.0.0.1' }, 'a connection was refused')
  for (let at = 0; at < 100_000; at++) refused('CP1')
  refused('CP2')
  log.info({ clientID: 'CP1' }, 'something else')
  expect(parsed().map(({ clientID, msg }) => `${String(clientID)} ${String(msg)}`)).toEqual([...Array<string>(20).fill('CP1 a connection was refused'), 'CP2 a connection was refused', 'CP1 something else'])
})

test('threat 40: a minute later the sum is told and the count begins anew', async () => {
  const { log, clock, parsed } = open()
  for (let at = 0; at < 50; at++) log.warn({ clientID: 'CP1' }, 'a connection was refused')
  await clock.advance(60_000)
  log.warn({ clientID: 'CP1' }, 'a connection was refused')
  expect(parsed().slice(20)).toMatchObject([{ event: 'log-lines-left-out', of: 'a connection was refused', lines: 30, about: ['CP1'] }, { clientID: 'CP1', msg: 'a connection was refused' }])
})

test('threat 40: fifty thousand names that nobody knows are a thousand lines a minute, whatever they are called', () => {
  const { log, parsed } = open()
  for (let at = 0; at < 50_000; at++) log.warn({ clientID: `X${at}` }, 'a connection was refused')
  log.error({}, 'something else')
  expect(parsed()).toHaveLength(1_001)
})
