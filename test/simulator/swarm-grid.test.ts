// From when the grid witness of a seed holds an excess against kwota: not from before its limit began, and not before a reading of the meter shows it.
import { describe, expect, test } from 'vitest'
import type { PhaseAmps } from '../../src/power/site.ts'
import { drawWorld } from '../../src/simulator/swarm/draw-world.ts'
import { createBuilding } from '../../src/simulator/swarm/building.ts'
import { createFindings } from '../../src/simulator/swarm/finding.ts'
import { createGridWitness, type Moment } from '../../src/simulator/swarm/grid-witness.ts'
import { createMachine } from '../../src/simulator/swarm/machine.ts'
import { createVirtualClock } from '../../src/simulator/virtual-clock.ts'

const node = { id: 'main', parent: null, feeds: ['L1', 'L2', 'L3'] as const, limitA: { L1: 32, L2: 32, L3: 32 }, limitW: null, imbalanceLimitA: null }

function watch() {
  const findings = createFindings(() => 0)
  const grid = createGridWitness([node], 230, findings)
  return {
    kinds: () => findings.list.map(({ invariant }) => invariant),
    observe: (atMs: number, baseA: number, rest: Partial<Moment> = {}) => grid.observe({ atMs, baseA: { L1: baseA, L2: 0, L3: 0 }, tiltA: () => 0, noiseA: 0, missedA: () => 0, limits: [], loads: [], awakeSinceMs: 0, contactMs: -Infinity, alerted: () => false, ...rest }),
  }
}

describe('an excess', () => {
  test('of a limit that ended is over with it: a limit that comes later has its own time', () => {
    const { kinds, observe } = watch()
    const limits = [{ powerW: 3_000 }]
    observe(100_000, 20, { limits })
    observe(120_000, 20)
    observe(200_000, 20, { limits })
    expect(kinds()).toEqual([])
    observe(228_000, 20, { limits })
    expect(kinds()).toEqual(['alerted'])
  })

  test('within the noise of the site meter is no raising at its own node; beyond it is', () => {
    const load = (permitA: number) => [{ key: 'A/1', client: 'A', connectorId: 1, path: ['main'], phases: ['L1'] as const, drawA: permitA, permitA, transactionId: 7, trusted: true, carA: 32, unmetered: false }]
    for (const [permitA, noiseA, found] of [[12.3, 0.4, []], [12.5, 0.4, ['I1']], [12.3, 0, ['I1']]] as const) {
      const { kinds, observe } = watch()
      observe(100_000, 20, { noiseA, loads: load(0) })
      observe(101_000, 20, { noiseA, loads: load(permitA) })
      expect(kinds()).toEqual(found)
    }
  })

  test('that no reading of the meter shows is nothing to speak of; what a reading shows is, from then on', () => {
    const { kinds, observe } = watch()
    observe(100_000, 32.5, { missedA: () => 0.5 })
    observe(140_000, 32.5, { missedA: () => 0.5 })
    observe(141_000, 32.5, { missedA: () => 0.4 })
    observe(168_000, 32.5, { missedA: () => 0.4 })
    expect(kinds()).toEqual([])
    observe(169_000, 32.5, { missedA: () => 0.4 })
    expect(kinds()).toEqual(['alerted'])
  })
})

describe('the building', () => {
  let base: PhaseAmps
  const open = (chances: readonly number[]) => {
    base = { L1: 10, L2: 10, L3: 0 }
    const clock = createVirtualClock({ wallAtZero: 0 })
    const world = drawWorld(1, { minutes: 1, mostStations: 2 })
    let read = 0
    let heard = true
    const building = createBuilding({
      world: { ...world, site: { ...world.site, baseLoad: { ...world.site.baseLoad, staleAfterS: 15, creditExport: false } }, meter: { everyMs: 5_000, noiseA: 1 } }, clock, machine: createMachine(clock),
      random: () => chances[Math.floor(read++ / 3)] ?? 0.5, baseA: () => base, loads: () => [], step: () => undefined, push: (_, told) => { if (heard) told() },
    })
    building.start()
    return { clock, building, deafen: () => { heard = false } }
  }

  test('knows what none of the readings of the last half minute has shown', async () => {
    const { clock, building } = open([0.1, 0.2, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.5])
    await clock.runUntil(1_000)
    expect([building.missedA('L1'), building.missedA('W'), building.missedA('L1-L2')].map((each) => Math.round(each * 100) / 100)).toEqual([0.8, 0.53, 0])
    // Nobody counts less than nothing.
    expect(building.missedA('L3')).toBe(0)
    await clock.runUntil(34_000)
    expect(building.missedA('L1')).toBeCloseTo(0.6)
    await clock.runUntil(36_000)
    expect(building.missedA('L1')).toBeCloseTo(0.8)
    await clock.runUntil(41_000)
    expect(building.missedA('L1')).toBe(0)
  })

  test('is held against kwota where it takes more since, until a reading comes', async () => {
    const { clock, building } = open([0.5, 0.1])
    await clock.runUntil(1_000)
    base = { L1: 12, L2: 12, L3: 0 }
    expect(building.missedA('L1')).toBe(0)
    await clock.runUntil(6_000)
    expect(building.missedA('L1')).toBeCloseTo(0.8)
    base = { L1: 11, L2: 12, L3: 0 }
    expect(building.missedA('L1')).toBe(0)
  })

  test('hides nothing where the meter is silent: the worst case counts then', async () => {
    const { clock, building, deafen } = open([0.1])
    await clock.runUntil(1_000)
    deafen()
    await clock.runUntil(20_000)
    expect(building.missedA('L1')).toBe(0)
  })
})
