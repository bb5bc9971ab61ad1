// A car follows its limit as cars do: within five seconds, never above it for longer, not at all below six amps.
import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { plugCar, stepCar, wantedA, isFull, type CarState } from '../../src/simulator/car.ts'

const model = { maxA: 32, phases: 3 as const, energyNeededWh: Infinity }

function after(car: CarState, limitA: number, seconds: number, stepS = 1): CarState {
  let now = car
  for (let t = 0; t < seconds - 1e-9; t += stepS) now = stepCar(now, limitA, stepS, 230)
  return now
}

describe('car', () => {
  test.each([
    ['follows a limit', 16, 5, 16],
    ['takes no more than it can', 63, 5, 32],
    ['does not charge below 6 A', 5.9, 60, 0],
    ['charges at 6 A', 6, 5, 6],
    ['is not there at once', 32, 2, 16],
    ['starts without a limit too', Infinity, 5, 32],
  ])('%s', (_title, limitA, seconds, expected) => expect(after(plugCar(model), limitA, seconds).currentA).toBeCloseTo(expected, 6))

  test('a lower limit is followed within five seconds, a stop at once', () => {
    const charging = after(plugCar(model), 32, 5)
    expect(after(charging, 10, 5).currentA).toBe(10)
    expect(after(charging, 10, 1).currentA).toBe(24)
    expect(after(charging, 0, 0.01, 0.01).currentA).toBe(0)
  })

  test('energy is current × voltage × phases × time', () => {
    const settled = after(plugCar(model), 10, 10)
    const later = after(settled, 10, 3600)
    expect(later.takenWh - settled.takenWh).toBeCloseTo(10 * 230 * 3, 3)
    const one = after(plugCar({ ...model, phases: 1 }), 10, 10)
    expect(after(one, 10, 3600).takenWh - one.takenWh).toBeCloseTo(2300, 3)
  })

  test('stops with exactly what it needed', () => {
    const full = after(plugCar({ ...model, energyNeededWh: 1000 }), 16, 600)
    expect(full.takenWh).toBe(1000)
    expect(isFull(full)).toBe(true)
    expect(full.currentA).toBe(0)
  })

  test('constant current up to 80 %, then a line, never below the pilot minimum', () => {
    const at = (soc: number) => wantedA({ ...plugCar({ ...model, energyNeededWh: 100, batteryWh: 100 }), takenWh: soc * 100 }, 63)
    expect(at(0.5)).toBe(32)
    expect(at(0.8)).toBe(32)
    expect(at(0.9)).toBeCloseTo(32 * 0.575, 6)
    expect(at(0.999)).toBe(6)
  })

  test('suspended or capped by its own settings', () => {
    expect(wantedA({ ...plugCar(model), suspended: true }, 32)).toBe(0)
    expect(wantedA({ ...plugCar(model), cappedA: 9.2 }, 32)).toBe(9.2)
  })

  test('the size of the step does not change where it settles, and it never passes its limit upwards', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 1, max: 20 })), { maxLength: 12 }), fc.constantFrom(0.25, 0.5, 1), (limits, stepS) => {
      let car = plugCar(model)
      for (const [limitA, seconds] of limits) {
        const before = car.currentA
        car = after(car, limitA, seconds, stepS)
        expect(car.currentA).toBeLessThanOrEqual(Math.max(before, Math.min(limitA, 32)) + 1e-9)
        if (seconds >= 5) expect(car.currentA).toBeCloseTo(limitA < 6 ? 0 : Math.min(limitA, 32), 6)
      }
    }))
  })
})
