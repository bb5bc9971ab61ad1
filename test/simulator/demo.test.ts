// The demo over real sockets: eight charge points connect, the table is drawn, it ends cleanly by itself and on a signal.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { openDirectory } from '../../src/actors/directory.ts'
import { demo } from '../../src/cli/demo.ts'
import { keyOf, plainLine, tableLines } from '../../src/cli/demo-table.ts'
import type { ProgramPorts } from '../../src/cli/program.ts'
import { systemClock } from '../../src/clock.ts'
import { loadConfig } from '../../src/config.ts'
import { silentLog } from '../../src/log.ts'
import { createStationServer } from '../../src/protocol/server.ts'
import { demoChargePoints, demoSite } from '../../src/simulator/demo-depot.ts'
import { createMemoryStore } from '../../src/store/memory.ts'

function bench() {
  const seen = { dataDir: '', connected: 0, live: 0, stopped: false }
  const serve: ProgramPorts['serve'] = async (flags, overrides = {}) => {
    seen.dataDir = flags.dataDir ?? ''
    const config = { ...loadConfig({ flags: { host: '127.0.0.1', port: '0' }, env: {}, readFile: () => { throw Object.assign(new Error('none'), { code: 'ENOENT' }) }, cwd: '/' }), ...overrides }
    let next = 0
    const directory = await openDirectory({
      store: createMemoryStore(), clock: systemClock, log: silentLog, ids: { transactionId: () => ++next, opaque: () => `o${++next}` },
      provision: { sites: config.sites, chargePoints: config.chargePoints }, tariffs: config.tariffs, unknownChargePoints: 'reject',
    })
    const http = createServer()
    const desk = {
      admit: directory.desk.admit.bind(directory.desk), refused: directory.desk.refused.bind(directory.desk), handle: directory.desk.handle.bind(directory.desk),
      connected(...args: Parameters<typeof directory.desk.connected>) { seen.connected++; seen.live++; directory.desk.connected(...args) },
      disconnected(...args: Parameters<typeof directory.desk.disconnected>) { seen.live--; directory.desk.disconnected(...args) },
    }
    const stations = createStationServer({ http, desk, clock: systemClock, log: silentLog })
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    const { port } = http.address() as AddressInfo
    return {
      house: directory.house, config, url: `http://127.0.0.1:${port}`, ocppUrl: `ws://127.0.0.1:${port}/ocpp`, storedIn: 'memory', loopback: true,
      async stop() {
        await stations.close()
        await directory.stop()
        await new Promise((resolve) => http.close(resolve))
        seen.stopped = true
      },
    }
  }
  let text = ''
  const stdout = (isTTY: boolean, columns: number) => ({ isTTY, columns, write(more: string) { text += more } })
  return { serve, seen, stdout, text: () => text, stderr: { write: () => undefined } }
}

describe('kwota demo', () => {
  test('plain lines where there is no terminal; ends by itself, nothing stays', async () => {
    const { serve, seen, stdout, stderr, text } = bench()
    const code = await demo({ port: '0', seconds: 6, serve, clock: systemClock, stdout: stdout(false, 80), stderr, env: {}, interrupted: () => new Promise(() => undefined) })
    expect(code).toBe(0)
    expect(seen).toMatchObject({ stopped: true, connected: 8, live: 0 })
    expect(existsSync(seen.dataDir)).toBe(false)
    expect(text()).not.toContain('\x1b')
    for (const { id } of demoChargePoints) expect(text()).toContain(`${id}/1 Available`)
    expect(text()).toMatch(/CP-01\/1 SuspendedEVSE: granted \d+\.0 A/)
  })

  test('a table redrawn in place on a terminal; ends when interrupted', async () => {
    const { serve, seen, stdout, stderr, text } = bench()
    let interrupt = () => {}
    const running = demo({ port: '0', serve, clock: systemClock, stdout: stdout(true, 70), stderr, env: {}, interrupted: () => new Promise((resolve) => { interrupt = resolve }) })
    systemClock.after(1_500, () => interrupt())
    expect(await running).toBe(0)
    expect(seen.stopped).toBe(true)
    const frames = text().split('\x1b[0J')
    expect(frames.length).toBeGreaterThanOrEqual(3)
    expect(frames.length).toBeLessThanOrEqual(5)
    const lines = (frames.at(-1) ?? '').split('\n')
    expect(lines.filter((line) => /^CP-0\d\/1 /.test(line))).toHaveLength(8)
    expect(Math.max(...lines.map((line) => [...line].length))).toBeLessThan(70)
  })

  test('NO_COLOR means plain lines on a terminal too; a server that cannot start is told, its data thrown away', async () => {
    const { serve, seen, stdout, stderr, text } = bench()
    await demo({ port: '0', seconds: 1, serve, clock: systemClock, stdout: stdout(true, 80), stderr, env: { NO_COLOR: '1' }, interrupted: () => new Promise(() => undefined) })
    expect(text()).not.toContain('\x1b')
    const failing: ProgramPorts['serve'] = (flags) => { seen.dataDir = flags.dataDir ?? ''; return Promise.reject(new Error('port taken')) }
    await expect(demo({ port: '0', serve: failing, clock: systemClock, stdout: stdout(false, 80), stderr, env: {}, interrupted: () => new Promise(() => undefined) })).rejects.toThrow('port taken')
    expect(existsSync(seen.dataDir)).toBe(false)
  })
})

describe('the depot', () => {
  test('60 kW, eight charge points on circuits of the site', () => {
    expect(Math.round((Number(demoSite.fuseA) * 3 * demoSite.voltage) / 1000)).toBe(60)
    expect(demoChargePoints).toHaveLength(8)
    expect(demoChargePoints.every(({ circuit }) => demoSite.circuits.some(({ id }) => id === circuit))).toBe(true)
  })
})

describe('the table', () => {
  const row = { clientID: 'CP-01', connectorId: 1, circuit: null, status: 'Charging', online: true, transactionId: 3, doing: 'charging' as const, requestedA: 32, allocatedA: 16, confirmedA: 16, reservedA: 16, measuredA: 12, measuredAt: null, binding: 'fuse' }
  const flat = { L1: 0, L2: 0, L3: 0 }
  const power = { siteID: 'main', at: '', effective: { currentA: 40, powerW: 27600, binding: 'grid-limit' }, baseLoad: { status: 'fresh' as const, countedA: flat, at: null }, state: 'enforced' as const, circuits: [], connectors: [row], decisionId: null }
  test('shows granted, drawn, bar and why', () => {
    const lines = tableLines({ power, why: new Map(), news: ['old', 'a', 'b', 'c', 'd'], title: 'title', columns: 120 })
    expect(lines).toContain('CP-01/1    Charging       16.0 A  12.0 A  ██████░░          fuse')
    expect(lines[1]).toBe('0.0 of 40 A in use on the busiest phase (grid-limit); 1 car charging. enforced.')
    expect(lines.slice(-4)).toEqual(['a', 'b', 'c', 'd'])
  })
  test('says what it does not know', () => {
    expect(plainLine({ ...row, measuredA: null })).toBe('CP-01/1 Charging: granted 16.0 A, draws unknown (fuse)')
    expect(keyOf(row)).toBe('CP-01/1')
    expect(tableLines({ power: { ...power, connectors: [{ ...row, online: false, measuredA: null }] }, why: new Map(), news: [], title: '', columns: 120 })[4]).toContain('CP-01/1    offline')
  })
})
