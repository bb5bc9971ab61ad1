// What is sent now and what waits: worked rows as pure sequences, lower before raise, and lowerings that are not taken.
import { describe, expect, test } from 'vitest'
import type { Fact, Row } from '../../src/power/ledger.ts'
import type { Place } from '../../src/power/loads.ts'
import { amps, bookAll, carPlace, entry, makePlace, makeTree, planOf, settledRow, stations } from './fixtures.ts'
import { accepted, afterNotes, noted, orders, withRow } from './orders.ts'

describe('four cars at 24 A on 96 A, and the limit becomes 40 A', () => {
  const tree = makeTree({ fuseA: 96 }, stations(4))
  const before = [1, 2, 3, 4].map((n) => carPlace(tree, `CP${n}/1`, { txA: 24, queuedAtMs: n }))

  test('four lowerings at once, no raising, and I1 holds only when all four have settled', () => {
    const cut = planOf(tree, before, { grid: amps(40) })
    expect(orders(cut.lowerings)).toEqual(['CP1/1 tx 10', 'CP2/1 tx 10', 'CP3/1 tx 10', 'CP4/1 tx 10'])
    expect([cut.raisings, cut.state, cut.over[0]!.amount]).toEqual([[], 'enforcing', 56])
    let places = afterNotes(before, cut).map((place, index) => withRow(place, { type: 'booked', entry: entry(index + 1, 'tx', 10) }, { type: 'sent', seq: index + 1 }))
    expect([planOf(tree, places, { grid: amps(40), nowMs: 400 }).lowerings, planOf(tree, places, { grid: amps(40), nowMs: 400 }).over.length]).toEqual([[], 3])
    places = places.map((place, index) => withRow(place, accepted(index + 1, 500)))
    for (const n of [1, 2, 3]) {
      places = places.map((place, index) => (index < n ? withRow(place, { type: 'sampled', highestA: 24, measuredAtMs: 600, atMs: 600 }, { type: 'sampled', highestA: 10, measuredAtMs: 700, atMs: 700 }) : place))
      expect(planOf(tree, places, { grid: amps(40), nowMs: 800 }).over[0]!.amount).toBe((4 - n) * 14)
    }
    const settled = planOf(tree, places, { grid: amps(40), nowMs: 10_500 })
    expect([settled.over, settled.lowerings, settled.raisings, settled.state]).toEqual([[], [], [], 'enforced'])
  })

  test('the largest cut goes first', () => {
    const places = [carPlace(tree, 'CP1/1', { txA: 10 }), carPlace(tree, 'CP2/1', { txA: 30 }), carPlace(tree, 'CP3/1', { txA: 20 })]
    expect(orders(planOf(tree, places, { grid: amps(18) }).lowerings)).toEqual(['CP2/1 tx 6', 'CP3/1 tx 6', 'CP1/1 tx 6'])
  })

  test('a second cut does not wait for an answer, and queues behind what is sent itself', () => {
    const places = before.map((place, index) => (index === 0 ? withRow(place, { type: 'booked', entry: entry(1, 'tx', 10) }, { type: 'sent', seq: 1 }, noted(10, 0)) : place))
    expect(orders(planOf(tree, places, { grid: amps(24), nowMs: 100 }).lowerings)).toEqual(['CP1/1 tx 6', 'CP2/1 tx 6', 'CP3/1 tx 6', 'CP4/1 tx 6'])
  })
})

describe('one charger answers NotSupported (hardware 32 A)', () => {
  const tree = makeTree({ fuseA: 63 }, stations(3))
  const fresh = (key: string): Row => bookAll(makePlace(tree, key).row, { type: 'started', transactionId: 1 })

  test('it counts 32 always, and the others share 31', () => {
    let places = [makePlace(tree, 'CP1/1', { row: fresh('CP1/1') }), makePlace(tree, 'CP2/1', { row: fresh('CP2/1') }),
      makePlace(tree, 'CP3/1', { row: bookAll({ ...settledRow(), default: { confirmed: null, inFlight: [], refused: null } }, { type: 'started', transactionId: 3 }) })]
    const first = planOf(tree, places)
    expect(orders(first.lowerings)).toEqual(['CP3/1 default 0'])
    // What it may draw now is counted whole from the beginning: 31 remain, and each takes its share only once all of it fits.
    expect(orders(first.raisings)).toEqual(['CP1/1 tx 21'])
    places = afterNotes(places, first)
    places[2] = withRow(places[2]!, { type: 'booked', entry: entry(9, 'default', 0) }, { type: 'sent', seq: 9 }, { type: 'refused', seq: 9, atMs: 300 })
    const then = planOf(tree, places, { nowMs: 300 })
    expect([orders(then.lowerings), orders(then.raisings)]).toEqual([[], ['CP1/1 tx 16', 'CP2/1 tx 15']])
    expect([then.targets.get('CP3/1')!.stuck.thisCarA, then.state]).toEqual([32, 'enforcing'])
    // It is asked again once a minute.
    expect([60_299, 60_300].map((nowMs) => orders(planOf(tree, places, { nowMs }).lowerings))).toEqual([[], ['CP3/1 default 0']])
  })
})

describe('restart: confirmed 16/16, car 1 in flight 20, node 32 A', () => {
  const tree = makeTree({ fuseA: 32 }, stations(2))

  test('the first message is car 1 to 16; no raising before it has settled', () => {
    const places = [withRow(carPlace(tree, 'CP1/1', { txA: 16 }), { type: 'booked', entry: entry(1, 'tx', 20) }, { type: 'unanswered', seq: 1 }), carPlace(tree, 'CP2/1', { txA: 16 })]
    const first = planOf(tree, places)
    expect([orders(first.lowerings), first.raisings, first.over[0]!.amount]).toEqual([['CP1/1 tx 16'], [], 4])
    const done = withRow(afterNotes(places, first)[0]!, { type: 'booked', entry: entry(2, 'tx', 16) }, { type: 'sent', seq: 2 }, accepted(2, 500))
    // The other car leaves: its 16 A are free at once, those in doubt are not.
    const left = [done, withRow(places[1]!, { type: 'stopped', transactionId: 7 })]
    expect(orders(planOf(tree, left, { nowMs: 600, grid: amps(18) }).raisings)).toEqual([])
    expect(planOf(tree, [done, places[1]!], { nowMs: 10_499 }).over[0]!.amount).toBe(4)
    expect(planOf(tree, [done, places[1]!], { nowMs: 10_500 }).over).toEqual([])
  })
})

describe('lower before raise', () => {
  const tree = makeTree({ fuseA: 32 }, stations(2))

  test('a raising waits for the lowering that makes room, until it has settled', () => {
    const places = [carPlace(tree, 'CP1/1', { txA: 32 }), carPlace(tree, 'CP2/1', { queuedAtMs: 5 })]
    const first = planOf(tree, places)
    expect([orders(first.lowerings), first.raisings]).toEqual([['CP1/1 tx 16'], []])
    const told = [withRow(afterNotes(places, first)[0]!, { type: 'booked', entry: entry(1, 'tx', 16) }, { type: 'sent', seq: 1 }, accepted(1, 500)), places[1]!]
    expect([500, 10_499, 10_500].map((nowMs) => orders(planOf(tree, told, { nowMs }).raisings))).toEqual([[], [], ['CP2/1 tx 16']])
    expect(planOf(tree, told, { nowMs: 6_000 }).nextAtMs).toBe(10_500)
  })

  test('raisings share what is free in the order of the queue, each on top of the ones before', () => {
    const three = makeTree({ fuseA: 32 }, stations(3))
    // The third may hold 10 although it gives up 4 of them.
    const places = [carPlace(three, 'CP1/1', { queuedAtMs: 1 }), carPlace(three, 'CP2/1', { queuedAtMs: 2 }), withRow(carPlace(three, 'CP3/1', { txA: 6 }), { type: 'booked', entry: entry(1, 'tx', 20) }, { type: 'unanswered', seq: 1 })]
    expect(orders(planOf(three, places).raisings)).toEqual(['CP1/1 tx 11'])
  })

  test('nothing is raised in a circuit that is over on any phase; elsewhere it is', () => {
    const two = makeTree({ fuseA: 100, circuits: [{ id: 'a', limitA: { L1: 32, L2: 32, L3: 5 } }, { id: 'b', limitA: 32 }] }, [{ id: 'CP1', circuit: 'a' }, { id: 'CP2', circuit: 'a', control: 'none', connectors: [{ id: 1, maxA: 16, phases: ['L3'] }] }, { id: 'CP3', circuit: 'b' }])
    const made = planOf(two, [carPlace(two, 'CP1/1', { vehiclePhases: 1 }), makePlace(two, 'CP2/1'), carPlace(two, 'CP3/1')])
    expect([orders(made.raisings), made.over.map(({ constraint }) => `${constraint.nodeID} ${constraint.on}`), made.state, made.deficitA]).toEqual([['CP3/1 tx 32'], ['a L3'], 'unenforceable', 11])
  })

  test('nobody is raised whose fallback is unconfirmed or in doubt', () => {
    const unconfirmed = bookAll({ ...settledRow(), default: { confirmed: null, inFlight: [], refused: null } }, { type: 'started', transactionId: 3 })
    const doubted = bookAll(settledRow(), { type: 'booted', atMs: 0, keepsProfiles: false }, { type: 'started', transactionId: 3 })
    const wide = makeTree({ fuseA: 100 }, stations(2))
    for (const row of [unconfirmed, doubted]) {
      const made = planOf(wide, [makePlace(wide, 'CP1/1', { row })], { nowMs: 1 })
      expect([orders(made.lowerings), made.raisings]).toEqual([['CP1/1 default 0'], []])
    }
  })

  test('what is in flight does not hold a lowering up: it queues behind and hurries that along; raisings wait', () => {
    const flying = (state: 'booked' | 'sent') => [withRow(carPlace(tree, 'CP1/1', { txA: 10 }), { type: 'booked', entry: entry(1, 'tx', 20, { state }) })]
    expect(orders(planOf(tree, flying('sent'), { grid: amps(12) }).lowerings)).toEqual(['CP1/1 tx 12'])
    expect(orders(planOf(tree, flying('booked'), { grid: amps(12) }).lowerings)).toEqual(['CP1/1 tx 12'])
    expect(orders(planOf(tree, flying('sent')).raisings)).toEqual([])
  })
})

describe('lowerings that are not taken', () => {
  const tree = makeTree({ fuseA: 40 }, stations(2))
  const other = carPlace(tree, 'CP2/1', { txA: 20, queuedAtMs: 9 })
  const asked = (...facts: readonly Fact[]) => withRow(carPlace(tree, 'CP1/1', { txA: 20 }), { type: 'booked', entry: entry(1, 'tx', 15) }, { type: 'sent', seq: 1 }, noted(15, 0), ...facts)
  const othersShare = (place: Place, nowMs: number) => planOf(tree, [place, other], { grid: amps(30), nowMs }).targets.get('CP2/1')!.allocatedA

  test('unanswered: the others give way 5 s after the decision', () => {
    expect([4_999, 5_000].map((nowMs) => othersShare(asked(), nowMs))).toEqual([15, 10])
  })

  test('rejected: at once', () => {
    expect(othersShare(asked({ type: 'refused', seq: 1, atMs: 100 }), 100)).toBe(10)
  })

  test('offline: at once', () => {
    expect(othersShare({ ...asked(), online: false }, 1)).toBe(10)
  })

  test('accepted and not followed: 10 s after the Accepted', () => {
    const ignored = (atMs: number) => asked(accepted(1, 500), { type: 'sampled', highestA: 20, measuredAtMs: atMs, atMs })
    expect([10_499, 10_500].map((nowMs) => othersShare(ignored(9_000), nowMs))).toEqual([15, 10])
  })

  test('an unanswered one is sent again once at once, then every minute; a rejected one every minute', () => {
    const sentAt = (place: Place, nowMs: number) => orders(planOf(tree, [place, other], { grid: amps(30), nowMs }).lowerings).filter((one) => one.startsWith('CP1'))
    const once = asked({ type: 'unanswered', seq: 1 })
    expect(sentAt(once, 30_000)).toHaveLength(1)
    const twice = withRow(once, { type: 'booked', entry: entry(2, 'tx', 15, { bookedAtMs: 30_000 }) }, { type: 'sent', seq: 2 }, { type: 'unanswered', seq: 2 })
    expect([60_000, 89_999, 90_000].map((nowMs) => sentAt(twice, nowMs).length)).toEqual([0, 0, 1])
    const rejected = asked({ type: 'refused', seq: 1, atMs: 100 })
    expect([60_099, 60_100].map((nowMs) => sentAt(rejected, nowMs).length)).toEqual([0, 1])
    // A deeper one is another one.
    expect(orders(planOf(tree, [rejected, other], { grid: amps(26), nowMs: 200 }).lowerings)).toContain('CP1/1 tx 13')
  })

  test('a lost raising does not count as the first try of a lowering', () => {
    const place = withRow(carPlace(tree, 'CP1/1', { txA: 10 }), { type: 'booked', entry: entry(1, 'tx', 25) }, { type: 'sent', seq: 1 }, { type: 'unanswered', seq: 1 },
      { type: 'booked', entry: entry(2, 'tx', 15) }, { type: 'sent', seq: 2 }, { type: 'unanswered', seq: 2 }, noted(15, 0))
    expect(orders(planOf(tree, [place, other], { grid: amps(30), nowMs: 30_000 }).lowerings)).toContain('CP1/1 tx 10')
  })

  test('a refused raising holds back no lowering', () => {
    const place = withRow(carPlace(tree, 'CP1/1', { txA: 20 }), { type: 'booked', entry: entry(1, 'tx', 30) }, { type: 'sent', seq: 1 }, { type: 'refused', seq: 1, atMs: 100 })
    const made = planOf(tree, [place, other], { grid: amps(30), nowMs: 200 })
    expect(orders(made.lowerings)).toContain('CP1/1 tx 15')
    expect(made.targets.get('CP1/1')!.stuck.thisCarA).toBe(0)
    // Nor does one that was refused after the lowering had been decided.
    const crossing = withRow(carPlace(tree, 'CP1/1', { txA: 20 }), { type: 'booked', entry: entry(1, 'tx', 30) }, { type: 'sent', seq: 1 }, noted(15, 50), { type: 'refused', seq: 1, atMs: 100 })
    const crossed = planOf(tree, [crossing, other], { grid: amps(30), nowMs: 200 })
    expect(orders(crossed.lowerings)).toContain('CP1/1 tx 15')
    expect(crossed.targets.get('CP2/1')!.allocatedA).toBe(15)
  })

  test('a lowering that was refused once is tried at once when it is decided anew, and nobody gives way for the old answer', () => {
    const place = asked({ type: 'refused', seq: 1, atMs: 100 }, { type: 'noted', lowering: null, wantedSinceMs: null, starvedSinceMs: null }, noted(15, 9_000))
    const made = planOf(tree, [place, other], { grid: amps(30), nowMs: 9_000 })
    expect(orders(made.lowerings)).toContain('CP1/1 tx 15')
    expect(made.targets.get('CP2/1')!.allocatedA).toBe(15)
  })
})
