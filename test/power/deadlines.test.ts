// Who leaves when and needs how much: slack, the order of filling, what comes first, and when that changes.
import { describe, expect, test } from 'vitest'
import type { Place } from '../../src/power/loads.ts'
import { plan } from '../../src/power/plan.ts'
import { perPhase, type Policy } from '../../src/power/site.ts'
import { departureMs, slackMs } from '../../src/power/slack.ts'
import { amps, carPlace, makePlace, makeTree, settledRow, sharesOf, stations, targetsOf } from './fixtures.ts'
import { orders } from './orders.ts'

const nowMs = 36_000_000
const hourMs = 3_600_000
type Facts = Partial<Omit<Place, 'outlet'>>

/** Leaves in so many hours, and needs so many hours of 22.08 kW. */
const car = (leavesH: number | null, needsH: number | null, more: Facts = {}): Facts => ({
  departureAtMs: leavesH === null ? null : nowMs + leavesH * hourMs, remainingWh: needsH === null ? null : needsH * 22_080, ...more,
})

describe('slack', () => {
  const tree = makeTree({ fuseA: 100 }, [...stations(1), { id: 'DC', connectors: [{ id: 1, current: 'DC', maxW: 50_000, efficiency: 0.95 }] }])
  test.each<[string, Facts, number]>([
    ['3 h to go, 1 h of full power to take', car(3, 1), 2 * hourMs],
    ['too late already', car(1, 2), -hourMs],
    ['a car of one phase needs three times as long', car(4, 1, { vehiclePhases: 1 }), hourMs],
    ['one of 16 A twice as long', car(4, 1, { vehicleMaxA: 16 }), 2 * hourMs],
    ['no departure: never late', car(null, 1), Infinity],
    ['no energy: never late', car(3, null), Infinity],
    ['has what it needs: never late', car(3, 0), Infinity],
    ['stayed on after its departure: nobody knows', car(-0.1, 1), Infinity],
  ])('%s', (_, facts, expected) => {
    expect(slackMs(carPlace(tree, 'CP1/1', { txA: 6, ...facts }), 230, nowMs)).toBeCloseTo(expected, 3)
  })

  test('a DC connector is counted by the watts it gives', () => {
    expect(slackMs(carPlace(tree, 'DC/1', { departureAtMs: nowMs + 2 * hourMs, remainingWh: 50_000 }), 230, nowMs) / hourMs).toBeCloseTo(1, 3)
  })

  test('no car, no slack', () => {
    expect(slackMs(makePlace(tree, 'CP1/1', car(3, 1)), 230, nowMs)).toBe(Infinity)
    expect([departureMs(makePlace(tree, 'CP1/1'), nowMs), departureMs(makePlace(tree, 'CP1/1', car(1, 1)), nowMs)]).toEqual([Infinity, nowMs + hourMs])
  })
})

describe('shares', () => {
  const shared = (policy: Policy, limitA: number, ...cars: readonly Facts[]) => {
    const tree = makeTree({ fuseA: 100, policy }, stations(cars.length))
    return Object.values(sharesOf(targetsOf(tree, cars.map((facts, at) => carPlace(tree, `CP${at + 1}/1`, { txA: 6, queuedAtMs: at, ...facts })), { grid: amps(limitA), nowMs })))
  }

  test.each<[string, Policy, number, readonly Facts[], readonly number[]]>([
    ['by plug-in, whatever the deadlines', 'fifo', 50, [car(9, 1), car(2, 1), car(5, 1)], [32, 12, 6]],
    ['the first deadline first, none last', 'earliestDeadline', 60, [car(null, 1), car(9, 1), car(2, 1)], [6, 22, 32]],
    ['equal deadlines by plug-in', 'earliestDeadline', 50, [car(4, 1), car(4, 2), car(4, 3)], [32, 12, 6]],
    ['a deadline that is past counts for nothing', 'earliestDeadline', 40, [car(-1, 1), car(9, 1)], [8, 32]],
    ['a class above a deadline', 'earliestDeadline', 40, [car(1, 0.1), car(9, 1, { priority: 1 })], [8, 32]],
    ['the least slack first, not the first deadline', 'leastLaxity', 40, [car(3, 0.5), car(5, 4)], [8, 32]],
    ['equal slack shares', 'leastLaxity', 40, [car(3, 1), car(5, 3)], [20, 20]],
    ['what nobody is late for is shared equally', 'leastLaxity', 62, [car(3, 1), car(null, null), car(9, null)], [32, 15, 15]],
    ['equal does not look at deadlines', 'equal', 40, [car(3, 2.9), car(9, 1)], [20, 20]],
  ])('%s', (_, policy, limitA, cars, expected) => {
    expect(shared(policy, limitA, ...cars)).toEqual(expected)
  })

  test('the same at any time of day: only differences count', () => {
    const tree = makeTree({ fuseA: 40, policy: 'leastLaxity' }, stations(2))
    const cars = [car(3, 1.01), car(5, 3)].map((facts, at) => carPlace(tree, `CP${at + 1}/1`, { txA: 6, queuedAtMs: at, ...facts }))
    const at = (ms: number) => sharesOf(targetsOf(tree, cars, { nowMs: ms }))
    for (const ms of [1, 333, 60_001, hourMs]) expect(at(nowMs + ms)).toEqual(at(nowMs))
  })
})

describe('a deadline that comes near', () => {
  const tree = makeTree({ fuseA: 6 }, stations(2))
  /** 30 min of slack in ten seconds. */
  const near = car(1.5, 1 - 10 / 3_600)
  const places = () => [
    makePlace(tree, 'CP1/1', { row: { ...settledRow({ txA: 6 }), onSinceMs: nowMs - 60_000 } }),
    makePlace(tree, 'CP2/1', { row: { ...settledRow({ txA: 0 }), starvedSinceMs: nowMs - 1 }, ...near }),
  ]

  test('is looked at when there is less than half an hour of slack, and not before', () => {
    const made = plan({ tree, grid: null, baseA: perPhase(0), places: places(), longestMs: hourMs }, nowMs)
    expect(sharesOf(made)).toEqual({ 'CP1/1': 6, 'CP2/1': 0 })
    expect(made.nextAtMs).toBeLessThanOrEqual(nowMs + 10_001)
    expect(sharesOf(targetsOf(tree, places(), { nowMs: nowMs + 9_999 }))).toEqual({ 'CP1/1': 6, 'CP2/1': 0 })
    expect(sharesOf(targetsOf(tree, places(), { nowMs: nowMs + 10_001 }))).toEqual({ 'CP1/1': 0, 'CP2/1': 6 })
  })
})

describe('what is bought, not fused', () => {
  const tree = makeTree({ fuseA: 32 }, stations(3))
  const bought = (currentA: number) => [{ source: 'demand-window', currentA, fromMs: 0, untilMs: Infinity, economic: true as const }]
  const made = (boughtA: number, ...cars: readonly (Facts & { txA?: number })[]) => plan({
    tree, grid: null, baseA: perPhase(0), timed: bought(boughtA), places: cars.map((facts, at) => carPlace(tree, `CP${at + 1}/1`, { queuedAtMs: at, ...facts })),
  }, nowMs)

  test('a car of class 1 is raised to its minimum under it, one of class 0 is not', () => {
    const { targets, raisings, over } = made(4, { priority: 1 }, { priority: 0 }, { priority: 2 })
    expect([...targets.values()].map(({ allocatedA }) => allocatedA)).toEqual([6, 0, 6])
    expect(orders(raisings)).toEqual(['CP3/1 tx 6', 'CP1/1 tx 6'])
    expect(over).toEqual([])
  })

  test('more than the minimum has to fit', () => {
    expect(orders(made(11, { priority: 1, txA: 6 }, { priority: 1, txA: 6 }).raisings)).toEqual([])
    expect(orders(made(15, { priority: 1, txA: 6 }, { priority: 1, txA: 6 }).raisings)).toEqual(['CP1/1 tx 8', 'CP2/1 tx 7'])
    // 7 would be more than the minimum: it waits until the other has gone down to 8.
    expect(orders(made(15, { priority: 1, txA: 9 }, { priority: 1 }).raisings)).toEqual([])
    expect(orders(made(12, { priority: 1, txA: 9 }, { priority: 1 }).raisings)).toEqual(['CP2/1 tx 6'])
  })

  test('nobody of class 0 keeps anything when it is used up', () => {
    const { targets, lowerings, over } = made(0, { txA: 10 }, { priority: 1, txA: 10 })
    expect([...targets.values()].map(({ allocatedA }) => allocatedA)).toEqual([0, 6])
    expect(orders(lowerings)).toEqual(['CP1/1 tx 0', 'CP2/1 tx 6'])
    expect(over).toEqual([])
  })
})
