// The interleavings that break naive designs, played out against modelled charge points.
import { describe, expect, test } from 'vitest'
import { reservedA } from '../../src/power/ledger.ts'
import { amps, stations } from './fixtures.ts'
import { prompt } from './modelled-charger.ts'
import { begin, confirmed, expectSafe, held, hungry, rejecting, sentSince, silent } from './scene.ts'

test('a cut while a raise is in flight and the socket drops: the raise counts until a newer profile is confirmed', () => {
  const scene = begin({ fuseA: 32 }, stations(2), ['CP1/1', 'CP2/1'])
  const { play } = scene
  expect([confirmed(play, 'CP1/1'), confirmed(play, 'CP2/1')]).toEqual([16, 16])
  play.stop('CP2/1')
  // It takes in the raise to 32 and dies before it can say so.
  play.treat('CP1', () => ({ applyMs: 2_000, answerMs: null, verdict: 'Accepted' }))
  play.until(120_500)
  expect(sentSince(play, 120_000)).toEqual(['raise CP1/1 tx 32'])
  play.limit(amps(12))
  play.until(120_600)
  play.disconnect('CP1')
  play.until(150_000)
  expect([held(play, 'CP1/1'), play.connectors.get('CP1/1')!.drawnA, play.plan!.state, play.plan!.deficitA]).toEqual([32, 32, 'unenforceable', 20])
  play.start('CP2/1', 300, hungry)
  play.until(160_000)
  expect(sentSince(play, 120_600)).toEqual([])
  play.treat('CP1', () => prompt)
  play.connect('CP1')
  play.until(162_000)
  expect(sentSince(play, 160_000)).toEqual(['lower CP1/1 tx 6'])
  play.until(240_000)
  expect([confirmed(play, 'CP1/1'), confirmed(play, 'CP2/1'), play.plan!.state]).toEqual([6, 6, 'enforced'])
  expectSafe(scene)
})

test('StopTransaction during a lowering: its amps are free at once, and the answer that comes too late moves nothing', () => {
  const scene = begin({ fuseA: 32 }, stations(2), ['CP1/1', 'CP2/1'])
  const { play } = scene
  play.treat('CP1', () => ({ applyMs: 200, answerMs: 5_000, verdict: 'Accepted' }))
  play.limit(amps(20))
  play.until(121_000)
  expect([sentSince(play, 120_000).length, held(play, 'CP1/1')]).toEqual([2, 16])
  play.stop('CP1/1')
  play.until(121_001)
  expect([held(play, 'CP1/1'), play.plan!.targets.get('CP2/1')!.allocatedA]).toEqual([0, 20])
  play.start('CP1/1', 300, hungry)
  play.until(130_000)
  // The answer for the transaction that is over came at 125 s.
  expect(play.rows.get('CP1/1')!.tx.confirmed?.limitA).not.toBe(10)
  play.until(240_000)
  expect([confirmed(play, 'CP1/1'), confirmed(play, 'CP2/1'), play.plan!.state]).toEqual([10, 10, 'enforced'])
  expectSafe(scene)
})

test('a late Accepted of a timed-out profile: it is believed, and what was sent after it still decides', () => {
  const scene = begin({ fuseA: 32 }, stations(2), ['CP1/1', 'CP2/1'])
  const { play } = scene
  play.treat('CP1', () => ({ applyMs: 35_000, answerMs: 36_000, verdict: 'Accepted' }))
  play.limit(amps(24))
  play.until(125_000)
  // Unanswered for 5 s: the other gives way.
  expect([play.plan!.targets.get('CP2/1')!.allocatedA, held(play, 'CP1/1')]).toEqual([8, 16])
  play.until(150_500)
  expect(play.rows.get('CP1/1')!.tx.inFlight.map(({ state, limitA }) => `${state} ${limitA}`)).toEqual(['unknown 12', 'sent 12'])
  play.treat('CP1', () => prompt)
  play.until(156_500)
  expect([confirmed(play, 'CP1/1'), play.rows.get('CP1/1')!.tx.inFlight.length, held(play, 'CP1/1')]).toEqual([12, 1, 16])
  play.until(300_000)
  expect([confirmed(play, 'CP1/1'), confirmed(play, 'CP2/1'), play.plan!.state, play.rows.get('CP1/1')!.tx.inFlight]).toEqual([12, 12, 'enforced', []])
  expectSafe(scene)
})

test('a base-load jump while shedding: a second cut goes out at once, nothing goes up, and it comes back when all has settled', () => {
  const scene = begin({ fuseA: 63 }, stations(3), ['CP1/1', 'CP2/1', 'CP3/1'])
  const { play } = scene
  play.limit(amps(45))
  play.until(121_000)
  expect(sentSince(play, 120_000)).toEqual(['lower CP1/1 tx 15', 'lower CP2/1 tx 15', 'lower CP3/1 tx 15'])
  play.base({ L1: 9, L2: 4, L3: 0 })
  play.until(122_000)
  expect(sentSince(play, 121_000)).toEqual(['lower CP1/1 tx 12', 'lower CP2/1 tx 12', 'lower CP3/1 tx 12'])
  play.until(140_000)
  play.base({ L1: 3, L2: 4, L3: 0 })
  play.until(200_000)
  expect([confirmed(play, 'CP1/1'), confirmed(play, 'CP2/1'), confirmed(play, 'CP3/1'), play.plan!.state]).toEqual([14, 14, 13, 'enforced'])
  expectSafe(scene)
})

test('a base load alone above the limit: everybody stops, and the deficit is said', () => {
  const scene = begin({ fuseA: 32 }, stations(2), ['CP1/1', 'CP2/1'])
  const { play } = scene
  play.base({ L1: 40, L2: 0, L3: 0 })
  play.until(140_000)
  expect([confirmed(play, 'CP1/1'), confirmed(play, 'CP2/1'), play.plan!.state, play.plan!.deficitA]).toEqual([0, 0, 'unenforceable', 8])
  play.base({ L1: 0, L2: 0, L3: 0 })
  play.until(199_000)
  expect([confirmed(play, 'CP1/1'), confirmed(play, 'CP2/1')]).toEqual([0, 0])
  play.until(230_000)
  expect([confirmed(play, 'CP1/1'), confirmed(play, 'CP2/1')]).toEqual([16, 16])
  expectSafe(scene)
})

describe('restart between booking and sending', () => {
  test('of a raising: it may have been sent, so it counts, and is taken back before anything else goes up', () => {
    const scene = begin({ fuseA: 32 }, stations(2), ['CP1/1', 'CP2/1'])
    const { play } = scene
    play.stop('CP2/1')
    play.until(120_010)
    // Booked and being written down; nothing has left.
    expect([play.rows.get('CP1/1')!.tx.inFlight.map(({ state, limitA }) => `${state} ${limitA}`), sentSince(play, 120_000)]).toEqual([['booked 32'], []])
    play.restart()
    expect([held(play, 'CP1/1'), play.rows.get('CP1/1')!.tx.inFlight[0]!.state]).toEqual([32, 'unknown'])
    play.limit(amps(20))
    play.until(120_700)
    play.start('CP2/1', 300, hungry)
    play.until(125_000)
    expect(sentSince(play, 120_000)).toEqual(['lower CP1/1 tx 20', 'lower CP1/1 tx 10'])
    play.until(200_000)
    expect(sentSince(play, 125_000)).toEqual(['raise CP2/1 tx 10'])
    expectSafe(scene)
  })

  test('of a lowering: it is decided and sent again, and the old value stays reserved until it has settled', () => {
    const scene = begin({ fuseA: 32 }, stations(2), ['CP1/1', 'CP2/1'])
    const { play } = scene
    play.treat('CP1', () => silent)
    play.limit(amps(20))
    play.until(120_300)
    play.restart()
    play.treat('CP1', () => prompt)
    play.until(122_000)
    // The other is not back yet and counts in full: for the moment nothing is left.
    expect(sentSince(play, 120_301)[0]).toBe('lower CP1/1 tx 0')
    play.until(129_000)
    expect(held(play, 'CP1/1')).toBe(16)
    play.until(300_000)
    expect([confirmed(play, 'CP1/1'), confirmed(play, 'CP2/1'), play.plan!.state]).toEqual([10, 10, 'enforced'])
    expectSafe(scene)
  })
})

test('a refused raising, then a refused lowering: the raising holds back nothing, the lowering makes the other give way at once', () => {
  const scene = begin({ fuseA: 40 }, stations(2), ['CP1/1', 'CP2/1'])
  const { play } = scene
  play.treat('CP1', () => rejecting)
  play.stop('CP2/1')
  play.until(121_000)
  expect([sentSince(play, 120_000), held(play, 'CP1/1')]).toEqual([['raise CP1/1 tx 32'], 20])
  play.start('CP2/1', 300, hungry)
  play.until(125_000)
  expect(confirmed(play, 'CP2/1')).toBe(20)
  play.limit(amps(30))
  play.until(125_100)
  expect(sentSince(play, 125_000)).toEqual(['lower CP1/1 tx 15', 'lower CP2/1 tx 15'])
  play.until(126_500)
  expect(sentSince(play, 125_100)).toEqual(['lower CP2/1 tx 10'])
  play.until(184_000)
  expect([held(play, 'CP1/1'), confirmed(play, 'CP2/1'), sentSince(play, 126_500)]).toEqual([20, 10, []])
  play.treat('CP1', () => prompt)
  play.until(260_000)
  expect([confirmed(play, 'CP1/1'), confirmed(play, 'CP2/1'), play.plan!.state]).toEqual([15, 15, 'enforced'])
  expectSafe(scene)
})

test('a fallback is lowered below a running TxProfile and raised again: both settle on their own', () => {
  const scene = begin({ fuseA: 40 }, stations(3, { fallbackA: 10 }), ['CP1/1'])
  const { play } = scene
  expect([confirmed(play, 'CP1/1'), play.rows.get('CP2/1')!.default.confirmed!.limitA]).toEqual([20, 10])
  play.limit(amps(8))
  play.until(120_400)
  expect(sentSince(play, 120_000).sort()).toEqual(['lower CP1/1 tx 8', 'lower CP2/1 default 0', 'lower CP3/1 default 0'])
  play.until(122_000)
  // Its own fallback goes too, and ends no settling of its TxProfile.
  expect(sentSince(play, 120_401)).toEqual(['lower CP1/1 default 0'])
  expect([held(play, 'CP1/1'), reservedA(play.rows.get('CP1/1')!, play.nowMs).anyCarA]).toEqual([20, 10])
  play.until(140_000)
  expect([held(play, 'CP1/1'), play.plan!.state]).toEqual([8, 'enforced'])
  play.limit(null)
  play.until(240_000)
  expect([1, 2, 3].map((n) => play.rows.get(`CP${n}/1`)!.default.confirmed!.limitA)).toEqual([10, 10, 10])
  expect([confirmed(play, 'CP1/1'), play.plan!.state]).toEqual([20, 'enforced'])
  expectSafe(scene)
})

test('a lowering that is not answered goes on being asked for: what a neighbour gives up for it is not granted to it', () => {
  const scene = begin({ fuseA: 32 }, [{ id: 'CP1', fallbackA: 6 }, { id: 'CP2', fallbackA: 6 }], ['CP1/1'])
  const { play } = scene
  expect([confirmed(play, 'CP1/1'), held(play, 'CP2/1')]).toEqual([26, 6])
  play.treat('CP1', () => silent)
  play.limit(amps(28))
  play.until(124_900)
  expect([play.plan!.targets.get('CP1/1')!.allocatedA, play.plan!.targets.get('CP2/1')!.fallbackA]).toEqual([22, 6])
  for (const atMs of [125_100, 131_000, 149_000, 190_000]) {
    play.until(atMs)
    expect([play.plan!.targets.get('CP1/1')!.allocatedA, play.plan!.targets.get('CP2/1')!.fallbackA, play.rows.get('CP1/1')!.lowering]).toEqual([22, 0, { toA: 22, decidedAtMs: 120_000 }])
  }
  expect([held(play, 'CP1/1'), held(play, 'CP2/1'), play.plan!.over]).toEqual([26, 0, []])
  play.treat('CP1', () => prompt)
  play.until(300_000)
  expect([confirmed(play, 'CP1/1'), held(play, 'CP2/1'), play.plan!.state]).toEqual([22, 6, 'enforced'])
  expectSafe(scene)
})

test('a charger that ignores what it accepts: its draw is reserved and the other pays', () => {
  const scene = begin({ fuseA: 40 }, stations(2), ['CP1/1', 'CP2/1'])
  const { play } = scene
  play.treat('CP1', () => ({ applyMs: null, answerMs: 300, verdict: 'Accepted' }))
  play.witness.excuse('CP1 ignores what it accepts', 60_000)
  play.limit(amps(30))
  play.until(129_500)
  expect(play.plan!.targets.get('CP2/1')!.allocatedA).toBe(15)
  play.until(141_000)
  expect([play.plan!.targets.get('CP2/1')!.allocatedA, held(play, 'CP1/1')]).toEqual([10, 20])
  play.until(200_000)
  expect([confirmed(play, 'CP1/1'), confirmed(play, 'CP2/1'), held(play, 'CP1/1')]).toEqual([15, 10, 20])
  expectSafe(scene)
})
