// How rarely things are raised, renewed and looked at again: calm, leases, fallbacks, the state that is told.
import { describe, expect, test } from 'vitest'
import type { Place } from '../../src/power/loads.ts'
import type { Plan } from '../../src/power/plan.ts'
import { usualQuirks } from '../../src/power/quirks.ts'
import { amps, bookAll, carPlace, entry, makePlace, makeTree, planOf, stations } from './fixtures.ts'
import { accepted, afterNotes, orders, withRow } from './orders.ts'

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
    // While that is too much it goes to what it had: nobody knows whether anything between would be a raising.
    expect(orders(planOf(tree, [place], { grid: amps(15), nowMs: 30_000 }).lowerings)).toEqual(['CP1/1 tx 10'])
    expect(orders(planOf(tree, [{ ...place, vehicleMaxA: 15 }], { grid: amps(20), nowMs: 30_000 }).lowerings)).toEqual(['CP1/1 tx 15'])
  })

  test('a base load that jitters by less than a step sends nothing, one that crosses a whole amp upwards sends one lowering', () => {
    const two = makeTree({ fuseA: 32 }, stations(2))
    const places = [carPlace(two, 'CP1/1', { txA: 11 }), carPlace(two, 'CP2/1', { txA: 11, queuedAtMs: 9 })]
    const sent = (baseA: number) => {
      const made = planOf(two, places, { baseA, nowMs: 100_000 })
      return [orders(made.lowerings), orders(made.raisings)]
    }
    for (const baseA of [10, 9.9, 9.1, 9.5, 9.95]) expect(sent(baseA)).toEqual([[], []])
    expect(sent(10.1)).toEqual([['CP2/1 tx 10'], []])
    // Told, it stands over the next amp as well.
    const told = withRow(places[1]!, { type: 'booked', entry: entry(3, 'tx', 10, { bookedAtMs: 100_000 }) }, accepted(3, 100_500))
    for (const baseA of [10.1, 10.4, 10.9, 10.2]) expect(planOf(two, [places[0]!, told], { baseA, nowMs: 101_000 }).lowerings).toEqual([])
    // Back below it, the raising waits for its 15 s.
    expect([114_999, 115_000].map((nowMs) => orders(planOf(two, [places[0]!, told], { baseA: 9.9, nowMs }).raisings))).toEqual([[], ['CP2/1 tx 11']])
  })

  test('a raising is sent whole: it waits until the full new value fits', () => {
    const two = makeTree({ fuseA: 32 }, stations(2))
    const away = withRow(carPlace(two, 'CP1/1', { txA: 20 }), { type: 'booked', entry: entry(4, 'tx', 6, { bookedAtMs: 0 }) }, accepted(4, 1_000))
    const waits = carPlace(two, 'CP2/1', { txA: 10, queuedAtMs: 9 })
    const at = (nowMs: number) => orders(planOf(two, [{ ...away, vehicleMaxA: 6 }, waits], { nowMs }).raisings)
    // Two amps are free at once, sixteen when the lowering beside it has settled.
    expect([at(5_000), at(11_000)]).toEqual([[], ['CP2/1 tx 26']])
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

  test('a lowering that waits to be calm goes instead: nobody is told again what he is about to lose, and nothing is told oftener for it', () => {
    const often = [1, 2, 3, 4].reduce((place, seq) => withRow(place, { type: 'booked', entry: entry(seq, 'tx', 20, { fallbackA: 6, leaseEndsAtMs: 60_000 + seq * 1_000, bookedAtMs: seq * 1_000 }) }, { type: 'sent', seq }, accepted(seq, seq * 1_000)), carPlace(tree, 'CP1/1'))
    const made = (nowMs: number) => at([often, carPlace(tree, 'CP2/1', { queuedAtMs: 9 })], nowMs)
    expect([33_999, 34_000].map((nowMs) => [orders(made(nowMs).lowerings), made(nowMs).renewals])).toEqual([[[], []], [['CP1/1 tx 16'], []]])
    expect(made(30_000).nextAtMs).toBe(34_000)
  })

  test('a raising that waits for its minute goes instead: nothing is told oftener for it', () => {
    const told = (bookedAtMs: readonly number[]) => bookedAtMs.reduce((place, atMs, index) => withRow(place, { type: 'booked', entry: entry(index + 1, 'tx', index % 2 === 0 ? 9 : 10, { fallbackA: 6, leaseEndsAtMs: atMs + 60_000, bookedAtMs: atMs }) }, { type: 'sent', seq: index + 1 }, accepted(index + 1, atMs)), carPlace(tree, 'CP1/1'))
    const made = (place: Place, nowMs: number) => {
      const plan = at([place], nowMs)
      return [orders(plan.raisings), orders(plan.renewals)]
    }
    const often = told([1_000, 2_000, 3_000, 4_000])
    expect([33_999, 34_000].map((nowMs) => made(often, nowMs))).toEqual([[[], []], [['CP1/1 tx 32'], []]])
    expect(at([often], 30_000).nextAtMs).toBe(34_000)
  })

  test('one that may have ended is told no more than is left of it while something is over, and is not renewed: that would be a raising', () => {
    const sheds = (nowMs: number, one = 16, two = 32) => {
      const made = at([leased('CP1/1', one, 900_000), leased('CP2/1', two, 1_800_000)], nowMs)
      return [orders(made.lowerings), orders(made.renewals)]
    }
    expect(sheds(894_999)).toEqual([['CP2/1 tx 16'], ['CP1/1 tx 16']])
    expect(sheds(895_000)).toEqual([['CP2/1 tx 16'], []])
    expect([894_999, 895_000].map((nowMs) => sheds(nowMs, 20)[0])).toEqual([['CP2/1 tx 16', 'CP1/1 tx 16'], ['CP2/1 tx 16', 'CP1/1 tx 6']])
    expect(at([leased('CP1/1', 20, 900_000), leased('CP2/1', 32, 1_800_000)], 893_000).nextAtMs).toBe(895_000)
    const takesNoZero = withRow(carPlace(tree, 'CP1/1'), { type: 'quirks', quirks: { ...usualQuirks, pauseA: 7 } }, { type: 'booked', entry: entry(1, 'tx', 20, { leaseEndsAtMs: 900_000, bookedAtMs: 0 }) }, { type: 'sent', seq: 1 }, accepted(1, 0))
    expect(orders(at([takesNoZero, leased('CP2/1', 32, 1_800_000)], 895_000).lowerings)).toEqual(['CP2/1 tx 16', 'CP1/1 tx 7'])
    // Where all fits it is a renewal as ever, and a lowering like any other.
    expect(sheds(895_000, 16, 16)).toEqual([[], ['CP1/1 tx 16']])
    expect(orders(at([leased('CP1/1', 20, 900_000), leased('CP2/1', 12, 9e9)], 895_000).lowerings)).toEqual(['CP1/1 tx 16'])
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
