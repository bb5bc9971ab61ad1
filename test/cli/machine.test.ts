// `kwota doctor` and `kwota config print`: what a start would find, what to do about it, and where each value comes from, as processes of the built product.
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { utimes } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { clockCheck, nodeCheck, type Check } from '../../src/cli/checkup.ts'
import { leavesOf, withoutSecrets } from '../../src/cli/config-print.ts'
import { newPlace, startServer, tidyUp } from '../e2e/server.ts'
import { until } from '../e2e/yard.ts'
import { kwota } from './command.ts'

const minute = 60_000
afterEach(tidyUp)

async function checked(place: string, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
  const ran = await kwota(place, ['doctor', '--json', ...args], env)
  const { ok, checks } = JSON.parse(ran.out) as { ok: boolean; checks: Check[] }
  for (const { status, fix } of checks) expect(status === 'ok').toBe(fix === null)
  return { code: ran.code, ok, checks, of: (name: string) => checks.filter((check) => check.name === name) }
}

const withConfig = async (text: string) => {
  const place = await newPlace()
  writeFileSync(join(place, 'kwota.yaml'), text)
  return place
}

describe('kwota doctor', () => {
  test('nothing fails: 0, every check in order, for people without colours in a pipe', async () => {
    const place = await withConfig('port: 0\nsites: [{ id: main, fuseA: 63 }]\n')
    const { code, ok, checks } = await checked(place)
    expect([code, ok, checks.map(({ name, status }) => `${name} ${status}`)]).toEqual([0, true, ['node ok', 'configuration ok', 'address ok', 'port ok', 'disk ok', 'store ok', 'clock ok', 'site main ok']])
    const ran = await kwota(place, ['doctor'])
    expect(ran).toMatchObject({ code: 0, err: '', out: expect.stringMatching(/^ok {4}node {11}Node\.js /) as string })
    expect(ran.out).not.toContain('\x1b')
  }, minute)

  test('a fuse that nobody stated is a warning, until it is stated over REST or in the file', async () => {
    const place = await newPlace()
    expect((await checked(place, ['--port', '0'])).of('site main')).toMatchObject([{ status: 'warn', detail: expect.stringContaining('a fuse of 63 A is assumed') as string }])
    const server = await startServer({ place })
    await until('the assumed fuse is told', () => server.output().includes('fuse     63 A is assumed for site main'))
    expect((await server.request('PUT', '/api/v1/sites/main', { fuseA: 40 })).status).toBe(200)
    await server.stop()
    expect((await checked(place, ['--port', '0'])).of('site main')).toMatchObject([{ status: 'ok' }])
    const again = await startServer({ place })
    expect((await again.request('GET', '/api/v1/sites/main')).body).toMatchObject({ fuseA: 40 })
    await again.stop()
    expect(again.output()).not.toContain('is assumed')
    expect((await checked(await withConfig('sites: [{ id: main, fuseA: 63 }]\n'), ['--port', '0'])).of('site main')).toMatchObject([{ status: 'ok' }])
  }, 2 * minute)

  test('each fault of the configuration, with its line and its fix: 2', async () => {
    const { code, ok, of } = await checked(await withConfig('sites:\n  - { id: main, fuseA: many }\ncolour: red\n'))
    expect([code, ok]).toEqual([2, false])
    expect(of('configuration')).toEqual([
      expect.objectContaining({ status: 'fail', detail: expect.stringMatching(/^kwota\.yaml:2 \/sites\/0\/fuseA: /) as string }),
      expect.objectContaining({ status: 'fail', detail: expect.stringMatching(/^kwota\.yaml:3 \/colour: /) as string }),
    ])
    expect((await checked(await newPlace(), ['--host', '0.0.0.0'])).code).toBe(2)
    expect((await checked(await newPlace(), ['--host', '0.0.0.0', '--port', '0'], { KWOTA_API_KEY: 'a-key-of-these-tests' })).of('address')).toMatchObject([{ status: 'warn' }])
  }, minute)

  test('a port that another program has, a directory that cannot be made: 1', async () => {
    const place = await newPlace()
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    writeFileSync(join(place, 'file'), '')
    const { code, of } = await checked(place, ['--port', String((other.address() as AddressInfo).port), '--data-dir', 'file/below'])
    other.close()
    expect(code).toBe(1)
    expect(of('port')).toMatchObject([{ status: 'fail', detail: expect.stringContaining('another program') as string }])
    expect((await checked(place, ['--port', '0', '--redis-url', 'redis://127.0.0.1:1'])).of('store')).toMatchObject([{ status: 'fail', detail: expect.stringContaining('cannot be reached') as string }])
  }, minute)

  test('fallbacks that do not fit, what is stored beside the file included; a running kwota is no fault', async () => {
    const place = await withConfig('sites:\n  - { id: main, fuseA: 20 }\nchargePoints:\n  - { id: CP-1, fallbackA: 10 }\n')
    const server = await startServer({ place })
    expect((await server.request('POST', '/api/v1/chargepoints', { id: 'CP-2', site: 'main', fallbackA: 8, connectors: [{ id: 1 }] })).status).toBe(201)
    const running = await checked(place, ['--port', String(server.port)])
    expect([running.code, running.of('port')[0]?.detail, running.of('store')[0]?.detail]).toEqual([0, expect.stringMatching(/kwota [\d.]+ runs there/), expect.stringContaining('in use by a running kwota')])
    await server.stop()
    expect((await checked(place, ['--port', '0'])).of('site main')).toMatchObject([{ status: 'ok', detail: expect.stringContaining('2 charge points') as string }])
    writeFileSync(join(place, 'kwota.yaml'), 'sites:\n  - { id: main, fuseA: 16 }\nchargePoints:\n  - { id: CP-1, fallbackA: 10 }\n  - { id: CP-9, site: gone }\n')
    const { code, of } = await checked(place, ['--port', '0'])
    expect(code).toBe(1)
    expect(of('site main')).toMatchObject([{ status: 'fail', detail: expect.stringContaining('add up to 18 A') as string }])
    expect(of('charge point CP-9')).toMatchObject([{ status: 'fail', detail: expect.stringContaining('a site gone that is nowhere') as string }])
  }, 2 * minute)

  test.each([['20.19.0', 'ok'], ['20.20.2', 'ok'], ['22.1.0', 'ok'], ['20.18.9', 'fail'], ['18.30.0', 'fail']])('Node.js %s: %s', (running, status) => expect(nodeCheck(running, '>=20.19').status).toBe(status))

  test('a clock that was never set, and one that is behind its own data', async () => {
    const place = await newPlace()
    const clock = { wall: () => Date.UTC(2026, 10, 24) }
    expect(clockCheck(clock, place, Date.UTC(2026, 0, 1)).status).toBe('ok')
    expect(clockCheck({ wall: () => 0 }, place, Date.UTC(2026, 0, 1)).status).toBe('fail')
    mkdirSync(join(place, 'store'))
    writeFileSync(join(place, 'store', 'log'), '')
    await utimes(join(place, 'store', 'log'), Date.UTC(2026, 10, 25) / 1000, Date.UTC(2026, 10, 25) / 1000)
    expect(clockCheck(clock, place, Date.UTC(2026, 0, 1))).toMatchObject({ status: 'warn', detail: expect.stringContaining('2026-11-25') as string })
  })
})

describe('kwota config print', () => {
  const config = 'port: 9000\nengine:\n  leaseS: 300\nsites:\n  - { id: main, fuseA: 63 }\nchargePoints:\n  - { id: CP-1, password: sixteen-letters! }\nwebhooks: { allowPrivate: true }\n'
  const env = { KWOTA_API_KEY: 'a-key-of-these-tests', REDIS_URL: 'redis://me:hush@127.0.0.1:6379/0' }

  test('--origin: flag, variable, file and line, or default, value by value', async () => {
    const ran = await kwota(await withConfig(config), ['config', 'print', '--origin', '--json', '--log-level', 'warn'], env)
    expect(ran).toMatchObject({ code: 0, err: '' })
    const entries = JSON.parse(ran.out) as { path: string; value: unknown; origin: { source: string; name: string } }[]
    const of = (path: string) => entries.find((entry) => entry.path === path)
    expect(of('logLevel')).toMatchObject({ value: 'warn', origin: { source: 'flag', name: '--log-level' } })
    expect(of('apiKey')).toMatchObject({ value: '***', origin: { source: 'environment', name: 'KWOTA_API_KEY' } })
    expect(of('redisUrl')).toMatchObject({ value: 'redis://me:***@127.0.0.1:6379/0' })
    expect(of('port')).toMatchObject({ value: 9_000, origin: { source: 'file', name: 'kwota.yaml:1' } })
    expect([of('engine.leaseS')?.origin.name, of('engine.callTimeoutS')?.origin.name]).toEqual(['kwota.yaml:3', 'default'])
    expect([of('sites.0.fuseA')?.origin.name, of('sites.0.voltage')?.origin.name, of('chargePoints.0.password')]).toEqual(['kwota.yaml:5', 'default', expect.objectContaining({ value: '***' })])
    expect(of('settings.callTimeoutS')?.origin.source).toBe('default')
    expect(ran.out).not.toMatch(/sixteen|hush|a-key-of/)
  }, minute)

  test('as YAML that a start takes, and as JSON; a fault is told as a start tells it', async () => {
    const place = await withConfig(config)
    const yaml = await kwota(place, ['config', 'print'])
    expect(yaml).toMatchObject({ code: 0, out: expect.stringContaining('leaseS: 300') as string })
    expect(JSON.parse((await kwota(place, ['config', 'print', '--json'])).out)).toMatchObject({ port: 9_000, engine: { leaseS: 300, callTimeoutS: 30 }, webhooks: { allowPrivate: true } })
    writeFileSync(join(place, 'again.yaml'), yaml.out.replaceAll('"***"', 'sixteen-letters!'))
    expect((await kwota(place, ['config', 'print', '--config', 'again.yaml'])).out).toBe(yaml.out)
    expect(await kwota(await withConfig('port: many\n'), ['config', 'print'])).toMatchObject({ code: 2, out: '', err: expect.stringContaining('kwota.yaml:1 /port') as string })
  }, minute)

  test('whatever is called a secret is masked at any depth; plain lists are one value', () => {
    expect(withoutSecrets({ a: [{ secret: 's', password: 'p', name: 'n' }], apiKey: 'k', url: 'https://me:pw@host/x' })).toEqual({ a: [{ secret: '***', password: '***', name: 'n' }], apiKey: '***', url: 'https://me:***@host/x' })
    expect(leavesOf({ a: { b: 1, c: [] }, d: ['x', 'y'], e: [{ f: null }] })).toEqual([{ path: ['a', 'b'], value: 1 }, { path: ['a', 'c'], value: [] }, { path: ['d'], value: ['x', 'y'] }, { path: ['e', 0, 'f'], value: null }])
  })
})
