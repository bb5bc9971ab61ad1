// While a charge point is not heard its silence proves nothing: no lowering settles before the wait and the usual quiet time after it are over.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { book } from '../../src/power/booking.ts'
import { isSettling, type Fact, type Row } from '../../src/power/ledger.ts'
import { plan } from '../../src/power/plan.ts'
import { restoreRow } from '../../src/power/restoring.ts'
import { amps, bookAll, stations } from './fixtures.ts'
import { accepted, at, held, rows, sampled } from './ledger-facts.ts'
import { begin, expectSafe, held as reservedOf } from './scene.ts'

const withheld = (untilMs: number): Fact => ({ type: 'held', untilMs })
/** The last ms at which the old value is reserved. */
const lastMs = (row: Row): number => {
  let ms = at
  while (isSettling(row, ms + 1)) ms++
  return ms
}

describe('a lowering from 20 to 10 A, accepted at 1 s', () => {
  test.each<[string, readonly Fact[], number]>([
    ['heard all the time', [], at + 10_000],
    ['a wait that is not over when it would have settled', [withheld(at + 10_000)], at + 22_500],
    ['a wait that ended early', [withheld(at + 10_000), withheld(at + 500)], at + 13_000],
    ['a wait that began before the Accepted and is over long since', [withheld(at - 60_000)], at + 10_000],
    ['one wait behind the other', [withheld(at + 10_000), withheld(at + 9_000), withheld(at + 19_000)], at + 31_500],
    ['evidence after the wait restarts the time as ever', [withheld(at + 2_000), sampled(20, at + 4_000)], at + 16_500],
  ])('%s', (_, facts, settledMs) => {
    const row = bookAll(rows.settling, ...facts)
    expect(lastMs(row)).toBe(settledMs - 1)
    expect([held(row, settledMs - 1).thisCarA, held(row, settledMs).thisCarA]).toEqual([20, 10])
    expect([book(row, { type: 'settled', atMs: settledMs - 1 }).settling === null, book(row, { type: 'settled', atMs: settledMs }).settling === null]).toEqual([false, true])
  })

  test('accepted in the middle of a wait', () => {
    expect(lastMs(bookAll(rows.lowering, withheld(at + 8_000), accepted(1)))).toBe(at + 20_499)
  })

  test('a fall that was measured proves it at once all the same', () => {
    expect(held(bookAll(rows.settling, withheld(at + 10_000), sampled(20, at + 1), sampled(10, at + 6_000)), at + 6_001).thisCarA).toBe(10)
  })

  test('the plan is looked at again when it is over, and not said to be enforced before', () => {
    const { play } = begin({ fuseA: 32 }, stations(2), ['CP1/1', 'CP2/1'])
    play.limit(amps(20))
    play.until(122_000)
    for (const key of ['CP1/1', 'CP2/1']) play.book(key, withheld(140_000))
    const made = (nowMs: number) => plan({ tree: play.tree, grid: play.grid, baseA: play.baseA, places: play.places() }, nowMs)
    expect([made(152_400).state, made(152_400).nextAtMs, made(152_500).state]).toEqual(['enforcing', 152_500, 'enforced'])
  })
})

test('a restart ends the wait, the quiet time after it begins then; rows of before have no such field', () => {
  const row = bookAll(rows.settling, withheld(at + 600_000))
  const restored = restoreRow(JSON.parse(JSON.stringify(row)) as Row, 5_000)
  expect([restored.heldUntilMs, isSettling(restored, 17_499), isSettling(restored, 17_500)]).toEqual([5_000, true, false])
  const { heldUntilMs: _, ...before } = rows.settling
  expect(restoreRow(JSON.parse(JSON.stringify(before)) as Row, 5_000).heldUntilMs).toBeNull()
})

test('whatever the waits: while they last and 12.5 s after the last of them the row never says less than the old value', () => {
  fc.assert(fc.property(fc.array(fc.record({ gapMs: fc.integer({ min: 0, max: 9_999 }), forMs: fc.integer({ min: 1, max: 10_000 }) }), { minLength: 1, maxLength: 12 }), (waits) => {
    let row: Row = rows.settling
    let nowMs = at
    for (const { gapMs, forMs } of waits) {
      row = bookAll(row, { type: 'settled', atMs: nowMs + gapMs }, withheld(nowMs + gapMs + 10_000), { type: 'settled', atMs: nowMs + gapMs + forMs }, withheld(nowMs + gapMs + forMs))
      nowMs += gapMs + forMs
      if (held(row, nowMs + 12_499).thisCarA !== 20) return false
    }
    return held(row, nowMs + 12_500).thisCarA === 10
  }))
})

test('a charger that disobeys behind waits: what it draws stays reserved, and nobody else is given it', () => {
  const scene = begin({ fuseA: 40 }, stations(2), ['CP1/1', 'CP2/1'])
  const { play } = scene
  play.treat('CP1', () => ({ applyMs: null, answerMs: 300, verdict: 'Accepted' }))
  play.witness.excuse('CP1 ignores what it accepts', 60_000)
  play.book('CP1/1', withheld(160_000))
  play.limit(amps(30))
  for (let atMs = 121_000; atMs <= 172_000; atMs += 1_000) {
    play.until(atMs)
    expect([atMs, reservedOf(play, 'CP1/1')]).toEqual([atMs, 20])
  }
  expectSafe(scene)
})
