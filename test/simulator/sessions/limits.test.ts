// Sessions are played under all that limits their site: its calendar, its demand window; the yardsticks know them as well.
import { expect, test } from 'vitest'
import { chargePointSchema, siteSchema } from '../../../src/power/site.ts'
import { compare } from '../../../src/simulator/sessions/comparison.ts'
import { playSessions } from '../../../src/simulator/sessions/player.ts'
import type { Session } from '../../../src/simulator/sessions/session.ts'

const at = (time: string) => Date.parse(`2026-01-05T${time}:00Z`)

function car(id: string, from: string, to: string, kWh: number): Session {
  return { id, key: `${id}/1`, arrivalMs: at(from), departureMs: at(to), saidDepartureMs: at(to), wantedWh: kWh * 1000, saidWh: kWh * 1000, car: { maxA: 32, phases: 3 } }
}

const points = ['A', 'B', 'C'].map((id) => chargePointSchema.parse({ id, site: 'main' }))
const night = [{ startsAt: '2026-01-05T07:00:00Z', durationS: 7200, limitW: 0 }]

function play(site: object, sessions: readonly Session[]) {
  return playSessions({ site: siteSchema.parse({ id: 'main', fuseA: 63, ...site }), chargePoints: points, sessions, grid: null })
}

test('a car that stays as long as the calendar allows nothing gets nothing', () => {
  const { deliveries, worstMarginA } = play({ limitSchedules: night }, [car('A', '07:00', '09:00', 10)])
  expect(deliveries[0]).toMatchObject({ deliveredWh: 0, feasibleWh: 10_000 })
  expect(worstMarginA).toBeGreaterThanOrEqual(0)
})

test('a limit of the calendar begins on time, ends on time, and what is drawn is never over it', () => {
  const sessions = [car('A', '06:30', '09:30', 60)]
  const { deliveries, worstMarginA } = play({ limitSchedules: night }, sessions)
  const [free] = play({}, sessions).deliveries
  expect(worstMarginA).toBeGreaterThanOrEqual(0)
  // Half an hour before and half an hour after at 22 kW, less the seconds it takes to follow and to be let in again.
  expect(deliveries[0]!.deliveredWh).toBeGreaterThan(21_000)
  expect(deliveries[0]!.deliveredWh).toBeLessThan(22_080)
  expect(free!.deliveredWh).toBeGreaterThan(59_000)
})

test('blocks of the week hold by the clock of the site', () => {
  const limitSchedules = [{ weekly: [{ days: ['mon'], from: '08:00', to: '10:00', currentA: 16 }] }]
  const { deliveries, worstMarginA } = play({ timezone: 'Europe/Berlin', limitSchedules }, [car('A', '07:00', '09:00', 60)])
  expect(worstMarginA).toBeGreaterThanOrEqual(0)
  expect(deliveries[0]!.deliveredWh / 1000).toBeCloseTo((2 * 16 * 3 * 230) / 1000, 0)
})

test('no quarter of an hour is above the target of the demand window, and little of it is left unused', () => {
  const sessions = [car('A', '06:05', '10:05', 20), car('B', '06:30', '11:00', 20), car('C', '08:10', '11:55', 12)]
  const { deliveries, highestQuarterW } = play({ demandWindow: { targetW: 5000 } }, sessions)
  expect(highestQuarterW).toBeLessThanOrEqual(5000)
  expect(highestQuarterW).toBeGreaterThan(4000)
  expect(deliveries.reduce((sum, { deliveredWh }) => sum + deliveredWh, 0)).toBeGreaterThan(0.8 * 5000 * 5)
})

test('a building that draws much early in a quarter leaves the cars less of it', () => {
  const base = [{ atMs: at('06:00'), baseA: { L1: 2, L2: 2, L3: 2 } }, { atMs: at('07:00'), baseA: { L1: 20, L2: 20, L3: 20 } }, { atMs: at('07:05'), baseA: { L1: 0, L2: 0, L3: 0 } }]
  const site = siteSchema.parse({ id: 'main', fuseA: 63, demandWindow: { targetW: 8000 } })
  const { highestQuarterW } = playSessions({ site, chargePoints: points, sessions: [car('A', '06:05', '08:00', 40)], grid: null, base })
  expect(highestQuarterW).toBeLessThanOrEqual(8000)
  expect(highestQuarterW).toBeGreaterThan(7000)
})

test('the yardsticks know them too', () => {
  const sessions = [car('A', '07:00', '09:00', 10)]
  const rowsOf = (site: object) => compare({ site: siteSchema.parse({ id: 'main', fuseA: 63, ...site }), chargePoints: points, sessions, limitsKW: [20] })
  for (const { score } of rowsOf({ limitSchedules: night })) expect(score).toMatchObject({ deliveredKWh: 0, lostKWh: 10 })
  for (const { way, score } of rowsOf({ demandWindow: { targetW: 4500 } })) {
    expect(score.deliveredKWh, way).toBeLessThanOrEqual(9)
    expect(score.deliveredKWh, way).toBeGreaterThan(7)
  }
})
