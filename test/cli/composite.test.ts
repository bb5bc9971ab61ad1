// `kwota composite`: what it reads, what it answers, and its exit codes.
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { compositeCommand, type CompositeOptions } from '../../src/cli/composite.ts'

const start = '2024-01-17T18:01:00Z'
const startSchedule = '2024-01-17T18:00:00Z'

function profile(id: number, limits: readonly (readonly [startPeriod: number, limit: number])[], more: object = {}, schedule: object = {}) {
  return {
    chargingProfileId: id, stackLevel: 0, chargingProfilePurpose: 'TxDefaultProfile', chargingProfileKind: 'Absolute', ...more,
    chargingSchedule: { startSchedule, chargingRateUnit: 'A', chargingSchedulePeriod: limits.map(([startPeriod, limit]) => ({ startPeriod, limit })), ...schedule },
  }
}

const one = {
  id: 'one', start, duration: 1080, rateUnit: 'A', connectorId: 1, connectors: 1, transactions: [],
  profiles: [
    { connectorId: 1, csChargingProfiles: profile(1, [[0, 16], [660, 10]], {}, { duration: 900 }) },
    { connectorId: 1, csChargingProfiles: profile(2, [[60, 8]], { stackLevel: 1 }) },
    { connectorId: 0, csChargingProfiles: profile(3, [[0, 12]]) },
  ],
  clears: [{ request: { id: 3 } }, { request: { id: 99 } }],
}

const broken = { ...one, id: 'broken', profiles: [{ connectorId: 1, csChargingProfiles: { ...profile(1, [[0, 16]]), chargingProfileKind: 'Sometimes' } }] }

async function run(files: Record<string, unknown>, file: string, options: CompositeOptions = {}, more: { env?: Record<string, string>; isTTY?: boolean; columns?: number } = {}) {
  let out = ''
  let err = ''
  const { env = {}, ...screen } = more
  const textOf = (name: string): string => { const given = files[name]; return typeof given === 'string' ? given : JSON.stringify(given) }
  const code = await compositeCommand(file, options, {
    stdout: { write: (text: string) => { out += text }, ...screen }, stderr: { write: (text: string) => { err += text } }, env,
    readFile: (path) => (path in files ? Promise.resolve(textOf(path)) : Promise.reject(new Error('no such file'))),
    readStdin: () => Promise.resolve(textOf('-')),
  })
  return { code, out, err }
}

async function json(given: unknown, options: CompositeOptions = {}) {
  const { code, out } = await run({ f: given }, 'f', { json: true, ...options })
  return { code, answers: JSON.parse(out) as Record<string, unknown>[] }
}

describe('--json', () => {
  test('one element: the answer to every profile and clear, then the schedule, in that order', async () => {
    const { code, answers } = await json(one)
    expect(code).toBe(0)
    expect(Object.keys(answers[0] ?? {})).toEqual(['id', 'install', 'clears', 'status', 'connectorId', 'scheduleStart', 'durationS', 'rateUnit', 'periods'])
    expect(answers).toMatchObject([{
      id: 'one', install: [{ status: 'Accepted' }, { status: 'Rejected', reason: 'first startPeriod is 60, must be 0' }, { status: 'Accepted' }],
      clears: [{ status: 'Accepted', removed: [3] }, { status: 'Unknown', removed: [] }],
      status: 'Accepted', connectorId: 1, scheduleStart: '2024-01-17T18:01:00.000Z', durationS: 1080, rateUnit: 'A',
      periods: [{ startPeriod: 0, limit: 16, source: { purpose: 'TxDefaultProfile', chargingProfileId: 1, stackLevel: 0 } }, { startPeriod: 600, limit: 10 }, { startPeriod: 840, limit: null }],
    }])
  })
  test('a file, a list and one case say the same', async () => {
    const expected = (await json(one)).answers
    expect((await json([one])).answers).toEqual(expected)
    expect((await json({ meta: { title: 'x' }, cases: [one] })).answers).toEqual(expected)
    expect((await json({ cases: [] })).answers).toEqual([])
  })
  test('what is left out: A, one connector, no transactions, 230 V and 3 phases', async () => {
    const { answers } = await json({ start, duration: 60, connectorId: 1, profiles: [{ connectorId: 0, csChargingProfiles: profile(1, [[0, 6900]], {}, { chargingRateUnit: 'W' }) }] })
    expect(answers).toMatchObject([{ id: 'case 1', rateUnit: 'A', periods: [{ startPeriod: 0, limit: 10 }] }])
    expect((await json({ start, duration: 60, connectorId: 2, profiles: [] })).answers).toMatchObject([{ status: 'Rejected', periods: [] }])
  })
  test('other voltages and phases count', async () => {
    const watts = { ...one, rateUnit: 'W', defaults: { voltage: 120 } }
    expect((await json(watts)).answers).toMatchObject([{ periods: [{ limit: 5760 }, { limit: 3600 }, { limit: null }] }])
  })
  test('a transaction carries its TxProfile', async () => {
    const tx = profile(5, [[0, 20]], { chargingProfilePurpose: 'TxProfile', transactionId: 7 })
    const answers = await json([
      { ...one, clears: [], profiles: [{ connectorId: 1, csChargingProfiles: tx }], transactions: [{ connectorId: 1, transactionId: 7, start }] },
      { ...one, clears: [], profiles: [{ connectorId: 1, csChargingProfiles: tx }] },
    ])
    expect(answers.answers).toMatchObject([{ install: [{ status: 'Accepted' }], periods: [{ limit: 20 }] }, { install: [{ status: 'Rejected', reason: expect.stringContaining('running transaction') }], periods: [{ limit: null }] }])
  })
  test('what a charge point would refuse is Rejected; what is no such request breaks its case alone, and exit 1', async () => {
    const decimals = { ...one, id: 'decimals', clears: [], profiles: [{ connectorId: 1, csChargingProfiles: profile(1, [[0, 16.55]]) }, { connectorId: 1, csChargingProfiles: profile(1, []) }] }
    const { code, answers } = await json([broken, 'nonsense', one, decimals])
    expect(code).toBe(1)
    expect(answers).toMatchObject([
      { id: 'broken', error: expect.stringMatching(/^\/profiles\/0\/csChargingProfiles\/chargingProfileKind: /) }, { id: 'case 2', error: expect.stringMatching(/^\/: /) }, { id: 'one', status: 'Accepted' },
      { id: 'decimals', install: [{ status: 'Rejected', reason: 'limit: more than one decimal' }, { status: 'Rejected', reason: expect.stringMatching(/^chargingSchedulePeriod: /) }], periods: [{ limit: null }] },
    ])
    expect(Object.keys(answers[0] ?? {})).toEqual(['id', 'error'])
  })
  test.each([
    ['start', { ...one, start: 'yesterday' }, '/start: not a date-time'], ['duration', { ...one, duration: 0 }, '/duration: '], ['a transaction', { ...one, transactions: [{ connectorId: 1 }] }, '/transactions/0/'],
    ['a clear', { ...one, clears: [{ request: { id: 'x' } }] }, '/clears/0/request/id: '], ['the connector', { ...one, connectorId: undefined }, '/connectorId: '],
  ])('a fault in %s is named', async (_, given, error) => expect((await json(given)).answers).toMatchObject([{ id: 'one', error: expect.stringContaining(error) }]))
})

describe('exit codes and streams', () => {
  test('2 for what cannot be read, told on stderr', async () => {
    expect(await run({}, 'gone.json')).toEqual({ code: 2, out: '', err: 'composite: cannot read gone.json: no such file\n' })
    expect(await run({ f: '{' }, 'f')).toMatchObject({ code: 2, out: '', err: expect.stringMatching(/^composite: f: not JSON: /) })
    expect(await run({ f: '3' }, 'f', { json: true })).toMatchObject({ code: 2, out: '' })
    expect(await run({ f: { cases: 1 } }, 'f')).toMatchObject({ code: 2, err: 'composite: f: "cases" must be a list\n' })
    expect(await run({ f: one }, 'f', { case: 'two' })).toMatchObject({ code: 2, out: '', err: 'composite: f holds no case two\n' })
    expect(await run({ f: one }, 'f', { json: true, svg: true })).toMatchObject({ code: 2, out: '' })
  })
  test('- is standard input', async () => expect(await run({ '-': one }, '-', { json: true })).toMatchObject({ code: 0 }))
  test('a refused profile and a connector that is not there are answers, not failures', async () => expect(await run({ f: { ...one, connectorId: 4 } }, 'f')).toMatchObject({ code: 0, out: expect.stringContaining('Rejected, there is no connector 4') }))
})

describe('for people', () => {
  test('answers, a table and a picture', async () => {
    const { code, out } = await run({ f: one }, 'f')
    expect(code).toBe(0)
    expect(out).toContain('one: connector 1, 2024-01-17 18:01 → 18:19 UTC, 230 V, 3 phases\n  profile 1: Accepted\n  profile 2: Rejected, first startPeriod is 60, must be 0\n')
    expect(out).toContain('  clear 1: Accepted, removed 3\n  clear 2: Unknown, nothing fits\n')
    expect(out).toContain('  18:01 → 18:11  10 min  16 A            TxDefaultProfile 1, stack level 0\n')
    expect(out).toContain('  18:15 → 18:19   4 min  nothing limits\n')
    expect(out).toMatch(/ {2}TxDefaultProfile 1, level 0 on 1 {2}█+·+\n/)
  })
  test('no wider than the terminal; colours only there, and not with NO_COLOR', async () => {
    const wide = Math.max(...(await run({ f: { ...one, profiles: one.profiles.slice(0, 1) } }, 'f')).out.split('\n').map((line) => [...line].length))
    expect(wide).toBeLessThanOrEqual(80)
    expect((await run({ f: one }, 'f', {}, { isTTY: true, columns: 60 })).out).toContain('\u001b[32m█')
    expect((await run({ f: one }, 'f', {}, { isTTY: true, columns: 60, env: { NO_COLOR: '1' } })).out).not.toContain('\u001b')
  })
  test('what a file calls its cases does not steer the terminal', async () => expect((await run({ f: { ...one, id: 'a\u001b[2J' } }, 'f')).out).toMatch(/^a\ufffd\[2J: connector 1/))
  test.each(['\u202e', '\u200b', '\u2028', '\u2029', '\u2066', '\ufeff'])('nor turn it round: %j', async (mark) => expect((await run({ f: { ...one, id: `a${mark}b` } }, 'f')).out).toMatch(/^a\ufffdb: connector 1/))
  test('who rules is who --json names, also where the limit stays as another takes over, and beyond 600 moments', async () => {
    const minutes = Array.from({ length: 1_000 }, (_, index) => [index * 60, index % 2 === 0 ? 16 : 10] as const)
    const given = {
      ...one, duration: 60_000, clears: [], start: startSchedule,
      profiles: [{ connectorId: 1, csChargingProfiles: profile(1, minutes) }, { connectorId: 1, csChargingProfiles: profile(2, [[0, 20]], { stackLevel: 1 }, { startSchedule: '2024-01-17T18:01:30Z', duration: 20 }) }],
    }
    const { periods } = (await json(given)).answers[0] as { periods: { startPeriod: number; source: { chargingProfileId: number; stackLevel: number } }[] }
    const rows = (await run({ f: given }, 'f')).out.split('\n').filter((line) => line.includes(' → ') && line.includes('stack level'))
    expect(periods.length).toBeGreaterThan(600)
    expect(rows).toHaveLength(100)
    for (const [index, row] of rows.entries()) expect(row).toMatch(new RegExp(` A {2}TxDefaultProfile ${periods[index]!.source.chargingProfileId}, stack level ${periods[index]!.source.stackLevel}$`))
    const level = { ...given, duration: 600, profiles: [{ connectorId: 1, csChargingProfiles: profile(1, [[0, 16]]) }, { connectorId: 1, csChargingProfiles: profile(2, [[0, 16]], { stackLevel: 1 }, { duration: 300 }) }] }
    expect((await run({ f: level }, 'f')).out).toMatch(/18:10 {2}10 min {2}16 A {2}TxDefaultProfile 2, stack level 1\n/)
  })
  test('a broken case is said in its place, and exit 1', async () => expect(await run({ f: [broken, one] }, 'f')).toMatchObject({ code: 1, out: expect.stringMatching(/^broken\n {2}broken: \/profiles\/0/) }))
  test('when another rules, a profile is shown active; a schedule from the start of the car goes on as one', async () => {
    const relative = profile(4, [[0, 16], [540, 8]], { chargingProfileKind: 'Relative', stackLevel: 2 }, { startSchedule: undefined })
    const { out } = await run({ f: { ...one, clears: [], profiles: [...one.profiles.slice(0, 1), { connectorId: 1, csChargingProfiles: relative }] } }, 'f')
    expect(out).toMatch(/TxDefaultProfile 1, level 0 on 1 {2}░+·+\n {2}TxDefaultProfile 4, level 2 on 1 {2}█+\n/)
    expect(out).toContain('  18:10 → 18:19  9 min  8 A   TxDefaultProfile 4, stack level 2\n')
  })
})

describe('--svg', () => {
  test('one self-contained picture of the first case, or of the one that is named', async () => {
    const { code, out } = await run({ f: [broken, { ...one, id: 'a <b> & "c"' }] }, 'f', { svg: true, case: 'a <b> & "c"' })
    expect(code).toBe(0)
    expect(out).toMatch(/^<svg [^>]*role="img" aria-labelledby="title description">\n<title id="title">Charging profiles of connector 1: a &#60;b&#62; &#38; &#34;c&#34;<\/title>/)
    expect(out).toContain('<desc id="description">18:01 → 18:11 (10 min): 16 A, TxDefaultProfile 1, stack level 0. ')
    expect(out).toContain('prefers-color-scheme: dark')
    expect(out.replace('xmlns="http://www.w3.org/2000/svg"', '')).not.toMatch(/https?:|href|<script|<image|url\(/)
  })
  test('1 where there is nothing to draw', async () => {
    expect(await run({ f: [broken, one] }, 'f', { svg: true })).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/^composite: broken: /) })
    expect(await run({ f: { ...one, connectorId: 4 } }, 'f', { svg: true })).toMatchObject({ code: 1, out: '', err: 'composite: one: there is no connector 4\n' })
    expect(await run({ f: [] }, 'f', { svg: true })).toMatchObject({ code: 2, out: '' })
  })
})

test('the cases of other projects are all computed, and all can be drawn', async () => {
  const file = new URL('../../../shared/data/composite-cases.json', import.meta.url)
  // A clone of this repository alone has no such file.
  if (!existsSync(file)) return
  const text = readFileSync(file, 'utf8')
  const { code, out } = await run({ f: text }, 'f', { json: true })
  const answers = JSON.parse(out) as { id: string; error?: string }[]
  expect(code).toBe(0)
  expect(answers.filter(({ error }) => error !== undefined)).toEqual([])
  expect(answers.map(({ id }) => id)).toEqual((JSON.parse(text) as { cases: { id: string }[] }).cases.map(({ id }) => id))
  expect(await run({ f: text }, 'f')).toMatchObject({ code: 0, err: '' })
  for (const { id } of answers.slice(0, 20)) expect(await run({ f: text }, 'f', { svg: true, case: id })).toMatchObject({ code: 0, err: '' })
})

test('the picture in the README is what the command draws of its example', async () => {
  const read = (path: string) => readFileSync(new URL(`../../docs/${path}`, import.meta.url), 'utf8')
  expect((await run({ f: JSON.parse(read('examples/night.json')) as unknown }, 'f', { svg: true })).out).toBe(read('pictures/night.svg'))
})
