// The commands that ask a running kwota, as processes against the built product with charge points on it.
import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { newPlace, startServer } from '../e2e/server.ts'
import { until } from '../e2e/yard.ts'
import { withAskedServer } from './asked-server.ts'
import { kwota } from './command.ts'

const minute = 60_000
const asked = withAskedServer('  - { id: CP-1 }\n  - { id: CP-2, connectors: [{ id: 1 }, { id: 2 }] }\n', (charger) => charger.charge())
const { run } = asked
const json = async <T = Record<string, unknown>>(...args: string[]): Promise<T> => {
  const ran = await run(...args, '--json')
  expect(ran.code, ran.err).toBe(0)
  expect(ran.out.endsWith('\n')).toBe(true)
  return JSON.parse(ran.out) as T
}

describe('kwota limit', () => {
  test('set follows the limit until it is enforced, and stdout holds the answer alone', async () => {
    const ran = await run('limit', 'set', '20A', '--reason', 'transformer', '--json')
    expect(ran).toMatchObject({ code: 0, err: expect.stringMatching(/enforced: told (\d)\/\1, confirmed \1\/\1\n$/) as string })
    expect(JSON.parse(ran.out)).toMatchObject({ currentA: 20, reason: 'transformer', state: 'enforced', effective: { currentA: 20, binding: 'grid-limit' }, propagation: { waiting: [] } })
    expect((await asked.server.gridLimit()).currentA).toBe(20)
    const shown = await run('limit', 'show', '--site', 'main')
    expect(shown).toMatchObject({ code: 0, err: '' })
    expect(shown.out).toMatch(/^main: 20 A \(13\.8 kW\) by grid-limit\n {2}standing limit 20 A \(transformer\)\n {2}enforced/)
    expect(shown.out).toMatch(/^ {2}fuse +63 A +ok/m)
    expect(await json('limit', 'show')).toMatchObject({ siteID: 'main', currentA: 20, limits: [{ id: 'fuse' }, { id: 'grid-limit', state: 'binding' }], outlook: [{ currentA: 20 }] })
  }, minute)

  test('--dry-run says who would get what, and changes nothing; above the fuse exits 2 and changes nothing', async () => {
    const before = await asked.server.gridLimit()
    const dry = await run('limit', 'set', '5.52kW', '--dry-run')
    expect(dry.code).toBe(0)
    expect(dry.out).toMatch(/→ 8 A \(grid-limit\)[\s\S]*CP-1\/1 +20 A +8 A +8 A: [\s\S]*Nothing was sent or stored\.\n$/)
    expect(await json('limit', 'set', '8A', '--dry-run')).toMatchObject({ dryRun: true, effective: { after: { currentA: 8 } } })
    expect(await json('limit', 'clear', '--dry-run')).toMatchObject({ dryRun: true, effective: { after: { currentA: 63 } } })
    expect(await run('limit', 'set', '64A')).toMatchObject({ code: 2, out: '', err: expect.stringMatching(/^kwota: .*above the fuse.*\nhint: .+\n$/) as string })
    expect(await asked.server.gridLimit()).toEqual(before)
  }, minute)

  test('--ttl and --no-wait; clear lifts it', async () => {
    expect(await json('limit', 'set', '16A', '--ttl', '2h', '--no-wait')).toMatchObject({ currentA: 16, expiresAt: expect.any(String) as string })
    expect(await run('limit', 'clear')).toMatchObject({ code: 0, out: expect.stringContaining('main: 63 A (43.47 kW) by fuse\n  no standing limit') as string })
    expect((await asked.server.gridLimit()).currentA).toBeNull()
  }, minute)
})

describe('kwota curtail', () => {
  test('begins, is listed and ended before its time', async () => {
    const made = await json<{ id: string; expiresAt: string; startsAt: string }>('curtail', '50%', '--for', '1h30m', '--reason', 'evening peak', '--source', 'grid operator')
    expect(made).toMatchObject({ percent: 50, state: 'active', reason: 'evening peak', source: 'grid operator' })
    expect(Math.round((Date.parse(made.expiresAt) - Date.parse(made.startsAt)) / minute)).toBe(90)
    expect((await asked.server.gridLimit()).effective).toMatchObject({ currentA: 31.5, binding: `curtailment:${made.id}` })
    expect((await run('curtail', 'list')).out).toMatch(new RegExp(`${made.id} +50 % +active .* evening peak, grid operator`))
    expect(await run('curtail', 'end', made.id)).toMatchObject({ code: 0, out: `${made.id} is cancelled\n` })
    expect((await asked.server.gridLimit()).effective).toMatchObject({ currentA: 63, binding: 'fuse' })
    expect(await run('curtail', 'list')).toMatchObject({ code: 0, out: '', err: expect.stringContaining('No curtailment') as string })
    expect(await json('curtail', 'list', '--all')).toMatchObject({ siteID: 'main', data: [{ id: made.id }] })
    expect(await run('curtail', 'end', made.id)).toMatchObject({ code: 5, err: expect.stringMatching(/^kwota: .+\nhint: .+\n$/) as string })
  }, minute)

  test('says at once how it is ended; a dry run makes none; without --for it is refused', async () => {
    const ran = await run('curtail', '10A', '--for', '10m', '--no-wait')
    const id = /^(cur_\w+): main holds 10 A until (?:[\d-]+ )?\d\d:\d\d \(Asia\/Kathmandu\); lift it before with kwota curtail end \1\n$/.exec(ran.out)?.[1] ?? ''
    expect(id).not.toBe('')
    await run('curtail', 'end', id)
    expect(await json('curtail', '20A', '--for', '10m', '--dimming', '--dry-run')).toMatchObject({ dryRun: true })
    expect(await json('curtail', 'list')).toMatchObject({ data: [] })
    expect(await run('curtail', '10A')).toMatchObject({ code: 2, err: expect.stringContaining('--for 30m') as string })
  }, minute)
})

describe('kwota why and kwota status', () => {
  test('the sentence first, then each limit; colours only on a terminal', async () => {
    await until('a decision', async () => (await asked.server.power()).decisionId !== null)
    const ran = await run('why', 'CP-1/1')
    expect(ran).toMatchObject({ code: 0, err: '' })
    expect(ran.out).toMatch(/^CP-1\/1: \d+ A: .+\n {2}constraint +limit +share +state\n {2}fuse +63 A[\s\S]* {2}decision dec_\w+/)
    expect(ran.out).not.toContain('\x1b')
    expect(await json('why', 'CP-1')).toMatchObject({ clientID: 'CP-1', connectorId: 1, summary: expect.any(String) as string, constraints: expect.any(Array) as unknown[], decisionId: expect.any(String) as string })
    expect(await run('why', 'CP-2')).toMatchObject({ code: 2, err: expect.stringMatching(/connectors 1, 2\.\nhint: .*kwota why CP-2\/1/) as string })
    expect(await run('why', 'CP-9/1')).toMatchObject({ code: 3 })
  }, minute)

  test('tells every time by the clock of the site, which it names, wherever it is asked from', async () => {
    const { id, expiresAt } = await json<{ id: string; expiresAt: string }>('curtail', '12A', '--for', '2h')
    const there = new Date(expiresAt).toLocaleTimeString('sv-SE', { timeZone: 'Asia/Kathmandu' }).slice(0, 5)
    const { out } = await run('why', 'CP-1')
    expect(out.split('\n')[0]).toMatch(new RegExp(`: 12 A: .* until (?:.*, )?${there}`))
    expect(out).toMatch(new RegExp(`^ {2}curtailment:${id} +12 A .* until (?:[\\d-]+ )?${there}$`, 'm'))
    expect(out).toMatch(/\n {2}times are those of Asia\/Kathmandu\n$/)
    for (const args of [['limit', 'show'], ['curtail', 'list']]) expect((await run(...args)).out).toMatch(new RegExp(`${id}.* (?:[\\d-]+ )?${there}[\\s\\S]*\n {2}times are those of Asia/Kathmandu\n$`))
    await run('curtail', 'end', id)
  }, minute)

  test('how the site stands', async () => {
    await until('a reading', async () => (await asked.server.power()).circuits[0]?.measured === 'all')
    const ran = await run('status')
    expect(ran.out).toMatch(/^main: \d+ of 63 A in use, limited by fuse; 1 car charging; 2 of 3 connectors offline; /)
    expect(ran.out).toMatch(/^ {2}CP-2\/2 +offline/m)
    expect(await json('status')).toMatchObject({ siteID: 'main', connectors: [{ clientID: 'CP-1' }, { clientID: 'CP-2' }, { clientID: 'CP-2' }], alerts: expect.any(Array) as unknown[] })
  }, minute)
})

describe('kwota lobby', () => {
  test('who waits is shown with what to change, and let in', async () => {
    expect(await run('lobby')).toMatchObject({ code: 0, out: '', err: expect.stringContaining('empty') as string })
    const socket = new WebSocket(`${asked.server.ocppUrl}/NEW-1`, ['ocpp1.6'])
    await new Promise<void>((then) => { socket.once('open', then) })
    const ran = await run('lobby')
    expect(ran.out).toMatch(/^ {2}NEW-1 +waiting +unknown-id +1 .*\n {6}Here: accept it/m)
    expect(await json('lobby')).toMatchObject({ data: [{ clientID: 'NEW-1', verdict: 'waiting' }] })
    expect(await json('lobby', 'accept', 'NEW-1', '--generate-password')).toMatchObject({ id: 'NEW-1', site: 'main', password: expect.any(String) as string })
    expect(await run('lobby', 'accept', 'NOBODY')).toMatchObject({ code: 3 })
    socket.terminate()
    await asked.server.request('DELETE', '/api/v1/chargepoints/NEW-1')
  }, minute)
})

describe('kwota tail', () => {
  const send = async (id: string, frames: readonly unknown[]): Promise<void> => {
    const socket = new WebSocket(`${asked.server.ocppUrl}/${id}`, ['ocpp1.6'])
    await new Promise<void>((then) => { socket.once('open', then) })
    for (const frame of frames) {
      const answered = new Promise<void>((then) => { socket.on('message', (data: Buffer) => { if (data.toString().startsWith('[3') || data.toString().startsWith('[4')) then() }) })
      socket.send(JSON.stringify(frame))
      await answered
    }
    socket.terminate()
  }
  const boot = () => [2, randomUUID(), 'BootNotification', { chargePointVendor: 'Acme', chargePointModel: 'One' }]

  test('the past first, then what comes, each message once; Ctrl-C ends with 0', async () => {
    await send('CP-2', [boot(), [2, 'd1', 'Dance', { tempo: 3 }]])
    const tail = await asked.begin('tail', 'CP-2', '--lines', '1', '--json')
    const seen = () => tail.out().trim().split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as { id: string; action: string; clientID: string; direction: string })
    await until('the past', async () => seen().length >= 1)
    expect(seen()).toHaveLength(1)
    await send('CP-2', [boot(), [2, 'h1', 'Heartbeat', {}]])
    await until('what comes', async () => seen().some(({ action }) => action === 'Heartbeat'))
    await send('CP-2', [boot()])
    await until('more', async () => seen().filter(({ action }) => action === 'BootNotification').length >= 2)
    tail.signal('SIGINT')
    expect(await tail.ended).toMatchObject({ code: 0, err: '' })
    const ids = seen().map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    expect(seen().every(({ clientID }) => clientID === 'CP-2')).toBe(true)
    expect(seen().filter(({ action, direction }) => action === 'BootNotification' && direction === 'in')).toHaveLength(2)
  }, minute)

  test('--errors shows what was refused alone; what a charge point says does not steer the terminal', async () => {
    await send('CP-2', [boot(), [2, 'd2', 'Dance', { tempo: '\u001b[2J\u202e' }]])
    const ran = await run('tail', 'CP-2', '--errors', '--no-follow', '--lines', '50')
    expect(ran.code).toBe(0)
    expect(ran.out).toMatch(/^[\d:.]+ {2}CP-2 > Dance .* ! NotImplemented/m)
    expect(ran.out).not.toMatch(/BootNotification|\x1b|\u202e/)
    const followed = await asked.begin('tail', 'CP-2', '--errors', '--lines', '0')
    // It has looked once before it follows.
    await until('a first look', async () => (await asked.server.request<{ data: unknown[] }>('GET', '/api/v1/messages?limit=1')).status === 200)
    await until('the error', async () => {
      await send('CP-2', [boot(), [2, randomUUID(), 'Dance', { tempo: 4 }]])
      return followed.out().includes('"tempo":4')
    })
    followed.signal('SIGTERM')
    expect((await followed.ended).code).toBe(0)
    expect(followed.out()).not.toContain('BootNotification')
    expect(await run('tail', 'CP-9')).toMatchObject({ code: 3 })
  }, minute)
})

test('several sites: the command asks which, and names them; a file may hold the key', async () => {
  const two = await newPlace()
  const apiKey = 'a-key-of-these-tests'
  await writeFile(join(two, 'key'), `${apiKey}\n`)
  const other = await startServer({ place: two, config: 'sites:\n  - { id: north, fuseA: 63 }\n  - { id: south, fuseA: 32 }\n', env: { KWOTA_API_KEY: apiKey } })
  const env = { KWOTA_URL: other.url, KWOTA_API_KEY_FILE: 'key' }
  expect(await kwota(two, ['limit', 'show'], env)).toMatchObject({ code: 2, out: '', err: 'kwota: There are several sites: north, south.\nhint: Name one, for example --site north.\n' })
  expect(await kwota(two, ['limit', 'show', '--site', 'south'], env)).toMatchObject({ code: 0, out: expect.stringContaining('south: 32 A') as string })
  expect(await kwota(two, ['limit', 'show', '--site', 'west'], env)).toMatchObject({ code: 3 })
}, minute)
