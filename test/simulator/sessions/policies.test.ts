// Made-up sessions under every policy: more limit never delivers less, leastLaxity holds its own beside the yardsticks, and nothing is over.
import { describe, expect, test } from 'vitest'
import { policies, siteSchema } from '../../../src/power/site.ts'
import { compare, comparisonTable } from '../../../src/simulator/sessions/comparison.ts'
import { playSessions } from '../../../src/simulator/sessions/player.ts'
import { scoreOf } from '../../../src/simulator/sessions/score.ts'
import { readSessions } from '../../../src/simulator/sessions/session-file.ts'
import { chargePointsFor } from '../../../src/simulator/sessions/session-site.ts'
import { sessionsCsv, synthesise } from '../../../src/simulator/sessions/synthetic-sessions.ts'

const site = siteSchema.parse({ id: 'main', fuseA: 1000 })

/** Two working days of so many sessions. */
function days(sessions: number, seed: number) {
  const file = readSessions(sessionsCsv(synthesise({ sessions, stations: 14, days: 2, seed })), 'made-up', { energy: 'requested' })
  return { sessions: file.sessions, chargePoints: chargePointsFor({ site, chargePoints: null }, file.stations) }
}

test('the same seed makes the same sessions, another one others; no two at one station at a time', () => {
  const [one, same, other] = [days(40, 7), days(40, 7), days(40, 8)]
  expect(one).toEqual(same)
  expect(one.sessions).not.toEqual(other.sessions)
  for (const a of one.sessions) for (const b of one.sessions) expect(a !== b && a.key === b.key && a.arrivalMs < b.departureMs && b.arrivalMs < a.departureMs).toBe(false)
})

describe.each(policies)('%s', (policy) => {
  test('more limit never delivers less, up to what turns cost; nothing is ever over; the same again is the same', () => {
    const { sessions, chargePoints } = days(11, 3)
    const playedAt = (powerW: number) => playSessions({ site: { ...site, policy }, chargePoints, sessions, grid: { powerW, setAtMs: 0 } })
    const played = [6_000, 10_000, 30_000].map(playedAt)
    const delivered = played.map(({ deliveries }) => scoreOf(deliveries).deliveredKWh)
    for (let at = 1; at < delivered.length; at++) expect(delivered[at]).toBeGreaterThanOrEqual(delivered[at - 1]! * 0.995)
    for (const { worstMarginA, deliveries } of played) {
      expect(worstMarginA).toBeGreaterThanOrEqual(0)
      for (const { deliveredWh, session } of deliveries) expect(deliveredWh).toBeLessThanOrEqual(session.wantedWh + 0.01)
    }
    expect(playedAt(10_000)).toEqual(played[1])
  }, 60_000)
})

test('leastLaxity delivers at least as much as plain least-laxity-first and equal sharing between scarce and ample, far more than equal shares, and serves as many in full', () => {
  const rows = compare({ site, ...days(40, 1), limitsKW: [16] })
  const [own, plain, even, equal] = (['leastLaxity', 'plain least-laxity-first', 'equal sharing', 'equal'] as const).map((way) => rows.find((row) => row.way === way)!.score)
  expect(plain!.energyPercent).toBeLessThan(97)
  expect(own!.energyPercent).toBeGreaterThanOrEqual(plain!.energyPercent)
  expect(own!.servedInFullPercent).toBeGreaterThanOrEqual(plain!.servedInFullPercent)
  expect(own!.fairness).toBeGreaterThanOrEqual(plain!.fairness! - 0.002)
  for (const other of [even!, equal!]) expect(own!.energyPercent).toBeGreaterThan(other.energyPercent + 4)
  const table = comparisonTable(rows).split('\n')
  expect(table[0]).toMatch(/^\| limit \| way of sharing +\| energy % \| in full % \| fairness \| lost kWh \| profiles \|$/)
  expect(table).toHaveLength(2 + 7 + 1)
}, 120_000)
