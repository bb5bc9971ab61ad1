// The virtual clock runs events in order of time and arming, with everything settled in between.
import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { createVirtualClock } from '../../src/simulator/virtual-clock.ts'

describe('virtual clock', () => {
  test('runs by time, then by arming, and stands at the asked moment', async () => {
    const clock = createVirtualClock({ wallAtZero: 1_000_000 })
    const seen: string[] = []
    clock.after(20, () => seen.push(`b${clock.mono()}`))
    clock.after(10, () => { seen.push(`a${clock.mono()}`); clock.after(0, () => seen.push(`a0 ${clock.mono()}`)) })
    clock.after(10, () => seen.push(`a2 ${clock.mono()}`))
    clock.after(31, () => seen.push('late'))
    await clock.runUntil(30)
    expect(seen).toEqual(['a10', 'a2 10', 'a0 10', 'b20'])
    expect(clock.mono()).toBe(30)
    expect(clock.wall()).toBe(1_000_030)
    expect(clock.pending).toBe(1)
  })

  test('a cancelled timer does not run, also when cancelled at its own instant', async () => {
    const clock = createVirtualClock({ wallAtZero: 0 })
    const seen: string[] = []
    let cancel = () => {}
    clock.after(5, () => cancel())
    cancel = clock.after(5, () => seen.push('no'))
    clock.after(6, () => seen.push('yes'))
    await clock.runUntil(10)
    expect(seen).toEqual(['yes'])
    cancel()
    expect(clock.pending).toBe(0)
  })

  test('promises settle before the next event, even long chains', async () => {
    const clock = createVirtualClock({ wallAtZero: 0 })
    const seen: string[] = []
    clock.after(1, () => void (async () => {
      for (let i = 0; i < 50; i++) await Promise.resolve()
      seen.push('settled')
    })())
    clock.after(1, () => seen.push('next'))
    await clock.runUntil(1)
    expect(seen).toEqual(['settled', 'next'])
  })

  test('afterEach sees the world at rest after every event', async () => {
    const marks: number[] = []
    let count = 0
    const clock = createVirtualClock({ wallAtZero: 0, afterEach: () => marks.push(count) })
    for (let i = 0; i < 3; i++) clock.after(i, () => void Promise.resolve().then(() => { count++ }))
    await clock.runUntil(5)
    expect(marks).toEqual([1, 2, 3])
  })

  test('something that re-arms itself without delay is an error, not a hang', async () => {
    const clock = createVirtualClock({ wallAtZero: 0 })
    const again = () => { clock.after(0, again) }
    again()
    await expect(clock.runUntil(1)).rejects.toThrow('time does not move on')
  })

  test('any timers run in the order of a stable sort', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.integer({ min: -5, max: 50 }), { maxLength: 60 }), async (delays) => {
      const clock = createVirtualClock({ wallAtZero: 0 })
      const ran: number[] = []
      delays.forEach((delay, at) => clock.after(delay, () => ran.push(at)))
      await clock.runUntil(100)
      expect(ran).toEqual(delays.map((delay, at) => ({ delay: Math.max(0, delay), at })).sort((a, b) => a.delay - b.delay || a.at - b.at).map(({ at }) => at))
    }), { numRuns: 30 })
  })
})
