// The parts of the swarm by themselves: time and its shuffling, a machine that freezes and dies, a store with faults, witnesses that see, shrinking.
import { describe, expect, test } from 'vitest'
import { createFaultyStore } from '../../src/simulator/faulty-store.ts'
import { createRandom } from '../../src/simulator/random.ts'
import { drawWorld } from '../../src/simulator/swarm/draw-world.ts'
import { createFindings } from '../../src/simulator/swarm/finding.ts'
import { createGridWitness, graceMs } from '../../src/simulator/swarm/grid-witness.ts'
import { createMachine } from '../../src/simulator/swarm/machine.ts'
import { playWorld, type SeedResult } from '../../src/simulator/swarm/play.ts'
import { createRecordsWitness } from '../../src/simulator/swarm/records-witness.ts'
import { shrinkWorld } from '../../src/simulator/swarm/shrink.ts'
import { setTrap } from '../../src/simulator/swarm/trap.ts'
import { worldSchema } from '../../src/simulator/swarm/world.ts'
import type { Load } from '../../src/simulator/swarm/yard.ts'
import { createVirtualClock } from '../../src/simulator/virtual-clock.ts'

const short = { minutes: 1, mostStations: 3 }
const newClock = (tieSeed?: number) => createVirtualClock({ wallAtZero: 0, ...(tieSeed === undefined ? {} : { tieSeed }) })

describe('a world', () => {
  test('is the same for the same seed, as data that can be saved', () => {
    expect(drawWorld(5, short)).toEqual(drawWorld(5, short))
    expect(drawWorld(5, short)).not.toEqual(drawWorld(6, short))
    expect(worldSchema.parse(JSON.parse(JSON.stringify(drawWorld(7, short))))).toEqual(drawWorld(7, short))
  })

  test('gives the same trace twice, and another for another seed', async () => {
    const [first, again, other] = [await playWorld(drawWorld(3, short)), await playWorld(drawWorld(3, short)), await playWorld(drawWorld(4, short))]
    expect(again.hash).toBe(first.hash)
    expect(other.hash).not.toBe(first.hash)
    expect(first.profiles).toBeGreaterThan(0)
  }, 60_000)
})

describe('time', () => {
  test('what is due at once for several parts comes in an order of its own at each instant, and in order for one part', async () => {
    const clock = newClock(1)
    const [a, b] = [clock.partOf('a'), clock.partOf('b')]
    const seen: string[] = []
    for (let at = 1; at <= 20; at++) for (const name of ['a1', 'a2', 'b1']) (name.startsWith('a') ? a : b).after(at, () => seen.push(`${at}${name}`))
    await clock.runUntil(20)
    const at = (name: string) => seen.indexOf(name)
    const turns = Array.from({ length: 20 }, (_, index) => at(`${index + 1}b1`) < at(`${index + 1}a1`))
    expect(new Set(turns)).toEqual(new Set([true, false]))
    for (let index = 1; index <= 20; index++) expect(at(`${index}a1`)).toBeLessThan(at(`${index}a2`))
  })

  test('the time and the chance of the machine are out of reach while a seed runs', () => {
    const trap = setTrap()
    try {
      expect(() => Date.now()).toThrow('does not exist in a simulation')
      expect(() => setTimeout(() => undefined, 1)).toThrow('does not exist in a simulation')
      expect(trap.caught).toHaveLength(2)
    } finally {
      trap.open()
    }
    expect(Date.now()).toBeGreaterThan(0)
  })
})

describe('a machine', () => {
  test('runs nothing while it is frozen, everything afterwards, and nothing once it was killed', async () => {
    const clock = newClock()
    const machine = createMachine(clock)
    const process = machine.boot()
    const seen: string[] = []
    process.clock.after(100, () => seen.push('timer'))
    machine.freeze(500)
    process.deliver(() => seen.push('frame'))
    await clock.runUntil(499)
    expect(seen).toEqual([])
    await clock.runUntil(501)
    expect(seen).toEqual(['frame', 'timer'])
    process.clock.after(10, () => seen.push('late'))
    machine.kill()
    process.deliver(() => seen.push('late'))
    await clock.runUntil(1_000)
    expect(seen).toEqual(['frame', 'timer'])
    expect(machine.awake).toBe(false)
  })

  test('its wall clock steps and its monotonic clock does not', () => {
    const machine = createMachine(newClock())
    const { clock } = machine.boot()
    machine.stepWall(3_600_000)
    expect([clock.wall(), clock.mono()]).toEqual([3_600_000, 0])
  })
})

describe('a faulty store', () => {
  async function outcome(weather: Parameters<ReturnType<typeof createFaultyStore>['become']>[0], crash?: number) {
    const clock = newClock()
    const faulty = createFaultyStore({ clock, random: createRandom(1) })
    const deliver = (fn: () => void) => fn()
    let store = faulty.open(deliver)
    const told: string[] = []
    const owned = store.own('s')
    await clock.runUntil(100)
    const epoch = await owned
    faulty.become(weather)
    store.commit('s', epoch, { puts: new Map([['k', 1]]) }).then(() => told.push('durable'), (error: unknown) => told.push(error instanceof Error ? error.name : 'error'))
    if (crash !== undefined) faulty.crash(crash)
    await clock.runUntil(10_000)
    const before = [...told]
    faulty.become('well')
    await clock.runUntil(20_000)
    if (crash !== undefined) store = faulty.open(deliver)
    const reading = store.read('s')
    await clock.runUntil(30_000)
    return { before, after: told, kept: (await reading).get('k') }
  }

  test('writes, writes late, refuses, hangs until it is well, or writes and says that it did not', async () => {
    expect(await outcome('well')).toMatchObject({ before: ['durable'], kept: 1 })
    expect(await outcome('slow')).toMatchObject({ before: ['durable'], kept: 1 })
    expect(await outcome('failing')).toMatchObject({ before: ['StoreUnavailable'], kept: undefined })
    expect(await outcome('hanging')).toMatchObject({ before: [], after: ['durable'], kept: 1 })
    expect(await outcome('applied-but-timeout')).toMatchObject({ before: ['StoreUnavailable'], kept: 1 })
  })

  test('a crash loses what was under way, or only the word of it', async () => {
    expect(await outcome('well', 0)).toMatchObject({ after: [], kept: undefined })
    expect((await outcome('well', 1)).kept).toBe(1)
  })
})

describe('the witnesses', () => {
  const node = { id: 'main', parent: null, feeds: ['L1', 'L2', 'L3'] as const, limitA: { L1: 32, L2: 32, L3: 32 }, limitW: null, imbalanceLimitA: null }
  const base = { L1: 0, L2: 0, L3: 0 }
  const load = (key: string, permitA: number): Load => ({ key, client: key, connectorId: 1, path: ['main'], phases: ['L1'], drawA: 0, permitA, transactionId: 1, trusted: true, unmetered: false, carA: 32 })
  const moment = (atMs: number, loads: readonly Load[], alerted = false) => ({ atMs, baseA: base, tiltA: () => 0, noiseA: 0, missedA: () => 0, limits: [], loads, awakeSinceMs: 0, contactMs: -Infinity, alerted: () => alerted })

  test('see a raising that does not fit, and an excess that nobody speaks of', () => {
    const findings = createFindings(() => 0)
    const grid = createGridWitness([node], 230, findings)
    grid.observe(moment(100_000, [load('a', 16), load('b', 16)]))
    expect(findings.list).toEqual([])
    grid.observe(moment(101_000, [load('a', 16), load('b', 20)]))
    expect(findings.list.map(({ invariant }) => invariant)).toEqual(['I1'])
    grid.observe(moment(140_000, [load('a', 16), load('b', 20)]))
    expect(findings.list.map(({ invariant }) => invariant)).toEqual(['I1', 'alerted'])
  })

  test('excuse what kwota could not foresee, and what it speaks of', () => {
    const findings = createFindings(() => 0)
    const grid = createGridWitness([node], 230, findings)
    grid.observe(moment(100_000, [load('a', 16), load('b', 16)]))
    grid.excuse(100_500)
    grid.observe(moment(100_500 + graceMs, [load('a', 16), load('b', 20)]))
    grid.observe(moment(140_000, [load('a', 16), load('b', 20)], true))
    expect(findings.list).toEqual([])
  })

  test('see an id that is given twice', () => {
    const findings = createFindings(() => 0)
    const records = createRecordsWitness(findings)
    for (const [line, client] of [[1, 'A'], [2, 'B']] as const) {
      records.frame(line, client, 'in', JSON.stringify([2, 'x', 'StartTransaction', { connectorId: 1, idTag: 't', timestamp: '', meterStart: 0 }]))
      records.frame(line, client, 'out', JSON.stringify([3, 'x', { transactionId: 7 }]))
    }
    expect(findings.list.map(({ invariant }) => invariant)).toEqual(['transactions'])
  })
})

describe('healing', () => {
  type Event = ReturnType<typeof drawWorld>['events'][number]
  const worldOf = (site: Record<string, unknown>, control: 'engine' | 'none', noiseA: number, events: readonly Event[]) => worldSchema.parse({
    seed: 1, options: {}, site: { id: 'main', baseLoad: { worstCaseA: 9, staleAfterS: 30 }, failsafeA: 9, ...site },
    chargePoints: [{ config: { id: 'CP1', site: 'main', control, connectors: [{ id: 1, maxA: 32 }] }, sampleS: 10, joinsAtMs: 0, behaviours: [] }],
    leaseS: 180, meter: { everyMs: 5_000, noiseA }, base: { L1: 5, L2: 5, L3: 9 }, events, faultsFromMs: 60_000, healMs: 120_000, endMs: 270_000,
  })

  test.each<[string, ReturnType<typeof worldOf>]>([
    ['lifts a limit although kwota is down just then', worldOf({ fuseA: 63 }, 'none', 0, [{ atMs: 70_000, kind: 'limit', currentA: 38 }, { atMs: 110_000, kind: 'kill', downMs: 20_000, keeps: 1 }])],
    ['ends the failsafe of a limit that has lapsed, which a meter with noise may read as broken', worldOf({ fuseA: 63 }, 'engine', 0.7, [{ atMs: 70_000, kind: 'limit', currentA: 40, ttlS: 20 }])],
  ])('%s', async (_, world) => {
    expect((await playWorld(world)).findings).toEqual([])
  }, 60_000)
})

test('a failing world shrinks to what makes it fail', async () => {
  const world = drawWorld(5, { minutes: 10, mostStations: 5 })
  const culprit = { atMs: 100_000, kind: 'freeze', forMs: 77 } as const
  const fails = (events: typeof world.events): boolean => events.some((event) => event.kind === 'freeze' && event.forMs === 77)
  const play = (each: typeof world): Promise<SeedResult> => Promise.resolve({
    seed: 5, findings: fails(each.events) ? [{ atMs: 101_000, invariant: 'I1', message: '' }] : [], hash: '', events: 0, profiles: 0, raisings: 0, transactions: 0, stations: 0,
    alerts: {}, coverage: {}, worstMarginA: null, overS: 0, simulatedS: 0,
  })
  const whole = { ...world, events: [...world.events, culprit].sort((a, b) => a.atMs - b.atMs) }
  const { world: small, plays } = await shrinkWorld(whole, await play(whole), play)
  expect(small.events).toEqual([culprit])
  expect(small.chargePoints).toHaveLength(1)
  expect(small.endMs).toBeLessThan(world.endMs)
  expect(plays).toBeLessThanOrEqual(200)
})
