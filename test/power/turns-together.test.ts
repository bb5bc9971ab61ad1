// Turns where several limits keep the same cars out: on two phases, on a circuit and beside it, and on random small sites.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ChargePointInput, Phase } from '../../src/power/site.ts'
import { starvedBeyondTurn } from '../../src/power/starving.ts'
import { makeTree } from './fixtures.ts'
import { Play } from './harness.ts'

/** The same sites each time; RUNS=200 for a long soak over others. */
const bounds = process.env.RUNS === undefined ? { numRuns: 12, seed: 1 } : { numRuns: Number(process.env.RUNS) }
const longestMs = process.env.RUNS === undefined ? 120_000 : 3_600_000
const minuteMs = 60_000
const leastA = 6
/** What a swap takes: lowered, settled, raised; and the car begins to draw. */
const swapMs = 3 * minuteMs
const stepMs = 30_000
/** At least so long on and off. */
const onMs = 10 * minuteMs
const offMs = 5 * minuteMs

/** One phase: on that phase; three: on all of them. */
interface Car { readonly phase: Phase | null; readonly circuit: string | null; readonly plugsAtS: number }
interface Site { readonly fuseA: number; readonly circuits: readonly { readonly id: string; readonly limitA: number }[]; readonly cars: readonly Car[] }

function playOf({ fuseA, circuits, cars }: Site): Play {
  const points = cars.map(({ phase, circuit }, index): ChargePointInput => ({
    id: `CP${index + 1}`, ...(circuit === null ? {} : { circuit }), connectors: [{ id: 1, ...(phase === null ? {} : { phases: [phase] }) }],
  }))
  const play = new Play({ tree: makeTree({ fuseA, circuits: [...circuits] }, points), sampleMs: minuteMs })
  for (const { id } of play.stations.values()) play.connect(id)
  cars.forEach(({ phase, plugsAtS }, index) => {
    const phases = phase === null ? 3 : 1
    play.at(30_000 + plugsAtS * 1_000, () => play.start(`CP${index + 1}/1`, index + 1, { demandA: 32, phases }, { vehiclePhases: phases }))
  })
  return play
}

interface Waits {
  /** Without current at the longest, by car, min. */
  readonly longestMin: readonly number[]
  /** Who was without for longer than its rounds, and who was said to starve. */
  readonly late: readonly string[]
  readonly alarms: readonly string[]
}

function watch(site: Site, hours: number): Waits {
  const play = playOf(site)
  const keys = site.cars.map((_, index) => `CP${index + 1}/1`)
  const limitOf = new Map<string, number>([['main', site.fuseA], ...site.circuits.map(({ id, limitA }): [string, number] => [id, limitA])])
  /** What a car's current flows through. */
  const wires = keys.map((key) => play.outlet(key).path.filter((nodeID) => limitOf.has(nodeID)).flatMap((nodeID) => play.outlet(key).phases.map((phase) => `${nodeID} ${phase}`)))
  const isFull = (wire: string, on: number) => (on + 1) * leastA > limitOf.get(wire.split(' ')[0]!)!
  const since = new Map<string, { readonly atMs: number; readonly rounds: number; readonly hasMissed: boolean }>()
  const switched = new Map<string, { readonly has: boolean; readonly atMs: number }>()
  const longestMin = keys.map(() => 0)
  const late: string[] = []
  const alarms: string[] = []
  for (let atMs = minuteMs; atMs <= hours * 60 * minuteMs; atMs += stepMs) {
    play.until(atMs)
    for (const key of starvedBeyondTurn(play.plan!, atMs).keys()) alarms.push(`${key} at ${atMs / minuteMs} min`)
    const hasTurn = keys.map((key) => play.plan!.targets.get(key)!.allocatedA > 0)
    const on = new Map<string, number>()
    wires.forEach((list, index) => { if (hasTurn[index]) for (const wire of list) on.set(wire, (on.get(wire) ?? 0) + 1) })
    const wentNow = new Set<number>()
    const inLeastTime = new Set<number>()
    for (const [index, key] of keys.entries()) {
      const before = switched.get(key)
      const has = hasTurn[index]!
      if (before !== undefined && before.atMs > 0 && atMs - before.atMs <= (before.has ? onMs : offMs) + stepMs) inLeastTime.add(index)
      if (before?.has === true && !has) wentNow.add(index)
      if (before?.has !== has) switched.set(key, { has, atMs })
    }
    const waiting = keys.filter((key, index) => play.connectors.get(key)!.transactionId !== null && !hasTurn[index]).length
    for (const [index, key] of keys.entries()) {
      const { transactionId, drawnA } = play.connectors.get(key)!
      if (transactionId === null || drawnA > 0) {
        since.delete(key)
        continue
      }
      const before = since.get(key) ?? { atMs, rounds: 1, hasMissed: false }
      const admitted = Math.min(...wires[index]!.flatMap((wire) => { const count = on.get(wire) ?? 0; return count > 0 && isFull(wire, count) ? count : [] }))
      const rounds = Math.max(before.rounds, Math.ceil(waiting / admitted))
      const beside = keys.flatMap((_, other) => (wires[other]!.some((wire) => wires[index]!.includes(wire)) ? other : []))
      const hasMissed = before.hasMissed || (!hasTurn[index] && beside.some((other) => wentNow.has(other)) && beside.some((other) => !wentNow.has(other) && hasTurn[other] === (other !== index) && inLeastTime.has(other)))
      since.set(key, { atMs: before.atMs, rounds, hasMissed })
      longestMin[index] = Math.max(longestMin[index]!, (atMs - before.atMs) / minuteMs)
      if (atMs - before.atMs > 15 * minuteMs * (rounds + Number(hasMissed)) + swapMs) late.push(`${key} at ${atMs / minuteMs} min: ${(atMs - before.atMs) / minuteMs} min, ${rounds} rounds`)
    }
  }
  expect(play.witness.breaches).toEqual([])
  return { longestMin, late: late.slice(0, 3), alarms: alarms.slice(0, 3) }
}

test('a three-phase car has its turn beside one-phase cars on two of its phases whose queues are 7 min apart', () => {
  const car = (phase: Phase | null, plugsAtS: number): Car => ({ phase, circuit: null, plugsAtS })
  const { longestMin, late, alarms } = watch({ fuseA: 10, circuits: [], cars: [car('L1', 0), car('L1', 1), car('L2', 420), car('L2', 421), car(null, 423)] }, 4)
  expect({ late, alarms }).toEqual({ late: [], alarms: [] })
  expect(Math.max(...longestMin)).toBeLessThanOrEqual(15 * 3 + 3)
})

test('those on a circuit and the one beside it wait for the same place, and equally long', () => {
  const cars = Array.from({ length: 9 }, (_, index): Car => ({ phase: null, circuit: index === 0 ? null : 'c', plugsAtS: 40 * (9 - index) }))
  const { longestMin, late, alarms } = watch({ fuseA: 10, circuits: [{ id: 'c', limitA: 11 }], cars }, 5)
  expect({ late, alarms }).toEqual({ late: [], alarms: [] })
  expect(Math.max(...longestMin)).toBeLessThanOrEqual(15 * 8 + 3)
  expect(Math.min(...longestMin)).toBeGreaterThanOrEqual(15 * 8 - 15)
})

const wait = (phase: Phase | null, plugsAtS: number, circuit: string | null = null): Car => ({ phase, circuit, plugsAtS })

test.each<[string, Site]>([
  ['one has begun too late to go at the first swap', { fuseA: 12, circuits: [], cars: [wait('L1', 0), wait('L1', 0), wait(null, 0), wait('L2', 301), wait(null, 0)] }],
  ['one joins, swapped out less than 5 min before', { fuseA: 22, circuits: [{ id: 'a', limitA: 19 }, { id: 'b', limitA: 15 }], cars: [wait('L2', 784), wait(null, 272, 'b'), wait(null, 370, 'a'), wait('L1', 623), wait(null, 247, 'a'), wait('L2', 861)] }],
  ['a swap leaves fewer that wait', { fuseA: 13, circuits: [], cars: [wait(null, 893), wait('L2', 515), wait('L1', 5), wait(null, 217), wait('L2', 758), wait('L2', 835), wait('L2', 352), wait('L1', 52)] }],
  ['a swap parts a queue in two', { fuseA: 19, circuits: [{ id: 'a', limitA: 8 }], cars: [wait(null, 601), wait(null, 750, 'a'), wait(null, 544), wait('L1', 489), wait('L1', 251), wait(null, 53), wait('L2', 423, 'a'), wait(null, 215)] }],
])('nobody is said to starve that has missed one swap, or whose queue was another before: %s', (_, site) => {
  const { late, alarms } = watch(site, 4)
  expect({ late, alarms }).toEqual({ late: [], alarms: [] })
})

const sites: fc.Arbitrary<Site> = fc.record({
  fuseA: fc.integer({ min: 6, max: 26 }), limits: fc.array(fc.integer({ min: 6, max: 20 }), { maxLength: 2 }),
  cars: fc.array(fc.record({ phase: fc.constantFrom<Phase | null>('L1', 'L1', 'L2', null, null), circuit: fc.nat({ max: 2 }), plugsAtS: fc.integer({ min: 0, max: 900 }) }), { minLength: 3, maxLength: 8 }),
}).map(({ fuseA, limits, cars }) => ({
  fuseA, circuits: limits.map((limitA, index) => ({ id: `c${index}`, limitA })),
  cars: cars.map(({ circuit, ...car }) => ({ ...car, circuit: circuit < limits.length ? `c${circuit}` : null })),
}))

test('on random small sites nobody waits for longer than 15 min x ceil(waiting / admitted), one missed swap and what a swap takes, nor is anybody said to', () => {
  fc.assert(fc.property(sites, (site) => {
    const { late, alarms } = watch(site, 4)
    expect({ late, alarms }).toEqual({ late: [], alarms: [] })
  }), bounds)
}, longestMs)
