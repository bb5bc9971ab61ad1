// What is sent now, what waits and for how long: worked rows as pure sequences, calm, leases, and the moments to look again.
import { describe, expect, test } from 'vitest'
import { book } from '../../src/power/booking.ts'
import type { Fact, Row } from '../../src/power/ledger.ts'
import type { Place } from '../../src/power/loads.ts'
import type { Plan } from '../../src/power/plan.ts'
import { amps, bookAll, carPlace, entry, makePlace, makeTree, planOf, settledRow, stations } from './fixtures.ts'

const orders = (list: Plan['lowerings']) => list.map(({ key, slot, limitA }) => `${key} ${slot} ${limitA}`)
const accepted = (seq: number, atMs: number): Fact => ({ type: 'accepted', seq, atMs })
const noted = (toA: number, decidedAtMs: number): Fact => ({ type: 'noted', lowering: { toA, decidedAtMs }, wantedSinceMs: null, starvedSinceMs: null })
const withRow = (place: Place, ...facts: readonly Fact[]): Place => ({ ...place, row: bookAll(place.row, ...facts) })

/** The places after the notes of a plan. */
function afterNotes(places: readonly Place[], made: Plan): Place[] {
  return places.map((place) => {
    const note = made.notes.find(({ key }) => key === place.outlet.key)
    return note === undefined ? place : { ...place, row: book(place.row, { type: 'noted', lowering: note.lowering, wantedSinceMs: note.wantedSinceMs, starvedSinceMs: note.starvedSinceMs }) }
  })
}

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

  test('a second cut does not wait for an answer of others', () => {
    const places = before.map((place, index) => (index === 0 ? withRow(place, { type: 'booked', entry: entry(1, 'tx', 10) }, { type: 'sent', seq: 1 }, noted(10, 0)) : place))
    expect(orders(planOf(tree, places, { grid: amps(24), nowMs: 100 }).lowerings)).toEqual(['CP2/1 tx 6', 'CP3/1 tx 6', 'CP4/1 tx 6'])
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

  test('one profile in flight per slot; a raising not yet sent gives way', () => {
    const flying = (state: 'booked' | 'sent') => [withRow(carPlace(tree, 'CP1/1', { txA: 10 }), { type: 'booked', entry: entry(1, 'tx', 20, { state }) })]
    expect(orders(planOf(tree, flying('sent'), { grid: amps(12) }).lowerings)).toEqual([])
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
    expect(orders(planOf(tree, [place, other], { grid: amps(30), nowMs: 30_000 }).lowerings)).toContain('CP1/1 tx 15')
  })

  test('a refused raising holds back no lowering', () => {
    const place = withRow(carPlace(tree, 'CP1/1', { txA: 20 }), { type: 'booked', entry: entry(1, 'tx', 30) }, { type: 'sent', seq: 1 }, { type: 'refused', seq: 1, atMs: 100 })
    const made = planOf(tree, [place, other], { grid: amps(30), nowMs: 200 })
    expect(orders(made.lowerings)).toContain('CP1/1 tx 15')
    expect(made.targets.get('CP1/1')!.stuck.thisCarA).toBe(0)
    // Nor does one that was refused after the lowering had been decided.
    const crossing = withRow(carPlace(tree, 'CP1/1', { txA: 20 }), { type: 'booked', entry: entry(1, 'tx', 30) }, { type: 'sent', seq: 1 }, noted(15, 50), { type: 'refused', seq: 1, atMs: 100 })
    expect(orders(planOf(tree, [crossing, other], { grid: amps(30), nowMs: 200 }).lowerings)).toContain('CP1/1 tx 15')
  })
})

describe('calm', () => {
  const tree = makeTree({ fuseA: 63 }, stations(1, { connectors: [{ id: 1, stepA: 0.1 }] }))
  const raised = (place: Place, limitA: number, nowMs: number) => orders(planOf(tree, [place], { grid: amps(limitA), nowMs }).raisings)

  test('a raising by less than 1 A is not sent, from 0 anything is', () => {
    expect([20.9, 21].map((limitA) => raised(carPlace(tree, 'CP1/1', { txA: 20 }), limitA, 0))).toEqual([[], ['CP1/1 tx 21']])
    expect(raised(carPlace(tree, 'CP1/1'), 6, 0)).toEqual(['CP1/1 tx 6'])
  })

  test('15 s after the last change', () => {
    const place = withRow(carPlace(tree, 'CP1/1', { txA: 10 }), { type: 'booked', entry: entry(1, 'tx', 20, { bookedAtMs: 1_000 }) }, accepted(1, 1_500))
    expect([15_999, 16_000].map((nowMs) => raised(place, 30, nowMs))).toEqual([[], ['CP1/1 tx 30']])
    expect(planOf(tree, [place], { grid: amps(30), nowMs: 12_000 }).nextAtMs).toBe(16_000)
    // A lowering does not wait.
    expect(orders(planOf(tree, [place], { grid: amps(10), nowMs: 1_600 }).lowerings)).toEqual(['CP1/1 tx 10'])
  })

  test('60 s of room after a pause, without a break', () => {
    const paused = withRow(carPlace(tree, 'CP1/1', { txA: 10 }), { type: 'booked', entry: entry(1, 'tx', 0, { bookedAtMs: 0 }) }, accepted(1, 500))
    const first = planOf(tree, [paused], { grid: amps(16), nowMs: 100_000 })
    expect([first.raisings, first.notes[0]!.wantedSinceMs]).toEqual([[], 100_000])
    const wanting = afterNotes([paused], first)[0]!
    expect([159_999, 160_000].map((nowMs) => raised(wanting, 16, nowMs))).toEqual([[], ['CP1/1 tx 16']])
    const broken = planOf(tree, [wanting], { grid: amps(5), nowMs: 130_000 })
    expect(broken.notes[0]!.wantedSinceMs).toBeNull()
  })

  test('a newly plugged car waits for nothing', () => {
    expect(raised(carPlace(tree, 'CP1/1'), 16, 0)).toEqual(['CP1/1 tx 16'])
  })

  test('four profiles a minute', () => {
    let { row } = carPlace(tree, 'CP1/1', { txA: 10 })
    for (const seq of [1, 2, 3, 4]) row = bookAll(row, { type: 'booked', entry: entry(seq, 'tx', 10, { bookedAtMs: seq * 1_000 }) }, accepted(seq, seq * 1_000))
    const place = carPlace(tree, 'CP1/1', { row })
    expect([60_999, 61_000].map((nowMs) => raised(place, 20, nowMs))).toEqual([[], ['CP1/1 tx 20']])
  })

  test('a minute after a refusal', () => {
    const place = withRow(carPlace(tree, 'CP1/1', { txA: 10 }), { type: 'booked', entry: entry(1, 'tx', 20, { bookedAtMs: 0 }) }, { type: 'refused', seq: 1, atMs: 500 })
    expect([60_499, 60_500].map((nowMs) => raised(place, 20, nowMs))).toEqual([[], ['CP1/1 tx 20']])
  })

  test('a lost raising is sent again, and when the plan has it no more it is taken back', () => {
    const place = withRow(carPlace(tree, 'CP1/1', { txA: 10 }), { type: 'booked', entry: entry(1, 'tx', 20, { bookedAtMs: 0 }) }, { type: 'sent', seq: 1 }, { type: 'unanswered', seq: 1 })
    expect(raised(place, 20, 30_000)).toEqual(['CP1/1 tx 20'])
    expect(orders(planOf(tree, [place], { grid: amps(15), nowMs: 30_000 }).lowerings)).toEqual(['CP1/1 tx 15'])
  })

  test('a raising is whole or not at all', () => {
    const two = makeTree({ fuseA: 32 }, stations(2))
    const holding = withRow(carPlace(two, 'CP1/1', { txA: 10 }), { type: 'booked', entry: entry(1, 'tx', 20) }, { type: 'unanswered', seq: 1 })
    expect(orders(planOf(two, [holding, carPlace(two, 'CP2/1', { queuedAtMs: 9 })]).raisings)).toEqual([])
  })
})

describe('leases', () => {
  const tree = makeTree({ fuseA: 32 }, stations(2, { obeysLease: true, fallbackA: 6 }))
  const leased = (key: string, limitA: number, leaseEndsAtMs: number) => withRow(carPlace(tree, key), { type: 'booked', entry: entry(1, 'tx', limitA, { fallbackA: 6, leaseEndsAtMs, bookedAtMs: 0 }) }, { type: 'sent', seq: 1 }, accepted(1, 0))
  const pair = (one: number, two: number) => [leased('CP1/1', one, 900_000), leased('CP2/1', two, 900_000)]
  const at = (places: readonly Place[], nowMs: number, limitA = 32) => planOf(tree, places, { grid: amps(limitA), nowMs })

  test('are renewed at half-life with the same limit, and that is no raising', () => {
    expect([449_999, 450_000].map((nowMs) => orders(at(pair(16, 16), nowMs).renewals))).toEqual([[], ['CP1/1 tx 16', 'CP2/1 tx 16']])
    expect(at(pair(16, 16), 450_000).raisings).toEqual([])
    expect(at(pair(16, 16), 448_000).nextAtMs).toBe(450_000)
  })

  test('also while the circuit is shedding, unless it is that connector that must be lowered', () => {
    const made = at(pair(10, 25), 450_000, 32)
    expect([orders(made.lowerings), orders(made.renewals), made.over.length]).toEqual([['CP2/1 tx 16'], ['CP1/1 tx 10'], 3])
  })

  test('not while something is in flight, and a refused one not for a minute', () => {
    const flying = withRow(pair(16, 16)[0]!, { type: 'booked', entry: entry(2, 'tx', 16, { leaseEndsAtMs: 1e6 }) }, { type: 'sent', seq: 2 })
    expect(orders(at([flying], 450_000).renewals)).toEqual([])
    const refused = withRow(flying, { type: 'refused', seq: 2, atMs: 450_100 })
    expect([510_099, 510_100].map((nowMs) => orders(at([refused, leased('CP2/1', 16, 9e9)], nowMs).renewals))).toEqual([[], ['CP1/1 tx 16']])
  })

  test('a grant at or below the fallback has none', () => {
    const place = withRow(carPlace(tree, 'CP1/1'), { type: 'booked', entry: entry(1, 'tx', 6, { fallbackA: 6 }) }, accepted(1, 0))
    expect(orders(at([place, leased('CP2/1', 26, 9e9)], 1e7).renewals)).toEqual([])
  })

  test('one that has lapsed is a raising again: only if there is room', () => {
    const [away, other] = [leased('CP1/1', 16, 900_000), withRow(carPlace(tree, 'CP2/1', { txA: 16, queuedAtMs: 9 }), { type: 'booked', entry: entry(2, 'tx', 26, { fallbackA: 6, leaseEndsAtMs: 9e9, bookedAtMs: 970_000 }) }, accepted(2, 970_000))]
    const back = at([away, other], 1_000_000)
    expect([back.renewals, back.raisings, orders(back.lowerings)]).toEqual([[], [], ['CP2/1 tx 16']])
    const roomy = at([away, withRow(carPlace(tree, 'CP2/1'), { type: 'stopped', transactionId: 7 })], 1_000_000)
    expect([roomy.renewals, orders(roomy.raisings)]).toEqual([[], ['CP1/1 tx 26']])
  })
})

describe('fallbacks', () => {
  const tree = makeTree({ fuseA: 32 }, stations(4, { fallbackA: 8 }))

  test('are lowered when the limit falls below their sum, idle ones first, and raised again a minute later', () => {
    const places = [1, 2, 3, 4].map((n) => makePlace(tree, `CP${n}/1`, { queuedAtMs: n }))
    const cut = planOf(tree, places, { grid: amps(20) })
    expect(orders(cut.lowerings)).toEqual(['CP3/1 default 0', 'CP4/1 default 0'])
    const low = places.map((place, index) => (index < 2 ? place : withRow(place, { type: 'booked', entry: entry(index, 'default', 0, { bookedAtMs: 0 }) }, { type: 'sent', seq: index }, accepted(index, 500))))
    expect([planOf(tree, low, { grid: amps(20), nowMs: 10_500 }).state, planOf(tree, low, { grid: amps(20), nowMs: 10_500 }).raisings]).toEqual(['enforced', []])
    expect([59_999, 60_000].map((nowMs) => orders(planOf(tree, low, { nowMs }).raisings))).toEqual([[], ['CP3/1 default 8', 'CP4/1 default 8']])
  })
})

describe('state and the next look', () => {
  const tree = makeTree({ fuseA: 32 }, stations(2))

  test.each<[string, (places: Place[]) => Place[], number, Plan['state'], number]>([
    ['rest', (places) => places, 32, 'enforced', 0],
    ['a lowering to send', (places) => places, 20, 'enforcing', 0],
    ['a car out of reach below the limit', ([one, two]) => [{ ...one!, online: false }, two!], 30, 'enforcing', 0],
    ['a car out of reach above the limit', ([one, two]) => [{ ...one!, online: false }, two!], 12, 'unenforceable', 4],
  ])('%s', (_, change, limitA, state, deficitA) => {
    const made = planOf(tree, change([carPlace(tree, 'CP1/1', { txA: 16 }), carPlace(tree, 'CP2/1', { txA: 16 })]), { grid: amps(limitA) })
    expect([made.state, made.deficitA]).toEqual([state, deficitA])
  })

  test('a deficit of watts is told in amps per phase', () => {
    const made = planOf(tree, [carPlace(tree, 'CP1/1', { txA: 16, online: false })], { grid: { powerW: 230 * 3 * 10, setAtMs: 0 } })
    expect(made.deficitA).toBeCloseTo(6, 9)
  })

  test('at least every 5 s, and when a limit lapses', () => {
    expect(planOf(tree, [], { nowMs: 1_000 }).nextAtMs).toBe(6_000)
    expect(planOf(tree, [], { nowMs: 1_000, grid: { currentA: 9, setAtMs: 0, expiresAtMs: 3_000 } }).nextAtMs).toBe(3_000)
  })

  test('a limit that has lapsed is the failsafe', () => {
    const safe = makeTree({ fuseA: 32, failsafeA: 7 }, stations(1))
    const made = planOf(safe, [carPlace(safe, 'CP1/1', { txA: 20 })], { nowMs: 5, grid: { currentA: 30, setAtMs: 0, expiresAtMs: 5 } })
    expect([orders(made.lowerings), made.targets.get('CP1/1')!.binding]).toEqual([['CP1/1 tx 7'], 'failsafe'])
  })
})
