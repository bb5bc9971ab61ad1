// The allowance of a demand window: exact where all was measured, at its worst where it was not, and calm.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { countOn, energyAt, windowMs, windowOf, type DemandState } from '../../src/power/demand-window.ts'

const startMs = Date.UTC(2026, 0, 1, 12)
const settings = { targetW: 23_000, stepW: 230, staleAfterMs: 15_000 }

/** Samples every `everyMs`, looked at as they come. */
function run(wattsAt: (ms: number) => number, untilMs: number, { from = null, everyMs = 5_000, worstW = 40_000, sinceMs = 0 }: { from?: DemandState | null; everyMs?: number; worstW?: number; sinceMs?: number } = {}): DemandState {
  let state = from
  for (let ms = sinceMs; ms <= untilMs; ms += everyMs) state = countOn(state, { drawnW: wattsAt(ms), drawnAtMs: startMs + ms, worstW }, settings, startMs + ms)
  return state!
}

describe('what is left for the rest of the window', () => {
  test.each([
    ['a car at half the target for 5 minutes leaves 1.25 × the target', 11_500, 300_000, 28_750],
    ['nothing drawn for 10 minutes leaves three times as much', 0, 600_000, 69_000],
    ['as much as the target leaves the target', 23_000, 450_000, 23_000],
    ['twice the target for half the window leaves nothing', 46_000, 450_000, 0],
    ['three times the target is never below nothing', 69_000, 600_000, 0],
  ])('%s', (_, watts, untilMs, allowedW) => {
    expect(run(() => watts, untilMs).allowedW).toBe(allowedW)
  })

  test('a window begins with its target, whatever the one before was like', () => {
    const before = run(() => 40_000, windowMs - 5_000)
    expect(before.allowedW).toBe(0)
    const after = run(() => 23_000, windowMs, { from: before, sinceMs: windowMs })
    expect(after).toMatchObject({ windowAtMs: startMs + windowMs, allowedW: 23_000 })
    expect(energyAt(after, settings, startMs + windowMs)).toBe(0)
  })
})

describe('what nobody measured counts at its worst', () => {
  test('before the first look', () => {
    const state = countOn(null, { drawnW: 1_000, drawnAtMs: startMs + 60_000, worstW: 10_000 }, settings, startMs + 60_000)
    expect(state.energyWs).toBe(600_000)
  })
  test('while the meter is silent, also when it comes back', () => {
    const known = run(() => 1_000, 60_000, { worstW: 10_000 })
    const energyWs = known.energyWs
    const soon = countOn(known, { drawnW: null, drawnAtMs: 0, worstW: 20_000 }, settings, startMs + 75_000)
    expect(energyAt(soon, settings, startMs + 75_000)).toBe(energyWs + 15_000)
    expect(energyAt(soon, settings, startMs + 76_000)).toBe(energyWs + 320_000)
    const back = countOn(soon, { drawnW: 500, drawnAtMs: startMs + 90_000, worstW: 5_000 }, settings, startMs + 90_000)
    expect(back.energyWs).toBe(energyWs + 600_000)
  })
  test('after a restart, from where the records end', () => {
    const kept: DemandState = { ...run(() => 2_000, 120_000), lastW: null }
    const after = countOn(kept, { drawnW: 2_000, drawnAtMs: startMs + 150_000, worstW: 30_000 }, settings, startMs + 150_000)
    expect(after.energyWs - kept.energyWs).toBe(40_000 * 30)
  })
  test('after the wall clock stepped back', () => {
    const after = countOn(run(() => 0, 600_000), { drawnW: 0, drawnAtMs: startMs + 300_000, worstW: 10_000 }, settings, startMs + 300_000)
    expect(after.energyWs).toBe(3_000_000)
  })
})

describe('calm', () => {
  test('a draw that jitters around the target by less than half a step changes nothing for most of the window', () => {
    let state: DemandState | null = null
    let changes = 0
    for (let ms = 0; ms < windowMs - 60_000; ms += 5_000) {
      const next = countOn(state, { drawnW: 23_000 + (ms % 10_000 === 0 ? 90 : -80), drawnAtMs: startMs + ms, worstW: 40_000 }, settings, startMs + ms)
      if (state !== null && next.allowedW !== state.allowedW) changes++
      state = next
    }
    expect(changes).toBe(0)
  })
  test('in the last minute it does not rise', () => {
    const late = run(() => 0, windowMs - 60_000, { everyMs: 1_000 })
    expect(run(() => 0, windowMs - 1_000, { from: late, sinceMs: windowMs - 59_000, everyMs: 1_000 }).allowedW).toBe(late.allowedW)
  })
})

test('who draws what is allowed, within half a second, ends at the target, whatever others drew first', () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 40_000 }), fc.integer({ min: 1, max: 700 }), (firstW, firstS) => {
    let state: DemandState | null = null
    let trueWs = 0
    let drawnW = firstW
    for (let ms = 0; ms < windowMs; ms += 500) {
      state = countOn(state, { drawnW, drawnAtMs: startMs + ms, worstW: 50_000 }, settings, startMs + ms)
      drawnW = ms < firstS * 1000 ? firstW : state.allowedW
      trueWs += drawnW / 2
    }
    const meanW = trueWs / 900
    const lostW = Math.max(settings.targetW, (firstW * firstS) / 900)
    expect(meanW).toBeLessThanOrEqual(lostW + 60)
    expect(state!.windowAtMs).toBe(windowOf(startMs + windowMs - 1))
  }), { numRuns: 50 })
})
