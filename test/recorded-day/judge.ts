// One recorded day as a suite: what kwota has on record equals the recomputation from the raw frames, and would not with any planted fault.
import { beforeAll, describe, expect, test } from 'vitest'
import { differences, readAccounts, sumsOf, sumsOfAccounts, type Account } from './accounts.ts'
import { caseOf } from './case.ts'
import { drawDay } from './day.ts'
import type { Frame } from './frame.ts'
import { recompute, type Case, type Verdict } from './oracle/oracle.ts'
import { planted } from './planted.ts'
import { playDay } from './play.ts'

const longestMs = 240_000
const hourMs = 3_600_000
/** KWOTA_DAY_HOURS and KWOTA_DAY_SEED play longer days, and others. */
const usualHours = 3

export function judgeDay(name: string, options: { readonly seed: number; readonly startWallMs: number; readonly plants: readonly string[] }): void {
  describe(`the recorded day of ${name}`, () => {
    let frames: readonly Frame[] = []
    let accounts: readonly Account[] = []
    let verdicts: readonly Verdict[] = []
    let facts: Case
    let undelivered = 0

    beforeAll(async () => {
      const seed = Number(process.env['KWOTA_DAY_SEED'] ?? options.seed)
      const day = drawDay({ seed, startWallMs: options.startWallMs, hours: Number(process.env['KWOTA_DAY_HOURS'] ?? usualHours) })
      const played = await playDay(day, readAccounts)
      ;({ frames, undelivered } = played)
      accounts = played.read
      facts = caseOf(day, frames)
      verdicts = recompute(facts)
    }, longestMs)

    test('is a day on which a lot goes wrong, and in the end everything is delivered', () => {
      expect(new Set(frames.map(({ clientID }) => clientID)).size).toBe(200)
      expect(undelivered).toBe(0)
      expect(verdicts.length).toBeGreaterThan(120)
      expect(verdicts.filter(({ stoppedAtMs }) => stoppedAtMs === null)).toEqual([])
      expect(verdicts.filter(({ mode }) => mode === 'steps').length).toBeGreaterThan(10)
      expect(verdicts.filter(({ idleMs }) => idleMs > 0).length).toBeGreaterThan(20)
      expect(lateStops(frames, hourMs / 3)).toBeGreaterThan(3)
    })

    test('every transaction has the energy, the idle time and the cost that follow from the raw frames', () => {
      expect(differences(verdicts, accounts)).toEqual([])
    })

    test('and so have all of them together', () => {
      expect(sumsOfAccounts(accounts)).toEqual(sumsOf(verdicts))
      expect(sumsOf(verdicts).amountMinor).toBeGreaterThan(10_000n)
    })

    test('whatever comes in whatever order, the recomputation is the same', () => {
      const stops = frames.filter(({ direction, text }) => direction === 'in' && text.includes('"StopTransaction"'))
      const readings = frames.filter(({ direction, text }) => direction === 'in' && text.includes('"MeterValues"') && !text.includes('"1970-'))
      const others = frames.filter((frame) => !readings.includes(frame) && !stops.includes(frame))
      expect(recompute({ ...facts, frames: [...others, ...readings.toReversed(), ...readings, ...stops] })).toEqual(verdicts)
    }, longestMs)

    test.each(options.plants)('a planted fault is noticed: %s', (fault) => {
      expect(differences(recompute(facts, planted[fault]!), accounts)).not.toEqual([])
    }, longestMs)
  })
}

/** Stops that came so long after their time. */
function lateStops(frames: readonly Frame[], lateMs: number): number {
  return frames.filter(({ atMs, direction, text }) => {
    if (direction !== 'in' || !text.includes('"StopTransaction"')) return false
    const [, , , payload] = JSON.parse(text) as [number, string, string, { timestamp: string }]
    return atMs - Date.parse(payload.timestamp) > lateMs
  }).length
}
